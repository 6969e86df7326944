"""The ID in an answer proves nothing until the run itself was read."""

from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.event import (
    CreationRepeated,
    DescriptionsHidden,
    EarlierRequestGone,
    EarlierRequestMet,
)
from dataworks_deploy.domain.model import ListPipelineRuns, Run, RunId
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reason import (
    AnswerLost,
    EarlierUnmarked,
    Elected,
    FoundByMark,
    LostSight,
    MayBeSecond,
    NotOurs,
    SentAnew,
)
from dataworks_deploy.domain.reconcile import Mark, nonce_of
from dataworks_deploy.domain.record import Fate, HeldRun, Record, Whose
from dataworks_deploy.engine.rivals import Rivals

from .assigned import ONE, RERUN, TWO, carried_out, create, creation
from .creation import (
    ADOPT,
    CREATED,
    EMPTY,
    FAIL,
    IGNORE,
    INTENT,
    MARK,
    NOW_MS,
    created,
    nonces,
    ours,
    service,
    theirs,
)
from .world import LOST, OBJECT, Scripted, page_of, refused, run_of

A, B = RunId("a"), RunId("b")
USED, DENIED = refused(Refusal.NONCE_USED), refused(Refusal.DENIED)
HOUR = 60 * 60 * 1000
BY_HAND = run_of("a", "Running", "Success", description="by hand", at=NOW_MS)
OLD = replace(BY_HAND, description="", created_ms=NOW_MS - 2 * HOUR)
YOUNG = replace(OLD, created_ms=NOW_MS - 9 * 60 * 1000)
DONE = ("Success", "Success", "Success", "Success")


def undescribed(name: str, *statuses: str, age: int = 0) -> Ok[Run]:
    """A run without a description."""
    return Ok(run_of(name, *(statuses or ("Running", "Success")), at=NOW_MS - age))


def hidden(script: Scripted) -> Scripted:
    """The same service, but it hides the descriptions of the runs that it creates."""
    script.service.shows_descriptions = False
    return script


def mark_of(record: Record) -> Mark:
    """The mark that a run should have but does not."""
    assert isinstance(record.reason, NotOurs)
    return record.reason.mark


