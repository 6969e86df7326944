"""The mark of a run holds the fingerprint of the draft as it is at the creation."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import ListPipelineRuns
from dataworks_deploy.domain.studio.catalog import Content, Kind, StudioObject
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.engine.drafts import STALE, Drafts
from dataworks_deploy.engine.read import TRIES

from .world import LOST, OBJECT, Scripted, refused

BEFORE, NOW = (Content(letter * 16, None) for letter in "BN")
NODE, WORKFLOW = (StudioObject(OBJECT, kind, content=BEFORE) for kind in (Kind.NODE, Kind.WORKFLOW))
READ = Ok(Described(replace(WORKFLOW, content=NOW)))
UNREAD = Ok(Described(replace(WORKFLOW, content=None)))


def after(seconds: float, known: list[StudioObject], answer: Any = READ) -> tuple[str, int]:
    """The fingerprint so long after the objects were read, and the calls for it."""
    script = Scripted(workflow=[answer])

    async def work() -> str:
        await asyncio.sleep(seconds)
        return await Drafts(script.world, known, 0.0).fingerprint(OBJECT)

    return script.play(work()), len(script.service.calls)


@pytest.mark.parametrize(
    ("seconds", "known", "content", "calls"),
    [(STALE, [WORKFLOW], BEFORE, 0), (STALE + 1, [WORKFLOW], NOW, 1), (3600, [NODE], BEFORE, 0)],
)
def test_only_a_workflow_that_was_read_long_ago_is_read_again(
    seconds: float, known: list[StudioObject], content: Content, calls: int
) -> None:
    assert after(seconds, known) == (content.fingerprint, calls)


@pytest.mark.parametrize("known", [[], [replace(WORKFLOW, content=None)]])
def test_what_was_not_read_has_no_fingerprint(known: list[StudioObject]) -> None:
    assert after(3600, known) == ("", 0)


@pytest.mark.parametrize("answer", [LOST, UNREAD])
def test_a_workflow_that_cannot_be_read_again_has_no_fingerprint(answer: Any) -> None:
    assert after(3600, [WORKFLOW], answer) == ("", 1 if answer is UNREAD else TRIES)


@pytest.mark.parametrize("compares", [True, False])
def test_where_calls_are_scarce_only_a_step_that_compares_spends_one(compares: bool) -> None:
    """Otherwise each later step would deploy the workflow again, and leave no fingerprint again."""
    script = Scripted(workflow=[READ], page=[refused(Refusal.THROTTLED)])
    drafts = Drafts(script.world, [WORKFLOW], -STALE - 1, compares=compares)

    async def work() -> str:
        await script.calls.make(ListPipelineRuns(OBJECT))
        return await drafts.fingerprint(OBJECT)

    assert script.play(work()) == (NOW.fingerprint if compares else "")
