"""A dry run reads, and creates nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Refused
from dataworks_deploy.domain.event import ReadingFailed
from dataworks_deploy.domain.model import ListPipelineRuns, Node, OnActiveRun
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    FollowPlanned,
    InnerNode,
    NoAccess,
    NoSuchObject,
    NoSuchStage,
    OpenBefore,
    Planned,
    Reason,
    RunEnded,
    RunPlanned,
)
from dataworks_deploy.domain.reconcile import mark_of
from dataworks_deploy.domain.record import Record, Whose
from dataworks_deploy.domain.studio.operations import GetNode
from dataworks_deploy.engine.dry_run import DryRun
from dataworks_deploy.engine.read import TRIES

from .assigned import ASSIGNMENT
from .creation import CREATION
from .world import LOST, OBJECT, Scripted, at, page_of, refused, run_of

NODE = Ok(at("folder/node"))
NO_NODE = Refused(Refusal.OTHER, Fault("未找到节点: 1", "5801488441564725286", "R-1", 400))
NO_WORKFLOW = Refused(Refusal.OTHER, Fault("no such workflow", "EntityNotExist", "R-2", 404))

NO_OTHER = Refused(Refusal.OTHER, Fault("no such thing", "EntityNotExist", "R-3", 404))


def found(
    page: Sequence[Any], node: Any = NODE, workflow: Any = NO_WORKFLOW, others: Any = NO_OTHER
) -> tuple[Scripted, Record]:
    """The result of a dry run for the object."""
    script = Scripted(page=page, node=[node], workflow=[workflow], resource=[others], function=[NO_OTHER])
    ledger = script.ledger()
    script.play(DryRun(script.world, ledger, ASSIGNMENT).of_object(CREATION))
    assert [each.done for each in script.notes.over] == [True]
    return script, ledger[OBJECT]


@pytest.mark.parametrize("active", [(), (run_of("busy", "Running"), run_of("young", "Init"))])
def test_an_object_is_planned_with_its_active_runs(active: tuple[Any, ...]) -> None:
    script, record = found([page_of(run_of("old", "Success"), *active)])

    assert (record.outcome, record.reason) == (Outcome.PLANNED, Planned(CREATION, active))
    assert record.started_at is not None
    assert record.run_id is None
    assert [operation for _, operation in script.service.calls] == [ListPipelineRuns(OBJECT), GetNode(OBJECT)]


class TestAnObjectThatWouldBeRefused:
    def test_a_node_inside_a_workflow_is_named_with_it(self) -> None:
        inner = Node("flow/node", "w")
        _, record = found([page_of(run_of("old", "Success"))], Ok(at("flow/node", "w")))

        assert (record.outcome, record.reason) == (Outcome.REJECTED, InnerNode(inner))

    def test_an_id_that_does_not_exist_is_named(self) -> None:
        script, record = found([page_of()], NO_NODE)

        assert (record.outcome, record.reason) == (Outcome.REJECTED, NoSuchObject(CREATION, NO_NODE.fault))
        assert script.service.names == ["page", "node", "workflow", "resource", "function"]

    def test_a_resource_would_not_be_refused(self) -> None:
        script, record = found([page_of()], NO_NODE, others=NODE)

        assert record.outcome is Outcome.PLANNED
        assert script.service.names[-1] == "resource"

    @pytest.mark.parametrize(
        ("page", "node", "workflow"),
        [
            (page_of(), NO_NODE, Ok(None)),
            (page_of(), NO_NODE, refused(Refusal.DENIED)),
            (page_of(), NO_NODE, LOST),
            (page_of(run_of("old", "Success")), NO_NODE, NO_WORKFLOW),
            (page_of(), LOST, NO_WORKFLOW),
            (page_of(), refused(Refusal.DENIED), NO_WORKFLOW),
            (page_of(), refused(Refusal.OTHER), NO_WORKFLOW),
        ],
    )
    def test_an_object_that_only_may_be_wrong_is_planned(self, page: Any, node: Any, workflow: Any) -> None:
        """Refusing a good object is worse than letting the service refuse a bad one."""
        assert found([page], node, workflow)[1].outcome is Outcome.PLANNED


def test_a_list_that_cannot_be_read_is_read_again_after_a_pause() -> None:
    script, record = found([LOST, refused(Refusal.UNREACHABLE, 7.0), page_of()])

    assert record.outcome is Outcome.PLANNED
    assert script.service.times("page") == [0, 0.75, 7.75]


@pytest.mark.parametrize(
    ("ending", "calls"),
    [(LOST, TRIES)]
    + [(refused(why), 1) for why in (Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT, Refusal.OTHER)],
)
def test_a_list_that_waiting_does_not_fix_is_reported_at_once(ending: Any, calls: int) -> None:
    script, record = found([ending])

    assert (record.outcome, record.reason) == (Outcome.REJECTED, NoAccess(ending.fault))
    assert len(script.service.of("page")) == calls
    assert len(script.notes.of(ReadingFailed)) == calls - 1


# A run of another job of this repository.
THEIRS = replace(
    run_of("busy", "Running"),
    description=str(replace(mark_of(ASSIGNMENT.origin, CREATION), intent="B" * 26)),
)


@pytest.mark.parametrize(
    ("choice", "outcome", "reason"),
    [
        (OnActiveRun.FAIL, Outcome.CONFLICT, OpenBefore(THEIRS, CREATION.type)),
        (OnActiveRun.ADOPT, Outcome.PLANNED, FollowPlanned(THEIRS)),
        (OnActiveRun.SUPERSEDE, Outcome.PLANNED, Planned(CREATION, (THEIRS,), (THEIRS,))),
        (OnActiveRun.WARN, Outcome.PLANNED, Planned(CREATION, (THEIRS,))),
    ],
)
def test_an_open_run_is_met_as_a_deployment_would_meet_it(
    choice: OnActiveRun, outcome: Outcome, reason: Reason
) -> None:
    script = Scripted(page=[page_of(THEIRS)], node=[NODE])
    ledger = script.ledger()
    chosen = replace(ASSIGNMENT, policy=replace(ASSIGNMENT.policy, on_active_run=choice))

    script.play(DryRun(script.world, ledger, chosen).of_object(CREATION))

    assert (ledger[OBJECT].outcome, ledger[OBJECT].reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("again", "outcome"),
    [
        (Ok(run_of("r-1", "Termination", "Success")), Outcome.TERMINATED),
        (Ok(run_of("r-1", "Running", "Success")), Outcome.PLANNED),
        (LOST, Outcome.PLANNED),
    ],
)
def test_a_run_that_two_readings_show_as_ended_cannot_be_continued(again: Any, outcome: Outcome) -> None:
    script, run = Scripted(run=[again]), run_of("r-1", "Termination", "Success")
    ledger = script.ledger(Record(OBJECT).opened(run.id, Whose.NAMED, adopted=True))

    script.play(DryRun(script.world, ledger, ASSIGNMENT).of_run(OBJECT, run))

    reason = RunEnded(run) if outcome is Outcome.TERMINATED else RunPlanned(run)
    assert (ledger[OBJECT].outcome, ledger[OBJECT].reason) == (outcome, reason)


def test_a_run_that_lacks_the_stage_of_until_stage_cannot_be_continued() -> None:
    script, run = Scripted(), run_of("r-1", "Running", "Success", "Running")
    ledger = script.ledger(Record(OBJECT).opened(run.id, Whose.NAMED, adopted=True))
    chosen = replace(ASSIGNMENT, goal=replace(ASSIGNMENT.goal, until_stage="DEV"))

    script.play(DryRun(script.world, ledger, chosen).of_run(OBJECT, run))

    codes = tuple(stage.code for stage in run.stages)
    assert (ledger[OBJECT].outcome, ledger[OBJECT].reason) == (
        Outcome.FAILED,
        NoSuchStage(run.id, "DEV", codes),
    )


def test_a_run_to_continue_is_planned_as_it_stands() -> None:
    script, run = Scripted(), run_of("r-1", "Running", "Success", "Running")
    ledger = script.ledger(Record(OBJECT).opened(run.id, Whose.NAMED, adopted=True))

    script.play(DryRun(script.world, ledger, ASSIGNMENT).of_run(OBJECT, run))

    assert (ledger[OBJECT].outcome, ledger[OBJECT].reason) == (Outcome.PLANNED, RunPlanned(run))
    assert script.notes.over == [ledger[OBJECT]]
