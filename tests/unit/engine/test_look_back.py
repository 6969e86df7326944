"""A re-run of the job finds, keeps or replaces what its earlier attempts left."""

from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.event import (
    EarlierRunActive,
    EarlierRunAppeared,
    EarlierRunOver,
    ReadingFailed,
    Twins,
)
from dataworks_deploy.domain.model import (
    AbolishPipelineRun,
    GetPipelineRun,
    ListPipelineRuns,
    Page,
    Run,
    RunId,
)
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    DeadlinePassed,
    DeployedBefore,
    DuplicateAbolished,
    Duplicates,
    EarlierUnreadable,
    LostSight,
)
from dataworks_deploy.domain.reconcile import Mark, nonce_of
from dataworks_deploy.domain.record import HeldRun, Record, Unread, Whose
from dataworks_deploy.engine.pages import MOST_PASSES
from dataworks_deploy.engine.rivals import Opened

from .creation import CREATED, EMPTY, INTENT, MARK, THROTTLED, created, nonces, ours, service, theirs
from .plans import ONE, RERUN, carried_out, creation
from .world import LOST, OBJECT, Scripted, page_of, refused

DENIED = refused(Refusal.DENIED)
DEPLOYED, SECOND = ours("a", "Success"), ours("b")
FRESH = Opened(RunId("r"), MARK, sure=False)
NEXT = replace(MARK, generation=2)


def rerun(script: Scripted, *, redeploy: bool = False) -> tuple[Opened | None, Record]:
    return created(script, rerun=True, redeploy=redeploy)


class TestWhatIsLeft:
    @pytest.mark.parametrize(
        ("left", "redeploy", "mark"),
        [
            (theirs(), False, MARK),
            (ours("a", "Success", project_id=20002), False, MARK),
            (ours("a", "Fail"), False, NEXT),
            (DEPLOYED, True, NEXT),
        ],
    )
    def test_where_there_is_nothing_to_carry_on_it_creates(
        self, left: Any, mark: Mark, *, redeploy: bool
    ) -> None:
        script = service([CREATED], [page_of(left)])

        assert rerun(script, redeploy=redeploy)[0] == replace(FRESH, mark=mark)
        assert [each.description for each in script.service.of("create")] == [f"{mark} the note"]
        assert nonces(script) == [nonce_of(mark, 0)]
        # That an earlier run has ended is read twice.
        assert script.service.of("page") == [ListPipelineRuns(OBJECT)] * mark.generation
        assert script.notes.of(EarlierRunOver) == [EarlierRunOver(left)] * (mark == NEXT)

    def test_an_end_that_the_next_list_takes_back_makes_no_room_for_another_run(self) -> None:
        script = service([], [page_of(ours("a", "Fail")), page_of(ours("a"))])

        assert rerun(script)[0] == Opened(RunId("a"), MARK, sure=False)

    def test_an_active_run_is_carried_on_and_named_with_what_was_seen_beside_it(self) -> None:
        open_run = ours(generation=3)
        old, twin = ours("old"), ours("twin", "Cancel", generation=3)
        script = service([], [page_of(open_run, old, twin)])

        opened, record = rerun(script)

        assert opened == Opened(RunId("r"), Mark(INTENT, 3), sure=False, twins=(twin, old))
        assert (record.outcome, record.run) == (Outcome.CREATED, HeldRun(RunId("r"), Whose.OWN, adopted=True))
        assert (record.request.attempts, record.notes) == (0, (Duplicates((twin.id, old.id)),))
        assert script.notes.told == [(OBJECT, EarlierRunActive(RunId("r")))]
        assert script.notes.warned == [(OBJECT, Twins(RunId("r"), (twin.id, old.id)))]

    def test_a_lost_creation_of_the_next_generation_is_found_by_its_own_mark(self) -> None:
        script = service([LOST], [page_of(ours("old", "Fail")), page_of(ours("new", generation=2))])

        assert rerun(script)[0] == Opened(RunId("new"), NEXT, sure=False)


