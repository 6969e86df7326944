"""The step finds out what happened to a lost request, or reports that it is unknown."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Unclear
from dataworks_deploy.domain.event import (
    CreationRepeated,
    CreationUnanswered,
    Leftovers,
    OtherFollowed,
    ReadingFailed,
    RunFound,
    Twins,
)
from dataworks_deploy.domain.model import RunId, Stage
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    AnswerLost,
    Conflict,
    Duplicates,
    FoundByMark,
    MayBeSecond,
    MayTurnUp,
)
from dataworks_deploy.domain.reconcile import nonce_of
from dataworks_deploy.domain.record import HeldRun, Record, Whose
from dataworks_deploy.domain.repetition import RETRY_WINDOW
from dataworks_deploy.engine.rivals import Opened

from .assigned import carried_out, creation
from .creation import (
    ADOPT,
    CREATED,
    CREATION,
    EMPTY,
    FAIL,
    IGNORE,
    MARK,
    SUPERSEDE,
    THROTTLED,
    WARN,
    created,
    nonces,
    ours,
    service,
    theirs,
)
from .world import LOST, OBJECT, Scripted, page_of, refused

NAMED = Unclear(Fault("reset", request_id="R-3"))
OURS = page_of(ours())
DOUBTFUL = Opened(RunId("r"), MARK, sure=False)
SECOND = MayBeSecond(MARK)


def lost(record: Record) -> AnswerLost:
    """Why the outcome is unknown."""
    assert record.outcome is Outcome.UNKNOWN
    assert isinstance(record.reason, AnswerLost)
    return record.reason


class TestFound:
    def test_the_run_is_looked_for_and_adopted(self) -> None:
        script = service([LOST], [EMPTY, EMPTY, page_of(theirs(), ours())])

        opened, record = created(script)

        assert opened == DOUBTFUL
        assert script.service.times("page") == [2, 4, 8]
        assert (record.outcome, record.run) == (Outcome.CREATED, HeldRun(RunId("r"), Whose.OWN, adopted=True))
        assert (record.reading.status, record.fault, record.notes) == (
            "Running",
            None,
            (FoundByMark(ours()),),
        )
        assert [event for _, event in script.notes.told] == [CreationUnanswered(LOST.fault), RunFound(ours())]
        assert len(nonces(script)) == 1

    def test_other_runs_seen_with_it_are_named_at_once(self) -> None:
        twin = ours("twin", "Cancel")
        script = service([LOST], [page_of(ours(), twin)])

        opened, record = created(script)

        assert opened == replace(DOUBTFUL, twins=(twin,))
        assert record.notes == (Duplicates((twin.id,)), FoundByMark(ours()))
        assert script.notes.warned == [(OBJECT, Twins(RunId("r"), (twin.id,)))]

    @pytest.mark.parametrize("read", [Ok(replace(ours(), message="now")), LOST])
    def test_it_is_found_on_one_page_even_if_other_pages_fail(self, read: Any) -> None:
        twin = ours("twin")
        script = service([LOST], [page_of(ours(), twin, total=101), LOST], run=[read])

        opened, record = created(script)

        assert opened == replace(DOUBTFUL, twins=(twin,))
        assert record.notes[-1] == FoundByMark(read.value if isinstance(read, Ok) else ours())
        assert script.service.names == ["create", "page", "page", "run"]

    def test_only_a_complete_list_proves_that_it_does_not_exist(self) -> None:
        part = page_of(theirs(age_minutes=60), total=101)
        script = service([LOST, CREATED], [part, LOST, part, LOST, part, LOST, EMPTY])

        assert created(script)[0] == DOUBTFUL
        assert script.service.names == ["create", *["page"] * 7, "create"]

    def test_a_list_that_arrives_late_is_read_again_at_once(self) -> None:
        script = service([LOST], [EMPTY, EMPTY, OURS])
        script.service.delay = 4.0

        created(script)

        assert script.service.times("page") == [4 + 2, 4 + 2 + 4, 4 + 2 + 4 + 4]

    def test_a_run_of_another_workspace_is_not_ours(self) -> None:
        other, same = ours("o", project_id=20002), ours("s", project_id=10001)
        script = service([LOST], [page_of(other), page_of(other, same)])

        assert created(script)[0] == Opened(RunId("s"), MARK, sure=False)


class TestRepetition:
    def test_without_a_run_the_request_is_sent_once_more_with_the_same_nonce(self) -> None:
        script = service([LOST, CREATED])

        opened, record = created(script)

        assert opened == DOUBTFUL
        first, second = script.service.of("create")
        assert first == second
        assert script.service.times("create") == [0, 8]
        assert (record.notes, record.request.attempts, record.fault) == ((SECOND,), 2, None)
        assert script.notes.of(CreationRepeated) == [CreationRepeated()]

    def test_a_request_that_is_lost_twice_is_unknown(self) -> None:
        script = service([NAMED, LOST])

        opened, record = created(script)

        assert (opened, len(nonces(script))) == (None, 2)
        assert script.service.times("page") == [2, 4, 8, 10, 12, 16]
        assert record.request.id == "R-3"
        since = script.clock.utc() - timedelta(seconds=16)
        both, until = (NAMED.fault, LOST.fault), script.clock.utc()
        assert lost(record) == AnswerLost(CREATION, MARK, both, since, until)

    def test_in_a_re_run_the_time_of_the_first_request_is_unknown(self) -> None:
        reason = lost(created(service([LOST]), rerun=True)[1])

        assert reason.since is None
        assert not reason.sent_before, "this attempt's own request may have been carried out"

    @pytest.mark.parametrize(
        ("create", "rerun", "second"),
        [
            ([LOST, LOST], False, True),
            ([LOST, refused(Refusal.NONCE_USED)], False, False),
            ([LOST, refused(Refusal.NONCE_USED)], True, True),
        ],
    )
    def test_a_found_run_notes_that_another_request_may_have_created_a_second(
        self, create: Sequence[Any], *, rerun: bool, second: bool
    ) -> None:
        opened, record = created(service(create, [*[EMPTY] * (3 + rerun), OURS]), rerun=rerun)

        assert (opened, record.notes) == (DOUBTFUL, (FoundByMark(ours()), *[SECOND] * second))

    def test_a_used_nonce_alone_is_unknown_and_is_not_sent_again(self) -> None:
        script = service([refused(Refusal.NONCE_USED)])

        _, record = created(script)

        assert (lost(record).sent_before, len(nonces(script))) == (False, 1)

    def test_after_the_loss_the_record_is_unknown(self) -> None:
        script = service([NAMED], [OURS])

        created(script)

        reason = lost(script.notes.written[1][0])
        assert (reason.lost, reason.until) == ((NAMED.fault,), None)


class TestTenMinutes:
    @pytest.mark.parametrize(("settle", "requests"), [(600.0, 2), (601.0, 1)])
    def test_no_request_is_repeated_once_its_nonce_may_be_forgotten(
        self, settle: float, requests: int
    ) -> None:
        script = service([LOST])

        created(script, settle=settle)

        assert len(nonces(script)) == requests

    @pytest.mark.parametrize(("seconds", "requests"), [(591.0, 2), (593.0, 1)])
    def test_no_request_is_repeated_whose_turn_comes_after_that(self, seconds: float, requests: int) -> None:
        script = service([LOST])
        script.service.keys = [*[0] * 8, seconds]

        _, record = created(script)

        lost(record)
        assert len(nonces(script)) == record.request.attempts == requests

    def test_a_first_request_waits_for_its_turn_as_long_as_it_takes(self) -> None:
        script = service([CREATED])
        script.service.keys = [900.0]

        assert created(script)[0] == replace(DOUBTFUL, sure=True)

    def test_the_answer_to_a_request_that_left_in_time_is_awaited(self) -> None:
        script = service([LOST, CREATED])
        script.service.keys, script.service.delay = [*[0] * 8, 550.0], 10.0

        assert created(script)[0] is not None
        (first, second), answered = script.service.times("create"), script.ended_at
        assert second - first < RETRY_WINDOW < answered - first

    def test_earlier_refusals_do_not_shorten_that_time(self) -> None:
        """It created nothing, so the gateway could not forget anything."""
        busy = refused(Refusal.THROTTLED, 300.0)
        script = service([busy, busy, LOST, CREATED])

        assert created(script)[0] is not None
        assert len(nonces(script)) == 4

    def test_throttling_after_a_loss_keeps_the_nonce_and_the_doubt(self) -> None:
        script = service([LOST, THROTTLED])

        opened, record = created(script)

        assert opened is None
        assert lost(record).lost[0] == LOST.fault
        assert 560 < script.service.times("create")[-1] <= 600
        assert {*nonces(script)} == {nonce_of(MARK, 0)}
        assert Outcome.SKIPPED not in [each.outcome for (each,) in script.notes.written]

    def test_no_request_is_repeated_after_a_pause_in_which_its_nonce_may_be_forgotten(self) -> None:
        script = service([LOST, refused(Refusal.THROTTLED, 2400.0), CREATED])

        lost(created(script)[1])
        assert len(nonces(script)) == 2

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.QUOTA_SPENT, Refusal.OTHER])
    def test_a_refusal_after_a_loss_does_not_settle_the_loss(self, why: Refusal) -> None:
        _, record = created(service([LOST, refused(why)]))

        assert lost(record).lost == (LOST.fault, refused(why).fault)

    def test_a_repeated_request_refused_for_now_changes_nothing(self) -> None:
        script = service([NAMED, refused(Refusal.THROTTLED, 120.0), CREATED])

        _, (record,) = carried_out(script, creation(OBJECT), stop=60.0)

        assert (lost(record).lost, record.request.attempts) == ((NAMED.fault,), 2)
        assert (record.request.id, record.fault) == ("R-1", NAMED.fault), "of the answer that came last"


class TestUnreadableLists:
    @pytest.mark.parametrize("failed", [LOST, refused(Refusal.UNREACHABLE)])
    def test_a_last_reading_that_fails_proves_nothing_and_is_repeated(self, failed: Any) -> None:
        script = service([LOST, CREATED], [EMPTY, EMPTY, failed, failed, EMPTY])

        opened, _ = created(script)

        assert opened is not None
        assert script.service.times("page") == [2, 4, 8, 8.75, 10.25]
        assert script.service.times("create") == [0, 10.25]

    @pytest.mark.parametrize(("seen", "never"), [([EMPTY, EMPTY, LOST], False), ([LOST], True)])
    def test_a_list_that_stays_unreadable_proves_nothing(self, seen: list[Any], *, never: bool) -> None:
        script = service([NAMED], seen)

        _, record = created(script, settle=16.0)

        reason = lost(record)
        assert (reason.unread, reason.never_read, len(nonces(script))) == (LOST.fault, never, 1)
        assert (record.fault, record.unread) == (NAMED.fault, None), "what was lost, not why it was not found"
        assert 600 <= script.service.times("page")[-1] < 650

    def test_failed_readings_of_the_list_are_logged(self) -> None:
        script = service([NAMED], [LOST])

        created(script)

        assert script.notes.of(ReadingFailed)[:3] == [ReadingFailed(None, n, LOST.fault) for n in (1, 2, 4)]

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT])
    def test_a_list_that_is_refused_for_good_is_not_read_again(self, why: Refusal) -> None:
        script = service([LOST], [EMPTY, EMPTY, refused(why)])

        assert lost(created(script)[1]).unread == refused(why).fault
        assert script.service.times("page") == [2, 4, 8]

    def test_a_list_that_is_read_at_last_is_enough(self) -> None:
        script = service([NAMED], [LOST, LOST, LOST, page_of(theirs())])

        _, record = created(script, settle=16.0)

        assert (record.outcome, record.unread, record.fault) == (Outcome.CONFLICT, None, NAMED.fault)


OFFLINE = replace(theirs(), stages=(Stage("PROD", "", 1, "Offline", "Init"),))


class TestRunsOfOthers:
    @pytest.mark.parametrize(
        ("run", "on_active"),
        [
            *((theirs(), choice) for choice in (WARN, FAIL, SUPERSEDE)),
            (theirs(age_minutes=10), FAIL),
            (OFFLINE, FAIL),
            (OFFLINE, ADOPT),
        ],
    )
    def test_a_fresh_run_of_others_is_a_conflict(self, run: Any, on_active: Any) -> None:
        script = service([LOST], [EMPTY, page_of(run)])

        opened, record = created(script, on_active=on_active, looks=True)

        assert (opened, record.outcome, record.run_id) == (None, Outcome.CONFLICT, None)
        assert record.reason == Conflict(run, MARK, CREATION.type, LOST.fault)
        assert len(nonces(script)) == 1

    def test_with_adopt_a_fresh_run_of_others_is_followed(self) -> None:
        script = service([LOST], [EMPTY, page_of(theirs())])

        opened, record = created(script, on_active=ADOPT)

        assert opened == Opened(RunId("x"), None, sure=False)
        assert record.run == HeldRun(RunId("x"), Whose.FOREIGN, adopted=True)
        assert (record.notes, record.fault) == ((MayTurnUp(MARK),), None)
        assert script.notes.of(OtherFollowed) == [OtherFollowed(theirs())]

    @pytest.mark.parametrize("run", [theirs(), OFFLINE])
    def test_with_ignore_a_fresh_run_of_others_is_ignored(self, run: Any) -> None:
        script = service([LOST, CREATED], [page_of(run)])

        assert created(script, on_active=IGNORE)[0] == DOUBTFUL
        assert len(nonces(script)) == 2

    def test_a_run_from_ten_minutes_before_the_request_is_only_a_warning(self) -> None:
        old = theirs(age_minutes=10.001)
        script = service([LOST, CREATED], [page_of(old)])

        assert created(script)[0] == DOUBTFUL
        assert script.notes.warned == [(OBJECT, Leftovers((old,)))]


def test_the_ten_minutes_begin_with_the_first_request() -> None:
    """They do not begin with the reading for earlier attempts, however long that takes."""
    script = service([LOST, CREATED], [refused(Refusal.THROTTLED, 400.0), EMPTY])

    assert created(script, rerun=True, settle=300.0)[0] is not None
    assert len(nonces(script)) == 2


def test_the_cause_of_the_loss_is_known_while_the_request_is_sent_again() -> None:
    script = Scripted(create=[LOST, CREATED], page=[page_of()])
    script.time.at(7.9, lambda: setattr(script.service, "delay", 0.5))
    script.time.at(8.4, lambda: setattr(script.service, "delay", 3600.0))

    _, (record,) = carried_out(script, creation(OBJECT), timeout=20.0)

    assert (lost(record).lost, record.request.attempts) == ((LOST.fault,), 2)
