"""A role is taken whole, or refused with what is missing and how to mend it."""

from collections.abc import Mapping

import pytest

from dataworks_deploy.hosts.inputs import Invalid, Role, parse, secrets_of

from .test_inputs import AMBIENT, environment

ROLE = "acs:ram::1234567890123456:role/deployer"
PROVIDER = "acs:ram::1234567890123456:oidc-provider/github"
IDENTITY = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://issuer.invalid/token?api-version=2.0",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "the-request-token",
    "GITHUB_REPOSITORY": "octo-org/data platform",
    "GITHUB_RUN_ID": "16245980123",
}


def given(ambient: Mapping[str, str] = IDENTITY, **inputs: str) -> dict[str, str]:
    """Return the variables of a job with an identity and no key."""
    role = {"role_arn": ROLE, "oidc_provider_arn": PROVIDER} | inputs
    return environment("access-key-id", "access-key-secret", ambient=ambient, **role)


def role(ambient: Mapping[str, str] = IDENTITY, **inputs: str) -> Role:
    """Return the role that was read."""
    read = parse(given(ambient, **inputs))
    assert not isinstance(read, Invalid), read.problems
    assert isinstance(read.credentials, Role)
    return read.credentials


def problem(ambient: Mapping[str, str] = IDENTITY, **inputs: str) -> str:
    """Return the only thing that is wrong."""
    read = parse(given(ambient, **inputs))
    assert isinstance(read, Invalid)
    (only,) = read.problems
    return only


def test_a_whole_role_is_read() -> None:
    assert role() == Role(
        ROLE,
        PROVIDER,
        "sts.aliyuncs.com",
        "github-octo-org-data-platform-16245980123",
        3600,
        "sts.aliyuncs.com",
    )


def test_a_role_goes_before_a_key_of_the_environment() -> None:
    assert role(IDENTITY | AMBIENT).role_arn == ROLE


@pytest.mark.parametrize(
    ("missing", "there"), [("role-arn", "oidc-provider-arn"), ("oidc-provider-arn", "role-arn")]
)
def test_half_a_role_is_refused(missing: str, there: str) -> None:
    text = problem(IDENTITY, **{missing.replace("-", "_"): " "})

    assert text.startswith(f"{missing}: is empty while {there} is given")


@pytest.mark.parametrize("missing", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
def test_a_job_without_an_identity_is_told_the_permission(missing: str) -> None:
    assert "permissions: id-token: write" in problem(IDENTITY | {missing: ""})


def test_a_request_token_is_not_sent_in_the_clear() -> None:
    assert "https://" in problem(IDENTITY | {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://issuer.invalid/token"})


def test_another_sts_is_for_emulators() -> None:
    elsewhere = {"DATAWORKS_STS_ENDPOINT": "http://127.0.0.1:8080"}

    assert problem(IDENTITY | elsewhere).startswith("DATAWORKS_STS_ENDPOINT: is for emulators")
    unsafe = {"DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true"}
    assert role(IDENTITY | elsewhere | unsafe).sts_endpoint == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("role_arn", "deployer"),
        ("role_arn", PROVIDER),
        ("role_arn", f"{ROLE}\n::error::x"),
        ("oidc_provider_arn", ROLE),
        ("oidc_provider_arn", "acs:ram::*:oidc-provider/github"),
        ("role_session_name", "a b"),
        ("role_session_name", "x" * 65),
        ("role_session_seconds", "899"),
        ("role_session_seconds", "43201"),
        ("role_session_seconds", "1e3"),
    ],
)
def test_what_sts_would_refuse_is_refused_here(name: str, value: str) -> None:
    assert problem(IDENTITY, **{name: value}).startswith(name.replace("_", "-"))


@pytest.mark.parametrize("part", ["access_key_id", "access_key_secret", "security_token"])
def test_a_key_of_the_inputs_beside_a_role_is_refused(part: str) -> None:
    read = parse(given() | {f"INPUT_{part.upper().replace('_', '-')}": "something"})

    assert isinstance(read, Invalid)
    assert any("an access key or a role, not both" in text for text in read.problems)


def test_the_request_token_is_a_secret() -> None:
    assert "the-request-token" in secrets_of(given())
