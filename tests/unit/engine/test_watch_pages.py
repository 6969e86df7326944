"""With several open runs, one page of the list shows many of them."""

import asyncio
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Fault, Ok, Refusal
from dataworks_deploy.domain.model import GetPipelineRun, ListPipelineRuns, Run, RunId
from dataworks_deploy.engine.read import LostSightError
from dataworks_deploy.engine.watch import SKIP_PAGES, Watch

from .watching import OPEN, each, readings, unheard, watching
from .world import LOST, Scripted, page_of, refused, run_of


def read_alone(script: Scripted) -> list[str]:
    """The runs that were read by a call of their own."""
    return [operation.run_id for operation in script.service.of("run")]


def test_one_page_serves_all_runs_on_it_and_the_others_are_read_one_by_one() -> None:
    script = Scripted(page=[page_of(run_of("a"), run_of("b", "Fail"), run_of("x"))], run=[Ok(run_of("c"))])

    found = watching(script, lambda watch: readings(watch, 1, "a", "b", "c"))

    assert found == ["Running", "Fail", "Running"]
    assert script.service.of("page") == [ListPipelineRuns(None)]
    assert read_alone(script) == ["c"]
    assert {when for when, _ in script.service.calls} == {10}


@pytest.mark.parametrize("shown", [0, 1])
def test_a_page_that_saves_nothing_is_not_read_again_for_a_while(shown: int) -> None:
    script = Scripted(page=[page_of(*[run_of("a")][:shown])], run=[each])

    watching(script, lambda watch: readings(watch, SKIP_PAGES + 2, "a", "b"))

    assert script.service.times("page") == [10, 10 * (SKIP_PAGES + 2)]


def test_a_page_that_shows_two_is_read_each_time() -> None:
    script = Scripted(page=[page_of(run_of("a"), run_of("b"))], run=[])

    watching(script, lambda watch: readings(watch, 3, "a", "b"))

    assert script.service.times("page") == [10, 20, 30]


def test_a_failed_page_is_no_failed_reading_of_a_run() -> None:
    script = Scripted(page=[refused(Refusal.DENIED)], run=[each, each, LOST, each])
    missed: list[Fault] = []

    async def two(watch: Watch) -> None:
        for _ in range(2):
            await asyncio.gather(*(watch.next(RunId(name), missed.append) for name in ("a", "b")))

    watching(script, two)

    assert len(script.service.of("page")) >= 2
    assert missed == [LOST.fault]


THROTTLED, GOOD = refused(Refusal.THROTTLED), page_of(run_of("a"), run_of("b"))
ALONE = ["run", "run"]


@pytest.mark.parametrize(
    ("pages", "runs", "number", "names"),
    [
        ([LOST, GOOD], [each], 2, ["page", *ALONE, "page"]),
        ([THROTTLED] * 4, [each], 1, [*["page"] * 3, *ALONE]),
        ([THROTTLED, THROTTLED, LOST, *[THROTTLED] * 3], [LOST, LOST, each], 1, [*["page"] * 3, *ALONE] * 2),
        ([THROTTLED, THROTTLED, GOOD] * 2, [], 2, ["page"] * 6),
    ],
    ids=["failed", "too fast", "failed otherwise", "a good one between"],
)
def test_after_a_failed_page_runs_are_read_one_by_one_but_after_throttling_only_the_third_time(
    pages: list[Any], runs: list[Any], number: int, names: list[str]
) -> None:
    script = Scripted(page=pages, run=runs)

    watching(script, lambda watch: readings(watch, number, "a", "b"))

    assert script.service.names == names


def test_denied_pages_count_towards_certainty() -> None:
    script = Scripted(page=[refused(Refusal.DENIED)], run=[refused(Refusal.DENIED)])

    with pytest.raises(LostSightError):
        watching(script, lambda watch: readings(watch, 1, "a", "b"))

    assert script.service.names == [
        "page", *["run"] * 2, "page",
    ]  # fmt: skip


