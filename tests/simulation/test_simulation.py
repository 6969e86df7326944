"""Twenty thousand schedules break no invariant. The same schedules show that naive policies are wrong."""

from typing import Any

import pytest

from .doubles import NOT_TO_BE_SEEN
from .invariants import calm, judge
from .naive import NAIVE
from .operations import CREATE, EXECUTE, LIST
from .play import play
from .prove import fails, prove
from .scenes import every_cell
from .schedule import Deed, Held, Job, Kill, Schedule, Step
from .shrink import shrink
from .story import story
from .tally import table, tally_of

SCHEDULES = 20_000


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_no_schedule_breaks_an_invariant() -> None:
    tally, seconds = prove(SCHEDULES)

    assert tally.failed == [], table(tally, seconds)
    assert tally.schedules == SCHEDULES
    assert [cell for cell in every_cell() if not tally.cells["|".join(cell)]] == []
    silent = [why for why in tally.beyond if why.endswith("silent")]
    assert all(any(why.startswith(bound) for bound in NOT_TO_BE_SEEN) for why in silent)


@pytest.mark.parametrize(("objects", "parallel"), [(1, "1"), (8, "4")])
def test_without_faults_everything_succeeds(objects: int, parallel: str) -> None:
    history = play(Schedule(1, objects, inputs=(("max-parallel", parallel),)))

    assert judge(history).broken == []
    assert list(calm(history)) == []


@pytest.mark.long
@pytest.mark.parametrize("policy", NAIVE)
def test_a_naive_policy_breaks_invariants(policy: str) -> None:
    """The limits are about half of the measured numbers."""
    broken = tally_of(range(200), NAIVE[policy]).broken

    assert broken["I1"] > 40
    assert broken["I2"] > 15
    assert broken["I3"] > 7
    assert broken["I4"] > 2


@pytest.mark.parametrize("policy", NAIVE)
def test_a_naive_policy_is_judged_by_its_results_and_not_by_how_ours_works(policy: str) -> None:
    """It continues its run without looking for others, counts its requests, and has done nothing twice."""
    lost = (f"{CREATE}:1:drop",)
    counted = Job(0, (Step(kill=Kill(action=CREATE, call=2, phase="answered")),))

    for schedule in (Schedule(1, faults=lost), Schedule(1, jobs=(counted,), faults=(f"{CREATE}:*:drop",))):
        assert judge(play(schedule, NAIVE[policy])).broken == []


def test_a_policy_that_adopts_any_active_run_executes_runs_of_other_people() -> None:
    schedule = Schedule(1, faults=(f"{CREATE}:1:drop",), deeds=(Deed(0.0, "deploy"),))

    assert judge(play(schedule, NAIVE["adopt whatever is active"])).names == {"I7", "I11"}
    assert judge(play(schedule)).names == set()


def test_a_failing_schedule_is_reduced_to_what_it_needs_to_fail() -> None:
    blind = NAIVE["blind retry"]
    noisy = Schedule(
        7,
        objects=3,
        jobs=(Job(0, (Step(skew=60.0), Step(gap=5.0, kill=Kill(at=3.0)))), Job(1, (Step(),))),
        settings=(("oldest_first", True), ("stages", "standard")),
        faults=(f"{CREATE}:2:commit+reset", f"{LIST}:1:html", f"{EXECUTE}:1:drop"),
        held=(Held(EXECUTE, 1, 3.0),),
    )

    shortest = shrink(noisy, lambda each: "I1" in judge(play(each, blind)).names)

    assert shortest.size() < noisy.size()
    assert len(shortest.steps) <= 2
    assert not fails(shortest, {"I1"})
    assert "CreatePipelineRun" in story(play(shortest, blind))


@pytest.mark.parametrize(
    ("steps", "needed"),
    [
        ((Step(skew=-60.3, expires=2000.4),), {"faults": (f"{CREATE}:1:commit+delay:32",)}),
        ((Step(kill=Kill(at=3.21)), Step(gap=61.7)), {"jobs": (Job(0, (Step(), Step())),)}),
    ],
)
def test_the_parts_that_a_failing_schedule_needs_are_made_simple(
    steps: tuple[Step, ...], needed: dict[str, Any]
) -> None:
    blind = NAIVE["blind retry"]
    odd = Schedule(
        7,
        jobs=(Job(0, steps, start=2.17),),
        settings=(("list_lag", 9.0),),
        faults=(f"{CREATE}:1-4:commit+delay:31.79",),
        latency=0.1,
        begin=70_000.0,
    )

    shortest = shrink(odd, lambda each: fails(each, {"I1"}, blind))

    assert shortest == Schedule(7, **needed)
