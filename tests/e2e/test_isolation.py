"""What must not get into the container's python, and what must not get out of it."""

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest

from .conftest import Key, access_to
from .docker import IMAGE, PYTHON, docker
from .emulator import Emulator
from .runner import Finished, Runner

pytestmark = pytest.mark.docker

OBJECT = "7567482277219412494"


def test_no_module_is_imported_from_the_workspace(runner: Runner, access: dict[str, str]) -> None:
    finished = runner.run({**access, "object-ids": OBJECT})

    assert finished.exit_code == 0, finished.streams
    assert runner.imported_from_workspace() == []
    assert "imported from the workspace" not in finished.streams


def test_a_python_that_is_not_isolated_imports_them(runner: Runner) -> None:
    """The trap has to work, or the test above shows nothing."""
    docker(
        *("run", "--rm", "--network", "none", "-v", f"{runner.workspace}:/github/workspace"),
        *("--workdir", "/github/workspace", "-e", "PYTHONPATH=/github/workspace"),
        *("--entrypoint", PYTHON, IMAGE, "-c", "import json"),
    )

    assert {"sitecustomize", "json"} <= {*runner.imported_from_workspace()}


def spellings(secret: str) -> set[str]:
    """Return the forms in which a secret may show up."""
    raw = secret.encode()
    # Within a longer text base64 shifts; the middle of each shift is the same whatever stands around it.
    shifted = {base64.b64encode(b"\0" * shift + raw).decode()[4:-4] for shift in range(3)}
    return {secret, quote(secret, safe=""), quote(quote(secret, safe=""), safe=""), raw.hex(), *shifted}


def shown(finished: Finished) -> str:
    """Return all that people and later steps get to see: the runner swallows the lines that add a mask."""
    lines = [line for line in finished.streams.splitlines() if not line.startswith("::add-mask::")]
    return "\n".join([*lines, *finished.outputs.values(), *finished.state.values(), finished.summary])


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--fault", "CreatePipelineRun:1:commit+hostile"),
        ("--fault", "CreatePipelineRun:1:error:SignatureDoesNotMatch"),
    ],
    ids=["deployed", "hostile answer", "refused signature"],
)
def test_the_secrets_are_shown_nowhere(
    runner: Runner, start_emulator: Callable[..., Emulator], key: Key, flags: tuple[str, ...]
) -> None:
    service = start_emulator(*flags)

    finished = runner.run({**access_to(service, key), "object-ids": OBJECT, "settle-seconds": "4"})

    text = shown(finished)
    for secret in (key.secret, key.token):
        found = [spelling for spelling in spellings(secret) if spelling in text]
        assert not found
    assert f"::add-mask::{key.secret}" in finished.streams
    assert f"::add-mask::{key.token}" in finished.streams
