"""Where an object lies that is refused because it is part of a workflow."""

import pytest
from dataworks_deploy.app.ledger import Ledger
from dataworks_deploy.app.locate import LOOK_SECONDS, locate

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import Node
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .world import LOST, OBJECT, Scripted, refused


def located(script: Scripted) -> ObjectResult:
    """What stands in the ledger of an object that was refused."""
    ledger = Ledger([ObjectResult(OBJECT)], script.notes, script.clock)
    ledger.end(OBJECT, Outcome.REJECTED, "Refused.")
    script.play(locate(script.world, ledger, OBJECT))
    return ledger[OBJECT]


def test_the_workflow_is_named_beside_the_refusal() -> None:
    script = Scripted(node=[Ok(Node("a/b", "8604388726201130001"))])

    result = located(script)

    assert script.service.of("node") == [(OBJECT,)]
    assert result.outcome is Outcome.REJECTED
    assert result.message.startswith("Refused. ")
    assert "8604388726201130001" in result.message
    assert script.notes.told == [(OBJECT, result.remark)]


@pytest.mark.parametrize("answer", [Ok(Node()), LOST, refused(Refusal.DENIED)])
def test_where_nothing_is_to_be_had_nothing_is_said(answer: object) -> None:
    script = Scripted(node=[answer])

    assert located(script).message == "Refused."
    assert script.notes.told == []


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    script = Scripted(node=[Ok(Node("a/b", "8604388726201130001"))])
    script.service.delay = 2 * LOOK_SECONDS

    assert located(script).message == "Refused."
