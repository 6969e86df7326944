"""Open runs are read together, and a failed reading proves nothing about a run."""

import asyncio
from itertools import pairwise

import pytest

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import Run, RunId
from dataworks_deploy.engine.read import BELIEVE, LostSightError
from dataworks_deploy.engine.watch import Watch

from .watching import OPEN, PASSING, SURE, readings, unheard, watching
from .world import LOST, Scripted, refused, run_of


class TestOneRun:
    def test_a_run_is_read_at_the_given_pace(self) -> None:
        script = Scripted(run=[Ok(OPEN)])

        watching(script, lambda watch: readings(watch, 3))

        assert script.service.times("run") == [10, 20, 30]
        assert script.service.of("page") == []

    def test_a_run_is_read_only_while_somebody_asks(self) -> None:
        script = Scripted(run=[Ok(OPEN)])

        async def with_a_pause(watch: Watch) -> None:
            await watch.next(RunId("r"), unheard)
            await asyncio.sleep(100)
            await watch.next(RunId("r"), unheard)

        watching(script, with_a_pause)

        assert script.service.times("run") == [10, 120]

    def test_a_failed_reading_is_repeated_no_sooner_than_the_pace(self) -> None:
        script = Scripted(run=[LOST, LOST, Ok(OPEN)])

        assert watching(script, lambda watch: readings(watch, 2)) == ["Running"] * 2
        assert script.service.times("run") == [10, 20, 30, 40]

    def test_with_auto_pauses_grow_after_failures_and_start_again_after_a_success(self) -> None:
        script = Scripted(run=[LOST, LOST, Ok(OPEN), LOST, Ok(OPEN)])

        watching(script, lambda watch: readings(watch, 2), every=None)

        pauses = [later - earlier for earlier, later in pairwise(script.service.times("run"))]
        assert [pauses[n] for n in (0, 1, 3)] == pytest.approx([0.75, 1.5, 0.75])

    def test_with_auto_an_unchanged_run_is_read_less_and_less_often(self) -> None:
        same = [Ok(OPEN)] * 20
        changed = [Ok(run_of("r", "Running", "Success"))]
        script = Scripted(run=[*same, *changed, *changed])

        watching(script, lambda watch: readings(watch, 22), every=None)

        times = script.service.times("run")
        pauses = [later - earlier for earlier, later in pairwise(times)]
        assert pauses[18] > 2
        assert pauses[20] < 1

    def test_with_scarce_calls_a_run_is_read_less_often(self) -> None:
        scripts = [Scripted(run=[Ok(OPEN)]) for _ in range(2)]

        for script, scarce in zip(scripts, (False, True), strict=True):
            watching(script, lambda watch: readings(watch, 3), every=None, scarce=scarce)

        plenty, scarce_ones = (script.service.times("run")[-1] for script in scripts)
        assert scarce_ones > 2 * plenty

    def test_after_a_call_changes_a_run_it_is_read_sooner(self) -> None:
        script = Scripted(run=[Ok(OPEN)])

        async def stirred(watch: Watch) -> None:
            await readings(watch, 20)
            watch.stirred(RunId("r"))
            await readings(watch, 1)

        watching(script, stirred, every=None)

        times = script.service.times("run")
        assert times[20] - times[19] < 1 < times[19] - times[18]

    def test_stages_in_another_order_are_no_change(self) -> None:
        turned = Run(OPEN.id, OPEN.status, stages=OPEN.stages[::-1])
        script = Scripted(run=[Ok(OPEN), Ok(turned)] * 20)

        watching(script, lambda watch: readings(watch, 20), every=None)

        times = script.service.times("run")
        assert times[19] - times[18] > 2

    @pytest.mark.parametrize("reading", [OPEN, run_of("r", "Success")], ids=["open", "ended"])
    def test_a_reading_that_repeats_itself_is_no_change(self, reading: Run) -> None:
        """If a list shows an open run as ended, that end is shown again and again."""
        script = Scripted(run=[Ok(reading)])

        watching(script, lambda watch: readings(watch, 20), every=None)

        times = script.service.times("run")
        assert times[19] - times[18] > 2

    @pytest.mark.parametrize("why", SURE)
    def test_waiting_tasks_are_told_when_no_reading_can_succeed(self, why: Refusal) -> None:
        script = Scripted(run=[refused(why)])

        with pytest.raises(LostSightError) as lost:
            watching(script, lambda watch: readings(watch, 1))

        assert lost.value.fault == refused(why).fault
        assert len(script.service.of("run")) == BELIEVE

    @pytest.mark.parametrize("between", [LOST, Ok(OPEN), *map(refused, PASSING)])
    def test_that_needs_three_denials_in_a_row(self, between: object) -> None:
        denied = refused(Refusal.DENIED)
        script = Scripted(run=[denied, denied, between, denied, denied, Ok(OPEN)])

        assert set(watching(script, lambda watch: readings(watch, 1 + (between == Ok(OPEN))))) == {"Running"}
        assert len(script.service.of("run")) == 6

    def test_a_task_that_no_longer_waits_does_no_harm(self) -> None:
        script = Scripted(run=[Ok(OPEN)])

        async def cancelled(watch: Watch) -> str:
            waiting = script.loop.create_task(watch.next(RunId("r"), unheard))
            await asyncio.sleep(1)
            waiting.cancel()
            return (await watch.next(RunId("r"), unheard)).status

        assert watching(script, cancelled) == "Running"

    def test_a_task_that_no_longer_waits_is_not_told(self) -> None:
        script = Scripted(run=[refused(Refusal.DENIED)])

        async def cancelled(watch: Watch) -> None:
            waiting = script.loop.create_task(watch.next(RunId("r"), unheard))
            await asyncio.sleep(1)
            waiting.cancel()
            await watch.next(RunId("r"), unheard)

        with pytest.raises(LostSightError):
            watching(script, cancelled)
