"""A re-run of the job finds, keeps or replaces the runs of its earlier attempts."""

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
    Duplicates,
    EarlierUnreadable,
    LostSight,
    OtherAbolished,
)
from dataworks_deploy.domain.reconcile import Mark, nonce_of
from dataworks_deploy.domain.record import HeldRun, Record, Unread, Whose
from dataworks_deploy.engine.pages import MOST_PASSES
from dataworks_deploy.engine.rivals import Opened

from .assigned import ONE, RERUN, carried_out, creation
from .creation import CREATED, EMPTY, INTENT, MARK, THROTTLED, created, nonces, ours, service, theirs
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
    def test_without_a_run_to_continue_it_creates_one(self, left: Any, mark: Mark, *, redeploy: bool) -> None:
        script = service([CREATED], [page_of(left)])

        assert rerun(script, redeploy=redeploy)[0] == replace(FRESH, mark=mark)
        assert [each.description for each in script.service.of("create")] == [f"{mark} the note"]
        assert nonces(script) == [nonce_of(mark, 0)]
        # The end of an earlier run is read twice.
        assert script.service.of("page") == [ListPipelineRuns(OBJECT)] * mark.generation
        assert script.notes.of(EarlierRunOver) == [EarlierRunOver(left)] * (mark == NEXT)

    def test_an_end_that_the_next_list_does_not_show_allows_no_new_run(self) -> None:
        script = service([], [page_of(ours("a", "Fail")), page_of(ours("a"))])

        assert rerun(script)[0] == Opened(RunId("a"), MARK, sure=False)

    def test_an_active_run_is_continued_and_others_seen_with_it_are_named(self) -> None:
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
    def test_a_deployed_object_is_kept_after_one_more_reading(self) -> None:
        script = service([], [page_of(DEPLOYED)], run=[LOST, Ok(DEPLOYED)])

        opened, record = rerun(script)

        assert opened is None
        assert script.service.of("run") == [GetPipelineRun(DEPLOYED.id)] * 2
        assert (record.outcome, record.reason) == (Outcome.SUCCEEDED, DeployedBefore(DEPLOYED))
        assert (record.run_id, record.adopted, record.notes) == (DEPLOYED.id, True, ())
        assert script.notes.told == [(OBJECT, ReadingFailed(DEPLOYED.id, 1, LOST.fault))]

    def test_a_run_deployed_only_by_the_list_is_continued_with_its_twins(self) -> None:
        script = service([], [page_of(DEPLOYED, SECOND)], run=[Ok(replace(DEPLOYED, status="Running"))])

        opened, record = rerun(script)

        assert opened == Opened(DEPLOYED.id, MARK, sure=False, twins=(SECOND,))
        assert (record.outcome, record.reading.status) == (Outcome.CREATED, "Running")
        assert record.notes == (Duplicates((SECOND.id,)),)

    def test_a_run_deployed_only_by_the_list_is_not_reported_as_deployed(self) -> None:
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
        assert record.notes == (Duplicates((SECOND.id,)), OtherAbolished(SECOND.id))
        assert script.notes.warned == [(OBJECT, Twins(DEPLOYED.id, (SECOND.id,)))]

    def test_with_redeploy_open_runs_are_abolished_even_if_nothing_is_created(self) -> None:
        script = service([DENIED], [page_of(DEPLOYED, SECOND)], run=[Ok(SECOND)], abolish=[Ok(None)])

        opened, record = rerun(script, redeploy=True)

        assert (opened, record.outcome) == (None, Outcome.REJECTED)
        assert record.notes == (Duplicates((SECOND.id,)), OtherAbolished(SECOND.id))
        assert script.notes.warned == [(OBJECT, Twins(None, (SECOND.id,)))]
        assert script.service.names == ["page", "page", "run", "abolish", "create"]


def drifting(run: Run) -> list[Ok[Page]]:
    """The pages of a list that shows this run, and one more run at each reading."""
    first = [run, *(theirs(f"old-{number}") for number in range(99))]
    return [page_of(*rows, total=101) for n in range(MOST_PASSES) for rows in (first, [theirs(f"new-{n}")])]


