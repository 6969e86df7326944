"""What one run has shown of its stages decides when the next ones are read, if stages take time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import (
    CreatePipelineRun,
    ExecPipelineRunStage,
    GetPipelineRun,
    ListPipelineRuns,
    ObjectId,
    Run,
    RunId,
)
from dataworks_deploy.domain.outcome import Outcome

from .assigned import carried_out, creation, outcomes
from .world import LOST, Scripted, page_of, refused, run_of

CODES = ("BUILD_PACKAGE", "PROD_CHECK", "PROD")


@dataclass
class Service:
    """Runs are named after their objects. Each stage takes `seconds`, or what is set for a run and a stage."""

    seconds: float
    slow: Mapping[tuple[str, str], float] = field(default_factory=dict)
    pages: bool = True
    faults: dict[int, Any] = field(default_factory=dict)  # of readings, by their number
    lost: dict[str, str] = field(default_factory=dict)  # the stage of a run whose first execution fails
    script: Scripted = field(init=False)
    began: dict[str, list[float]] = field(default_factory=dict)
    readings: int = 0

    def __post_init__(self) -> None:
        self.script = Scripted(
            create=[self.create], run=[self.read], page=[self.page], execute=[self.execute]
        )

    def create(self, operation: CreatePipelineRun) -> Any:
        name = operation.creation.object_id
        self.began[name] = [self.script.time.now]
        return Ok(RunId(name), "R")

    def execute(self, operation: ExecPipelineRunStage) -> Any:
        if self.lost.get(operation.run_id) == operation.stage:
            del self.lost[operation.run_id]
            return LOST
        self.began[operation.run_id].append(self.script.time.now)
        return Ok(None)

    def read(self, operation: GetPipelineRun) -> Any:
        self.readings += 1
        return self.faults.get(self.readings) or Ok(self.run(operation.run_id))

    def page(self, _: ListPipelineRuns) -> Any:
        self.readings += 1
        return page_of(*map(self.run, self.began) if self.pages else ())

    def run(self, name: str) -> Run:
        statuses = []
        for code, began in zip(CODES, self.began[name], strict=False):
            takes = self.slow.get((name, code), self.seconds)
            statuses.append("Success" if self.script.time.now >= began + takes else "Running")
        status = "Success" if statuses == ["Success"] * 3 else "Running"
        described = self.script.service.described.get(RunId(name), "")
        return run_of(name, status, *statuses, description=described)

    def deploy(self, objects: int, **changes: Any) -> list[tuple[int, float]]:
        """Deploy so many objects. Returns for each the calls and the seconds until the next one began, or until the
        end.
        """
        names = [ObjectId(str(number)) for number in range(objects)]
        given = {"poll": None, "timeout": 5000.0, **changes}
        _, records = carried_out(self.script, *map(creation, names), **given)
        assert {*outcomes(records)} == {Outcome.SUCCEEDED}
        starts = [*self.script.service.times("create"), self.script.ended_at]
        took = [end - start for start, end in pairwise(starts)]
        return [(self.calls(name), seconds) for name, seconds in zip(names, took, strict=True)]

    def calls(self, name: str) -> int:
        """How many calls were for this object alone."""
        of = self.script.service.of
        created = [each.creation.object_id for each in of("create")]
        return [*created, *(each.run_id for each in (*of("run"), *of("execute")))].count(name)


@pytest.mark.parametrize("seconds", [1.0, 2.0, 5.0, 7.3])
def test_from_the_second_object_on_few_readings_find_the_end_soon(seconds: float) -> None:
    _, *others = Service(seconds).deploy(8)

    assert all(calls <= 9 for calls, _ in others), others
    assert all(took <= 1.2 * 3 * seconds for _, took in others), others
    assert sum(calls for calls, _ in others) <= 8 * len(others)


def test_long_stages_are_also_read_in_between() -> None:
    first, *others = Service(60.0).deploy(4)

    assert first[0] > 40
    assert all(calls <= 18 and took <= 1.1 * 180 for calls, took in others), others


def test_stages_without_length_are_not_read_without_a_pause() -> None:
    service = Service(0.0)

    assert [calls for calls, _ in service.deploy(6)] == [7] * 6
    assert all(end - start >= 0.6 for start, end in pairwise(service.script.service.times("create")))


def test_a_much_longer_stage_is_read_at_the_usual_pace_and_teaches_nothing() -> None:
    """As if a person must approve it."""
    plain = Service(2.0).deploy(6)
    odd = Service(2.0, slow={("3", "PROD"): 600.0}).deploy(6)

    assert plain[:3] == odd[:3]
    assert odd[3][0] < 60
    assert odd[3][1] < 604 + 31
    assert all(calls <= 9 and took <= 1.2 * 6 for calls, took in odd[4:]), odd


def test_after_a_long_first_stage_the_ends_of_others_are_still_found_soon() -> None:
    slow = {("0", code): 300.0 for code in CODES}

    _, second, third, *others = Service(2.0, slow).deploy(8)

    assert second[1] < 3 * 12.5
    assert third[1] <= 3 * 6
    assert all(took < 3 * 4 for _, took in others), others


def test_readings_that_fail_are_repeated_no_faster_than_before() -> None:
    denied = refused(Refusal.THROTTLED)
    service = Service(2.0, faults={**dict.fromkeys(range(16, 20), LOST), 22: denied, 23: denied})

    *_, last = service.deploy(5)

    times = sorted(service.script.service.times("run"))
    close = [(one, two) for one, two in pairwise(times) if 0 < two - one < 0.19]
    assert not close
    assert last[0] <= 9


def test_a_given_pace_is_kept() -> None:
    service = Service(2.0)

    service.deploy(4, poll=1.5)

    # Right after the last reading comes the one that confirms it.
    times = service.script.service.times("run")
    began = sorted(when for each in service.began.values() for when in each)
    assert all(
        min(when - start for start in began if start <= when) % 1.5 == pytest.approx(0.0) for when in times
    )


@pytest.mark.parametrize(("pages", "most"), [(True, 5.5), (False, 14.0)])
def test_several_runs_learn_from_each_other_and_share_readings(*, pages: bool, most: float) -> None:
    service = Service(5.0, pages=pages)

    service.deploy(40, max_parallel=10)

    assert len(service.script.service.calls) <= most * 40
    # Four rounds of three stages. No run waits long.
    assert service.script.ended_at <= 1.2 * 4 * 15


def test_a_run_that_waits_for_a_person_is_not_read_each_time_with_the_others() -> None:
    service = Service(2.0, slow={("0", "PROD"): 150.0}, pages=False)

    service.deploy(20, max_parallel=2)

    alone = [op for op in service.script.service.of("run") if op.run_id == "0"]
    assert len(alone) < 60


def test_a_stage_executed_more_than_once_teaches_nothing() -> None:
    """It is unknown which execution started it."""
    service = Service(2.0, lost={"0": "PROD"})

    plain, (first, second, third) = Service(2.0).deploy(3), service.deploy(3)

    assert first[1] > 10
    assert second[0] > plain[1][0], "the second object is the first to teach it"
    assert second[1] <= 1.2 * 6
    assert third[0] <= 9