class TestSomebodyElses:
    @pytest.mark.parametrize("run", [BY_HAND, OLD, replace(BY_HAND, description=f"[dwd1:{'B' * 26}:g1]")])
    @pytest.mark.parametrize("wait", [True, False])
    def test_somebody_elses_run_is_not_executed_or_abolished(self, run: Run, *, wait: bool) -> None:
        script = Scripted(create=[create("a")], run=[Ok(run)])
        ends = frozenset({End.FAILURE})

        end, (record,) = carried_out(hidden(script), creation(ONE), wait=wait, abolish_on=ends)

        assert (end, record.outcome, record.run_id) == (End.FAILURE, Outcome.CONFLICT, None)
        assert record.reason == NotOurs(run, mark_of(record))
        assert (record.request.id, record.request.attempts) == ("R", 1)
        assert script.service.names == ["create", "run"]

    def test_a_run_seen_on_a_page_is_read_again_by_its_id(self) -> None:
        """A page may show less than the run itself."""
        rows = page_of(YOUNG, replace(YOUNG, id=B))

        def mine(operation: Any) -> Any:
            return Ok(run_of(operation.run_id, *DONE, at=NOW_MS))

        script = Scripted(create=[create("a"), create("b")], page=[rows], run=[mine])
        script.service.pages_show_descriptions = False

        _, records = carried_out(script, creation(ONE), creation(TWO), max_parallel=2)

        assert [record.outcome for record in records] == [Outcome.SUCCEEDED] * 2
        assert script.notes.warned == []

    @pytest.mark.parametrize("page", [page_of(OLD), page_of(YOUNG)])
    def test_the_named_run_is_checked_before_an_election_too(self, page: Any) -> None:
        script = Scripted(create=[create("a")], page=[EMPTY, page], run=[Ok(OLD)])

        _, (record,) = carried_out(hidden(script), creation(OBJECT), policy=RERUN)

        assert (record.outcome, record.reason) == (Outcome.CONFLICT, NotOurs(OLD, mark_of(record)))
        assert script.service.names == ["page", "create", "page", *["run"] * (page == page_of(YOUNG))]

    def test_if_the_list_shows_the_jobs_own_run_that_one_is_followed(self) -> None:
        """The answer has named somebody else's run."""
        mine = ours("b")
        script = service([create("a"), LOST], [EMPTY, page_of(BY_HAND, mine)])

        opened, record = created(script, rerun=True)
        assert opened
        ledger = script.ledger(record)
        rivals = Rivals(script.world, ledger, 10001, settle=8.0, continues=lambda _: True)
        held = script.play(rivals.hold(OBJECT, opened))

        assert held == replace(opened, run_id=B)
        assert ledger[OBJECT].run == HeldRun(B, Whose.OWN, adopted=True)
        assert ledger[OBJECT].notes == (Elected(B, A),)
        assert ledger[OBJECT].proven
        assert script.service.of("abolish") == []

    @pytest.mark.parametrize(("run", "fate"), [(BY_HAND, None), (OLD, None), (YOUNG, Fate.ABOLISHED)])
    def test_a_step_stopped_before_the_check_checks_before_abolishing(
        self, run: Run, fate: Fate | None
    ) -> None:
        script = Scripted(create=[create("a")], run=[Ok(run)], abolish=[Ok(None)])

        _, (record,) = carried_out(hidden(script), creation(ONE), stop=0.1)

        assert record.fate is fate
        assert (record.outcome is Outcome.CONFLICT) is (fate is None)
        assert len(script.service.of("abolish")) == (fate is not None)

    def test_a_run_that_cannot_be_read_is_not_executed(self) -> None:
        script = Scripted(create=[create("a")], run=[DENIED])

        _, (record,) = carried_out(script, creation(ONE), wait=False)

        assert (record.outcome, record.reason) == (Outcome.TIMED_OUT, LostSight(A, DENIED.fault))
        assert record.run_id == "a"

    @pytest.mark.parametrize("ending", [LOST, refused(Refusal.OTHER), refused(Refusal.THROTTLED, 3.0)])
    def test_without_waiting_the_run_is_read_for_the_settle_time(self, ending: Any) -> None:
        script = Scripted(create=[create("a")], run=[ending])

        _, (record,) = carried_out(script, creation(ONE), wait=False)

        assert (record.outcome, record.reason) == (Outcome.TIMED_OUT, LostSight(A, ending.fault))
        assert 8.0 <= script.ended_at < 20.0

    def test_waiting_for_a_turn_does_not_count_towards_that_time(self) -> None:
        throttled = refused(Refusal.THROTTLED, 60.0)
        script = Scripted(create=[create("a")], run=[throttled, Ok(run_of("a"))])

        _, (record,) = carried_out(script, creation(ONE), wait=False)

        assert record.outcome is Outcome.CREATED

    def test_in_the_normal_case_the_check_costs_no_call(self) -> None:
        script = Scripted(create=[create("a")], run=[Ok(run_of("a", *DONE))])

        carried_out(script, creation(ONE))

        assert script.service.names == ["create", "run", "run"]


class TestDescriptionsThatAreNotShown:
    def test_hidden_descriptions_are_reported_once_and_the_run_is_followed(self) -> None:
        script = hidden(
            Scripted(create=[create("a"), create("b")], run=[lambda it: undescribed(it.run_id, *DONE)])
        )

        _, records = carried_out(script, creation(ONE), creation(TWO))

        assert [record.outcome for record in records] == [Outcome.SUCCEEDED] * 2
        assert script.notes.warned == [(None, DescriptionsHidden(A))]

    def test_with_hidden_descriptions_a_lost_answer_is_unknown_after_one_reading(self) -> None:
        script = Scripted(
            create=[create("a"), LOST], run=[undescribed("a", *DONE)], page=[page_of(run_of("b", at=NOW_MS))]
        )

        _, (_, record) = carried_out(hidden(script), creation(ONE), creation(TWO))

        assert record.outcome is Outcome.UNKNOWN
        assert isinstance(record.reason, AnswerLost)
        assert record.reason.unmarked
        assert script.service.names == ["create", "run", "run", "run", "create", "page"]

    @pytest.mark.parametrize(
        ("run", "others", "tells"),
        [
            (undescribed("a"), EMPTY, False),
            (undescribed("a", *DONE), EMPTY, False),
            (undescribed("a", "Fail"), EMPTY, True),
            (undescribed("a", age=25 * HOUR), EMPTY, True),
            (undescribed("a"), page_of(theirs()), True),
            (undescribed("a"), DENIED, False),
        ],
        ids=["open", "deployed", "failed", "old", "others are described", "the others cannot be read"],
    )
    def test_a_re_run_reports_that_it_cannot_recognise_its_run(
        self, run: Ok[Run], others: Any, *, tells: bool
    ) -> None:
        script = service([CREATED], [page_of(run.value), others])

        opened, record = created(script, rerun=True)

        assert (opened is not None) is tells
        if not tells:
            assert (record.outcome, record.reason) == (Outcome.REJECTED, EarlierUnmarked((run.value,)))
            assert nonces(script) == []

    def test_one_failed_reading_of_other_runs_decides_nothing(self) -> None:
        script = service([CREATED], [page_of(undescribed("a").value), LOST, page_of(theirs())])

        assert created(script, rerun=True)[0] is not None
        assert script.service.names == ["page", "page", "page", "create"]


