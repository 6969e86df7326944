"""A role is complete, or refused with what is missing."""

from collections.abc import Mapping

import pytest

from dataworks_deploy.domain.problem import HalfRole, NotAnStsEndpoint, NotWhole, Problem, Slip
from dataworks_deploy.hosts.github import Variables
from dataworks_deploy.hosts.inputs import Invalid, Role, parse

from .test_inputs import AMBIENT, UNSAFE, environment

ROLE = "acs:ram::1234567890123456:role/deployer"
PROVIDER = "acs:ram::1234567890123456:oidc-provider/github"
IDENTITY = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://issuer.invalid/token?api-version=2.0",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "the-request-token",
    "GITHUB_REPOSITORY": "octo-org/data platform",
    "GITHUB_RUN_ID": "16245980123",
}


def given(ambient: Mapping[str, str] = IDENTITY, **inputs: str) -> Variables:
    """The inputs of a job with an identity and without a key."""
    role = {"role_arn": ROLE, "oidc_provider_arn": PROVIDER} | inputs
    key = {"access_key_id": "", "access_key_secret": ""}
    return Variables(environment(ambient=ambient, **(key | role)))


def role(ambient: Mapping[str, str] = IDENTITY, **inputs: str) -> Role:
    """Return the role that was read."""
    read = parse(given(ambient, **inputs))
    assert not isinstance(read, Invalid), read.problems
    assert isinstance(read.credentials, Role)
    return read.credentials


def problem(ambient: Mapping[str, str] = IDENTITY, **inputs: str) -> Problem:
    """Return the only problem."""
    read = parse(given(ambient, **inputs))
    assert isinstance(read, Invalid)
    (only,) = read.problems
    return only


def test_a_complete_role_is_read() -> None:
    session = "github-octo-org-data-platform-16245980123"

    assert role() == Role(ROLE, PROVIDER, "sts.aliyuncs.com", session, 3600, "sts.aliyuncs.com")


def test_a_role_wins_over_a_key_of_the_environment() -> None:
    assert role(IDENTITY | AMBIENT).role_arn == ROLE


@pytest.mark.parametrize("missing", ["role-arn", "oidc-provider-arn"])
def test_half_a_role_is_refused(missing: str) -> None:
    assert problem(IDENTITY, **{missing.replace("-", "_"): " "}) == HalfRole(missing)


@pytest.mark.parametrize("missing", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
def test_a_job_without_an_identity_is_refused(missing: str) -> None:
    assert problem(IDENTITY | {missing: ""}) is Slip.NO_IDENTITY


def test_a_request_token_is_never_sent_without_encryption() -> None:
    clear = IDENTITY | {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://issuer.invalid/token"}

    assert problem(clear) is Slip.IDENTITY_ELSEWHERE


def test_another_sts_is_allowed_only_for_emulators() -> None:
    elsewhere = {"INPUT_STS-ENDPOINT": "http://127.0.0.1:8080"}

    assert problem(IDENTITY | elsewhere) == NotAnStsEndpoint("'http://127.0.0.1:8080'")
    assert role(IDENTITY | elsewhere | {UNSAFE: "true"}).sts_endpoint == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("", "sts.aliyuncs.com"),
        ("sts.cn-shanghai.aliyuncs.com", "sts.cn-shanghai.aliyuncs.com"),
        ("https://sts-vpc.cn-shanghai.aliyuncs.com", "sts-vpc.cn-shanghai.aliyuncs.com"),
    ],
)
def test_the_sts_of_a_region_or_of_its_vpc_is_allowed(given: str, host: str) -> None:
    assert role(IDENTITY | {"INPUT_STS-ENDPOINT": given}).sts_endpoint == host


@pytest.mark.parametrize(
    "given",
    [
        "sts-vpc.aliyuncs.com",
        "sts.oss-cn-shanghai.aliyuncs.com",
        "sts.aliyuncs.com.evil.com",
        "sts.aliyuncs.com:8",
    ],
)
def test_no_other_host_gets_the_id_token(given: str) -> None:
    assert problem(IDENTITY | {"INPUT_STS-ENDPOINT": given}) == NotAnStsEndpoint(repr(given))


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("role_arn", "deployer", Slip.NOT_A_ROLE),
        ("role_arn", PROVIDER, Slip.NOT_A_ROLE),
        ("role_arn", f"{ROLE}\n::error::x", Slip.NOT_A_ROLE),
        ("oidc_provider_arn", ROLE, Slip.NOT_A_PROVIDER),
        ("oidc_provider_arn", "acs:ram::*:oidc-provider/github", Slip.NOT_A_PROVIDER),
        ("role_session_name", "a b", Slip.NOT_A_SESSION_NAME),
        ("role_session_name", "x" * 65, Slip.NOT_A_SESSION_NAME),
        *(
            ("role_session_seconds", each, NotWhole("role-session-seconds", f"'{each}'", 900, 43200))
            for each in ("899", "43201", "1e3")
        ),
    ],
)
def test_what_sts_would_refuse_is_refused_here(name: str, value: str, found: Problem) -> None:
    assert problem(IDENTITY, **{name: value}) == found


@pytest.mark.parametrize("part", ["access_key_id", "access_key_secret", "security_token"])
def test_a_key_and_a_role_in_the_inputs_are_refused(part: str) -> None:
    assert problem(IDENTITY, **{part: "something"}) is Slip.KEY_AND_ROLE
