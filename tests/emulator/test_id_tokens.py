"""ID tokens by plain HTTP: who gets which token, and faults of the calls that come before the API."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

Open = Callable[..., Any]
SUBJECT = "repo:octo-org@1/warehouse@2:environment:production"


def test_a_token_is_a_jwt_with_the_claims_of_a_job(identity: Open) -> None:
    d = identity()
    status, body = d.ask()
    assert (status, body["count"]) == (200, len(body["value"]))
    told = d.claims(body["value"])
    assert (told["iss"], told["aud"], told["sub"]) == (
        "https://token.actions.githubusercontent.com",
        "sts.aliyuncs.com",
        SUBJECT,
    )
    assert (told["iat"], told["exp"]) == (int(d.clock.now), int(d.clock.now) + 300)
    assert {"jti", "repository", "repository_id", "run_id", "ref", "environment", "actor"} <= told.keys()
    header = json.loads(base64.urlsafe_b64decode(body["value"].split(".")[0] + "=="))
    assert (header["typ"], header["alg"]) == ("JWT", "HS256")


def test_lifetime_claims_and_request_token_are_settings(identity: Open) -> None:
    d = identity(
        id_token_seconds=7, id_token_claims={"sub": "repo:a/b:pull_request"}, id_token_request_token="mine"
    )
    assert d.ask()[0] == 403
    _, body = d.ask(bearer="mine")
    told = d.claims(body["value"])
    assert (told["sub"], told["exp"] - told["iat"]) == ("repo:a/b:pull_request", 7)


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("", 401), ("Bearer ", 401), ("Basic emulator-request-token", 401), ("Bearer wrong", 403)],
)
def test_without_the_request_token_there_is_no_id_token(
    identity: Open, authorization: str, status: int
) -> None:
    d = identity()
    headers = {"authorization": authorization} if authorization else {}
    got, body = d.http("GET", "/id-token?api-version=2.0", **headers)
    assert (got, body.keys()) == (status, {"message"})
    assert d.emulator.truth.of("issued") == []


def test_the_issuer_has_its_own_path_and_is_not_an_action_of_the_api(identity: Open) -> None:
    d = identity()
    assert d.http("POST", "/", x_acs_action="GetIdToken")[0] == 401


def test_an_echo_quotes_the_request_with_all_its_secrets(identity: Open, signer: Any) -> None:
    d = identity(faults=("GetIdToken:1:echo", "AssumeRoleWithOIDC:1:echo", "GetProject:1:echo"))
    status, body = d.ask()
    assert (status, "Bearer emulator-request-token" in body["Message"]) == (400, True)
    token = d.token()
    status, body = d.assume(token)
    assert (status, token in body["Message"]) == (400, True)
    _, body = signer(d.emulator.port, token="a-token")("GetProject", Id="42")
    assert "x-acs-security-token: a-token" in body["Message"]
    assert "Bearer" not in json.dumps(d.emulator.truth.events)


def test_an_echo_after_the_work_was_done_quotes_the_answer_too(identity: Open) -> None:
    d = identity(faults=("GetIdToken:1:commit+echo", "AssumeRoleWithOIDC:1:commit+echo"))
    status, body = d.ask()
    assert status == 500
    token = body["Message"].partition('"value": "')[2].partition('"')[0]
    status, body = d.assume(token)
    assert (status, '"SecurityToken": "CAIS' in body["Message"]) == (500, True)