MINUTE = 60 * 1000


class TestALostRequestWhoseRunMayBeThereUndescribed:
    """Before any run was read: it is not known yet that descriptions are hidden."""

    @pytest.mark.parametrize(
        ("run", "on_active"),
        [
            (undescribed("y"), IGNORE),
            (undescribed("y", *DONE), IGNORE),
            (undescribed("y", *DONE), FAIL),
            (undescribed("y", *DONE), ADOPT),
            (undescribed("y", *DONE, age=10 * MINUTE), FAIL),
        ],
        ids=["open", "deployed", "and no conflict", "and not to be followed", "as clocks differ"],
    )
    def test_it_is_not_sent_again(self, run: Ok[Run], on_active: Any) -> None:
        first = [] if on_active is IGNORE else [EMPTY]
        script = service([LOST, CREATED], [*first, EMPTY, EMPTY, page_of(run.value)])

        opened, record = created(script, on_active=on_active)

        assert (opened, record.outcome) == (None, Outcome.UNKNOWN)
        assert isinstance(record.reason, AnswerLost)
        assert (record.reason.unmarked, record.reason.until) == (True, script.clock.utc())
        assert script.service.names == [*["page"] * len(first), "create", *["page"] * 4]
        assert script.service.of("page")[-1] == ListPipelineRuns(None)
        assert script.notes.of(CreationRepeated) == []

    @pytest.mark.parametrize(
        ("shown", "looks"),
        [
            ([undescribed("y", "Fail")], 3),
            ([undescribed("y", *DONE, age=10 * MINUTE + 1)], 3),
            ([undescribed("y", *DONE), Ok(theirs(age_minutes=60))], 3),
            ([undescribed("y", *DONE)], 4),
        ],
        ids=["failed", "old", "another of the object is described", "another of the workspace is described"],
    )
    def test_it_is_sent_again_if_that_run_is_not_its_own(self, shown: list[Ok[Run]], looks: int) -> None:
        listed = page_of(*(run.value for run in shown))
        script = service([LOST, CREATED], [*[listed] * 3, page_of(theirs())])

        opened, _ = created(script)

        assert opened
        assert script.service.names == ["create", *["page"] * looks, "create"]
        assert len({*nonces(script)}) == 1

    def test_an_open_run_stays_a_conflict(self) -> None:
        script = service([LOST, CREATED], [page_of(undescribed("y").value)])

        assert created(script)[1].outcome is Outcome.CONFLICT
        assert script.service.names == ["create", *["page"] * 3]

    def test_a_run_that_a_later_list_does_not_show_still_exists(self) -> None:
        script = service([LOST, CREATED], [page_of(undescribed("y", *DONE).value), EMPTY])

        assert created(script)[1].outcome is Outcome.UNKNOWN
        assert len(nonces(script)) == 1

    def test_a_run_that_has_failed_since_does_not_count(self) -> None:
        script = service(
            [LOST, CREATED], [page_of(undescribed("y").value), page_of(undescribed("y", "Fail").value)]
        )

        assert created(script)[0]

    @pytest.mark.parametrize(("others", "ended_at"), [(DENIED, 8.0), (LOST, 600.0)])
    def test_it_is_not_sent_again_if_other_runs_cannot_be_read(self, others: Any, ended_at: float) -> None:
        script = service([LOST, CREATED], [*[page_of(undescribed("y", *DONE).value)] * 3, others])

        _, record = created(script)

        assert (record.outcome, record.unread, len(nonces(script))) == (Outcome.UNKNOWN, None, 1)
        assert ended_at <= script.ended_at < ended_at + 30

    def test_in_a_re_run_that_run_may_be_a_day_old(self) -> None:
        """The run of an earlier attempt that appears late."""
        old = undescribed("y", *DONE, age=HOUR).value
        script = service([LOST, CREATED], [EMPTY, EMPTY, page_of(old)])

        _, record = created(script, rerun=True)

        assert (record.outcome, len(nonces(script))) == (Outcome.UNKNOWN, 1)


