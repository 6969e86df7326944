"""What a step says about one object, with all facts to compare it with."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..witness.given import Given
from .actor import Attempt
from .facts import Fact, Facts, mark_of
from .operations import CREATE, LIST, LOOKUPS
from .outputs import Results
from .seen import Reading, Seen, denied, refused, succeeded, unclear
from .wire import Sent

# A type of stage that only runs of the opposite type have.
OPPOSITE = {"Online": "Offline", "Offline": "Deploy"}


@dataclass(frozen=True)
class Claim:
    """One element of the output `results`."""

    facts: Facts
    attempt: Attempt
    result: dict[str, Any]
    others: Results  # what the step says about its other objects

    @property
    def outcome(self) -> str:
        """How the step says that the object ended."""
        return str(self.result["outcome"])

    @property
    def object_id(self) -> str:
        """The object, or an empty text for a run that was given without one."""
        return self.result["object_id"] or ""

    @property
    def message(self) -> str:
        """The message for people."""
        return str(self.result["message"])

    @cached_property
    def run(self) -> Fact | None:
        """The run that the result names, as it really was."""
        return self.facts.runs.get(self.result["run_id"])

    @cached_property
    def when(self) -> float:
        """When the step ended."""
        return self.facts.end_of(self.attempt)

    @cached_property
    def status(self) -> str:
        """The status of the run at that time: an end, `open`, or `none`."""
        return self.run.status(self.when) if self.run else "none"

    @cached_property
    def cut(self) -> set[str]:
        """What ended the step before its work was done."""
        return self.facts.cut(self.attempt)

    @property
    def given(self) -> Given:
        """The inputs of the step."""
        return self.facts.given(self.attempt)

    @property
    def seen(self) -> Seen:
        """What the step was shown."""
        return self.facts.seen(self.attempt)

    @property
    def readings(self) -> list[Reading]:
        """What the step was shown of the run."""
        return self.seen.of.get(self.result["run_id"], [])

    def shown_opposite(self, run_id: str) -> bool:
        """Whether the step was shown that a run has the opposite type."""
        kind = OPPOSITE[self.given.type]
        return any(stage.type == kind for each in self.seen.of.get(run_id, ()) for stage in each.run.stages)

    @cached_property
    def creations(self) -> list[Sent]:
        """The calls that requested a run of the object."""
        return [call for call in self._about() if call.action == CREATE]

    @property
    def lost(self) -> list[Sent]:
        """The creations whose end the step could not know."""
        return [call for call in self.creations if unclear(call)]

    @property
    def answered(self) -> list[str]:
        """The runs that answers to the creations have named."""
        return [str(call.ending.value) for call in self.creations if succeeded(call)]

    @property
    def misled(self) -> bool:
        """Whether an answer has named somebody else's run."""
        return any(not self.facts.is_own(self.attempt, self.facts.runs[each]) for each in self.answered)

    @property
    def undescribed(self) -> bool:
        """Whether the object's list has shown runs without a description."""
        pages = (call for call in self.lists if succeeded(call))
        return any(not row.description for page in pages for row in page.ending.value.runs)

    @property
    def seems_absent(self) -> bool:
        """Whether the service said that nothing has the ID, and showed no run of the object.

        The service may be wrong, and a step cannot know that.
        """
        said = {call.action for call in self._about() if denied(call)}
        shown = any(page.ending.value.runs for page in self.seen.pages(self.object_id))
        return {*LOOKUPS} <= said and not shown

    @property
    def blind(self) -> bool:
        """Whether one of the step's own runs has shown no description. Then no run can be recognised."""
        readings = (each for run_id in self.seen.of for each in self.seen.of[run_id] if each.alone)
        return any(mark_of(each.run.description) is None for each in readings)

    @property
    def in_doubt(self) -> list[Sent]:
        """The lost creations, without those of a re-run whose nonce was used and that continued with another one."""
        nonces = {call.call: self.facts.posts[call.call].nonce for call in self.creations if call.call}
        last = nonces.get(self.creations[-1].call) if self.creations else None
        met = self.attempt.number > 1
        return [
            call
            for call in self.lost
            if not (met and refused(call, "NONCE_USED") and nonces.get(call.call) != last)
        ]

    @cached_property
    def lists(self) -> list[Sent]:
        """The calls that requested the list of the object."""
        return [call for call in self._about() if call.action == LIST]

    def _about(self) -> Iterator[Sent]:
        return (call for call in self.attempt.sent if self.object_id and call.object_id == self.object_id)

    def is_about(self, call: Sent) -> bool:
        """Whether a call is about the run."""
        return bool(call.run_id == self.result["run_id"])

    @property
    def asked_for(self) -> Iterator[Fact]:
        """The runs of the object that the step's own requests created before its end."""
        return (
            run
            for run in self.facts.runs.values()
            if run.post and run.who == self.attempt.caller and run.object_id == self.object_id
            if run.mark and run.at <= self.when
        )


def claims(facts: Facts, attempt: Attempt, results: Results) -> list[Claim]:
    """All results of a step."""
    return [Claim(facts, attempt, result, results[:n] + results[n + 1 :]) for n, result in enumerate(results)]
