"""What a step was shown of runs, answer by answer: all that it can know, and must respect."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .operations import GET, READS
from .wire import TICK, Sent

INIT, GOOD_END = "Init", "Success"
ENDS = {GOOD_END, "Fail", "Termination", "Cancel"}
DEPLOYING = {"Deploy", "Offline", "Delete"}
ADVANCED = DEPLOYING | {"Check"}
FULL = 100  # runs on a page
NOT_FOUND, NO_NODE = 404, "5801488441564725286"
STALE_SECONDS = 5.0  # the age of a stale answer
SPENT_TRIES, SPENT_SECONDS = 5, 10.0


def production(stages: Iterable[Any]) -> set[str]:
    """The codes of the stages that change production: the last stage of each type that changes an environment."""
    codes: dict[str, str] = {}
    for stage in sorted(stages, key=lambda stage: stage.step):
        if stage.type in DEPLOYING:
            codes[stage.type] = stage.code
    return {*codes.values()}


def executed(stages: Iterable[Any]) -> set[str]:
    """The codes of the stages that start only if somebody executes them."""
    rows = sorted(stages, key=lambda stage: stage.step)
    by_itself = {stage.code for stage in rows[:1] if stage.type == "Check"}
    return {stage.code for stage in rows if stage.type in ADVANCED} - by_itself


def has_begun(stages: Iterable[Any], codes: set[str]) -> bool:
    """Whether one of these stages has left `Init`."""
    return any(stage.code in codes and stage.status != INIT for stage in stages)


@dataclass(frozen=True)
class Reading:
    """A run in one answer, with the times of request and answer. `alone` means by a call for this run only."""

    asked: float
    answered: float
    alone: bool
    run: Any

    @property
    def ended(self) -> bool:
        """Whether the reading shows an end."""
        return self.run.status in ENDS

    @property
    def deploys(self) -> bool:
        """Whether a stage that changes production has started."""
        return has_begun(self.run.stages, production(self.run.stages))

    @property
    def advanced(self) -> bool:
        """Whether somebody has executed a stage. A first check may have run by itself."""
        return has_begun(self.run.stages, executed(self.run.stages))

    @property
    def next(self) -> Any:
        """The first stage without success, or None if all stages have succeeded."""
        rows = sorted(self.run.stages, key=lambda stage: stage.step)
        return next((stage for stage in rows if stage.status != GOOD_END), None)

    def waits(self, code: str) -> bool:
        """Whether the reading shows this stage as the next one to execute."""
        steps = {stage.code: stage.step for stage in self.run.stages}
        return code in steps and all(
            stage.status == (INIT if stage.code == code else GOOD_END)
            for stage in self.run.stages
            if stage.step <= steps[code]
        )


class Seen:
    """All readings of a process, in the order of their arrival."""

    def __init__(self, sent: Sequence[Sent]) -> None:
        self._sent = sent

    @cached_property
    def of(self) -> dict[str, list[Reading]]:
        """The readings of each run."""
        found: dict[str, list[Reading]] = {}
        for call in sorted(filter(_read, self._sent), key=lambda call: call.answered or 0.0):
            alone = call.action == GET
            for run in [call.ending.value] if alone else call.ending.value.runs:
                reading = Reading(call.at, call.answered or 0.0, alone, run)
                found.setdefault(run.id, []).append(reading)
        return found

    def before(self, run_id: str, when: float, *, alone: bool = False) -> Reading | None:
        """The last reading of a run that had arrived by then, or the last one by a call for this run only."""
        there = [each for each in self.of.get(run_id, ()) if each.answered <= when and each.alone >= alone]
        return there[-1] if there else None

    def deploys(self, run_id: str, code: str) -> bool:
        """Whether this stage of the run changes production."""
        return any(code in production(each.run.stages) for each in self.of.get(run_id, ()))

    def waited(self, run_id: str, code: str, when: float, seconds: float) -> bool:
        """Whether the last reading by then, or one shortly before it, showed this stage as the next one.

        A call may wait, and meanwhile a page that was read for other runs may show more.
        """
        there = [each for each in self.of.get(run_id, ()) if each.answered <= when]
        return any(each.waits(code) for each in there if each is there[-1] or each.answered > when - seconds)

    def alone(self, run_id: str, since: float, by: float) -> bool:
        """Whether a call for only this run was made since then, and its answer came in time."""
        return any(
            each.alone and since <= each.asked and each.answered <= by for each in self.of.get(run_id, ())
        )

    def pages(self, object_id: str) -> Iterator[Sent]:
        """The pages of an object's own list that have arrived."""
        return (call for call in self._sent if call.object_id == object_id and _read(call))


def _read(call: Sent) -> bool:
    return call.action in READS and succeeded(call)


def denied(call: Sent) -> bool:
    """Whether the service said that nothing has the ID. GetNode says it with a status and a code of its own."""
    fault = call.ending.fault if refused(call) else None
    return fault is not None and (fault.http_status == NOT_FOUND or fault.code == NO_NODE)


def succeeded(call: Sent) -> bool:
    """Whether the call was successful."""
    return type(call.ending).__name__ == "Ok"


def refused(call: Sent, *why: str) -> bool:
    """Whether the answer proves that nothing was carried out, for one of these reasons, or for any reason."""
    return type(call.ending).__name__ == "Refused" and (not why or call.ending.why.name in why)


def spent(calls: Iterable[Sent]) -> list[Sent]:
    """The calls that were refused for a used-up quota, as far as can be known: no call succeeded for long."""
    found, since = list[Sent](), list[Sent]()
    for call in sorted((each for each in calls if each.answered is not None), key=_answered):
        if succeeded(call):
            since = []
        elif refused(call, "THROTTLED") and call.ending.fault.code == "Throttling.Resource":
            since.append(call)
            long = _answered(call) - _answered(since[0]) >= SPENT_SECONDS - TICK
            found += [call] if long and len(since) >= SPENT_TRIES else []
    return found


def _answered(call: Sent) -> float:
    return call.answered or 0.0


def whole(page: Sent) -> bool:
    """Whether a page is the whole list."""
    return bool(page.ending.value.total <= len(page.ending.value.runs) < FULL)


def unclear(call: Sent) -> bool:
    """Whether the answer does not show if the call was carried out."""
    return call.ending is None or type(call.ending).__name__ == "Unclear" or refused(call, "NONCE_USED")
