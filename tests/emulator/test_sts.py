"""STS by plain HTTP: what it needs, what it gives and for how long, and what the log says."""

import calendar
import http.client
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from dataworks_emulator import Role, Settings, jwt

Open = Callable[..., Any]
ROLE = "acs:ram::1234567890123456:role/deployer"
PROVIDER = "acs:ram::1234567890123456:oidc-provider/github"
SUBJECT = "repo:octo-org@1/warehouse@2:environment:production"


def ends_at(given: dict[str, str]) -> int:
    return calendar.timegm(time.strptime(given["Expiration"], "%Y-%m-%dT%H:%M:%SZ"))


def signed(**changed: Any) -> str:
    """A token that is signed with the emulator's key, but does not come from its issuer."""
    known = Settings()
    good = {"iss": known.sts_issuer, "aud": "sts.aliyuncs.com", "sub": SUBJECT, "exp": time.time() + 3600}
    return jwt.write(good | changed, known.id_token_key)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_token_is_exchanged_for_a_key_that_the_api_accepts(
    identity: Open, signer: Any, method: str
) -> None:
    d = identity()
    status, body = d.assume(d.token(), method, DurationSeconds="900")
    assert status == 200, body
    given = body["Credentials"]
    assert given["AccessKeyId"].startswith("STS.")
    assert ends_at(given) == int(d.clock.now) + 901
    key = {"key": given["AccessKeyId"], "secret": given["AccessKeySecret"]}
    port = d.emulator.port
    assert signer(port, **key, token=given["SecurityToken"])("GetProject", Id="42")[0] == 200
    assert signer(port, **key)("GetProject", Id="42")[1]["Code"] == "InvalidSecurityToken.Malformed"
    assert body["AssumedRoleUser"]["Arn"] == f"{ROLE}/warehouse-1"
    assert (body["OIDCTokenInfo"]["Subject"], body["OIDCTokenInfo"]["ClientIds"]) == (
        SUBJECT,
        "sts.aliyuncs.com",
    )


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"Version": "2024-05-18"}, 400, "InvalidVersion"),
        ({"RoleArn": ""}, 400, "MissingParameter"),
        ({"RoleSessionName": ""}, 400, "MissingParameter"),
        ({"OIDCProviderArn": ""}, 400, "MissingParameter"),
        ({"RoleArn": "deployer"}, 400, "InvalidParameter.RoleArn"),
        ({"RoleSessionName": "a b"}, 400, "InvalidParameter.RoleSessionName"),
        ({"DurationSeconds": "899"}, 400, "InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": "43201"}, 400, "InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": "long"}, 400, "InvalidParameter.DurationSeconds"),
        ({"OIDCProviderArn": "github"}, 401, "AuthenticationFail.NoPermission"),
        ({"OIDCProviderArn": PROVIDER + "2"}, 401, "AuthenticationFail.NoPermission"),
        ({"RoleArn": ROLE + "2"}, 404, "EntityNotExist.Role"),
        ({"DurationSeconds": ""}, 200, "OK"),
        ({"DurationSeconds": "43200"}, 200, "OK"),
    ],
)
def test_sts_refuses_wrong_parameters(
    identity: Open, changed: dict[str, str], status: int, code: str
) -> None:
    d = identity(roles=(Role(ROLE),), oidc_providers=(PROVIDER,))
    assert d.code(d.token(), **changed) == (status, code)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", "Invalid"),
        ("one.two", "Invalid"),
        ("a.b.c", "Invalid"),
        (signed() + "\n", "Invalid"),
        (signed(exp="soon"), "Invalid"),
        (signed(exp=float("inf")), "Invalid"),
        (jwt.write({"sub": "x"}, "another key"), "InvalidSignature"),
        (signed()[:-5] + "AAAAA", "InvalidSignature"),
        (signed(exp=time.time() - 60), "Expired"),
        (signed(iss="https://gitlab.com"), "IssuerNotMatch"),
        (signed(aud="https://github.com/octo-org"), "AudienceNotMatch"),
        (signed(aud=["x", "y"]), "AudienceNotMatch"),
    ],
)
def test_sts_refuses_wrong_tokens(identity: Open, token: str, code: str) -> None:
    d = identity()
    assert d.code(token) == (401, f"AuthenticationFail.OIDCToken.{code}")
    assert d.code(signed(aud=["x", "sts.aliyuncs.com"])) == (200, "OK")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role(ROLE, SUBJECT), 200),
        (Role(ROLE, "repo:octo-org@1/warehouse@2:*"), 200),
        (Role(ROLE, "repo:octo-org/warehouse:*"), 401),
        (Role(ROLE, "repo:octo-org@?/warehouse@?:environment:[p]roduction"), 401),
        (Role(ROLE, "*", "https://gitlab.com"), 401),
    ],
)
def test_a_role_trusts_subjects_and_issuers(identity: Open, role: Role, status: int) -> None:
    d = identity(roles=(role,))
    got, body = d.assume(d.token())
    assert got == status
    assert body.get("Code") == (None if status == 200 else "AuthenticationFail.NoPermission")