class TestANonceThatAnEarlierAttemptHasUsed:
    def test_if_no_run_appears_the_request_is_sent_again_once(self) -> None:
        script = service([USED, CREATED])

        opened, record = created(script, rerun=True)

        assert opened
        assert (record.outcome, record.request.attempts, record.adopted) == (Outcome.CREATED, 2, False)
        assert nonces(script) == [nonce_of(MARK, 0), nonce_of(MARK, 0, attempt=2)]
        assert script.service.times("page") == [0, 2, 4, 8]
        assert script.service.times("create") == [0, 8]
        assert record.notes == (SentAnew(MARK, 8.0),)
        events = [event for _, event in script.notes.told]
        assert events[:2] == [EarlierRequestMet(8.0), EarlierRequestGone()]

    def test_while_the_step_looks_for_the_run_the_outcome_is_unknown(self) -> None:
        script = service([USED, CREATED])

        created(script, rerun=True)

        left = [written[0] for written in script.notes.written]
        assert [(each.outcome, each.request.attempts) for each in left][:3] == [
            (Outcome.UNKNOWN, 1),
            (Outcome.UNKNOWN, 1),
            (Outcome.SKIPPED, 1),
        ]

    def test_a_run_that_appears_is_followed(self) -> None:
        script = service([USED], [EMPTY, EMPTY, page_of(ours())])

        opened, record = created(script, rerun=True)

        assert opened
        assert record.notes == (FoundByMark(ours()), MayBeSecond(MARK))
        assert len(nonces(script)) == 1

    @pytest.mark.parametrize("page", [LOST, DENIED])
    def test_with_an_unreadable_list_the_outcome_is_unknown(self, page: Any) -> None:
        _, record = created(service([USED, CREATED], [EMPTY, page]), rerun=True)

        assert record.outcome is Outcome.UNKNOWN
        assert isinstance(record.reason, AnswerLost)
        assert (record.reason.sent_before, record.reason.unread) == (True, page.fault)
        assert record.request.attempts == 1

    @pytest.mark.parametrize(("age", "sent"), [(39, False), (41, True)])
    def test_a_run_without_a_description_may_be_the_one(self, age: int, *, sent: bool) -> None:
        run = undescribed("y", age=age * 60 * 1000).value
        script = service([USED, CREATED], [EMPTY, page_of(run, theirs(age_minutes=60))])

        opened, record = created(script, rerun=True)

        assert (opened is not None) is sent
        if not sent:
            assert isinstance(record.reason, AnswerLost)
            assert record.reason.unmarked

    def test_somebody_elses_run_does_not_prevent_that(self) -> None:
        assert created(service([USED, CREATED], [EMPTY, page_of(theirs())]), rerun=True)[0]

    @pytest.mark.parametrize("second", [USED, LOST])
    def test_the_second_request_may_be_lost_and_then_keeps_its_nonce(self, second: Any) -> None:
        """The copies of an attempt share its nonce."""
        script = service([USED, second, USED])

        _, record = created(script, rerun=True)

        assert record.outcome is Outcome.UNKNOWN
        assert len({*nonces(script)}) == 2

    def test_the_request_is_sent_again_after_throttling_too(self) -> None:
        throttled = refused(Refusal.THROTTLED)
        script = service([throttled, USED, throttled, CREATED])

        assert created(script, rerun=True)[0]
        assert nonces(script) == [
            nonce_of(MARK, 0),
            nonce_of(MARK, 1),
            nonce_of(MARK, 1, attempt=2),
            nonce_of(MARK, 2, attempt=2),
        ]

    def test_a_generation_after_a_failed_one_is_sent_again_too(self) -> None:
        script = service([USED, CREATED], [page_of(ours("a", "Fail"))])

        opened, _ = created(script, rerun=True)

        assert opened
        assert opened.mark == Mark(INTENT, 2)
