"""The shell commands on the emulator's page work as printed."""

import json
import re
import socket
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.long
def test_the_action_runs_by_hand_against_the_emulator(tmp_path: Path) -> None:
    for name in ("src", "entrypoint.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    page = (ROOT / "docs/emulator.md").read_text("utf-8").replace("8080", port)
    emulator, action, stop, *_ = BLOCK.findall(page)
    assert emulator.startswith("make setup\n")

    with Popen(["bash"], cwd=tmp_path, stdin=PIPE, stdout=PIPE, text=True) as shell:
        assert shell.stdin
        assert shell.stdout
        shell.stdin.write(emulator.removeprefix("make setup\n"))
        shell.stdin.flush()
        assert shell.stdout.readline() == f"dataworks emulator listening on http://127.0.0.1:{port}\n"
        # The emulator keeps the output of the shell open, so the output ends only if the last block stops the emulator.
        said, _ = shell.communicate(f"{action}ended=$?\n{stop}exit $ended\n", timeout=60)

    assert shell.returncode == 0, said
    files = tmp_path / "build/rehearsal"
    assert "outcome<<" in (files / "outputs.txt").read_text("utf-8")
    assert "2 succeeded" in (files / "summary.md").read_text("utf-8")
    events = [json.loads(line) for line in (files / "truth.jsonl").read_text("utf-8").splitlines()]
    # The objects do not need each other, so both start at once, and either may end first.
    assert sorted(e["object"] for e in events if e["event"] == "committed") == ["1001", "1002"]
    assert {path.name for path in tmp_path.iterdir()} == {"src", "entrypoint.py", ".venv", "build"}
    assert "build/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
