"""Calls wait for their turn, are counted and recorded before they leave, and are logged for debugging."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Refused
from dataworks_deploy.domain.event import CallEnded
from dataworks_deploy.domain.model import (
    AbolishPipelineRun,
    CreatePipelineRun,
    Creation,
    DeployType,
    ExecPipelineRunStage,
    GetPipelineRun,
    ListPipelineRuns,
    Node,
    Operation,
    RunId,
)
from dataworks_deploy.domain.pace import SPENT_PATIENCE, SPENT_TRIES, WINDOW
from dataworks_deploy.domain.studio.operations import GetNode
from dataworks_deploy.engine.calls import Withheld

from .world import LOST, OBJECT, Scripted, page_of, refused, run_of

RUN = RunId("r")
ANSWERS: dict[str, Any] = {
    "run": [Ok(run_of("r"))], "page": [page_of()], "execute": [Ok(None)], "abolish": [Ok(None)], "create": [Ok(RUN)],
    "node": [Ok(Node())],
}  # fmt: skip
CREATE = CreatePipelineRun(Creation(10001, OBJECT, DeployType.ONLINE), "text", "nonce")
READ, LIST, EXECUTE = GetPipelineRun(RUN), ListPipelineRuns(None), ExecPipelineRunStage(RUN, "PROD")
SEARCH, ABOLISH = ListPipelineRuns(OBJECT), AbolishPipelineRun(RUN)
READS: list[Operation[Any]] = [READ, LIST, GetNode(OBJECT)]
ADVANCES: list[Operation[Any]] = [CREATE, EXECUTE]
WRITES: list[Operation[Any]] = [*ADVANCES, ABOLISH]
ALL = [*READS, *WRITES]
each_of = {
    name: pytest.mark.parametrize("operation", operations, ids=[type(one).__name__ for one in operations])
    for name, operations in (("all", ALL), ("advances", ADVANCES), ("others", [READ, LIST, ABOLISH]))
}


def scripted(**answers: Any) -> Scripted:
    return Scripted(**{**ANSWERS, **answers})


def called(script: Scripted, *operations: Operation[Any], at: dict[float, int] | None = None) -> list[float]:
    """Make these calls all at once, or the first one so often at each of these times. Returns when they were sent."""

    async def later(moment: float, operation: Operation[Any]) -> None:
        await asyncio.sleep(moment)
        await script.calls.make(operation)

    plan = [(0.0, each) for each in operations]
    if at:
        plan = [(moment, operations[0]) for moment, count in at.items() for _ in range(count)]

    async def work() -> None:
        await asyncio.gather(*(later(*each) for each in plan))

    script.play(work())
    assert sum(script.counted) == len(script.service.calls) == len(plan)
    return [when for when, _ in script.service.calls]


def most_within(times: list[float], seconds: float) -> int:
    """The largest number of calls in any such period."""
    return max((sum(first <= each < first + seconds for each in times) for first in times), default=0)


class TestOneCall:
    @each_of["all"]
    def test_the_call_and_its_answer_are_passed_on(self, operation: Operation[Any]) -> None:
        script = scripted()

        ending = script.play(script.calls.make(operation))

        assert ending == script.service.answers[script.service.names[0]][0]
        assert script.service.calls == [(0.0, operation)]

    @each_of["all"]
    def test_without_a_key_no_call_is_made(self, operation: Operation[Any]) -> None:
        script, asked = scripted(), list[float]()
        script.service.keyless = refused(Refusal.UNREACHABLE)

        def leaves() -> bool:
            asked.append(script.time.now)
            return True

        ending = script.play(script.calls.send(operation, leaves))

        assert ending == script.service.keyless
        assert (script.service.calls, script.counted, asked) == ([], [], [])

    def test_a_call_is_counted_then_recorded_then_sent(self) -> None:
        script = scripted()
        script.service.keys, seen = [3.0], list[tuple[float, list[int], int]]()

        def leaves() -> bool:
            seen.append((script.time.now, [*script.counted], len(script.service.calls)))
            return True

        script.play(script.calls.send(EXECUTE, leaves))

        assert seen == [(3.0, [1], 0)]
        assert script.service.calls == [(3.0, EXECUTE)]

    def test_a_withheld_call_is_not_sent_or_counted(self) -> None:
        script = scripted()

        async def work() -> Any:
            ending = await script.calls.send(EXECUTE, lambda: False)
            await script.calls.close()
            return ending

        assert script.play(work()) == Withheld()
        assert (script.service.calls, sum(script.counted), script.ended_at) == ([], 0, 0)


class TestTraces:
    def test_each_call_is_logged_with_its_number_its_end_and_its_time(self) -> None:
        script = scripted(execute=[refused(Refusal.DENIED)], abolish=[LOST])
        script.notes.debugs, script.service.delay = True, 0.25

        async def work() -> list[Any]:
            return [await script.calls.make(operation) for operation in ALL]

        endings = script.play(work())

        expected = [
            CallEnded(number, operation, ending, 250.0)  # type: ignore[arg-type]
            for number, (operation, ending) in enumerate(zip(ALL, endings, strict=True), 1)
        ]
        assert script.notes.debugged == expected

    @pytest.mark.parametrize("debugs", [True, False])
    def test_a_call_given_up_or_withheld_or_without_a_key_is_logged_too(self, *, debugs: bool) -> None:
        script = scripted()
        script.notes.debugs, script.service.delay = debugs, 60.0
        no = refused(Refusal.UNREACHABLE)

        async def work() -> None:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(2):
                    await script.calls.make(READ)
            await script.calls.send(EXECUTE, lambda: False)
            script.service.keyless = no
            await script.calls.make(LIST)

        script.play(work())

        told = [
            CallEnded(1, READ, None, 2000.0),
            CallEnded(2, EXECUTE, None, 0.0),
            CallEnded(3, LIST, no, 0.0),
        ]
        assert script.notes.debugged == (told if debugs else [])


class TestRates:
    @each_of["all"]
    def test_a_limited_number_of_calls_is_sent_each_second(self, operation: Operation[Any]) -> None:
        most = 50 if operation.reads else 20

        times = called(scripted(), *[operation] * (2 * most + 1))

        assert [times.count(moment) for moment in sorted({*times})] == [most, most, 1]
        assert sorted({*times}) == pytest.approx([0, WINDOW, 2 * WINDOW])

    def test_reads_and_writes_together_have_their_own_limit(self) -> None:
        assert most_within(called(scripted(), *[READ] * 60, *[EXECUTE] * 30), 1.0) <= 63

    def test_calls_that_wait_for_both_limits_do_not_leave_together(self) -> None:
        """Some executions wait for the limit on all calls together."""
        script = scripted()
        script.service.delay = 1.0

        called(script, *[READ] * 45, *[LIST] * 5, *[EXECUTE] * 60)

        assert most_within(script.service.times("execute"), 1.0) == 20

    def test_the_search_for_a_lost_creation_may_use_the_reserved_calls(self) -> None:
        script = scripted()

        called(script, CREATE, *[READ] * 60, *[SEARCH] * 5)

        assert script.service.times("run").count(0) == 45
        assert script.service.times("page") == [0] * 5

    def test_nothing_is_reserved_before_the_first_creation(self) -> None:
        script = scripted()

        called(script, *[READ] * 60, CREATE, *[LIST] * 60)

        assert script.service.times("run").count(0) == 50
        assert sum(when == WINDOW for when, _ in script.service.calls) == 45

    @pytest.mark.parametrize("ended", [0.0, 1.0])
    def test_calls_that_waited_for_a_session_do_not_leave_together(self, ended: float) -> None:
        """The session ends at this time. A new one takes 4 s, and many calls have their turn meanwhile."""
        script = scripted()
        script.time.at(ended, lambda: setattr(script.service, "renewed_at", ended + 4.0))

        times = called(script, EXECUTE, at={0.1: 120})

        assert most_within(times, 1.0) == 20
        assert times[-1] < 10.4

    def test_a_call_late_in_a_full_second_waits_for_its_end(self) -> None:
        assert called(scripted(), EXECUTE, at={0: 20, 0.5: 1})[-1] == WINDOW

    def test_a_call_counts_from_when_it_may_have_reached_the_service(self) -> None:
        """A call that took 0.5 s travelled at most 0.4 s, if the quickest one took 0.1 s."""
        script = scripted()
        script.service.delay = 0.1
        script.time.at(6, lambda: setattr(script.service, "delay", 0.5))

        times = called(script, EXECUTE, at={5: 1, 10: 20, 10.6: 1})

        assert times[-1] == pytest.approx(10.4 + WINDOW)

    @given(
        wanted=st.lists(
            st.tuples(st.floats(0, 3), st.sampled_from(ALL), st.integers(1, 60)), min_size=1, max_size=5
        ),
        delay=st.floats(0, 2),
    )
    def test_no_second_exceeds_the_limits_and_no_call_is_lost(
        self, wanted: list[tuple[float, Operation[Any], int]], delay: float
    ) -> None:
        script = scripted()
        script.service.delay = delay

        async def later(moment: float, operation: Operation[Any]) -> None:
            await asyncio.sleep(moment)
            assert isinstance(await script.calls.make(operation), Ok)

        async def work() -> None:
            await asyncio.gather(
                *(later(at, operation) for at, operation, count in wanted for _ in range(count))
            )

        script.play(work())

        assert len(script.service.calls) == sum(count for _, _, count in wanted)
        for reads, most in ((True, 50), (False, 20)):
            times = [moment for moment, operation in script.service.calls if operation.reads is reads]
            assert most_within(times, 1.0) <= most


class TestRefusals:
    def test_after_a_refusal_fewer_calls_are_sent(self) -> None:
        script = scripted(execute=[refused(Refusal.THROTTLED), Ok(None)])

        times = called(script, *[EXECUTE] * 60)

        assert most_within([moment for moment in times if moment > 0], 1.0) <= 11

    def test_no_call_is_sent_before_the_service_wants_it(self) -> None:
        assert called(scripted(execute=[refused(Refusal.THROTTLED, 30.0), Ok(None)]), EXECUTE, EXECUTE) == [
            0,
            30,
        ]

    def test_a_refusal_without_a_time_to_wait_stops_no_call(self) -> None:
        script = scripted(execute=[refused(Refusal.THROTTLED), Ok(None)])
        script.service.delay = 3.0

        assert called(script, EXECUTE, at={0: 1, 3.1: 1}) == [0, 3.1]

    @pytest.mark.parametrize("ending", [LOST, refused(Refusal.DENIED), refused(Refusal.QUOTA_SPENT)])
    def test_other_failures_do_not_slow_calls_down(self, ending: object) -> None:
        times = called(scripted(run=[ending]), *[READ] * 100)

        assert [times.count(moment) for moment in sorted({*times})] == [50, 50]

    @pytest.mark.parametrize(("served", "scarce"), [(0, True), (8, True), (12, False), (44, False)])
    def test_the_calls_served_beside_a_refusal_show_whether_calls_are_scarce(
        self, served: int, *, scarce: bool
    ) -> None:
        script = scripted(run=[*ANSWERS["run"] * served, refused(Refusal.THROTTLED)])

        called(script, *[READ] * (served + 1))

        assert script.calls.scarce is scarce


class TestGrowth:
    """Half as many calls are sent after the last call of a full window was refused."""

    HALVED = pytest.mark.parametrize(("operation", "full", "half"), [(EXECUTE, 20, 10), (READ, 50, 25)])

    def sent(self, operation: Operation[Any], full: int, *later: object, moments: dict[float, int]) -> int:
        """How many of sixty calls are sent at once, after the calls at these times."""
        name = "run" if operation.reads else "execute"
        script = scripted(**{name: [*ANSWERS[name] * (full - 1), refused(Refusal.THROTTLED), *later]})
        script.time.at(49, lambda: setattr(script.service, "delay", 0.5))
        return called(script, operation, at={0: full, **moments, 50: 60}).count(50)

    @HALVED
    def test_after_a_full_served_window_the_rate_grows(
        self, operation: Operation[Any], full: int, half: int
    ) -> None:
        assert self.sent(operation, full, Ok(None), moments={5: half}) == half + 1

    @HALVED
    def test_calls_one_by_one_do_not_let_the_rate_grow(
        self, operation: Operation[Any], full: int, half: int
    ) -> None:
        assert self.sent(operation, full, Ok(None), moments={5: 1, 10: 1, 15: 1}) == half

    @HALVED
    def test_a_window_that_is_not_served_does_not_let_the_rate_grow(
        self, operation: Operation[Any], full: int, half: int
    ) -> None:
        assert self.sent(operation, full, LOST, moments={5: half, 10: half}) == half

    @pytest.mark.parametrize("operation", [EXECUTE, READ])
    def test_if_nothing_is_served_one_call_is_sent_at_a_time(self, operation: Operation[Any]) -> None:
        assert self.sent(operation, 1, Ok(None), moments={}) == 1


class TestClosed:
    def closing(self, script: Scripted, *operations: Operation[Any]) -> float:
        """Close while these calls, a second apart, wait for answers. Returns when closing has ended."""
        moments = list[float]()

        def start(operation: Operation[Any]) -> asyncio.Task[Any]:
            return script.loop.create_task(script.calls.make(operation))

        async def work() -> None:
            tasks = []
            for operation in operations:
                tasks.append(start(operation))
                await asyncio.sleep(1)
            await script.calls.close()
            moments.append(script.time.now)
            late = [start(operation) for operation in (CREATE, EXECUTE, READ, ABOLISH)]
            await asyncio.sleep(100)
            # A task whose call is not sent any more is cancelled with the step, and hears nothing before.
            assert [task.done() for task in late] == [False, False, True, True]
            for task in (*tasks, *late):
                task.cancel()

        script.play(work())
        return moments[0]

    def test_after_closing_nothing_that_advances_is_sent_or_counted(self) -> None:
        script = scripted()

        assert self.closing(script) == 0
        assert script.service.names == ["run", "abolish"]
        assert script.counted == [1, 1]

    def test_an_unsent_call_is_logged_at_once_for_debugging(self) -> None:
        script = scripted()
        script.notes.debugs = True

        self.closing(script)

        assert script.notes.debugged[:2] == [
            CallEnded(1, CREATE, None, 0.0),
            CallEnded(2, EXECUTE, None, 0.0),
        ]

    @each_of["advances"]
    def test_a_call_waiting_for_its_key_is_not_sent_after_closing(self, operation: Operation[Any]) -> None:
        script = scripted()
        script.service.keys = [5.0]

        assert self.closing(script, operation) == 1
        assert script.service.names == ["run", "abolish"]

    @each_of["advances"]
    def test_closing_waits_for_the_answers_of_calls_that_advance(self, operation: Operation[Any]) -> None:
        script = scripted()
        script.service.delay = 7.0

        assert self.closing(script, operation, operation) == 8

    @each_of["others"]
    def test_closing_does_not_wait_for_other_answers(self, operation: Operation[Any]) -> None:
        script = scripted()
        script.service.delay = 7.0

        assert self.closing(script, operation) == 1


class TestAQuotaThatMayBeSpent:
    """Throttling.Resource was observed to pass after some time. It is also the answer to a spent quota."""

    SHORT = Refused(Refusal.THROTTLED, Fault("no more", "Throttling.Resource", "R-1", 429))
    SPENT = Refused(Refusal.QUOTA_SPENT, SHORT.fault)
    SLOW = Refused(Refusal.THROTTLED, Fault("slow down", "Throttling.User", "R-1", 429))
    LATE = SPENT_PATIENCE + 1

    def answers(self, *given: Any, pauses: float) -> list[Any]:
        """What these answers mean, with such pauses between them."""
        script = scripted(run=given)

        async def work() -> list[Any]:
            found = []
            for _ in given:
                found.append(await script.calls.make(READ))
                await asyncio.sleep(pauses)
            return found

        return script.play(work())

    def test_the_quota_is_spent_after_a_long_time_without_a_served_call(self) -> None:
        found = self.answers(*[self.SHORT] * (SPENT_TRIES + 2), pauses=SPENT_PATIENCE / 3)

        assert found == [self.SHORT] * (SPENT_TRIES - 1) + [self.SPENT] * 3

    def test_many_refusals_at_once_only_mean_too_fast(self) -> None:
        some = [self.SHORT] * (SPENT_TRIES + 3)

        assert self.answers(*some, pauses=0.0) == some

    @pytest.mark.parametrize(("other", "spent"), [(Ok(run_of("r")), 0), (LOST, 1), (SLOW, 1)])
    def test_only_a_served_call_shows_that_the_quota_is_not_spent(self, other: Any, spent: int) -> None:
        given = [*[self.SHORT] * (SPENT_TRIES - 1), other, self.SHORT]

        assert self.answers(*given, pauses=self.LATE).count(self.SPENT) == spent

    def test_calls_that_are_too_fast_never_count_as_a_spent_quota(self) -> None:
        assert self.answers(*[self.SLOW] * 9, pauses=self.LATE) == [self.SLOW] * 9
