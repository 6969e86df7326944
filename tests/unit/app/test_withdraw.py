"""Own runs that nothing in production depends on yet are abolished; others are left."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from dataworks_deploy.app.withdraw import LOOKS, PAUSES, READ_BACK, find_own, withdraw
from dataworks_deploy.domain.fate import Fate

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.schedule import EXECUTION_REST

from .world import LOST, OBJECT, Scripted, page_of, refused, run_of

OK = Ok(None)
OPEN = Ok(run_of("r", "Running", "Success"))
PROJECT = 10001
INTENT, OTHER = "A" * 26, "B" * 26
GIVEN_UP = "run r could not be abolished ({}); look at it in DataWorks"


def withdrawn(script: Scripted, told: float | None = None) -> list[Fate]:
    """Withdraw the only run and return what is said to have become of it; `told` is when it was told to deploy."""
    fates: dict[ObjectId, Fate] = {}

    def settled(object_id: ObjectId, fate: Fate, run: Run) -> None:
        assert run.id == "r"
        fates[object_id] = fate

    script.play(withdraw(script.world, {OBJECT: RunId("r")}, settled, {} if told is None else {OBJECT: told}))
    assert fates.keys() <= {OBJECT}
    return [*fates.values()]


GONE = Ok(run_of("r", "Termination", "Success"))


def test_an_open_run_is_read_and_abolished_and_read_again() -> None:
    script = Scripted(run=[OPEN, GONE], abolish=[OK])

    assert withdrawn(script) == [Fate.ABOLISHED]
    assert [call for _, *call in script.service.calls] == [
        [name, ("r",)] for name in ("run", "abolish", "run")
    ]
    assert script.notes.told == [
        (OBJECT, "abolished run r"),
        (OBJECT, "run r has ended, as Termination"),
    ]
    assert script.notes.warned == []


def test_where_the_reading_lags_it_is_asked_for_once() -> None:
    script = Scripted(run=[OPEN, LOST, OPEN], abolish=[OK])

    assert withdrawn(script) == [Fate.ABOLISHED]
    assert [name for _, name, _ in script.service.calls] == ["run", "abolish", *["run"] * len(READ_BACK)]
    assert script.notes.warned == []


def test_who_has_no_time_to_read_it_again_knows_the_answer() -> None:
    script, fates = Scripted(run=[OPEN], abolish=[OK]), list[Fate]()

    async def work() -> None:
        own = {OBJECT: RunId("r")}
        settled = script.loop.create_task(
            withdraw(script.world, own, lambda _, fate, run: fates.append(fate), {})
        )
        await script.clock.sleep(0.1)
        settled.cancel()
        await asyncio.wait({settled})

    script.play(work())

    assert fates == [Fate.ABOLISHED]


def test_a_run_that_began_to_deploy_meanwhile_is_not_said_to_be_gone() -> None:
    script = Scripted(run=[OPEN, DEPLOYING], abolish=[OK])

    assert withdrawn(script) == []
    assert script.notes.warned == [
        (OBJECT, "run r began to deploy while it was abolished; look at it in DataWorks")
    ]


@pytest.mark.parametrize("answer", [OK, LOST])
def test_a_run_whose_deployment_was_cut_off_has_ended_and_was_not_only_abolished(answer: Any) -> None:
    cut = Ok(run_of("r", "Termination", "Success", "Success", "Termination"))
    script = Scripted(run=[OPEN, cut], abolish=[answer])

    assert withdrawn(script) == [Fate.ENDED]
    assert script.notes.told[-1] == (OBJECT, "run r has ended, as Termination")


@pytest.mark.parametrize("status", ["Success", "Fail", "Termination", "Cancel"])
def test_a_run_that_has_ended_is_left(status: str) -> None:
    script = Scripted(run=[Ok(run_of("r", status))])

    assert withdrawn(script) == [Fate.ENDED]
    assert (script.notes.told, script.notes.warned) == ([(OBJECT, f"run r has ended, as {status}")], [])


@pytest.mark.parametrize("stage", ["Running", "Success", "Fail", "Odd"])
def test_a_run_that_deploys_is_left_and_said(stage: str) -> None:
    script = Scripted(run=[Ok(run_of("r", "Running", "Success", "Success", stage))])

    assert withdrawn(script) == [Fate.DEPLOYS]
    assert script.notes.told == [(OBJECT, "run r is deploying already, and is left alone")]
    assert len(script.service.calls) == 1


def test_a_run_that_cannot_be_read_is_not_abolished() -> None:
    script = Scripted(run=[LOST])

    assert withdrawn(script) == []
    assert script.service.times("run") == pytest.approx([0, 0.2, 0.6, 1.4, 3, 6, 10, 15, 23, 33])
    assert script.ended_at == pytest.approx(33)
    assert script.notes.warned == [(OBJECT, GIVEN_UP.format(LOST.fault.message))]


def test_one_that_can_be_read_later_is_abolished_then() -> None:
    script = Scripted(run=[LOST, LOST, refused(Refusal.THROTTLED), OPEN], abolish=[OK])

    assert withdrawn(script) == [Fate.ABOLISHED]
    assert script.notes.warned == []


TOLD = Ok(run_of("r", "Running", "Success", "Success"))
DEPLOYING = Ok(run_of("r", "Running", "Success", "Success", "Running"))


def test_what_was_told_to_deploy_is_deploying_although_no_reading_shows_it_yet() -> None:
    script = Scripted(run=[TOLD, TOLD, DEPLOYING])

    assert withdrawn(script, told=-1.0) == [Fate.DEPLOYS]
    assert script.service.of("abolish") == []


def test_what_still_does_not_show_it_when_it_would_was_not_told() -> None:
    script = Scripted(run=[TOLD], abolish=[OK])

    assert withdrawn(script, told=0.0) == [Fate.ABOLISHED]
    assert script.service.times("abolish") == pytest.approx([EXECUTION_REST])


def test_a_refused_abolition_is_tried_three_times_each_after_a_reading() -> None:
    script = Scripted(run=[OPEN], abolish=[refused(Refusal.DENIED)])

    assert withdrawn(script) == []
    assert [name for _, name, _ in script.service.calls] == ["run", "abolish"] * 3
    assert script.notes.warned == [(OBJECT, GIVEN_UP.format("DENIED: no"))]


def test_what_was_said_of_each_failed_call_is_handed_on() -> None:
    script, said = Scripted(run=[LOST, OPEN], abolish=[refused(Refusal.DENIED)]), list[tuple[str, str]]()

    async def work() -> None:
        await withdraw(
            script.world,
            {OBJECT: RunId("r")},
            lambda *_: None,
            {},
            lambda object_id, fault: said.append((object_id, fault.message)),
        )

    script.play(work())

    assert said == [(OBJECT, text) for text in (LOST.fault.message, "no", "no", "no")]


def test_a_run_that_hides_what_it_was_told_to_the_end_has_no_reason_to_be_named() -> None:
    script = Scripted(run=[TOLD])

    assert withdrawn(script, told=99.0) == []
    assert script.notes.warned == [(OBJECT, "run r could not be abolished; look at it in DataWorks")]


@pytest.mark.parametrize(("status", "ours"), [("Termination", True), ("Cancel", True), ("Fail", False)])
def test_an_abolition_whose_answer_is_lost_counts_if_the_run_shows_it(status: str, *, ours: bool) -> None:
    script = Scripted(run=[OPEN, Ok(run_of("r", status))], abolish=[LOST])

    assert withdrawn(script) == [Fate.ABOLISHED if ours else Fate.ENDED]
    assert script.notes.warned == []


def test_an_abolition_that_gets_through_later_counts() -> None:
    script = Scripted(run=[OPEN], abolish=[LOST, OK])

    assert withdrawn(script) == [Fate.ABOLISHED]
    assert script.service.times("abolish") == pytest.approx([0, 0.2])


def test_a_run_that_begins_to_deploy_between_two_tries_is_left() -> None:
    deploying = Ok(run_of("r", "Running", "Success", "Success", "Running"))
    script = Scripted(run=[OPEN, deploying], abolish=[LOST])

    assert withdrawn(script) == [Fate.DEPLOYS]
    assert len(script.service.of("abolish")) == 1


def test_several_runs_are_withdrawn_side_by_side() -> None:
    script = Scripted(run=[LOST])

    own = {ObjectId("1"): RunId("a"), ObjectId("2"): RunId("b")}
    script.play(withdraw(script.world, own, lambda *_: None, {}))

    assert script.service.of("run") == [("a",), ("b",)] * len(PAUSES)


def ours(name: str, status: str = "Running", intent: str = INTENT, generation: int = 1) -> Run:
    return run_of(name, status, description=f"[dwd1:{intent}:g{generation}] note")


def found(script: Scripted) -> list[str] | None:
    """The IDs of the runs that are found."""
    runs = script.play(find_own(script.world, PROJECT, OBJECT, INTENT))
    return None if runs is None else [run.id for run in runs]


def test_where_no_list_can_be_read_nobody_knows() -> None:
    assert found(Scripted(page=[LOST])) is None


def test_own_runs_are_those_of_any_generation_that_have_not_ended() -> None:
    listed = page_of(
        ours("a"), ours("b", generation=7), ours("c", "Fail"), ours("d", intent=OTHER), run_of("e")
    )
    script = Scripted(page=[listed])

    assert found(script) == ["a", "b"]
    assert script.service.of("page") == [(OBJECT, 1)]


def test_a_run_of_another_workspace_is_not_own_whatever_mark_it_bears() -> None:
    elsewhere = replace(ours("a"), project_id=PROJECT + 1)

    here = replace(ours("b"), project_id=PROJECT)

    assert found(Scripted(page=[page_of(elsewhere, here)])) == ["b"]


def test_own_runs_are_looked_for_again() -> None:
    script = Scripted(page=[LOST, page_of(ours("a", "Fail")), page_of(ours("b"))])

    assert found(script) == ["b"]
    assert script.service.times("page") == [0, 4, 15]


def test_where_nothing_shows_there_is_nothing() -> None:
    script = Scripted(page=[page_of()])

    assert found(script) == []
    assert len(script.service.of("page")) == len(LOOKS)


def test_lists_lag() -> None:
    script = Scripted(page=[page_of()])
    script.time.at(30.0, lambda: script.service.answers.update(page=[page_of(ours("a"))]))

    assert found(script) == ["a"]
