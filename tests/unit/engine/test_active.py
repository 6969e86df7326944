"""Open runs of the object are handled before anything is created for it."""

from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.event import (
    EarlierRunActive,
    Event,
    Leftovers,
    NotAbolished,
    OtherFollowed,
    OthersUnread,
    RunDeploys,
)
from dataworks_deploy.domain.model import AbolishPipelineRun, OnActiveRun, Run, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    NotSuperseded,
    OpenBefore,
    OtherAbolished,
    OtherEnded,
    OthersUnreadable,
    Supersedes,
)
from dataworks_deploy.domain.reconcile import Mark
from dataworks_deploy.domain.record import HeldRun, Whose
from dataworks_deploy.engine.read import TRIES
from dataworks_deploy.engine.rivals import Opened

from .assigned import ASSIGNMENT, ONE, carried_out, creation
from .creation import (
    ADOPT,
    CREATED,
    CREATION,
    EMPTY,
    FAIL,
    IGNORE,
    MARK,
    SUPERSEDE,
    created,
    ours,
    service,
    theirs,
)
from .world import LOST, Scripted, page_of, refused, run_of

OWN = run_of("own", description=str(Mark("B" * 26, 1, MARK.owner)))
ENDED = replace(OWN, status="Termination")
DEPLOYS = replace(OWN, stages=run_of("x", "Running", "Success", "Success", "Running").stages)
SURE = Opened(RunId("r"), MARK, sure=True)
DENIED = refused(Refusal.DENIED)
SUPERSEDES = replace(ASSIGNMENT.policy, on_active_run=SUPERSEDE)


def warned(script: Scripted, kind: type[Event]) -> list[Event]:
    """The warnings of this kind."""
    return [event for _, event in script.notes.warned if isinstance(event, kind)]


def test_open_runs_are_reported_and_a_new_run_is_created() -> None:
    script = service([CREATED], [page_of(theirs("a"), OWN)])

    opened, _ = created(script, looks=True)

    assert (opened, script.service.names) == (SURE, ["page", "create"])
    assert warned(script, Leftovers) == [Leftovers((theirs("a"), OWN))]


def test_runs_reported_before_are_not_reported_again_after_a_lost_answer() -> None:
    old = theirs("a", age_minutes=11)
    script = service([LOST, CREATED], [page_of(old)])

    created(script, looks=True)

    assert warned(script, Leftovers) == [Leftovers((old,))]


@pytest.mark.parametrize(("on_active", "looks"), [(IGNORE, True), (IGNORE, False), (OnActiveRun.WARN, False)])
def test_with_ignore_nothing_is_read_and_nothing_for_a_warning_that_nobody_wants(
    on_active: OnActiveRun, looks: bool
) -> None:
    script = service([CREATED], [page_of(theirs())])

    assert created(script, looks=looks, on_active=on_active)[0] == SURE
    assert script.service.names == ["create"]


def test_with_fail_an_open_run_stops_the_creation() -> None:
    script = service([], [page_of(theirs())])

    opened, record = created(script, looks=True, on_active=FAIL)

    assert (opened, record.outcome) == (None, Outcome.CONFLICT)
    assert (record.reason, record.run, record.request.attempts) == (
        OpenBefore(theirs(), CREATION.type),
        None,
        0,
    )


def test_with_adopt_an_open_run_is_followed_and_not_changed() -> None:
    script = service([], [page_of(theirs())])

    opened, record = created(script, looks=True, on_active=ADOPT)

    assert opened == Opened(RunId("x"), None, sure=False)
    assert (record.run, record.notes) == (HeldRun(RunId("x"), Whose.FOREIGN, adopted=True), ())
    assert script.notes.of(OtherFollowed) == [OtherFollowed(theirs())]


