"""The rehearsal: steps run on the machine itself, as on GitHub's, and the action runs on Docker's own bridge."""

import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .act import Act
from .alone import LABEL
from .places import ROOT, commit

pytestmark = [pytest.mark.runner, pytest.mark.timeout(900)]

EXAMPLE = (ROOT / "examples" / "rehearse.yml").read_text("utf-8")
# Replaces the checkout of a repository that cannot be fetched here.
COPY = f"""
inputs: {{path: {{}}, repository: {{}}, persist-credentials: {{}}}}
runs:
  using: composite
  steps:
    - run: mkdir "${{{{ inputs.path }}}}" && cp -R {ROOT / "src"} "${{{{ inputs.path }}}}"
      shell: bash
"""


@pytest.fixture
def left_running(tmp_path: Path) -> Iterator[Path]:
    """A file with the process that the job leaves running. GitHub's runner ends it with the job, and act does not."""
    note = tmp_path / "left-running"
    yield note
    if note.exists():
        os.kill(int(note.read_text("utf-8")), signal.SIGTERM)


def free_port() -> int:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def test_a_rehearsal_reaches_the_emulator_from_the_actions_container(
    start: Callable[..., Act], tmp_path: Path, left_running: Path
) -> None:
    repository, checkout = tmp_path / "repository", tmp_path / "checkout"
    workflows = repository / ".github" / "workflows"
    workflows.mkdir(parents=True)
    checkout.mkdir()
    (checkout / "action.yml").write_text(COPY, "utf-8")
    truth = tmp_path / "truth.jsonl"
    text = EXAMPLE.replace("8080", str(free_port())).replace("truth.jsonl", str(truth))
    text = text.replace(" &\n", f" & echo $! >{left_running}\n")
    (workflows / "rehearse.yml").write_text(text, "utf-8")
    (taken,) = re.findall(r"uses: (actions/checkout@\S+)", EXAMPLE)
    act = start()

    ran = act.run(
        commit(repository),
        "rehearse.yml",
        *("--platform", "ubuntu-latest=-self-hosted", "--local-repository", f"{taken}={commit(checkout)}"),
        # For steps on the machine itself, act mounts no files for outputs into the action's container.
        *("--container-options", f"--label {LABEL} -v {act.folder}:{act.folder}"),
    )

    assert ran.exit_code == 0, ran.log
    assert ran.ends("What the service has done") == ["success"]
    events = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
    assert [e["object"] for e in events if e["event"] == "committed"] == ["7567482277219412494"]
    assert [e["stage"] for e in events if e["event"] == "stage_executed"] == ["PROD_CHECK", "PROD"]
