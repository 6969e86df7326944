"""Steps that assume a role with the identity of the job. The emulator plays the issuer of ID tokens and STS."""

import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dataworks_deploy import main
from dataworks_emulator import Emulator

from ..witness.secrets import traces
from .ended import Ended, read_step
from .job import OBJECT, ROOT
from .step import Site

ROLE = "acs:ram::1234567890123456:role/deployer"
PROVIDER = "acs:ram::1234567890123456:oidc-provider/github"
REQUEST_TOKEN = "emulator-request-token"
NO_KEY = {"access_key_id": "", "access_key_secret": "", "security_token": ""}


def identity(emulator: Emulator) -> dict[str, str]:
    """Return the variables of a job with `id-token: write`, and the address of STS."""
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": emulator.id_token_url,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        "INPUT_STS-ENDPOINT": f"http://{emulator.endpoint}",
        "NO_PROXY": "127.0.0.1",
    }


class Sealed:
    """Keeps every secret that the emulator gives, to look for it in the results of a step."""

    def __init__(self, emulator: Emulator) -> None:
        """Listen to the sessions and the ID tokens from now on."""
        self.secrets: list[str] = [REQUEST_TOKEN]
        sts, issuer = emulator.service.sts, emulator.service.id_tokens
        accept, issue = sts.on_session, issuer.issue

        def on_session(credential: Any, since: float) -> None:
            self.secrets += [credential.secret, credential.token]
            accept(credential, since)

        def on_token(request: Any, now: float) -> dict[str, Any]:
            body = issue(request, now)
            self.secrets.append(body["value"])
            return body

        sts.on_session = on_session
        emulator.service._operations["GetIdToken"] = on_token

    def traces(self, text: str) -> list[str]:
        """Return the forms of these secrets that the text contains."""
        return [trace for secret in self.secrets for trace in traces(secret, text)]


@dataclass
class RoleSite:
    """A site whose job has an identity."""

    site: Site
    sealed: Sealed

    @property
    def exchanges(self) -> int:
        """How often STS was asked."""
        return len(self.site.truth.posts("AssumeRoleWithOIDC"))

    def run(self, *object_ids: str, variables: dict[str, str] | None = None, **inputs: str) -> Ended:
        """Run the step in this process, and check what must hold for every step."""
        ids = list(object_ids or (OBJECT,))
        given = {"role-arn": ROLE, "oidc-provider-arn": PROVIDER, "timeout-minutes": "5"}
        environment, outputs = self.site.environment(ids, 1, NO_KEY | given | inputs)
        environment |= identity(self.site.emulator) | (variables or {})
        with pytest.MonkeyPatch.context() as ambient:
            for name, value in (identity(self.site.emulator) | (variables or {})).items():
                ambient.setenv(name, value)
            ended = self.site.carry_out(main.run, environment, outputs)
        ended.check(ids)
        self.check(ended, outputs)
        return ended

    def process(
        self, variables: dict[str, str], object_ids: Sequence[str] = (OBJECT,), **inputs: str
    ) -> Ended:
        """Run entrypoint.py as the image does."""
        given = {"role-arn": ROLE, "oidc-provider-arn": PROVIDER, "timeout-minutes": "5"}
        environment, outputs = self.site.environment(list(object_ids), 1, NO_KEY | given | inputs)
        done = subprocess.run(
            [sys.executable, "-I", "-u", str(ROOT / "entrypoint.py")],
            env=environment | identity(self.site.emulator) | {"PATH": os.environ["PATH"]} | variables,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        ended = read_step(done.returncode, outputs, done.stdout, done.stderr)
        ended.check(list(object_ids))
        self.check(ended, outputs)
        return ended

    def check(self, ended: Ended, outputs: Path) -> None:
        """Check that no secret is in the results, and that no call used a session that had ended."""
        shown = [line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::")]
        files = [outputs, outputs.with_suffix(".state"), outputs.with_suffix(".summary")]
        left = [file.read_text("utf-8") for file in files]
        assert self.sealed.traces("\n".join([*shown, ended.stderr, *left])) == []
        assert "Traceback" not in ended.stdout + ended.stderr
        self.check_calls()

    def check_calls(self) -> None:
        """Check that every call was signed with a session that was still valid."""
        ends = {event["access_key_id"]: event["expires"] for event in self.site.truth.of("assumed")}
        for event in self.site.truth.of("received"):
            if event["action"] not in {"GetIdToken", "AssumeRoleWithOIDC"}:
                assert event["time"] < ends.get(event["who"], math.inf), event

    def check_nothing_created(self, ended: Ended, *, word: str) -> None:
        """Check that the creation was rejected with this word, and that no run was created or requested."""
        assert ended.only["outcome"] == "rejected", ended.only
        assert word in ended.only["message"], ended.only["message"]
        assert word in "".join(ended.errors)
        assert self.site.posts == self.site.truth.runs() == []