def test_denials_at_the_same_time_count_once() -> None:
    """A token that is not valid everywhere yet: the page before these calls was read."""
    denied = refused(Refusal.EXPIRED)
    script = Scripted(page=[page_of()], run=[denied, denied, denied, each])

    found = watching(script, lambda watch: readings(watch, 1, *"abcde"))

    assert found == ["Running"] * 5
    assert len(script.service.of("run")) == 5 + 3


@pytest.mark.parametrize("other", [LOST, Ok(run_of("a"))])
def test_a_denial_beside_another_answer_does_not_count(other: Any) -> None:
    passing = [refused(Refusal.DENIED)] * 5 + [Ok(run_of("b"))]
    answers = {"a": iter([*[other] * 5, Ok(run_of("a"))]), "b": iter(passing)}
    script = Scripted(page=[page_of()], run=[lambda operation: next(answers[operation.run_id])])

    async def both(watch: Watch) -> list[list[str]]:
        often = 1 if other is LOST else 6
        return [*await asyncio.gather(readings(watch, often, "a"), readings(watch, 1, "b"))]

    assert watching(script, both)[1] == ["Running"]
    assert len(script.service.of("run")) == 12


def test_a_denied_page_may_make_it_certain() -> None:
    script = Scripted(page=[refused(Refusal.DENIED)], run=[refused(Refusal.DENIED)])

    async def second_comes_later(watch: Watch) -> list[Any]:
        first = script.loop.create_task(watch.next(RunId("a"), unheard))
        await asyncio.sleep(25)
        return [*await asyncio.gather(first, watch.next(RunId("b"), unheard), return_exceptions=True)]

    lost = watching(script, second_comes_later)

    assert [type(each) for each in lost] == [LostSightError] * 2
    assert script.service.names == ["run", "run", "page"]


def test_a_run_that_a_page_shows_twice_is_served_once() -> None:
    script = Scripted(page=[page_of(run_of("a"), run_of("a", "Fail"), run_of("b"))], run=[])

    assert watching(script, lambda watch: readings(watch, 1, "a", "b")) == ["Running"] * 2


def test_an_unreadable_run_does_not_delay_the_others() -> None:
    script = Scripted(page=[page_of()], run=[Ok(run_of("a")), LOST, Ok(run_of("b"))])

    assert watching(script, lambda watch: readings(watch, 1, "a", "b")) == ["Running"] * 2
    assert read_alone(script) == [
        "a",
        "b",
        "b",
    ]


def test_an_unreadable_run_does_not_slow_the_pace_of_the_others() -> None:
    def answer(operation: GetPipelineRun) -> Any:
        return LOST if operation.run_id == "a" else each(operation)

    script = Scripted(page=[page_of()], run=[answer])

    async def read(watch: Watch) -> list[str]:
        unread = script.loop.create_task(watch.next(RunId("a"), unheard))
        seen = await readings(watch, 5, "b", "c")
        unread.cancel()
        return seen

    watching(script, read)

    assert script.ended_at == 50


def test_a_run_that_a_page_shows_without_its_stages_is_read_by_itself() -> None:
    bare = [Run(RunId(name), "Running") for name in ("a", "b")]
    script = Scripted(page=[page_of(*bare)], run=[each])

    assert watching(script, lambda watch: readings(watch, 1, "a", "b")) == ["Running"] * 2
    assert read_alone(script) == ["a", "b"]


def test_an_answer_about_another_run_serves_that_run() -> None:
    script = Scripted(page=[page_of()], run=[Ok(run_of("b", "Fail")), LOST, each])

    assert watching(script, lambda watch: readings(watch, 1, "a", "b")) == ["Running", "Fail"]
    assert read_alone(script) == [
        "a",
        "b",
        "a",
    ]


def test_two_tasks_that_ask_for_one_run_share_a_reading() -> None:
    script = Scripted(run=[Ok(OPEN)])

    watching(script, lambda watch: readings(watch, 1, "r", "r"))

    assert read_alone(script) == ["r"]
