"""The whole way that the action goes, through the packages it goes with: ID token, session, signed call."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from actions_toolkit import core, oidc_utils
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.provider import OIDCRoleArnCredentialsProvider
from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.models import Config

from dataworks_emulator import Emulator, Role, Settings

from .conftest import Clock

ROLE = "acs:ram::1234567890123456:role/deployer"
PROVIDER = "acs:ram::1234567890123456:oidc-provider/github"
READ = models.GetProjectRequest(id=42)


class Job:
    """A job of the emulated GitHub: its environment, and the file its token goes through."""

    def __init__(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", emulator.id_token_url)
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "emulator-request-token")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        # A step that ran in this process before has put its own in the package's place, which hides secrets.
        monkeypatch.setattr(oidc_utils, "requests", requests)
        self.emulator, self.file = emulator, folder / "token"

    def fetch(self, audience: str | None = "sts.aliyuncs.com") -> str:
        token = str(core.get_id_token(audience))
        self.file.write_text(token, encoding="utf-8")
        return token

    def provider(self, **changed: Any) -> Any:
        return OIDCRoleArnCredentialsProvider(
            **{
                "role_arn": ROLE,
                "oidc_provider_arn": PROVIDER,
                "oidc_token_file_path": str(self.file),
                "role_session_name": "warehouse-1",
                "sts_endpoint": f"http://{self.emulator.endpoint}",
                **changed,
            }
        )

    def client(self, session: Any) -> Any:
        return Client(
            Config(
                endpoint=self.emulator.endpoint,
                protocol="HTTP",
                access_key_id=session.get_access_key_id(),
                access_key_secret=session.get_access_key_secret(),
                security_token=session.get_security_token(),
            )
        )


def test_from_the_jobs_identity_to_a_signed_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trusting = Settings(roles=(Role(ROLE, "repo:octo-org@1/warehouse@2:environment:production"),))
    with Emulator(trusting) as emulator:
        job = Job(emulator, monkeypatch, tmp_path)
        job.fetch()
        session = job.provider(duration_seconds=1800).get_credentials()
        assert 1795 < session.get_expiration() - time.time() < 1802
        answer = job.client(session).get_project(READ).body
        assert answer.project.id == 42
        (assumed,) = emulator.truth.of("assumed", role=ROLE, session_name="warehouse-1")
        (answered,) = emulator.truth.of("answered", action="GetProject")
        assert (answered["who"], answered["request_id"]) == (assumed["access_key_id"], answer.request_id)


def test_a_session_that_has_ended_is_refused_and_can_be_had_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    past = [0.0]
    with Emulator(Settings(sts_seconds=3), clock=lambda: time.time() + past[0]) as emulator:
        job = Job(emulator, monkeypatch, tmp_path)
        job.fetch()
        provider = job.provider()
        old = provider.get_credentials()
        job.client(old).get_project(READ)
        past[0] = 4.0
        with pytest.raises(Exception, match=r"InvalidSecurityToken\.Expired"):
            job.client(old).get_project(READ)
        new = provider.get_credentials()
        assert new.get_access_key_id() != old.get_access_key_id()
        job.client(new).get_project(READ)


@pytest.mark.parametrize(
    ("settings", "audience", "code"),
    [
        ({}, None, "AuthenticationFail.OIDCToken.AudienceNotMatch"),
        ({"id_token_seconds": 0}, "sts.aliyuncs.com", "AuthenticationFail.OIDCToken.Expired"),
        ({"roles": (Role("acs:ram::1:role/other"),)}, "sts.aliyuncs.com", "EntityNotExist.Role"),
        ({"roles": (Role(ROLE, "repo:other/*"),)}, "sts.aliyuncs.com", "AuthenticationFail.NoPermission"),
        ({"sts_max_seconds": 1800}, "sts.aliyuncs.com", "InvalidParameter.DurationSeconds"),
    ],
)
def test_what_the_provider_makes_of_a_refusal(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    settings: dict[str, Any],
    audience: str | None,
    code: str,
) -> None:
    with Emulator(Settings(**settings)) as emulator:
        job = Job(emulator, monkeypatch, tmp_path)
        job.fetch(audience)
        with pytest.raises(CredentialException) as refused:
            job.provider().get_credentials()
        text = str(refused.value)
        body = json.loads(text[text.index("{") :])
        assert body["Code"] == code
        (answered,) = emulator.truth.of("answered", action="AssumeRoleWithOIDC")
        assert answered["request_id"] == body["RequestId"]


def test_a_wrong_request_token_gets_no_id_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Emulator() as emulator:
        job = Job(emulator, monkeypatch, tmp_path)
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "wrong")
        with pytest.raises(Exception, match="Error Code: 403"):
            job.fetch()


def test_an_echo_gets_the_token_into_the_texts_of_both_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Emulator(Settings(faults=("GetIdToken:2:echo", "AssumeRoleWithOIDC:1:echo"))) as emulator:
        job = Job(emulator, monkeypatch, tmp_path)
        token = job.fetch()
        with pytest.raises(CredentialException) as refused:
            job.provider().get_credentials()
        assert token in str(refused.value)
        with pytest.raises(Exception, match="Bearer emulator-request-token"):
            job.fetch()


@pytest.mark.parametrize("action", ["GetIdToken", "AssumeRoleWithOIDC"])
@pytest.mark.parametrize("spec", ["delay:0.1", "commit+delay:0.1", "drip:0.1"])
def test_a_slow_answer_is_a_good_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, action: str, spec: str
) -> None:
    clock = Clock(time.time())
    started = clock.now
    with Emulator(Settings(faults=(f"{action}:*:{spec}",)), clock, clock.pause) as emulator:
        job = Job(emulator, monkeypatch, tmp_path)
        job.fetch()
        job.client(job.provider().get_credentials()).get_project(READ)
        assert clock.now - started == pytest.approx(0.1, abs=1e-3)
        assert (len(emulator.truth.of("issued")), len(emulator.truth.of("assumed"))) == (1, 1)
