"""A role instead of a key: its session comes and is renewed in time, refusals have reasons, and no secret is shown."""

import time
from pathlib import Path
from typing import Any

import pytest

from dataworks_deploy.dataworks import transport
from dataworks_deploy.dataworks.transport import BriefSession
from dataworks_emulator import Emulator, Role, Settings

from .canned import answer, canned
from .clock import VirtualClock
from .conftest import SiteMaker
from .job import KEY, OBJECTS
from .role import PROVIDER, ROLE, RoleSite, Sealed
from .step import Site

TWELVE = tuple(f"7567482277219412{number}" for number in range(500, 512))
SUBJECT = "repo:octo-org@1/warehouse@2:environment:production"


@pytest.fixture
def role_with(site_with: SiteMaker) -> Any:
    """Make sites whose job has an identity."""

    def make(*faults: str, **settings: Any) -> RoleSite:
        site = site_with(*faults, **settings)
        return RoleSite(site, Sealed(site.emulator))

    return make


def test_a_session_of_the_role_signs_the_calls(role_with: Any) -> None:
    site = role_with(roles=(Role(ROLE, SUBJECT),), oidc_providers=(PROVIDER,))

    ended = site.run(*OBJECTS)

    assert ended.outcome == "created"
    (assumed,) = site.site.truth.of("assumed")
    assert {post["who"] for post in site.site.posts} == {assumed["access_key_id"]}
    assert assumed["session_name"].startswith("github-octo-org-data-platform-16245980123")
    (issued,) = site.site.truth.of("issued", audience="sts.aliyuncs.com")
    assert issued["jti"] == assumed["jti"]


def test_the_session_has_the_name_and_the_length_of_the_inputs(role_with: Any) -> None:
    site = role_with()

    site.run(role_session_name="release-42", role_session_seconds="1800")

    (assumed,) = site.site.truth.of("assumed")
    assert assumed["session_name"] == "release-42"
    assert round(assumed["expires"] - assumed["time"]) in {1800, 1801}, "whole seconds, rounded up"


def test_secrets_are_masked_before_they_are_used(role_with: Any) -> None:
    site = role_with()

    ended = site.run()

    masks = [command.data for command in ended.stream.of("add-mask")]
    assert {*site.sealed.secrets} <= {*masks}
    assert len(masks) == len({*masks}), "a mask is said once"
    before = ended.stdout[: ended.stdout.index("created run")]
    assert all(f"::add-mask::{secret}" in before for secret in site.sealed.secrets)


def test_a_renewal_does_not_delay_readings(role_with: Any) -> None:
    """A renewal takes 7 s of virtual time, and the step still reads the run meanwhile."""
    site = role_with("AssumeRoleWithOIDC:2-99:delay:7", sts_seconds=100, stage_overrides={"PROD": 200})

    ended = site.run(wait="true", timeout_minutes="60", poll_seconds="1")

    assert ended.outcome == "succeeded"
    assert 3 <= site.exchanges <= 5
    asked = site.site.truth.posts("AssumeRoleWithOIDC")[1]["time"]
    given = site.site.truth.of("answered", action="AssumeRoleWithOIDC")[1]["time"]
    meanwhile = [read for read in site.site.truth.posts("GetPipelineRun") if asked < read["time"] < given]
    assert given - asked == 7
    assert len(meanwhile) == 6


@pytest.mark.parametrize("fault", ["status:503", "error:AuthenticationFail.NoPermission"])
def test_a_session_that_cannot_be_renewed_leaves_the_run_open_and_says_so(role_with: Any, fault: str) -> None:
    site = role_with(f"AssumeRoleWithOIDC:2-999:{fault}", sts_seconds=50, stage_overrides={"PROD": 9999})

    ended = site.run(wait="true", timeout_minutes="60", poll_seconds="2")

    assert ended.outcome == ended.only["outcome"] == "timed_out"
    (run_id,) = site.site.runs()
    assert ended.only["run_id"] == run_id
    message = ended.only["message"]
    assert "session has ended and could not be renewed" in message
    assert run_id in message
    assert site.site.emulator.status(run_id) == "Running", "the run is not touched"


