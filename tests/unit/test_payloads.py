"""Thousands of random texts that try to be commands, markup or file entries, in every output at once.

The witness reads them with the runner's rules, and uses no code of the action.
"""

import contextlib
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import Verdict
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.hosts.github.commands import LIMITS, Runner
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.render.markup import markdown
from dataworks_deploy.render.report import Report

from ..e2e.command_files import parse
from ..witness.commands import read
from ..witness.markdown import alive
from .render.records import called, failed, own

PAYLOADS = 2500
BREAKS = [
    "\n",
    "\r\n",
    "\r",
    "\v",
    "\f",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\n\r",
    "%0A",
    "%0D%0A",
]
LEADS = [
    "",
    " ",
    "\t",
    "   ",
    "\u3000",
    "\ufeff",
    "\u200b",
    "\x00",
    "\x1b[0m",
    "| ",
    "x",
    "\u202e",
    "\ud83d",
    "#",
]
NAMES = [
    "set-output", "save-state", "add-mask", "stop-commands", "set-env", "add-path", "error", "warning", "notice",
    "debug", "group", "endgroup", "echo", "add-matcher", "remove-matcher", "internal-set-repo-path", "SET-OUTPUT",
]  # fmt: skip
PROPERTIES = ["", " name=outcome", " name=a,file=b", " name=%3A%3A", " title=x::", " file=\n::"]
DATA = ["succeeded", "a", "", "::", "%0A::error::x", "]]", "on", "../matcher.json", "\r", "%", "%25"]
MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</details>", "<!--", "<https://evil.invalid>",
    "[link](javascript:alert(1))", "![image](https://evil.invalid/x.png)", "[ref]: https://evil.invalid", "`code`",
    "```", "| cell | cell |", "**bold**", "_it_", "~~gone~~", "@octocat", "@octo-org/team", "a@evil.invalid",
    "https://evil.invalid", "www.evil.invalid", "WWW.evil.invalid", "$x$", "&lt;b&gt;", "&#60;b&#62;", "\\<b>",
    "#1", "GH-1", "\u202eexe.gpj\u202c", "\u2066isolated\u2069", "- [ ] task", "# heading", "---", ":tada:",
]  # fmt: skip
FILES = [
    "outcome=succeeded",
    "run-id<<END",
    "END",
    "ghadelimiter_1",
    "results<<ghadelimiter_x\n[]\nghadelimiter_x",
]


def payloads() -> Iterator[str]:
    """Draw random texts, the same ones each time."""
    chance = random.Random(20240518)
    for _ in range(PAYLOADS):
        yield "".join(_piece(chance) for _ in range(chance.randint(1, 5)))


def _piece(chance: random.Random) -> str:
    lead = chance.choice(BREAKS) + chance.choice(LEADS) if chance.random() < 0.8 else chance.choice(LEADS)
    name, properties, data = chance.choice(NAMES), chance.choice(PROPERTIES), chance.choice(DATA)
    commands = (f"::{name}{properties}::{data}", f"##[{name}{properties}]{data}", f"##vso[{name}]{data}")
    body = chance.choice([*commands, chance.choice(MARKUP), chance.choice(FILES)])
    if chance.random() < 0.2:
        # Divided by a character that a later step might remove.
        at = chance.randrange(len(body) + 1)
        body = body[:at] + chance.choice(["\u200b", "\x00", "\r", "\u202e", "\ufeff", "***"]) + body[at:]
    return lead + body


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """All payloads."""
    return list(payloads())


def test_no_payload_becomes_a_command(texts: list[str]) -> None:
    assert sum(bool(read(text).commands) for text in texts) > PAYLOADS / 3, "many are commands as they stand"
    with contextlib.redirect_stdout(io.StringIO()) as stdout, contextlib.redirect_stderr(stdout):
        for start in range(0, PAYLOADS, LIMITS.annotations):
            journal = StepJournal(Runner({}), Secrets(["a-secret-of-the-test"]), ("1",))
            for text in texts[start : start + LIMITS.annotations]:
                journal.say(None, text)
                journal.say(ObjectId("1"), text)
                journal.say(ObjectId(text), text)
                journal.called[ObjectId("1")] = text
                journal.alert(ObjectId("1"), text)
                journal.fail(text, text)

    stream = read(stdout.getvalue())
    assert [command.name for command in stream.commands] == ["warning", "error"] * PAYLOADS
    assert {name for command in stream.commands for name in command.properties} <= {
        *("title", "file", "line", "endLine", "col", "endColumn")
    }
    assert len([line for line in stream.text if line]) == 3 * PAYLOADS, "one text is one line"


def test_texts_beyond_the_limit_of_annotations_are_text_in_the_log(texts: list[str]) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as stdout:
        journal = StepJournal(Runner({}), Secrets([]))
        for text in texts[::5]:
            journal.alert(ObjectId("1"), text)
            journal.remark(text, text)
            journal.fail(text, text, text)

    stream = read(stdout.getvalue())
    assert len(stream.commands) == 3 * LIMITS.annotations
    assert len([line for line in stream.text if line]) == 3 * (PAYLOADS // 5 - LIMITS.annotations)


def test_no_mask_becomes_another_command(texts: list[str]) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as stdout:
        for text in texts[::5]:
            Runner({}).mask(Secrets([text]).masks)

    stream = read(stdout.getvalue())
    assert {command.name for command in stream.commands} == {"add-mask"}
    assert "".join(stream.text) == ""
    assert min(len(command.data) for command in stream.commands) >= 6


def test_every_payload_is_only_text_in_the_summary(texts: list[str]) -> None:
    assert sum(bool(alive(text)) for text in texts) > PAYLOADS / 3
    for text in texts:
        assert alive(markdown(text)) == [], text


def test_no_payload_gets_out_of_its_output(texts: list[str], tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")}
    runner = Runner({name: str(path) for name, path in files.items()})
    for start in range(0, PAYLOADS, 100):
        some = texts[start : start + 100]
        records = tuple(
            called(failed(own(str(number), run_id=text, request_id=text), text), text, text)
            for number, text in enumerate(some)
        )
        with contextlib.redirect_stdout(io.StringIO()):
            journal = StepJournal(runner, Secrets([]))
            journal.known(records, 0)
            journal.publish(Report(Verdict.FAILED, records, problems=tuple(some)), over=False)

        outputs = parse(files["GITHUB_OUTPUT"].read_bytes().decode())
        shown = json.loads(outputs["results"])
        assert outputs["outcome"] == "failed"
        assert len(outputs) == 12
        assert all(result["message"].endswith(text) for result, text in zip(shown, some, strict=True))
        assert json.loads(outputs["run-ids"]) == some
        assert [(result["name"], result["path"]) for result in shown] == [(text, text) for text in some]
        assert outputs["results"].isascii()
        assert [*parse(files["GITHUB_STATE"].read_bytes().decode())] == ["progress"]
        rows = files["GITHUB_STEP_SUMMARY"].read_text("utf-8").split("\n")
        assert sum(row.startswith("| ") and row.count("|") == 7 for row in rows) == len(some) + 4
