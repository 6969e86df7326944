"""Steps that assume a role with the job's identity, against the emulator's issuer of ID tokens and its STS."""

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
    """Return what the runner sets for a job with `id-token: write`, and where STS is."""
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": emulator.id_token_url,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        "INPUT_STS-ENDPOINT": f"http://{emulator.endpoint}",
        "NO_PROXY": "127.0.0.1",
    }


class Sealed:
    """Keeps every secret that the emulator gives out, to look for it in what a step leaves."""

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
        """Return the forms of any of them that the text contains."""
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
        """Run the step in this process, and hold it against what every step owes."""
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
        """No secret that came up is anywhere, and no call was made with a key that had ended."""
        shown = [line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::")]
        files = [outputs, outputs.with_suffix(".state"), outputs.with_suffix(".summary")]
        left = [file.read_text("utf-8") for file in files]
        assert self.sealed.traces("\n".join([*shown, ended.stderr, *left])) == []
        assert "Traceback" not in ended.stdout + ended.stderr
        self.check_calls()

    def check_calls(self) -> None:
        """Every call was signed with a session that was still good."""
        ends = {event["access_key_id"]: event["expires"] for event in self.site.truth.of("assumed")}
        for event in self.site.truth.of("received"):
            if event["action"] not in {"GetIdToken", "AssumeRoleWithOIDC"}:
                assert event["time"] < ends.get(event["who"], math.inf), event

    def check_nothing_created(self, ended: Ended, *, word: str) -> None:
        """The creation was rejected with that word, and neither run nor request came of it."""
        assert ended.only["outcome"] == "rejected", ended.only
        assert word in ended.only["message"], ended.only["message"]
        assert word in "".join(ended.errors)
        assert self.site.posts == self.site.truth.runs() == []
