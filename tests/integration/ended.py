"""The results of a step as the runner reads them, and what must hold for every step."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..witness.command_files import parse
from ..witness.commands import Stream, faults, read
from ..witness.secrets import traces
from ..witness.verdict import EXIT_STATUS, GOOD, deciding, possible
from .job import SECRETS, action


@dataclass(frozen=True)
class Ended:
    """The results of a step. `moments` are its lines with the times of their writing, in virtual seconds."""

    status: int
    outputs: Mapping[str, str]
    stdout: str
    stderr: str
    summary: str = field(default="", kw_only=True)
    moments: Sequence[tuple[float, str]] = field(default=(), kw_only=True)

    @property
    def outcome(self) -> str:
        """The outcome of the whole step."""
        return self.outputs["outcome"]

    @property
    def results(self) -> list[dict[str, Any]]:
        """One result per object."""
        results: list[dict[str, Any]] = json.loads(self.outputs["results"])
        return results

    @property
    def plan(self) -> dict[str, Any]:
        """The plan."""
        plan: dict[str, Any] = json.loads(self.outputs["plan"])
        return plan

    @property
    def only(self) -> dict[str, Any]:
        """The result of the only object."""
        (result,) = self.results
        return result

    @property
    def stream(self) -> Stream:
        """Both streams as the runner reads them."""
        return read(f"{self.stdout}\n{self.stderr}")

    @property
    def errors(self) -> list[str]:
        """The texts of the error annotations."""
        return [command.data for command in self.stream.of("error")]

    @property
    def warnings(self) -> list[str]:
        """The texts of the warning annotations."""
        return [command.data for command in self.stream.of("warning")]

    @property
    def lines(self) -> list[str]:
        """The lines that are not commands."""
        return [text for _, text in self.moments if not text.startswith("::")]

    @property
    def silences(self) -> list[float]:
        """The seconds between one line and the next."""
        times = [moment for moment, _ in self.moments]
        return [later - earlier for earlier, later in pairwise(times)]

    def column(self, name: str) -> list[Any]:
        """One field of every object's result, in the order of the objects."""
        return [result[name] for result in self.results]

    def check(self, object_ids: Sequence[str | None]) -> None:
        """Check what must hold for every step, whatever happens to it."""
        assert self.stderr == ""
        self.check_outputs(object_ids)
        assert self.status == EXIT_STATUS.get(self.outcome, 1), self.stdout
        known = {"add-mask", "error", "warning", "notice", "group", "endgroup", "debug"}
        assert {command.name for command in self.stream.commands} <= known, self.stdout
        assert faults(self.stream) == [], self.stdout

    def check_outputs(self, object_ids: Sequence[str | None]) -> None:
        """Check that the outputs agree with each other. `object_ids` are in the given order."""
        assert self.outputs.keys() == action()["outputs"].keys()
        assert self.column("object_id") == ([] if self.outcome == "invalid" else [*object_ids])
        assert json.loads(self.outputs["run-ids"]) == self.column("run_id")
        assert json.loads(self.outputs["request-ids"]) == self.column("request_id")
        assert self.outputs["run-id"] == ([*self.column("run_id"), None][0] or "")
        assert self.outputs["request-id"] == ([*self.column("request_id"), None][0] or "")
        outcomes = self.column("outcome")
        unknown, same = outcomes.count("unknown"), outcomes.count("unchanged")
        good = sum(outcome in GOOD for outcome in outcomes) - same
        bad = len(outcomes) - good - unknown - same - outcomes.count("skipped")
        counts = [self.outputs[f"{kind}-count"] for kind in ("succeeded", "failed", "unknown", "unchanged")]
        assert counts == [*map(str, (good, bad, unknown, same))]
        assert self.outcome == "invalid" or self.outcome in possible(deciding(self.results)), outcomes
        assert self.leaks() == []

    def leaks(self, secrets: tuple[str, ...] = SECRETS) -> list[str]:
        """Return the forms of the secrets that people or later steps can see."""
        lines = [line for line in self.stdout.splitlines() if not line.startswith("::add-mask::")]
        results = [text for result in self.results for text in map(str, result.values())]
        shown = "\n".join([*lines, self.stderr, self.summary, *self.outputs.values(), *results])
        return [trace for secret in secrets for trace in traces(secret, shown)]


def read_step(status: int, outputs: Path, stdout: str, stderr: str) -> Ended:
    """Read the results of a step. Read its files as the runner does, without translating line ends."""
    summary = outputs.with_suffix(".summary").read_bytes().decode()
    return Ended(status, parse(outputs.read_bytes().decode()), stdout, stderr, summary=summary)
