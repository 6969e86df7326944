"""What a step says of one object, beside all that it can be held against."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..witness.given import Given
from .actor import Attempt
from .facts import Fact, Facts, mark_of
from .operations import CREATE, LIST, LOOKUPS
from .outputs import Results
from .seen import Reading, Seen, refused, succeeded, unclear
from .wire import Sent

# A type of stage that runs which do the opposite have, and no others.
OPPOSITE = {"Online": "Offline", "Offline": "Deploy"}


@dataclass(frozen=True)
class Claim:
    """One element of the output `results`."""

    facts: Facts
    attempt: Attempt
    result: dict[str, Any]
    others: Results  # what the step says of its other objects

    @property
    def outcome(self) -> str:
        """How the step says that the object ended."""
        return str(self.result["outcome"])

    @property
    def object_id(self) -> str:
        """The object, empty for a run that was given alone."""
        return self.result["object_id"] or ""

    @property
    def message(self) -> str:
        """What is said to people."""
        return str(self.result["message"])

    @cached_property
    def run(self) -> Fact | None:
        """The run that it names, as it really was."""
        return self.facts.runs.get(self.result["run_id"])

    @cached_property
    def when(self) -> float:
        """When the step ended."""
        return self.facts.end_of(self.attempt)

    @cached_property
    def status(self) -> str:
        """What the service would have said of the run then: an end, `open`, or `none`."""
        return self.run.status(self.when) if self.run else "none"

    @cached_property
    def cut(self) -> set[str]:
        """What ended the step before its work was done."""
        return self.facts.cut(self.attempt)

    @property
    def given(self) -> Given:
        """What the step was asked for."""
        return self.facts.given(self.attempt)

    @property
    def seen(self) -> Seen:
        """What the step was shown."""
        return self.facts.seen(self.attempt)

    @property
    def readings(self) -> list[Reading]:
        """What it was shown of the run."""
        return self.seen.of.get(self.result["run_id"], [])

    def shown_opposite(self, run_id: str) -> bool:
        """Whether the step was shown that a run does the opposite of what was asked for."""
        kind = OPPOSITE[self.given.type]
        return any(stage.type == kind for each in self.seen.of.get(run_id, ()) for stage in each.run.stages)

    @cached_property
    def creations(self) -> list[Sent]:
        """The calls that asked for a run of the object."""
        return [call for call in self._about() if call.action == CREATE]

    @property
    def lost(self) -> list[Sent]:
        """Those of them of which nobody could tell the end."""
        return [call for call in self.creations if unclear(call)]

    @property
    def answered(self) -> list[str]:
        """The runs that answers to them have named."""
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
        """Whether it was said that nothing of any kind has the ID, and no run of the object was shown.

        The service may err. Nobody can see through that.
        """
        said = {
            call.action for call in self._about() if refused(call) and call.ending.fault.http_status == 404
        }
        shown = any(page.ending.value.runs for page in self.seen.pages(self.object_id))
        return {*LOOKUPS} <= said and not shown

    @property
    def blind(self) -> bool:
        """Whether a run of the step's own has shown no description: from then on no run can be recognised."""
        readings = (each for run_id in self.seen.of for each in self.seen.of[run_id] if each.alone)
        return any(mark_of(each.run.description) is None for each in readings)

    @property
    def in_doubt(self) -> list[Sent]:
        """The lost ones, without those of a re-run that met a used nonce and went on under another one."""
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
        """The calls that asked for the object's own list."""
        return [call for call in self._about() if call.action == LIST]

    def _about(self) -> Iterator[Sent]:
        return (call for call in self.attempt.sent if self.object_id and call.object_id == self.object_id)

    def is_about(self, call: Sent) -> bool:
        """Whether a call is about the run."""
        return bool(call.run_id == self.result["run_id"])

    @property
    def asked_for(self) -> Iterator[Fact]:
        """The runs of the object that the step's own requests have created while it lived."""
        return (
            run
            for run in self.facts.runs.values()
            if run.post and run.who == self.attempt.caller and run.object_id == self.object_id
            if run.mark and run.at <= self.when
        )


def claims(facts: Facts, attempt: Attempt, results: Results) -> list[Claim]:
    """All that a step says."""
    return [Claim(facts, attempt, result, results[:n] + results[n + 1 :]) for n, result in enumerate(results)]
