"""Own runs that have not changed production are abolished. Others are left."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Fault, Ok, Refusal
from dataworks_deploy.domain.event import (
    DeployedMeanwhile,
    NotAbolished,
    RunAbolished,
    RunDeploys,
    RunHasEnded,
    RunIsOthers,
)
from dataworks_deploy.domain.model import (
    AbolishPipelineRun,
    GetPipelineRun,
    ListPipelineRuns,
    ObjectId,
    Run,
    RunId,
    Stage,
)
from dataworks_deploy.domain.pace import EXECUTION_REST
from dataworks_deploy.domain.reconcile import Claim, Mark
from dataworks_deploy.domain.record import Fate
from dataworks_deploy.engine.withdraw import LOOKS, OUTDATED, PAUSES, READ_BACK, Own, find_own, withdraw

from .world import LOST, OBJECT, Scripted, page_of, refused, run_of

OK = Ok(None)
OPEN = Ok(run_of("r", "Running", "Success"))
PROJECT = 10001
INTENT, OTHER = "A" * 26, "B" * 26
R = RunId("r")
MARK = Mark(INTENT, 1)
PROVEN = Claim(MARK)
OWN = Own(R, PROVEN)


def withdrawn(script: Scripted, told: float | None = None, claim: Claim = PROVEN) -> list[Fate]:
    """Abolish the only run, and return what is reported about it. `told` is when it was told to deploy."""
    fates: dict[ObjectId, Fate] = {}

    def settled(object_id: ObjectId, fate: Fate, run: Run) -> None:
        assert run.id == "r"
        fates[object_id] = fate

    script.play(withdraw(script.world, {OBJECT: Own(R, claim, told)}, settled))
    assert fates.keys() <= {OBJECT}
    return [*fates.values()]


GONE = Ok(run_of("r", "Termination", "Success"))
TOLD = Ok(run_of("r", "Running", "Success", "Success"))
DEPLOYING = Ok(run_of("r", "Running", "Success", "Success", "Running"))
CUT = Ok(run_of("r", "Termination", "Success", "Success", "Termination"))


def test_an_open_run_is_read_and_abolished_and_read_again() -> None:
    script = Scripted(run=[OPEN, GONE], abolish=[OK])

    assert withdrawn(script) == [Fate.ABOLISHED]
    assert [operation for _, operation in script.service.calls] == [
        GetPipelineRun(R),
        AbolishPipelineRun(R),
        GetPipelineRun(R),
    ]
    assert script.notes.told == [(OBJECT, RunAbolished(R)), (OBJECT, RunHasEnded(R, "Termination"))]
    assert script.notes.warned == []


@pytest.mark.parametrize(
    ("run", "abolish", "fate", "calls"),
    [
        ([OPEN, LOST, OPEN], [OK], [Fate.ABOLISHED], ["run", "abolish", *["run"] * len(READ_BACK)]),
        ([OPEN, CUT], [OK], [Fate.ENDED], ["run", "abolish", "run"]),
        ([OPEN, CUT], [LOST], [Fate.ENDED], ["run", "abolish", "run", "run"]),
        ([OPEN, GONE], [LOST], [Fate.ABOLISHED], ["run", "abolish", "run", "run"]),
        ([OPEN, Ok(run_of("r", "Cancel"))], [LOST], [Fate.ABOLISHED], ["run", "abolish", "run", "run"]),
        ([OPEN, Ok(run_of("r", "Fail"))], [LOST], [Fate.ENDED], ["run", "abolish", "run", "run"]),
        ([OPEN, GONE], [refused(Refusal.OTHER)], [Fate.ENDED], ["run", "abolish", "run", "run"]),
        ([OPEN, GONE], [refused(Refusal.NONCE_USED)], [Fate.ABOLISHED], ["run", "abolish", "run", "run"]),
        ([OPEN, DEPLOYING], [LOST], [Fate.DEPLOYS], ["run", "abolish", "run"]),
        ([OPEN], [LOST, OK], [Fate.ABOLISHED], ["run", "abolish"] * 2 + ["run"] * 2),
        ([LOST, refused(Refusal.UNREACHABLE), OPEN, GONE], [OK], [Fate.ABOLISHED], [*["run"] * 3, "abolish", "run"]),
    ],
    ids=[
        "a reading lags", "a deployment was cut off", "the same with a lost answer", "lost, and carried out",
        "lost, and cancelled", "lost, and failed", "refused, and somebody ended it", "a used nonce",
        "lost, and deploys", "lost, and tried again", "read later",
    ],
)  # fmt: skip
def test_the_last_reading_decides_what_happened_to_it(
    run: list[Any], abolish: list[Any], fate: list[Fate], calls: list[str]
) -> None:
    script = Scripted(run=run, abolish=abolish)

    assert withdrawn(script) == fate
    assert script.service.names == calls
    assert script.notes.warned == []


def test_without_time_for_a_last_reading_the_answer_decides() -> None:
    script, fates = Scripted(run=[OPEN], abolish=[OK]), list[Fate]()

    async def work() -> None:
        settled = script.loop.create_task(
            withdraw(script.world, {OBJECT: OWN}, lambda _, fate, run: fates.append(fate))
        )
        await script.clock.sleep(0.1)
        settled.cancel()
        await asyncio.wait({settled})

    script.play(work())

    assert fates == [Fate.ABOLISHED]


def test_a_run_that_began_to_deploy_meanwhile_is_not_called_abolished() -> None:
    script = Scripted(run=[OPEN, DEPLOYING], abolish=[OK])

    assert withdrawn(script) == []
    assert script.notes.warned == [(OBJECT, DeployedMeanwhile(R))]


@pytest.mark.parametrize("status", ["Success", "Fail", "Termination", "Cancel"])
def test_an_ended_run_is_left(status: str) -> None:
    script = Scripted(run=[Ok(run_of("r", status))])

    assert withdrawn(script) == [Fate.ENDED]
    assert (script.notes.told, script.notes.warned) == ([(OBJECT, RunHasEnded(R, status))], [])


def test_an_end_that_the_next_reading_does_not_show_does_not_prevent_abolition() -> None:
    script = Scripted(run=[Ok(run_of("r", "Fail")), OPEN, GONE], abolish=[OK])

    assert withdrawn(script) == [Fate.ABOLISHED]


@pytest.mark.parametrize("stage", ["Running", "Success", "Fail", "Odd"])
def test_a_run_that_deploys_is_left_and_reported(stage: str) -> None:
    script = Scripted(run=[Ok(run_of("r", "Running", "Success", "Success", stage))])

    assert withdrawn(script) == [Fate.DEPLOYS]
    assert script.notes.told == [(OBJECT, RunDeploys(R))]
    assert len(script.service.calls) == 1


def test_a_run_that_has_changed_only_development_is_abolished() -> None:
    stages = [("BUILD", "Build"), ("DEV", "Deploy"), ("PROD_CHECK", "Check"), ("PROD", "Deploy")]
    rows = (
        Stage(code, "", step, kind, "Success" if step < 2 else "Init")
        for step, (code, kind) in enumerate(stages)
    )
    script = Scripted(run=[Ok(Run(R, "Running", stages=tuple(rows))), GONE], abolish=[OK])

    assert withdrawn(script) == [Fate.ABOLISHED]


def test_a_run_that_cannot_be_read_is_not_abolished() -> None:
    script = Scripted(run=[LOST])

    assert withdrawn(script) == []
    assert script.service.times("run") == pytest.approx([0, 0.2, 0.6, 1.4, 3, 6, 10, 15, 23, 33])
    assert script.notes.warned == [(OBJECT, NotAbolished(R, LOST.fault))]


@pytest.mark.parametrize(
    ("told", "run", "fates", "abolished"),
    [
        (-1.0, [TOLD, TOLD, DEPLOYING], [Fate.DEPLOYS], []),
        (0.0, [TOLD], [Fate.ABOLISHED], [EXECUTION_REST]),
        (99.0, [TOLD], [], []),
    ],
    ids=["it shows it later", "it would show it by now", "it does not show it to the end"],
)
def test_a_run_that_was_told_to_deploy_is_read_until_it_would_show_it(
    told: float, run: list[Any], fates: list[Fate], abolished: list[float]
) -> None:
    script = Scripted(run=run, abolish=[OK])

    assert withdrawn(script, told=told) == fates
    assert script.service.times("abolish") == pytest.approx(abolished)
    assert script.notes.warned == ([] if fates else [(OBJECT, NotAbolished(R, None))])


def test_a_refused_abolition_is_tried_three_times_each_after_a_reading() -> None:
    script, said = Scripted(run=[LOST, OPEN], abolish=[refused(Refusal.DENIED)]), list[tuple[str, Fault]]()

    def failed(object_id: ObjectId, fault: Fault) -> None:
        said.append((object_id, fault))

    script.play(withdraw(script.world, {OBJECT: OWN}, lambda *_: None, failed))

    no = refused(Refusal.DENIED).fault
    assert said == [(OBJECT, fault) for fault in (LOST.fault, no, no, no)]
    assert script.service.names == ["run", *["run", "abolish"] * 3]
    assert script.notes.warned == [(OBJECT, NotAbolished(R, no))]


def test_a_run_is_read_again_if_its_abolition_had_to_wait() -> None:
    """A refusal of another call keeps all calls waiting, and meanwhile somebody executes the deployment."""
    script = Scripted(run=[OPEN, DEPLOYING], page=[refused(Refusal.THROTTLED, retry_after=OUTDATED + 1)])
    script.service.delay = 0.2  # seconds: the reading leaves before the refusal, and comes after it
    script.time.at(0.1, lambda: setattr(script.service, "delay", 0.0))
    fates = list[Fate]()

    async def work() -> None:
        async def refusal() -> None:
            await asyncio.sleep(0.1)
            await script.world.calls.make(ListPipelineRuns(OBJECT))

        own = {OBJECT: OWN}
        await asyncio.gather(refusal(), withdraw(script.world, own, lambda _, fate, __: fates.append(fate)))

    script.play(work())

    assert fates == [Fate.DEPLOYS]
    assert "abolish" not in script.service.names


def test_for_somebody_elses_run_the_expected_mark_is_reported() -> None:
    run = run_of("r", description="by hand")
    script = Scripted(run=[Ok(run)])

    assert withdrawn(script, claim=Claim(MARK, 0)) == [Fate.FOREIGN]
    assert script.notes.warned == [(OBJECT, RunIsOthers(run, MARK))]
    assert script.service.names == ["run"]


def test_several_runs_are_abolished_at_the_same_time() -> None:
    script = Scripted(run=[LOST])

    own = {ObjectId("1"): Own(RunId("a"), PROVEN), ObjectId("2"): Own(RunId("b"), PROVEN)}
    script.play(withdraw(script.world, own, lambda *_: None))

    assert script.service.of("run") == [GetPipelineRun(each.run_id) for each in own.values()] * len(PAUSES)


def ours(name: str, status: str = "Running", intent: str = INTENT, generation: int = 1) -> Run:
    return run_of(name, status, description=f"[dwd1:{intent}:g{generation}] note")


def found(script: Scripted) -> list[str] | None:
    """The IDs of the runs found."""
    runs = script.play(find_own(script.world, PROJECT, OBJECT, INTENT))
    return None if runs is None else [run.id for run in runs]


def test_with_unreadable_lists_own_runs_are_unknown() -> None:
    assert found(Scripted(page=[LOST])) is None


def test_own_runs_are_the_open_ones_of_any_generation() -> None:
    listed = page_of(
        ours("a"), ours("b", generation=7), ours("c", "Fail"), ours("d", intent=OTHER), run_of("e")
    )
    script = Scripted(page=[listed])

    assert found(script) == ["a", "b"]
    assert script.service.of("page") == [ListPipelineRuns(OBJECT)]


def test_a_run_of_another_workspace_is_not_own_whatever_its_mark() -> None:
    elsewhere = replace(ours("a"), project_id=PROJECT + 1)

    here = replace(ours("b"), project_id=PROJECT)

    assert found(Scripted(page=[page_of(elsewhere, here)])) == ["b"]


def test_an_own_run_is_found_on_one_page_even_if_other_pages_fail() -> None:
    assert found(Scripted(page=[page_of(ours("a"), total=101), LOST])) == ["a"]


def test_own_runs_are_looked_for_again_because_lists_lag() -> None:
    script = Scripted(page=[LOST, page_of(ours("a", "Fail")), page_of(ours("b"))])

    assert found(script) == ["b"]
    assert script.service.times("page") == [0, 4, 15]


def test_a_list_without_own_runs_means_none() -> None:
    script = Scripted(page=[page_of()])

    assert found(script) == []
    assert len(script.service.of("page")) == len(LOOKS)
