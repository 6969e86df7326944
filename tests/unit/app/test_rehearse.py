"""A dry run reads, and creates nothing."""

from dataclasses import replace

import pytest
from dataworks_deploy.app.ledger import Ledger
from dataworks_deploy.app.rehearse import TRIES, Rehearsal

from dataworks_deploy.domain.ending import Refusal
from dataworks_deploy.domain.model import Creation, DeployType
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .creation import CREATION
from .world import LOST, OBJECT, Scripted, page_of, refused, run_of


def rehearsed(script: Scripted, creation: Creation = CREATION) -> ObjectResult:
    """What a dry run says of the object."""
    ledger = Ledger([ObjectResult(OBJECT)], script.notes, script.clock)
    script.play(Rehearsal(script.world, ledger).of_object(creation))
    return ledger[OBJECT]


def test_an_object_is_planned_and_what_is_active_on_it_is_named() -> None:
    script = Scripted(page=[page_of(run_of("old", "Success"), run_of("busy", "Running"))])

    result = rehearsed(script)

    assert result.outcome is Outcome.PLANNED
    assert OBJECT in result.message
    assert "busy" in result.message
    assert "old" not in result.message
    assert result.started_at is not None
    assert result.run_id is None
    assert script.notes.over == [(OBJECT, result.message)]
    assert script.service.of("page") == [(OBJECT, 1)]


def test_where_nothing_is_active_nothing_is_said_of_it() -> None:
    assert "Active" not in rehearsed(Scripted(page=[page_of()])).message


def test_it_says_what_would_be_done() -> None:
    undeploy = replace(CREATION, type=DeployType.OFFLINE)
    out = rehearsed(Scripted(page=[page_of()]), undeploy).message

    assert out == f"Would create one pipeline run that takes object {OBJECT} out of production."
    assert (
        rehearsed(Scripted(page=[page_of()])).message == f"Would create one pipeline run for object {OBJECT}."
    )


def test_a_list_that_cannot_be_read_is_read_again_after_a_pause() -> None:
    script = Scripted(page=[LOST, refused(Refusal.THROTTLED, 7.0), page_of()])

    assert rehearsed(script).outcome is Outcome.PLANNED
    first, second, third = script.service.times("page")
    assert second - first == 0.75
    assert third - second == 7.0


def test_a_list_that_cannot_be_read_at_all_is_said() -> None:
    script = Scripted(page=[LOST])

    result = rehearsed(script)

    assert result.outcome is Outcome.REJECTED
    assert result.fault == LOST.fault
    assert LOST.fault.message in result.message
    assert len(script.service.of("page")) == TRIES
    assert script.service.times("page") == [0, 0.75, 0.75 + 1.5]
    assert (
        len([text for _, text in script.notes.told if "reading the list of runs failed" in text]) == TRIES - 1
    )


@pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT, Refusal.OTHER])
def test_a_refusal_that_patience_does_not_mend_is_said_at_once(why: Refusal) -> None:
    script = Scripted(page=[refused(why)])

    assert rehearsed(script).outcome is Outcome.REJECTED
    assert len(script.service.of("page")) == 1


def test_a_run_that_has_ended_is_not_planned_to_continue() -> None:
    script = Scripted()
    ledger = Ledger([ObjectResult(OBJECT)], script.notes, script.clock)

    Rehearsal(script.world, ledger).of_run(OBJECT, run_of("r-1", "Fail", "Success", "Fail"))

    assert ledger[OBJECT].message == "Would only report run r-1: it has ended already, as Fail."


def test_a_run_to_continue_is_planned_with_where_it_stands() -> None:
    script = Scripted()
    ledger = Ledger([ObjectResult(OBJECT)], script.notes, script.clock)

    Rehearsal(script.world, ledger).of_run(OBJECT, run_of("r-1", "Running", "Success", "Running"))

    message = ledger[OBJECT].message
    assert ledger[OBJECT].outcome is Outcome.PLANNED
    assert "r-1" in message
    assert "PROD_CHECK Running" in message
    assert script.notes.over == [(OBJECT, message)]