class TestSuperseding:
    def test_own_open_runs_are_ended_first(self) -> None:
        script = service([CREATED], [page_of(OWN, theirs())], run=[Ok(OWN), Ok(ENDED)], abolish=[Ok(None)])

        opened, record = created(script, looks=True, on_active=SUPERSEDE)

        assert (opened, script.service.names) == (SURE, ["page", "run", "abolish", "run", "create"])
        assert script.service.of("abolish") == [AbolishPipelineRun(OWN.id)]
        assert record.notes == (Supersedes((OWN.id,)), OtherAbolished(OWN.id))
        assert warned(script, Leftovers) == [Leftovers((theirs(),))]

    @pytest.mark.parametrize(
        "now", [DEPLOYS, replace(OWN, description="by hand")], ids=["deploys", "is not ours"]
    )
    def test_a_new_reading_of_the_run_decides(self, now: Run) -> None:
        """The list may be old. Since then the run may have begun to deploy, or may show another description."""
        script = service([CREATED], [page_of(OWN)], run=[Ok(now)])

        opened, _ = created(script, looks=True, on_active=SUPERSEDE)

        assert (opened, script.service.names) == (SURE, ["page", "run", "create"])
        assert warned(script, Leftovers) == [Leftovers((OWN,))]

    def test_a_run_that_already_deploys_is_only_reported(self) -> None:
        script = service([CREATED], [page_of(DEPLOYS)])

        assert created(script, looks=True, on_active=SUPERSEDE)[0] == SURE
        assert script.service.names == ["page", "create"]
        assert script.notes.of(RunDeploys) == []

    def test_a_run_that_has_ended_since_does_not_matter(self) -> None:
        script = service([CREATED], [page_of(OWN)], run=[Ok(ENDED)])

        opened, record = created(script, looks=True, on_active=SUPERSEDE)

        assert (opened, record.notes) == (SURE, (Supersedes((OWN.id,)), OtherEnded(OWN.id, "Termination")))
        assert warned(script, Leftovers) == []

    def test_a_run_that_cannot_be_ended_stays_open_beside_the_new_one(self) -> None:
        script = service([CREATED], [page_of(OWN)], run=[Ok(OWN)], abolish=[DENIED])

        opened, record = created(script, looks=True, on_active=SUPERSEDE)

        assert opened == SURE
        assert warned(script, NotAbolished) == [NotAbolished(OWN.id, DENIED.fault)]
        assert record.notes == (Supersedes((OWN.id,)), NotSuperseded((OWN.id,), DENIED.fault))
        assert warned(script, Leftovers) == [Leftovers((OWN,))]

    def test_a_deadline_that_cuts_the_abolition_leaves_what_is_known(self) -> None:
        """The first run is gone, and the second one cannot be ended in time: people must know both."""
        second = replace(OWN, id=RunId("second"))
        readings = [Ok(OWN), Ok(ENDED), *[Ok(second)] * 9]
        script = Scripted(
            page=[page_of(OWN, second)], run=readings, abolish=[Ok(None), *[LOST] * 9], create=[CREATED]
        )

        (record,) = carried_out(script, creation(ONE), policy=SUPERSEDES, timeout=4.0)[1]

        assert (record.outcome, script.service.of("create")) == (Outcome.TIMED_OUT, [])
        assert record.notes[1:] == (OtherAbolished(OWN.id), NotSuperseded((second.id,), LOST.fault))


def test_a_run_of_a_copy_of_this_job_is_followed() -> None:
    """Only the used nonce would prevent a second run, and nobody has observed that it does."""
    script = service([], [page_of(theirs(), ours())])

    opened, record = created(script, looks=True, on_active=FAIL)

    assert opened == Opened(RunId("r"), MARK, sure=False)
    assert record.run == HeldRun(RunId("r"), Whose.OWN, adopted=True)
    assert script.notes.of(EarlierRunActive) == [EarlierRunActive(RunId("r"))]


def test_a_run_of_a_copy_seen_while_changes_were_read_is_followed() -> None:
    """Whatever on-active-run says about the runs of others."""
    script = service([], [])

    opened, record = created(script, on_active=IGNORE, begun=(theirs(), ours()))

    assert opened == Opened(RunId("r"), MARK, sure=False)
    assert (record.run_id, script.service.calls) == ("r", [])


class TestWhatCannotBeRead:
    @pytest.mark.parametrize(("answer", "calls"), [(DENIED, 1), (LOST, TRIES)])
    def test_with_warn_only_the_warning_is_lost(self, answer: Any, calls: int) -> None:
        script = service([CREATED], [answer])

        opened, record = created(script, looks=True)

        assert (opened, script.service.names) == (SURE, [*["page"] * calls, "create"])
        assert warned(script, OthersUnread) == [OthersUnread(answer.fault)]
        assert record.unread is None

    @pytest.mark.parametrize("choice", [FAIL, ADOPT, SUPERSEDE])
    def test_with_other_choices_nothing_is_created(self, choice: OnActiveRun) -> None:
        script = service([], [DENIED])

        opened, record = created(script, looks=True, on_active=choice)

        assert (opened, record.outcome) == (None, Outcome.REJECTED)
        assert (record.reason, record.fault) == (OthersUnreadable(choice, DENIED.fault), DENIED.fault)

    def test_the_list_is_read_until_it_succeeds(self) -> None:
        script = service([CREATED], [LOST, LOST, LOST, LOST, EMPTY])

        assert created(script, looks=True, on_active=FAIL)[0] == SURE
        assert script.service.names == [*["page"] * 5, "create"]


def test_a_re_run_reads_the_list_once_for_both() -> None:
    """One list shows the runs of earlier attempts and the open runs of others."""
    script = service([], [page_of(theirs())])

    _, record = created(script, rerun=True, on_active=FAIL)

    assert (record.outcome, script.service.names) == (Outcome.CONFLICT, ["page"])


def test_a_re_run_continues_its_own_run_before_it_looks_at_others() -> None:
    script = service([], [page_of(theirs(), ours())])

    assert created(script, rerun=True, on_active=FAIL)[0] == Opened(RunId("r"), MARK, sure=False)


def test_no_call_is_made_for_an_object_that_is_no_longer_wanted() -> None:
    script = service([], [])

    opened, record = created(script, looks=True, on_active=SUPERSEDE, wanted=False)

    assert (opened, record.outcome) == (None, Outcome.SKIPPED)
    assert script.service.calls == []
