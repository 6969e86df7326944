"""The step uses nothing from its surroundings: no modules of the working directory, no profiles, no other variables."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from dataworks_emulator import Emulator, Settings

from .canned import CannedServer, answer, canned
from .clock import VirtualClock
from .ended import Ended, read_step
from .job import KEY, OBJECT, ROOT
from .role import NO_KEY, PROVIDER, ROLE, identity
from .step import Site

pytestmark = pytest.mark.long  # starts processes

DECOY = answer(
    b'{"AccessKeyId":"decoyed","AccessKeySecret":"decoyed","SecurityToken":"d","Expiration":"2099-01-01T00:00:00Z"}'
)
# Modules that may be imported early. Each leaves a trace if it is imported from the working directory.
MODULES = (
    "sitecustomize",
    "usercustomize",
    "json",
    "requests",
    "certifi",
    "asyncio",
    "dataworks_deploy",
    "yaml",
    "tests",
)
PROFILES = (
    ".alibabacloud/credentials",
    ".aliyun/config.json",
    ".alibabacloud/credentials.ini",
    ".netrc",
    ".pydistutils.cfg",
)


class Trap:
    """A working directory, a home and an environment in which any use is noticed."""

    def __init__(self, folder: Path, decoy: CannedServer) -> None:
        self.workspace, self.home, self.temporary = (folder / each for each in ("work", "home", "tmp"))
        for each in (self.workspace, self.home, self.temporary):
            each.mkdir()
        self.mark = folder / "somebody-was-here"
        for name in MODULES:
            (self.workspace / f"{name}.py").write_text(f"open({str(self.mark)!r}, 'a').write({name!r})\n")
        for name in PROFILES:
            # Opening a pipe that has no writer waits for ever.
            (self.home / name).parent.mkdir(exist_ok=True)
            os.mkfifo(self.home / name)
        self.key_log = folder / "tls-keys"
        self.variables = {
            "PATH": str(self.workspace),
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": str(self.workspace),
            "PYTHONHOME": str(self.workspace),
            "PYTHONSTARTUP": str(self.workspace / "json.py"),
            "PYTHONINSPECT": "1",
            "DEBUG": "sdk",
            "SSLKEYLOGFILE": str(self.key_log),
            "NETRC": str(self.home / ".netrc"),
            "REQUESTS_CA_BUNDLE": str(self.home / ".netrc"),
            "ALIBABA_CLOUD_CREDENTIALS_URI": f"http://{decoy.endpoint}/",
            "ALIBABA_CLOUD_CREDENTIALS_FILE": str(self.home / PROFILES[0]),
            "ALIBABA_CLOUD_PROFILE": "default",
            "ALIBABA_CLOUD_ECS_METADATA": "decoy",
            "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/decoy",
            "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/decoy",
            "ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(self.home / ".netrc"),
            "ALIBABA_CLOUD_ROLE_SESSION_NAME": "decoy",
            "ALIBABA_CLOUD_STS_REGION": "decoy",
            "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED": "true",
            "ALIBABA_CLOUD_ENDPOINT": decoy.endpoint,
            "ENDPOINT": decoy.endpoint,
            "ALICLOUD_ACCESS_KEY": "decoyed",
            "ALICLOUD_SECRET_KEY": "decoyed",
        }

    def files(self) -> set[Path]:
        """All files in the folders."""
        return {path for each in (self.workspace, self.home, self.temporary) for path in each.rglob("*")}

    def run(self, environment: Mapping[str, str], outputs: Path) -> Ended:
        """Run the step in these surroundings as the image does."""
        before = self.files()
        done = subprocess.run(
            [sys.executable, "-I", "-u", str(ROOT / "entrypoint.py")],
            env={**self.variables, **environment},
            cwd=self.workspace,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=30,
            check=False,
        )
        assert not self.mark.exists(), f"imported from the workspace: {self.mark.read_text()}"
        assert self.files() == before
        assert not self.key_log.exists()
        return read_step(done.returncode, outputs, done.stdout, done.stderr)


def test_with_a_key_the_step_uses_nothing_from_its_surroundings(tmp_path: Path) -> None:
    with canned(DECOY) as decoy, Emulator(Settings(credentials=(KEY,))) as emulator:
        site = Site(tmp_path, emulator, VirtualClock())

        ended = Trap(tmp_path, decoy).run(*site.environment([OBJECT], 1, {}))

    ended.check([OBJECT])
    assert ended.outcome == "created", ended.stdout
    assert decoy.requests == []
    assert "authorization" not in ended.stdout.lower()


def test_with_a_role_the_step_uses_nothing_from_its_surroundings(tmp_path: Path) -> None:
    with canned(DECOY) as decoy, Emulator(Settings()) as emulator:
        site = Site(tmp_path, emulator, VirtualClock())
        inputs = NO_KEY | {"role_arn": ROLE, "oidc_provider_arn": PROVIDER}
        environment, outputs = site.environment([OBJECT], 1, inputs)

        ended = Trap(tmp_path, decoy).run(environment | identity(emulator), outputs)

        (assumed,) = emulator.truth.of("assumed")
    ended.check([OBJECT])
    assert ended.outcome == "created", ended.stdout
    assert assumed["role"] == ROLE
    assert assumed["session_name"] != "decoy"
    assert decoy.requests == []


def test_without_a_key_the_step_looks_for_none_elsewhere(tmp_path: Path) -> None:
    with canned(DECOY) as decoy, Emulator(Settings()) as emulator:
        site = Site(tmp_path, emulator, VirtualClock())

        ended = Trap(tmp_path, decoy).run(*site.environment([OBJECT], 1, NO_KEY))

        assert emulator.truth.of("received") == []
    assert ended.status == 2
    assert any("no credentials" in error for error in ended.errors)
    assert decoy.requests == []


@pytest.mark.parametrize("variable", ["ALIBABA_CLOUD_CREDENTIALS_URI"])
def test_the_trap_notices_a_process_that_uses_its_surroundings(tmp_path: Path, variable: str) -> None:
    """So the trap would notice the default chain of the credentials package, or an interpreter that is not isolated."""
    with canned(DECOY) as decoy:
        trap = Trap(tmp_path, decoy)
        code = "from alibabacloud_credentials.client import Client; Client().get_credential()"
        subprocess.run(
            [sys.executable, "-c", code],
            env={variable: trap.variables[variable], "HOME": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            timeout=30,
            check=False,
        )

    assert decoy.requests or trap.mark.exists()