REFUSALS: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "wrong audience": ({}, {"oidc_audience": "somebody-else"}, "oidc-audience"),
    "no such role": ({"roles": (Role("acs:ram::1:role/other"),)}, {}, "EntityNotExist.Role"),
    "another subject": ({"roles": (Role(ROLE, "repo:octo-org/warehouse:*"),)}, {}, "oidc:sub"),
    "no such provider": ({"oidc_providers": ("acs:ram::1:oidc-provider/x",)}, {}, "oidc-provider-arn"),
    "expired token": ({"id_token_seconds": 0}, {}, "OIDCToken.Expired"),
    "wrong issuer": ({"sts_issuer": "https://other.invalid"}, {}, "issuer must be"),
    "too long": ({"sts_max_seconds": 1800}, {}, "role-session-seconds"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_of_sts_says_what_to_fix(role_with: Any, case: str) -> None:
    settings, inputs, word = REFUSALS[case]
    site = role_with(**settings)

    ended = site.run(**inputs)

    site.check_nothing_created(ended, word=word)
    assert site.exchanges == 1, "what is refused is not asked again"
    (answered,) = site.site.truth.of("answered", action="AssumeRoleWithOIDC")
    assert ended.outputs["request-ids"] == "[null]", "a creation was not asked for"
    assert f"RequestId {answered['request_id']} of STS" in ended.only["message"]


BAD_STS = {
    "drop": "STS gives no usable answer",
    "status:500": "InternalError",
    "html:502": "STS gives no usable answer",
    'json:{"Credentials":null}': "STS gives no usable answer: what it answers does not hold what was asked for",
    'json:{"Credentials":{"AccessKeyId":null,"AccessKeySecret":1,"SecurityToken":[],'
    '"Expiration":"2099-01-01T00:00:00Z"}}': "no usable key",
    'json:{"Credentials":{"AccessKeyId":"a b\\n::error::x","AccessKeySecret":"abcdefgh","SecurityToken":"abcdefgh",'
    '"Expiration":"2099-01-01T00:00:00Z"}}': "no usable key",
    'json:{"Credentials":{"AccessKeyId":"abcdefgh","AccessKeySecret":"abcdefgh","SecurityToken":"abcdefgh",'
    '"Expiration":"2001-01-01T00:00:00Z"}}': "STS gives no usable answer",
    'json:{"Credentials":{"AccessKeyId":"abcdefgh","AccessKeySecret":"abcdefgh","SecurityToken":"abcdefgh",'
    '"Expiration":7}}': "STS gives no usable answer",
    "hostile": "the role could not be assumed",
    "echo": "the role could not be assumed",
    "commit+echo": "the role could not be assumed",
    "commit+truncate": "STS gives no usable answer",
    "huge:9000000": "STS gives no usable answer",
    "redirect:http://127.0.0.1:9/": "HTTP status 307",
}


@pytest.mark.parametrize("fault", BAD_STS)
def test_after_a_bad_answer_of_sts_nothing_is_created_and_nothing_leaks(role_with: Any, fault: str) -> None:
    site = role_with(f"AssumeRoleWithOIDC:*:{fault}")

    ended = site.run()

    site.check_nothing_created(ended, word=BAD_STS[fault])


BAD_ISSUER = {
    "drop": "could not be fetched",
    "status:403": "id-token: write",
    "html:502": "HTTP status 502",
    'json:{"value":7}': "no ID token",
    'json:{"value":"a.b\\n::error::x.c"}': "no ID token",
    "hostile": "could not be fetched",
    "echo": "could not be fetched",
    "commit+echo": "could not be fetched",
    "commit+truncate": "could not be fetched",
    "huge:9000000": "could not be fetched",
    "redirect:http://127.0.0.1:9/": "HTTP status 307",
}


@pytest.mark.parametrize("fault", BAD_ISSUER)
def test_after_a_bad_answer_of_the_issuer_nothing_is_created_and_nothing_leaks(
    role_with: Any, fault: str
) -> None:
    site = role_with(f"GetIdToken:*:{fault}")

    ended = site.run()

    site.check_nothing_created(ended, word=BAD_ISSUER[fault])
    assert site.exchanges == 0


@pytest.mark.parametrize("fault", ["throttle"])
def test_throttling_by_sts_changes_no_nonce_and_slows_no_call_down(role_with: Any, fault: str) -> None:
    """DataWorks has refused nothing: the nonce is unused, and the quota of DataWorks is not reached."""
    plain = role_with()
    plain.run(*TWELVE)
    site = role_with(f"AssumeRoleWithOIDC:1:{fault}")

    ended = site.run(*TWELVE, max_parallel="12")

    assert ended.outcome == "created"
    assert {*site.site.truth.nonces("CreatePipelineRun")} == {*plain.site.truth.nonces("CreatePipelineRun")}
    times = [post["time"] for post in site.site.posts]
    assert len(times) == len(TWELVE)
    assert max(times) - min(times) < 4


@pytest.mark.parametrize(
    ("action", "fault", "seconds"), [("GetIdToken", "delay:30", 10), ("AssumeRoleWithOIDC", "drip:30", 12)]
)
def test_the_step_does_not_wait_for_an_answer_that_hangs_or_drips(
    role_with: Any, action: str, fault: str, seconds: float
) -> None:
    site = role_with(f"{action}:*:{fault}")

    ended = site.run()

    site.check_nothing_created(ended, word="no answer in time")
    asked, *_ = site.site.truth.posts(action)
    again = min(post["time"] for post in site.site.truth.posts(action) if post is not asked)
    assert seconds <= again - asked["time"] < seconds + 1.5, "the next try comes after a second at most"


def test_a_deadline_before_the_first_session_is_explained(role_with: Any) -> None:
    site = role_with("AssumeRoleWithOIDC:*:delay:40")

    ended = site.run(**{"preflight": "true", "timeout-minutes": "0.1"})

    (error,) = ended.errors
    assert (ended.status, ended.outcome) == (1, "timed_out")
    assert "passed before the first call could be sent, so nothing was created." in error


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary"])
@pytest.mark.parametrize("variable", ["ACTIONS_ID_TOKEN_REQUEST_URL", "INPUT_STS-ENDPOINT"])
def test_no_redirect_takes_a_token_to_another_host(role_with: Any, variable: str, status: str) -> None:
    site = role_with()
    with (
        canned(answer(b"{}")) as other,
        canned(answer(b"{}", status, Location=f"http://{other.endpoint}/")) as first,
    ):
        ended = site.run(variables={variable: f"http://{first.endpoint}/?a=b"})

    site.check_nothing_created(ended, word=f"HTTP status {status[:3]}")
    assert first.requests
    assert other.requests == []


def test_the_connection_to_the_issuer_is_closed_after_its_answer(
    role_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is used once, and would otherwise stay open until it is garbage-collected."""
    opened, closed = list[BriefSession](), list[BriefSession]()

    class Watched(BriefSession):
        def __init__(self) -> None:
            super().__init__()
            opened.append(self)

        def close(self) -> None:
            closed.append(self)
            super().close()

    monkeypatch.setattr(transport, "BriefSession", Watched)

    assert role_with().run().outcome == "created"

    assert closed == opened[:1], "that of STS is kept for the next exchange"
    assert closed


@pytest.mark.parametrize(
    "body",
    [b'{"Code":' + b"[" * 100_000, b'{"a":' * 100_000, b'{"Code":7,"Message":[]}', b"\xff{", b"{"],
    ids=["deep", "deeper", "other types", "no text", "cut"],
)
@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize("status", ["400 Bad"])
def test_a_body_that_cannot_be_parsed_is_no_answer_of_sts(role_with: Any, status: str, body: bytes) -> None:
    site = role_with()
    with canned(answer(body, status)) as server:
        ended = site.run(variables={"INPUT_STS-ENDPOINT": f"http://{server.endpoint}"})

    site.check_nothing_created(ended, word="STS gives no usable answer")


@pytest.mark.parametrize(
    ("inputs", "attempt"),
    [({}, "1"), ({"dry_run": "true"}, "1"), ({}, "2"), ({"run_ids": "run-1", "wait": "true"}, "1")],
)
def test_without_a_session_no_call_is_made_or_counted(
    role_with: Any, inputs: dict[str, str], attempt: str
) -> None:
    """This holds whether the step begins with a creation, the list, or a run."""
    site = role_with(roles=(Role("acs:ram::1:role/other"),))

    ended = site.run(variables={"GITHUB_RUN_ATTEMPT": attempt}, **inputs)

    assert "EntityNotExist.Role" in ended.only["message"]
    assert {event["action"] for event in site.site.truth.of("received")} == {
        "GetIdToken",
        "AssumeRoleWithOIDC",
    }
    assert ended.outputs["api-calls"] == "0"
    assert "0 API calls" in ended.stdout


@pytest.mark.long
def test_threads_that_hang_do_not_delay_the_exit(tmp_path: Path) -> None:
    settings = Settings(faults=("AssumeRoleWithOIDC:1:delay:60",))
    with Emulator(settings) as emulator:
        site = RoleSite(Site(tmp_path, emulator, VirtualClock()), Sealed(emulator))
        began = time.monotonic()

        ended = site.process({}, timeout_minutes="0.03")

    assert ended.outcome == "timed_out", ended.stdout
    assert site.exchanges == 1
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("form", ["{}", "\t{}\r\n"])
def test_the_session_of_another_action_is_taken_from_the_environment(role_with: Any, form: str) -> None:
    """aliyun/configure-aliyun-credentials-action exports its session under these names, among others."""
    site = role_with()
    given = {"ACCESS_KEY_ID": KEY.access_key_id, "ACCESS_KEY_SECRET": KEY.secret, "SECURITY_TOKEN": KEY.token}
    exported = {
        f"{prefix}_{name}": form.format(value)
        for prefix in ("ALIBABA_CLOUD", "ALIBABACLOUD")
        for name, value in given.items()
    }

    ended = site.run(variables=exported, role_arn="", oidc_provider_arn="")

    assert ended.outcome == "created"
    assert site.exchanges == 0
    assert {post["who"] for post in site.site.posts} == {KEY.access_key_id}