class TestTheListThatItNeeds:
    @pytest.mark.parametrize(("status", "names"), [("Running", []), ("Success", ["run"])])
    def test_a_run_in_a_shifting_list_exists(self, status: str, names: list[str]) -> None:
        run = ours("a", status)
        script = service([], drifting(run), run=[Ok(run)])

        opened, record = rerun(script)

        assert record.run_id == run.id
        assert (opened is None) is (status == "Success")
        assert script.service.names == ["page"] * 12 + names

    def test_a_run_missing_from_a_shifting_list_may_exist(self) -> None:
        script = service([CREATED], [*drifting(theirs()), *drifting(theirs()), EMPTY])

        assert rerun(script)[0] == FRESH
        assert script.service.names == ["page"] * 25 + ["create"]

    def test_nothing_is_created_before_the_list_is_read(self) -> None:
        busy = refused(Refusal.THROTTLED, 9.0)
        script = service([CREATED], [LOST, busy, EMPTY])

        assert rerun(script)[0] is not None
        assert script.service.times("page") == pytest.approx([0, 0.75, 9.75])
        assert script.service.names[-1] == "create"
        assert [each.fault for each in script.notes.of(ReadingFailed)] == [LOST.fault, busy.fault]

    @pytest.mark.parametrize("page", [LOST, refused(Refusal.THROTTLED)])
    def test_the_lists_error_explains_a_missed_deadline(self, page: Any) -> None:
        _, (record,) = carried_out(Scripted(page=[page]), creation(ONE), timeout=30.0, policy=RERUN)

        assert (record.outcome, record.reason) == (Outcome.TIMED_OUT, DeadlinePassed(None))
        assert record.unread
        assert record.unread.count > 3
        assert record.fault == page.fault

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT, Refusal.OTHER])
    def test_with_a_list_that_is_refused_for_good_nothing_is_created(self, why: Refusal) -> None:
        no = refused(why)

        opened, record = rerun(service([], [LOST, LOST, LOST, no]))

        assert (opened, record.outcome) == (None, Outcome.REJECTED)
        assert (record.reason, record.fault) == (EarlierUnreadable(INTENT, no.fault), no.fault)


class TestThrottling:
    def test_a_run_that_appears_meanwhile_is_continued(self) -> None:
        """With the next nonce, the gateway would not stop a request of an earlier attempt."""
        twin = ours("twin")
        script = service([THROTTLED, CREATED], [EMPTY, LOST, page_of(theirs(), ours("a"), twin)])

        opened, record = rerun(script)

        assert opened == Opened(RunId("a"), MARK, sure=False, twins=(twin,))
        assert (record.outcome, record.adopted, record.fault) == (Outcome.CREATED, True, None)
        assert record.notes == (Duplicates((twin.id,)),)
        assert len(nonces(script)) == 1
        assert script.notes.told[-1] == (OBJECT, EarlierRunAppeared(RunId("a")))

    @pytest.mark.parametrize("seen", [page_of(theirs(age_minutes=60)), page_of(theirs())])
    def test_if_no_run_appears_the_request_is_sent_again(self, seen: Any) -> None:
        script = service([THROTTLED, THROTTLED, CREATED], [EMPTY, seen])

        assert rerun(script)[0] == FRESH
        assert nonces(script) == [nonce_of(MARK, n) for n in range(3)]
        assert script.service.names == ["page", *["create", "page"] * 2, "create"]
        assert script.notes.warned == []

    def test_failed_readings_do_not_hide_the_final_refusal(self) -> None:
        script = service([THROTTLED, DENIED], [EMPTY, LOST, LOST, LOST, DENIED])

        _, record = rerun(script)

        assert (record.outcome, record.unread, record.fault) == (Outcome.REJECTED, None, DENIED.fault)

    def test_failed_readings_explain_a_missed_deadline_until_then(self) -> None:
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
    def test_without_an_earlier_attempt_or_a_new_nonce_nothing_is_looked_for(
        self, create: list[Any], *, again: bool, looks: int
    ) -> None:
        script = service(create)

        created(script, rerun=again)

        assert len(script.service.of("page")) == looks
