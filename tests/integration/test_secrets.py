"""Neither the key secret nor the token gets out, whatever the service answers. Site.run checks this in every
test. The answers here try to get them out."""

import json

import pytest

from dataworks_emulator import Credential

from .canned import answer, canned
from .conftest import SiteMaker
from .job import KEY, SECRETS
from .step import Site


def test_every_secret_is_masked_before_anything_else_is_printed(site: Site) -> None:
    ended = site.run()

    lines = ended.stdout.splitlines()
    masks = [command.data for command in ended.stream.of("add-mask")]
    assert {*SECRETS} <= {*masks}
    assert all(line.startswith("::add-mask::") for line in lines[: len(masks)])
    assert min(map(len, masks)) >= 6, "a short mask blanks out half of the log"


def test_secrets_of_invalid_inputs_are_masked_and_not_shown(site: Site) -> None:
    ended = site.run(project_id=KEY.secret, object_ids=KEY.token, type=KEY.secret, region=KEY.token)

    assert ended.status == 2
    assert ended.leaks() == []


def test_a_refused_signature_is_shown_without_the_request_that_the_answer_quotes(site: Site) -> None:
    """Like the gateway, the emulator quotes the canonical request, which contains the token."""
    other = "another+secret/of=the%same&key"
    site.emulator.accept(Credential(KEY.access_key_id, other, KEY.token))

    ended = site.run()

    assert ended.only["outcome"] == "rejected"
    said = "SignatureDoesNotMatch: Specified signature does not match our calculation."
    assert ended.only["message"] == said
    assert "CanonicalRequest" not in ended.stdout + ended.summary
    assert ended.leaks() == []


@pytest.mark.parametrize("field", ["Code", "RequestId"])
def test_a_secret_in_another_field_of_the_answer_is_not_shown_either(site: Site, field: str) -> None:
    body = {"Code": "Odd", "Message": "no", "RequestId": "R-1", field: KEY.token}
    with canned(answer(json.dumps(body).encode(), "400 Bad Request")) as server:
        ended = site.run(endpoint=f"http://{server.endpoint}")

    assert ended.only["outcome"] == "rejected"


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_a_secret_in_an_answer_that_is_not_json_is_not_shown_either(site: Site, status: str) -> None:
    body = rf'{{"Code":"Odd","Message":"\q is no escape, {KEY.token}","RequestId":"R-1"}}'
    with canned(answer(body.encode(), status)) as server:
        ended = site.run(endpoint=f"http://{server.endpoint}", settle_seconds="1")

    assert ended.only["outcome"] == "unknown"
    assert f"status {status[:3]})" in ended.only["message"], "the answer was read to its end"


@pytest.mark.long
def test_a_debug_variable_does_not_make_the_sdk_log_its_headers(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:error:SignatureDoesNotMatch")

    ended = site.start(debug="sdk,tea").wait()

    ended.check([site.posts[0]["params"]["ObjectIds"][2:-2]])
    assert ended.only["outcome"] == "rejected"
    assert "authorization" not in ended.stdout.lower()
