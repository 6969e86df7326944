"""What is read to find out which objects have changed."""

from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.event import ChangesUnread
from dataworks_deploy.domain.model import GetPipelineRun, ObjectId, Run, RunId
from dataworks_deploy.domain.reason import BegunBefore
from dataworks_deploy.domain.reconcile import Mark
from dataworks_deploy.domain.studio.catalog import Content, StudioObject
from dataworks_deploy.domain.studio.changes import Cause, Changed, Comparison, Unchanged
from dataworks_deploy.engine.changes import Comparing
from dataworks_deploy.engine.ledger import Begun
from dataworks_deploy.engine.read import TRIES

from .creation import CREATION, MARK, NOW_MS, ORIGIN
from .world import LOST, OBJECT, Scripted, page_of, refused, run_of

DRAFT = StudioObject(OBJECT, content=Content("C" * 16, 1), in_production=True)
DONE = ("Success", "Success", "Success", "Success")


def deployed(name: str = "d", at: int = NOW_MS, description: str = "") -> Run:
    """A run of this repository in another workflow run, which has deployed the content of the draft."""
    its = description or f"{Mark('B' * 26, 1, MARK.owner, MARK.content)} x"
    return replace(run_of(name, *DONE, description=its, at=at), modified_ms=at + 1000)


LAST = deployed()
OLDER = replace(
    run_of("open", "Running", "Success", "Success", description="by hand", at=NOW_MS - 9000), modified_ms=0
)


def comparing(script: Scripted, begun: Begun | None = None) -> Comparing:
    """A comparison for this repository."""
    begun = begun or Begun(script.ledger(), ORIGIN, CREATION, redeploy=False)
    return Comparing(script.world, CREATION.project_id, MARK.owner, begun)


def compared(script: Scripted, draft: StudioObject = DRAFT) -> Comparison | None:
    """The result for the object."""
    return script.play(comparing(script).compare([draft])).get(OBJECT)


def test_one_list_shows_that_an_object_is_unchanged() -> None:
    script = Scripted(page=[page_of(LAST)])

    assert compared(script) == Unchanged(LAST)
    assert script.service.names == ["page"]


def test_for_an_unread_draft_no_runs_are_read() -> None:
    script = Scripted()

    assert compared(script, draft=replace(DRAFT, content=None)) == Changed(Cause.CANNOT_TELL)
    assert script.service.calls == []


def test_runs_of_another_workspace_say_nothing() -> None:
    script = Scripted(page=[page_of(replace(LAST, project_id=20002))])

    assert compared(script) == Changed(Cause.NEVER_DEPLOYED)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Ok(OLDER), Unchanged(LAST)),
        (
            Ok(replace(OLDER, stages=LAST.stages)),
            Changed(Cause.CANNOT_TELL, replace(OLDER, stages=LAST.stages)),
        ),
        (LOST, Changed(Cause.CANNOT_TELL)),
    ],
)
def test_a_run_that_the_list_shows_open_is_read_by_itself(now: Any, said: Comparison) -> None:
    """The list may be old. Since then that run may have put an older draft into production."""
    script = Scripted(page=[page_of(LAST, OLDER)], run=[now])

    assert compared(script) == said
    assert script.service.of("run") == [GetPipelineRun(OLDER.id)]


def test_for_a_changed_object_open_runs_do_not_matter() -> None:
    script = Scripted(page=[page_of(deployed(description="by hand"), OLDER)])

    assert compared(script) == Changed(Cause.NEVER_DEPLOYED)
    assert script.service.names == ["page"]


def test_an_object_that_this_job_has_begun_is_continued_and_its_runs_named() -> None:
    """An earlier attempt has begun it, or a copy of the job."""
    ends = {"a": "Fail", "b": "Success", "c": "Init"}
    own = [run_of(name, status, description=str(MARK)) for name, status in ends.items()]
    script = Scripted(page=[page_of(LAST, *own)])
    begun = Begun(ledger := script.ledger(), ORIGIN, CREATION, redeploy=False)

    assert script.play(comparing(script, begun).compare([DRAFT])) == {}
    assert begun[OBJECT] == tuple(own)
    assert ledger[OBJECT].notes == (BegunBefore((RunId("b"), RunId("c")), deployed=True),)


@pytest.mark.parametrize(
    ("answers", "calls"),
    [([LOST], TRIES), ([refused(Refusal.DENIED)], 1), ([page_of(LAST, total=101, size=1)], None)],
    ids=["lost", "denied", "cut short"],
)
def test_an_object_with_an_unreadable_list_is_deployed_and_reported(
    answers: list[Any], calls: int | None
) -> None:
    script = Scripted(page=answers)

    assert compared(script) == Changed(Cause.CANNOT_TELL)
    assert script.notes.warned == [(None, ChangesUnread(1))]
    assert calls is None or len(script.service.calls) == calls


def test_a_list_that_is_read_at_last_counts() -> None:
    script = Scripted(page=[LOST, page_of(LAST)])

    assert compared(script) == Unchanged(LAST)
    assert script.notes.warned == []


def test_a_list_that_keeps_shifting_is_incomplete() -> None:
    first, second = page_of(LAST, total=2, size=1), page_of(deployed("e"), total=2, size=1)
    others = [page_of(deployed(f"x{number}"), total=2, size=1) for number in range(40)]
    script = Scripted(page=[first, second, *others])

    assert compared(script) == Changed(Cause.CANNOT_TELL)


def test_each_object_is_compared_by_itself() -> None:
    script, other = Scripted(page=[page_of(LAST)]), ObjectId("2")

    found = script.play(
        comparing(script).compare([DRAFT, replace(DRAFT, id=other, content=Content("D" * 16, 1))])
    )

    assert found == {OBJECT: Unchanged(LAST), other: Changed(Cause.EDITED, LAST)}