def test_a_session_lasts_as_long_as_the_answer_says_which_may_be_shorter_than_requested(
    identity: Open, signer: Any
) -> None:
    d = identity(sts_seconds=3)
    d.clock.forward(100)  # a session's lifetime begins with the session, not with the service
    given = d.assume(d.token(), DurationSeconds="3600")[1]["Credentials"]
    left = ends_at(given) - d.clock.now
    assert 3 <= left < 4
    key = signer(d.emulator.port, given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"])
    d.clock.forward(left - 0.01)
    assert key("GetProject", Id="42")[0] == 200
    d.clock.forward(0.02)
    assert key("GetProject", Id="42")[1]["Code"] == "InvalidSecurityToken.Expired"


def test_the_log_names_the_identity_and_its_role_and_no_secret(identity: Open) -> None:
    d = identity()
    token = d.token()
    given = d.assume(token)[1]["Credentials"]
    d.code(token[:-3])
    d.ask(bearer="a-wrong-request-token")
    truth = d.emulator.truth
    (assumed,) = truth.of("assumed")
    assert {name: assumed[name] for name in ("role", "session_name", "access_key_id", "expires", "jti")} == {
        "role": ROLE,
        "session_name": "warehouse-1",
        "access_key_id": given["AccessKeyId"],
        "expires": int(d.clock.now) + 3601,
        "jti": d.claims(token)["jti"],
    }
    (issued,) = truth.of("issued")
    assert (issued["jti"], issued["audience"]) == (assumed["jti"], "sts.aliyuncs.com")
    assert truth.answers("GetIdToken") == ["200", "403"]
    assert truth.answers("AssumeRoleWithOIDC") == ["200", "401"]
    assert truth.posts("AssumeRoleWithOIDC")[0]["params"]["OIDCToken"] == "***"
    log = json.dumps(truth.events)
    secrets = (token, token.split(".")[2], given["AccessKeySecret"], given["SecurityToken"])
    assert [secret for secret in (*secrets, "request-token") if secret in log] == []


def test_an_answer_is_logged_with_its_request_id(identity: Open) -> None:
    d = identity(faults=("AssumeRoleWithOIDC:2:commit+drop", "AssumeRoleWithOIDC:3:html"))
    body = d.assume(d.token())[1]
    with pytest.raises(http.client.RemoteDisconnected):
        d.assume(d.token())
    with pytest.raises(json.JSONDecodeError):
        d.assume(d.token())
    refused = d.http("GET", "/")[1]
    noted = [
        event["request_id"] for event in d.emulator.truth.of("answered") if event["action"] != "GetIdToken"
    ]
    assert noted == [body["RequestId"], None, None, refused["RequestId"]]
    assert {event["request_id"] for event in d.emulator.truth.of("answered", action="GetIdToken")} == {None}