class TestDeployedBefore:
    def test_it_stays_and_is_read_once_more_before_that_is_said(self) -> None:
        script = service([], [page_of(DEPLOYED)], run=[LOST, Ok(DEPLOYED)])

        opened, record = rerun(script)

        assert opened is None
        assert script.service.of("run") == [GetPipelineRun(DEPLOYED.id)] * 2
        assert (record.outcome, record.reason) == (Outcome.SUCCEEDED, DeployedBefore(DEPLOYED))
        assert (record.run_id, record.adopted, record.notes) == (DEPLOYED.id, True, ())
        assert script.notes.told == [(OBJECT, ReadingFailed(DEPLOYED.id, 1, LOST.fault))]

    def test_what_only_the_list_calls_deployed_is_carried_on_with_what_was_seen_beside_it(self) -> None:
        script = service([], [page_of(DEPLOYED, SECOND)], run=[Ok(replace(DEPLOYED, status="Running"))])

        opened, record = rerun(script)

        assert opened == Opened(DEPLOYED.id, MARK, sure=False, twins=(SECOND,))
        assert (record.outcome, record.reading.status) == (Outcome.CREATED, "Running")
        assert record.notes == (Duplicates((SECOND.id,)),)

    def test_what_only_the_list_calls_deployed_is_not_said_to_be(self) -> None:
        script = service([], [page_of(DEPLOYED, SECOND)], run=[LOST, LOST, LOST, DENIED])

        opened, record = rerun(script)

        assert (opened, record.outcome) == (None, Outcome.TIMED_OUT)
        assert (record.reason, record.fault) == (LostSight(DEPLOYED.id, DENIED.fault), DENIED.fault)
        assert record.notes == (Duplicates((SECOND.id,)),)

    def test_a_second_run_of_it_is_named_and_abolished_once_it_is_sure(self) -> None:
        def abolish(_: AbolishPipelineRun) -> Any:
            assert script.notes.over[0].reason == DeployedBefore(DEPLOYED)
            return Ok(None)

        script = service([], [page_of(DEPLOYED, SECOND)], run=[Ok(DEPLOYED), Ok(SECOND)], abolish=[abolish])

        _, record = rerun(script)

        assert script.service.of("abolish") == [AbolishPipelineRun(SECOND.id)]
        assert record.outcome is Outcome.SUCCEEDED
        assert record.notes == (Duplicates((SECOND.id,)), DuplicateAbolished(SECOND.id))
        assert script.notes.warned == [(OBJECT, Twins(DEPLOYED.id, (SECOND.id,)))]

    def test_what_is_open_when_it_is_deployed_again_gives_way_also_if_nothing_is_created(self) -> None:
        script = service([DENIED], [page_of(DEPLOYED, SECOND)], run=[Ok(SECOND)], abolish=[Ok(None)])

        opened, record = rerun(script, redeploy=True)

        assert (opened, record.outcome) == (None, Outcome.REJECTED)
        assert record.notes == (Duplicates((SECOND.id,)), DuplicateAbolished(SECOND.id))
        assert script.notes.warned == [(OBJECT, Twins(None, (SECOND.id,)))]
        assert script.service.names == ["page", "page", "run", "abolish", "create"]


def drifting(run: Run) -> list[Ok[Page]]:
    """The pages of a list that shows this run, and another one in addition each time that it is read."""
    first = [run, *(theirs(f"old-{number}") for number in range(99))]
    return [page_of(*rows, total=101) for n in range(MOST_PASSES) for rows in (first, [theirs(f"new-{n}")])]


