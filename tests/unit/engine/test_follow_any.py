"""Two runs are followed at the same time, over random readings, on pages that lag and by calls of their own."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import ExecPipelineRunStage, GetPipelineRun, ObjectId, Page, Run, RunId
from dataworks_deploy.domain.reconcile import Claim
from dataworks_deploy.domain.record import Record, Whose
from dataworks_deploy.engine.follow import Follower
from dataworks_deploy.engine.watch import Watch

from ..drawn import GOALS, MANY, histories, shares
from .creation import MARK
from .world import LOST, Scripted, page_of, refused

NAMES = ("r", "s")
# Answers to an execution, and whether it may have happened.
ANSWERS = (
    (Ok(None), True),
    (LOST, True),
    (refused(Refusal.OTHER), True),
    (refused(Refusal.THROTTLED), False),
    (refused(Refusal.NOT_RUNNING), False),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading showed of a run. `alone`: a call asked only for this run."""

    run: Run
    alone: bool


@dataclass(frozen=True, slots=True)
class Execution:
    """An execution of a stage. `counts`: it may have worked."""

    code: str
    counts: bool


Told = list[Reading | Execution]


@dataclass
class Service:
    """Shows the readings of each run one after the other, and at last its end. Records what happened."""

    readings: dict[str, list[Run]]
    answers: list[tuple[Any, bool]]
    told: dict[str, Told] = field(default_factory=lambda: {name: [] for name in NAMES})

    def run(self, operation: GetPipelineRun) -> Ok[Run]:
        """Answer a reading of one run."""
        return Ok(self._show(operation.run_id, alone=True))

    def page(self, *_: object) -> Ok[Page]:
        """Answer a reading of the list."""
        return page_of(*(self._show(name, alone=False) for name in NAMES))

    def execute(self, operation: ExecPipelineRunStage) -> Any:
        """Answer an execution. The last answer repeats for ever."""
        answer, counts = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.told[operation.run_id].append(Execution(operation.stage, counts))
        return answer

    def _show(self, name: str, *, alone: bool) -> Run:
        left = self.readings[name]
        run = left.pop(0) if left else Run(RunId(name), "Cancel")
        self.told[name].append(Reading(run, alone))
        return run


Plan = tuple[tuple[tuple[Run, ...], ...], list[tuple[Any, bool]], Goal, float]
PLANS = st.tuples(
    st.tuples(*map(histories, NAMES)),
    st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=6),
    GOALS,
    st.sampled_from((70.0, 20.0, 1.0)),
)


def follow(plan: Plan) -> list[Told]:
    """What happened to each run, in order, until nobody follows it any more."""
    readings, answers, goal, every = plan
    # Before a stage is executed again, its run is read twice.
    shown = {
        name: [run for run in runs for _ in range(2)] for name, runs in zip(NAMES, readings, strict=True)
    }
    service = Service(shown, [*answers])
    script = Scripted(run=[service.run], page=[service.page], execute=[service.execute])
    own = partial(Record.opened, whose=Whose.OWN, adopted=False, claim=Claim(MARK))
    records = (own(Record(ObjectId(name)), RunId(name)) for name in NAMES)
    ledger = script.ledger(*records)
    watch = Watch(script.world, every)

    async def work() -> None:
        serving = script.loop.create_task(watch.serve())
        followers = (
            Follower(script.world, ledger, watch, goal, ObjectId(name), RunId(name)) for name in NAMES
        )
        await asyncio.gather(*(follower.follow() for follower in followers))
        serving.cancel()

    script.play(work())
    return [*service.told.values()]


def executions(told: Told) -> Iterator[tuple[str, Reading | Execution, int]]:
    """Each execution of a stage, what came just before, and how often the stage may have been executed before."""
    counted = Counter[str]()
    for before, each in pairwise(told):
        if isinstance(each, Execution):
            yield each.code, before, counted[each.code]
            counted[each.code] += each.counts


@MANY
@given(PLANS)
def test_a_stage_is_executed_again_only_after_a_reading_of_its_own(
    plan: Plan,
) -> None:
    for told in follow(plan):
        for code, reading, times in executions(told):
            assert isinstance(reading, Reading)
            assert reading.alone or not times
            assert times < 3
            run = reading.run
            (stage,) = [each for each in run.stages if each.code == code]
            assert (run.status, stage.status) == ("Running", "Init")
            assert stage.type in {"Check", "Deploy", "Offline", "Delete"}
            assert all(each.status == "Success" for each in run.stages if each.step < stage.step)


@given(PLANS)
def test_nothing_happens_to_a_run_after_its_end_was_read_twice(plan: Plan) -> None:
    for told in follow(plan):
        for place, (one, another) in enumerate(pairwise(told), start=2):
            # A reading just after a refused execution checks only whether the stage has moved.
            looked = place > 2 and isinstance(told[place - 3], Execution)
            if isinstance(one, Reading) and isinstance(another, Reading) and another.alone:
                assert not (one.run.ended and another.run.ended and told[place + looked :])


def test_the_drawn_readings_cover_all_cases() -> None:
    def met(plan: Plan) -> Iterator[str]:
        for told in follow(plan):
            for _, _, times in executions(told):
                yield "executed"
                yield from ("executed again" for _ in range(times))
            yield from ("over" for each in told if isinstance(each, Reading) and each.run.ended)

    found = shares(PLANS, met)

    assert found["executed"] > 0.3
    assert found["executed again"] > 0.05
    assert found["over"] > 0.5
