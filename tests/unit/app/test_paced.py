"""Calls wait for their turn, so that no more are sent than the service allows."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import pytest
from dataworks_deploy.app.pace import Paced
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import Creation, DeployType, Node, RunId
from dataworks_deploy.domain.schedule import WINDOW

from .world import LOST, OBJECT, Scripted, page_of, refused, run_of

RUN = RunId("r")
CREATION = Creation(10001, OBJECT, DeployType.ONLINE)
ANSWERS: dict[str, Any] = {
    "run": [Ok(run_of("r"))], "page": [page_of()], "execute": [Ok(None)], "abolish": [Ok(None)], "create": [Ok(RUN)],
    "node": [Ok(Node())],
}  # fmt: skip
WRITES = {"create", "execute", "abolish"}
Call = Callable[[Paced], Coroutine[Any, Any, Any]]
CALLS: dict[str, Call] = {
    "run": lambda paced: paced.run(RUN),
    "node": lambda paced: paced.node(OBJECT),
    "page": lambda paced: paced.page(None, 1),
    "execute": lambda paced: paced.execute(RUN, "PROD", lambda: None),
    "abolish": lambda paced: paced.abolish(RUN),
    "create": lambda paced: paced.create(CREATION, "text", "nonce", lambda: None),
}


def called(script: Scripted, *calls: Call) -> Paced:
    """Make these calls all at once."""
    counted: list[int] = []
    paced = Paced(script.service, script.clock, counted.append)

    async def work() -> None:
        await asyncio.gather(*(call(paced) for call in calls))

    script.play(work())
    assert sum(counted) == len(script.service.calls) == len(calls)
    return paced


def most_within(times: list[float], seconds: float) -> int:
    """The most calls within any such time."""
    return max((sum(first <= each < first + seconds for each in times) for first in times), default=0)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_passed_on_and_its_answer_back(name: str) -> None:
    script = Scripted(**ANSWERS)
    paced = Paced(script.service, script.clock)

    assert script.play(CALLS[name](paced)) == ANSWERS[name][0]
    what = {
        "run": (RUN,), "page": (None, 1), "execute": (RUN, "PROD"), "abolish": (RUN,),
        "create": (CREATION, "text", "nonce"),
        "node": (OBJECT,),
    }  # fmt: skip
    assert script.service.calls == [(0.0, name, what[name])]


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_finds_no_key_is_none(name: str) -> None:
    script, counted = Scripted(**ANSWERS), list[int]()
    script.service.keyless = refused(Refusal.UNREACHABLE)
    paced = Paced(script.service, script.clock, counted.append)

    assert script.play(CALLS[name](paced)) == script.service.keyless
    assert (script.service.calls, sum(counted)) == ([], 0)


@pytest.mark.parametrize(
    ("name", "most"),
    [("run", 45), ("node", 45), ("page", 45), ("execute", 20), ("abolish", 20), ("create", 20)],
)
def test_so_many_are_sent_within_a_second(name: str, most: int) -> None:
    script = Scripted(**ANSWERS)

    called(script, *[CALLS[name]] * (2 * most + 1))

    times = script.service.times(name)
    assert [times.count(moment) for moment in sorted({*times})] == [most, most, 1]
    assert sorted({*times}) == pytest.approx([0, WINDOW, 2 * WINDOW])


def test_readings_and_writings_together_have_a_bound_of_their_own() -> None:
    script = Scripted(**ANSWERS)

    called(script, *[CALLS["run"]] * 60, *[CALLS["execute"]] * 30)

    assert most_within([when for when, _, _ in script.service.calls], 1.0) <= 63


def test_a_search_goes_ahead_into_what_is_held_back() -> None:
    script = Scripted(**ANSWERS)

    called(script, *[CALLS["run"]] * 60, *[lambda paced: paced.page(OBJECT, 1)] * 5)

    assert script.service.times("page") == [0] * 5


def test_after_a_refusal_fewer_are_sent() -> None:
    script = Scripted(**{**ANSWERS, "execute": [refused(Refusal.THROTTLED)] + [Ok(None)] * 99})

    called(script, *[CALLS["execute"]] * 60)

    later = [moment for moment in script.service.times("execute") if moment > 0]
    assert most_within(later, 1.0) <= 11


def test_no_call_is_sent_before_the_service_wants_it() -> None:
    script = Scripted(**{**ANSWERS, "execute": [refused(Refusal.THROTTLED, 30.0), Ok(None)]})

    called(script, *[CALLS["execute"]] * 2)

    assert script.service.times("execute") == [0, 30]


def called_at(script: Scripted, name: str, moments: dict[float, int]) -> list[float]:
    """Call at each of these moments so often, and return when the calls were sent."""
    paced = Paced(script.service, script.clock)

    async def later(moment: float) -> None:
        await asyncio.sleep(moment)
        await CALLS[name](paced)

    async def work() -> None:
        await asyncio.gather(*(later(moment) for moment, number in moments.items() for _ in range(number)))

    script.play(work())
    return script.service.times(name)


def bursts(names: Iterable[str]) -> st.SearchStrategy[list[tuple[float, str, int]]]:
    """So many calls of such a name at such a moment."""
    burst = st.tuples(st.floats(0, 3), st.sampled_from(sorted(names)), st.integers(1, 60))
    return st.lists(burst, min_size=1, max_size=5)


@given(wanted=bursts(CALLS.keys()), delay=st.floats(0, 2))
def test_in_no_second_more_is_sent_than_every_edition_allows_and_none_is_lost(
    wanted: list[tuple[float, str, int]], delay: float
) -> None:
    script = Scripted(**ANSWERS)
    script.service.delay = delay
    paced = Paced(script.service, script.clock)

    async def later(moment: float, name: str) -> None:
        await asyncio.sleep(moment)
        assert isinstance(await CALLS[name](paced), Ok)

    async def work() -> None:
        await asyncio.gather(*(later(moment, name) for moment, name, count in wanted for _ in range(count)))

    script.play(work())

    assert len(script.service.calls) == sum(count for _, _, count in wanted)
    for writes, most in ((False, 50), (True, 20)):
        times = [moment for moment, name, _ in script.service.calls if (name in WRITES) is writes]
        assert most_within(times, 1.0) <= most


def test_calls_that_wait_for_others_as_well_do_not_leave_together() -> None:
    """44 readings and 40 executions at once: some executions wait for what all calls together may be."""
    script = Scripted(**ANSWERS)
    script.service.delay = 1.0

    called(script, *[CALLS["run"]] * 45, *[CALLS["page"]] * 5, *[CALLS["execute"]] * 60)

    assert most_within(script.service.times("execute"), 1.0) == 20


def test_a_call_that_comes_late_within_a_second_waits_for_its_end() -> None:
    assert called_at(Scripted(**ANSWERS), "execute", {0: 20, 0.5: 1})[-1] == WINDOW


def test_a_call_counts_from_when_it_may_have_reached_the_service() -> None:
    """One that took 0.5 s, where the quickest took 0.1 s, was 0.4 s on its way at the most."""
    script = Scripted(**ANSWERS)
    script.service.delay = 0.1
    script.time.at(6, lambda: setattr(script.service, "delay", 0.5))

    times = called_at(script, "execute", {5: 1, 10: 20, 10.6: 1})

    assert times[-1] == pytest.approx(10.4 + WINDOW)


def test_a_refusal_without_a_time_to_wait_closes_nothing() -> None:
    script = Scripted(**{**ANSWERS, "execute": [refused(Refusal.THROTTLED), Ok(None)]})
    script.service.delay = 3.0

    assert called_at(script, "execute", {0: 1, 3.1: 1}) == [0, 3.1]


class TestGrowth:
    """Half as many calls are sent since the last one of a full window was refused."""

    HALVED = pytest.mark.parametrize(("name", "full", "half"), [("execute", 20, 10), ("run", 45, 22)])

    def sent(self, name: str, full: int, *later: object, moments: dict[float, int]) -> int:
        """How many calls are sent at once out of sixty, after what came at these moments."""
        answers = [*ANSWERS[name] * (full - 1), refused(Refusal.THROTTLED), *later]
        script = Scripted(**{**ANSWERS, name: answers})
        script.time.at(49, lambda: setattr(script.service, "delay", 0.5))
        return called_at(script, name, {0: full, **moments, 50: 60}).count(50)

    @HALVED
    def test_a_full_window_that_is_served_shows_that_there_may_be_more(
        self, name: str, full: int, half: int
    ) -> None:
        assert self.sent(name, full, *ANSWERS[name], moments={5: half}) == half + 1

    @HALVED
    def test_calls_that_come_one_by_one_do_not(self, name: str, full: int, half: int) -> None:
        assert self.sent(name, full, *ANSWERS[name], moments={5: 1, 10: 1, 15: 1}) == half

    @HALVED
    def test_nor_does_a_window_that_is_not_served(self, name: str, full: int, half: int) -> None:
        assert self.sent(name, full, LOST, moments={5: half, 10: half}) == half

    @pytest.mark.parametrize("name", ["execute", "run"])
    def test_where_nothing_is_served_one_is_sent_at_a_time(self, name: str) -> None:
        assert self.sent(name, 1, *ANSWERS[name], moments={}) == 1


@pytest.mark.parametrize(("served", "scarce"), [(0, True), (8, True), (12, False), (44, False)])
def test_what_is_served_beside_a_refusal_shows_whether_calls_are_scarce(served: int, scarce: bool) -> None:
    script = Scripted(**{**ANSWERS, "run": [Ok(run_of("r"))] * served + [refused(Refusal.THROTTLED)]})

    assert called(script, *[CALLS["run"]] * (served + 1)).scarce is scarce


@pytest.mark.parametrize("ending", [LOST, refused(Refusal.DENIED), refused(Refusal.QUOTA_SPENT)])
def test_another_failure_makes_nothing_slower(ending: object) -> None:
    script = Scripted(**{**ANSWERS, "run": [ending]})

    called(script, *[CALLS["run"]] * 90)

    times = script.service.times("run")
    assert [times.count(moment) for moment in sorted({*times})] == [45, 45]


class TestClosed:
    def closing(self, script: Scripted, *calls: str) -> float:
        """Close while these calls, a second apart, are waiting for an answer; return when that is over."""
        paced, moments = Paced(script.service, script.clock), []

        async def work() -> None:
            tasks = []
            for name in calls:
                tasks.append(script.loop.create_task(CALLS[name](paced)))
                await asyncio.sleep(1)
            await paced.close()
            moments.append(script.time.now)
            late = [
                script.loop.create_task(CALLS[name](paced))
                for name in ("create", "execute", "run", "abolish")
            ]
            await asyncio.sleep(100)
            # Who waits for what is not sent any more is cancelled with the step, and hears nothing before.
            assert [task.done() for task in late] == [False, False, True, True]
            for task in (*tasks, *late):
                task.cancel()

        script.play(work())
        return moments[0]

    def test_nothing_that_advances_is_sent_any_more(self) -> None:
        script = Scripted(**ANSWERS)

        assert self.closing(script) == 0
        assert [name for _, name, _ in script.service.calls] == ["run", "abolish"]

    @pytest.mark.parametrize("name", ["create", "execute"])
    def test_nor_is_what_has_had_its_turn_and_waits_for_its_key(self, name: str) -> None:
        script = Scripted(**ANSWERS)
        script.service.held_up = 5.0

        assert self.closing(script, name) == 1
        assert [each for _, each, _ in script.service.calls] == ["run", "abolish"]

    def test_what_its_caller_holds_back_is_neither_counted_nor_waited_for(self) -> None:
        script, counted = Scripted(**ANSWERS), list[int]()
        paced = Paced(script.service, script.clock, counted.append)

        def hold_back() -> None:
            raise LookupError

        async def work() -> None:
            with pytest.raises(LookupError):
                await paced.execute(RUN, "PROD", hold_back)
            await paced.close()

        script.play(work())
        assert (script.service.calls, sum(counted), script.ended_at) == ([], 0, 0)

    @pytest.mark.parametrize("name", ["create", "execute"])
    def test_the_answers_of_what_advances_are_waited_for(self, name: str) -> None:
        script = Scripted(**ANSWERS)
        script.service.delay = 7.0

        assert self.closing(script, name, name) == 8

    @pytest.mark.parametrize("name", ["run", "page", "abolish"])
    def test_those_of_others_are_not(self, name: str) -> None:
        script = Scripted(**ANSWERS)
        script.service.delay = 7.0

        assert self.closing(script, name) == 1
