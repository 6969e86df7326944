"""The service's own log, ordered by runs and marks. The judges use it as evidence, without code of the action."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..witness.given import Given, read
from .actor import Attempt
from .operations import CREATE
from .play import History, continuing, environment
from .seen import Seen, spent
from .studio import Studio
from .view import View
from .virtual import EPOCH

Event = dict[str, Any]
MARK = re.compile(r"\[dwd1:([A-Z2-7]{26}):g([1-9][0-9]*)(?::[a-z][A-Z2-7]+)*\]")
Wanted = tuple[int, str, str, str, str, str]


@dataclass(frozen=True)
class Post:
    """One creation, with the times of sending and arrival."""

    call: int
    at: float
    sent: float
    who: str
    object_id: str
    mark: tuple[str, int] | None
    nonce: str
    fault: str
    params: dict[str, str]


@dataclass
class Fact:
    """One run as it really was."""

    id: str
    at: float
    who: str
    object_id: str
    type: str
    mark: tuple[str, int] | None
    post: Post | None
    seen_at: float
    executed: list[tuple[float, str, str]] = field(default_factory=list)
    abolished: list[tuple[float, str]] = field(default_factory=list)
    ended: list[tuple[float, str]] = field(default_factory=list)
    finished: list[tuple[float, str, str]] = field(default_factory=list)

    def status(self, when: float) -> str:
        """The status at that time, if it is an end."""
        return next((status for at, status in self.ended if at <= when), "open")


class Facts:
    """All facts. Times count from the beginning."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.schedule = history.schedule
        self.events: list[Event] = history.service.truth.events
        self.excused: set[str] = set()  # duplicates that no step can prevent
        self._seen: dict[str, Seen] = {}
        self._given: dict[str, Given] = {}
        self._spent: dict[str, set[int]] = {}
        self._studio = Studio(history.service)
        self._views: dict[str, View] = {}
        self.steps = {attempt.caller: attempt for attempt in history.attempts}

    def step_of(self, who: str) -> Attempt | None:
        """The step that uses this key, if there is one."""
        return self.steps.get(who.removesuffix("-post"))

    def end_of(self, attempt: Attempt) -> float:
        """When a step ended, or else when all steps had ended."""
        return attempt.ended if attempt.ended is not None else self.history.time.now

    def seen(self, attempt: Attempt) -> Seen:
        """What a step was shown."""
        if attempt.caller not in self._seen:
            self._seen[attempt.caller] = Seen(attempt.sent)
        return self._seen[attempt.caller]

    def spent(self, attempt: Attempt) -> set[int]:
        """The calls of a step that were refused for a used-up quota, as far as it can know, by identity."""
        if attempt.caller not in self._spent:
            self._spent[attempt.caller] = {id(call) for call in spent(attempt.sent)}
        return self._spent[attempt.caller]

    def given(self, attempt: Attempt) -> Given:
        """The inputs of a step."""
        if attempt.caller not in self._given:
            variables = environment(
                self.schedule, self.schedule.jobs[attempt.copy], attempt.step, attempt.number
            )
            if attempt.step.resume and attempt.number > 1:
                before = self.steps[f"key-{attempt.copy}-{attempt.number - 1}"]
                variables |= continuing(attempt.step.resume, before)
            self._given[attempt.caller] = read(variables)
        return self._given[attempt.caller]

    def when(self, event: Event) -> float:
        """The time of an event."""
        return float(event["time"]) - EPOCH

    def view(self, attempt: Attempt) -> View:
        """What a step could have seen of Data Studio."""
        if attempt.caller not in self._views:
            lag = float(str(self.schedule.setting("draft_lag", 0.0)))
            hides = self.schedule.setting("inner_listed") is False
            self._views[attempt.caller] = View(self._studio, attempt, self.given(attempt), lag, hides)
        return self._views[attempt.caller]

    def wanted(self, attempt: Attempt, object_id: str) -> Wanted:
        """The parts of one intent: job, step, object, and what to do with it."""
        given = self.given(attempt)
        asked = given.type, given.run_mode, given.auto_run_until_stage
        return attempt.job, attempt.action, object_id, *asked

    def cut(self, attempt: Attempt) -> set[str]:
        """What ended a step before its work was done."""
        ends = set()
        if attempt.killed or attempt.ended is None:
            ends.add("kill")
        if attempt.stopped is not None:
            ends.add("cancel")
        lived = (attempt.ended or attempt.began) - attempt.began
        if attempt.ended is not None and lived >= self.given(attempt).timeout_seconds - 0.01:
            ends.add("timeout")
        return ends

    def intents_of(self, attempt: Attempt, object_id: str) -> set[str]:
        """The intents in the marks of an object in this step. There should be only one."""
        return self._intents.get(self.wanted(attempt, object_id), set())

    def is_own(self, attempt: Attempt, run: Fact) -> bool:
        """Whether a request with the step's own intent asked for the run, in whichever attempt or copy."""
        mark = run.post.mark if run.post else None
        return mark is not None and mark[0] in self.intents_of(attempt, run.object_id)

    @cached_property
    def _intents(self) -> dict[Wanted, set[str]]:
        found: dict[Wanted, set[str]] = {}
        for post in self.posts.values():
            if (step := self.step_of(post.who)) and post.mark:
                found.setdefault(self.wanted(step, post.object_id), set()).add(post.mark[0])
        return found

    def steps_of(self, run_id: str) -> dict[str, int]:
        """The steps of a run's stages by their codes."""
        run = next(run for run in self.history.service.runs if run.id == run_id)
        return {stage.code: stage.step for stage in run.stages}

    @cached_property
    def posts(self) -> dict[int, Post]:
        """The creations by their number."""
        sent = {
            each.call: each.at
            for attempt in self.history.attempts
            for each in attempt.sent
            if each.action == CREATE
        }
        return {
            event["call"]: Post(
                event["call"],
                event["time"] - EPOCH,
                sent[event["call"]],
                event["who"],
                event["params"].get("ObjectIds", "").strip('[]"'),
                mark_of(event["params"].get("Description", "")),
                event["nonce"],
                event["fault"] or "",
                event["params"],
            )
            for event in self.of("received")
            if event["action"] == CREATE
        }

    @cached_property
    def runs(self) -> dict[str, Fact]:
        """All runs, with what was done to them."""
        settings = self.history.service.settings
        hidden = {run.id: max(run.hidden_for, settings.list_lag) for run in self.history.service.runs}
        facts = {
            event["run_id"]: Fact(
                event["run_id"],
                event["time"] - EPOCH,
                event["who"],
                event["object"],
                event["type"],
                mark_of(event["description"]) if event["call"] else None,
                self.posts.get(event["call"]),
                event["time"] - EPOCH + hidden[event["run_id"]],
            )
            for event in self.of("committed")
        }
        for event in self.events:
            if "run_id" in event and event["run_id"] in facts:
                self._note(facts[event["run_id"]], event)
        return facts

    def _note(self, fact: Fact, event: Event) -> None:
        at = event["time"] - EPOCH
        match event["event"]:
            case "stage_executed":
                fact.executed.append((at, event["stage"], event["who"]))
            case "abolished":
                fact.abolished.append((at, event["who"]))
                if event["stopped"]:
                    fact.ended.append((at, self.history.service.settings.abolish_status))
            case "stopped":
                fact.ended.append((at, event["status"]))
            case "stage_finished":
                fact.finished.append((at, event["stage"], event["status"]))
                if event["run"] in {"Success", "Fail"}:
                    fact.ended.append((at, event["run"]))

    def of(self, name: str) -> Iterator[Event]:
        """The events with this name."""
        return (event for event in self.events if event["event"] == name)

    @cached_property
    def families(self) -> dict[tuple[str, int], list[Fact]]:
        """The runs by the marks in their requests, in the order of the requests."""
        found: dict[tuple[str, int], list[Fact]] = {}
        for run in self.runs.values():
            mark = run.post.mark if run.post else None
            if mark:
                found.setdefault(mark, []).append(run)
        for runs in found.values():
            runs.sort(key=lambda run: run.post.sent if run.post else run.at)
        return found


def mark_of(description: str) -> tuple[str, int] | None:
    """The mark at the very beginning of a description."""
    found = MARK.match(description)
    return (found[1], int(found[2])) if found else None