class TestTheListThatItNeeds:
    @pytest.mark.parametrize(("status", "names"), [("Running", []), ("Success", ["run"])])
    def test_what_a_list_shows_that_is_another_one_each_time_is_there(
        self, status: str, names: list[str]
    ) -> None:
        run = ours("a", status)
        script = service([], drifting(run), run=[Ok(run)])

        opened, record = rerun(script)

        assert record.run_id == run.id
        assert (opened is None) is (status == "Success")
        assert script.service.names == ["page"] * 12 + names

    def test_what_it_does_not_show_may_be_there(self) -> None:
        script = service([CREATED], [*drifting(theirs()), *drifting(theirs()), EMPTY])

        assert rerun(script)[0] == FRESH
        assert script.service.names == ["page"] * 25 + ["create"]

    def test_nothing_is_created_before_it_can_be_read(self) -> None:
        busy = refused(Refusal.THROTTLED, 9.0)
        script = service([CREATED], [LOST, busy, EMPTY])

        assert rerun(script)[0] is not None
        assert script.service.times("page") == pytest.approx([0, 0.75, 9.75])
        assert script.service.names[-1] == "create"
        assert [each.fault for each in script.notes.of(ReadingFailed)] == [LOST.fault, busy.fault]

    @pytest.mark.parametrize("page", [LOST, refused(Refusal.THROTTLED)])
    def test_what_was_said_of_it_explains_a_deadline(self, page: Any) -> None:
        _, (record,) = carried_out(Scripted(page=[page]), creation(ONE), timeout=30.0, policy=RERUN)

        assert (record.outcome, record.reason) == (Outcome.TIMED_OUT, DeadlinePassed(None))
        assert record.unread
        assert record.unread.count > 3
        assert record.fault == page.fault

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT, Refusal.OTHER])
    def test_where_it_is_refused_for_good_nothing_is_created(self, why: Refusal) -> None:
        no = refused(why)

        opened, record = rerun(service([], [LOST, LOST, LOST, no]))

        assert (opened, record.outcome) == (None, Outcome.REJECTED)
        assert (record.reason, record.fault) == (EarlierUnreadable(INTENT, no.fault), no.fault)


class TestThrottling:
    def test_what_comes_into_sight_meanwhile_is_carried_on(self) -> None:
        """Under the next nonce no fence would keep out what an earlier attempt has sent."""
        twin = ours("twin")
        script = service([THROTTLED, CREATED], [EMPTY, LOST, page_of(theirs(), ours("a"), twin)])

        opened, record = rerun(script)

        assert opened == Opened(RunId("a"), MARK, sure=False, twins=(twin,))
        assert (record.outcome, record.adopted, record.fault) == (Outcome.CREATED, True, None)
        assert record.notes == (Duplicates((twin.id,)),)
        assert len(nonces(script)) == 1
        assert script.notes.told[-1] == (OBJECT, EarlierRunAppeared(RunId("a")))

    @pytest.mark.parametrize("seen", [page_of(theirs(age_minutes=60)), page_of(theirs()), DENIED])
    def test_where_nothing_does_it_is_sent_again(self, seen: Any) -> None:
        script = service([THROTTLED, THROTTLED, CREATED], [EMPTY, seen])

        assert rerun(script)[0] == FRESH
        assert nonces(script) == [nonce_of(MARK, n) for n in range(3)]
        assert script.service.names == ["page", *["create", "page"] * 2, "create"]
        assert script.notes.warned == []

    def test_readings_that_failed_meanwhile_do_not_hide_what_refuses_it_in_the_end(self) -> None:
        script = service([THROTTLED, DENIED], [EMPTY, LOST, LOST, LOST, DENIED])

        _, record = rerun(script)

        assert (record.outcome, record.unread, record.fault) == (Outcome.REJECTED, None, DENIED.fault)

    def test_readings_that_fail_explain_a_deadline_until_then(self) -> None:
        script = service([THROTTLED], [EMPTY, LOST])

        _, (record,) = carried_out(script, creation(ONE), timeout=30.0, policy=RERUN)

        assert (record.outcome, record.reason) == (Outcome.TIMED_OUT, DeadlinePassed(None))
        assert isinstance(record.unread, Unread)

    @pytest.mark.parametrize(
        ("create", "again", "looks"),
        [
            ([THROTTLED, CREATED], False, 0),
            ([refused(Refusal.UNREACHABLE), CREATED], True, 1),
            ([LOST, THROTTLED, CREATED], True, 4),
        ],
    )
    def test_no_look_is_taken_where_no_earlier_attempt_was_or_the_nonce_stays(
        self, create: list[Any], *, again: bool, looks: int
    ) -> None:
        script = service(create)

        created(script, rerun=again)

        assert len(script.service.of("page")) == looks
