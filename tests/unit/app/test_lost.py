"""What became of a lost request is found out, or said to be unknown."""

from dataclasses import replace

import pytest
from dataworks_deploy.app.opened import Opened
from dataworks_deploy.app.wording_creation import SENT_BEFORE

from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Unclear
from dataworks_deploy.domain.mark import nonce_of
from dataworks_deploy.domain.model import RunId, Stage
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.schedule import RETRY_WINDOW

from .creation import CREATED, EMPTY, MARK, THROTTLED, created, ours, sent, service, theirs
from .plans import carried_out, creation
from .world import LOST, OBJECT, page_of, refused


class TestLostAnswers:
    def test_the_run_is_looked_for_and_adopted(self) -> None:
        script = service([LOST], [EMPTY, EMPTY, page_of(theirs(), ours())])

        opened, result = created(script)

        assert opened == Opened(RunId("r"), MARK, sure=False)
        assert script.service.times("page") == [2, 4, 8]
        assert (result.outcome, result.run_id, result.adopted, result.own) == (
            Outcome.CREATED,
            "r",
            True,
            True,
        )
        assert (result.status, result.fault) == ("Running", None)
        assert (
            result.message
            == result.remark
            == "There was no clear answer to the creation; run r was found by its mark, created by an unknown creator."
        )
        assert len(sent(script)) == 1

    def test_what_was_seen_beside_it_goes_with_it(self) -> None:
        twin = ours("twin", "Cancel")
        script = service([LOST], [page_of(ours(), twin)])

        assert created(script)[0] == Opened(RunId("r"), MARK, sure=False, twins=(twin,))

    def test_a_list_that_comes_late_is_read_again_at_once(self) -> None:
        script = service([LOST], [EMPTY, EMPTY, page_of(ours())])
        script.service.delay = 4.0

        created(script)

        assert script.service.times("page") == [4 + 2, 4 + 2 + 4, 4 + 2 + 4 + 4]

    def test_a_run_of_another_workspace_is_not_ours(self) -> None:
        other, same = ours("o", project_id=20002), ours("s", project_id=10001)
        script = service([LOST], [page_of(other), page_of(other, same)])

        assert created(script)[0] == Opened(RunId("s"), MARK, sure=False)

    def test_a_run_that_does_not_show_is_asked_for_once_more_under_the_same_nonce(self) -> None:
        script = service([LOST, CREATED])

        opened, result = created(script)

        assert opened == Opened(RunId("r"), MARK, sure=False)
        assert sent(script) == [(f"{MARK} the note", nonce_of(MARK, 0))] * 2
        assert script.service.times("create") == [0, 8]
        assert str(MARK) in result.remark
        assert (result.attempts, result.fault) == (2, None)

    def test_a_request_that_is_lost_twice_is_unknown(self) -> None:
        first = Unclear(Fault("reset", request_id="R-3"))
        script = service([first, LOST])

        opened, result = created(script)

        assert opened is None
        assert len(sent(script)) == 2
        assert script.service.times("page") == [2, 4, 8, 10, 12, 16]
        assert (result.outcome, result.request_id, result.fault) == (Outcome.UNKNOWN, "R-3", LOST.fault)
        for said in (str(MARK), OBJECT, "10001", "R-3", "2026-05-28 20:26:40 UTC", "2026-05-28 20:26:56 UTC"):
            assert said in result.message, said
        assert LOST.fault.message in result.message
        assert result.message.endswith("RequestIds: R-3.")

    def test_the_request_id_of_the_refusal_after_a_loss_is_given(self) -> None:
        refusal = Refused(Refusal.OTHER, Fault("no", request_id="R-2"))

        _, result = created(service([Unclear(Fault("reset", request_id="R-1")), refusal]))

        assert (result.outcome, result.request_id) == (Outcome.UNKNOWN, "R-2")

    def test_of_a_re_run_nobody_knows_when_the_first_request_was_sent(self) -> None:
        _, result = created(service([LOST]), rerun=True)

        assert "between the workflow run's first attempt and 2026-05-28 20:26:56 UTC" in result.message
        assert SENT_BEFORE not in result.message, "this attempt's own request may have been carried out"

    def test_from_the_loss_on_it_stands_as_unknown(self) -> None:
        script = service([Unclear(Fault("reset", request_id="R-3"))], [page_of(ours())])

        created(script)

        lost = script.notes.written[1][0]
        assert (lost.outcome, lost.request_id) == (Outcome.UNKNOWN, "R-3")
        assert "Do not redeploy" in lost.message

    def test_two_lost_requests_and_a_run_leave_a_word_of_the_other(self) -> None:
        script = service([LOST], [EMPTY, EMPTY, EMPTY, page_of(ours())])

        opened, result = created(script)

        assert opened is not None
        assert str(MARK) in result.remark
        assert "the job again" not in result.remark, "outside of a workflow that begins a third one"

    @pytest.mark.parametrize("why", [Refusal.THROTTLED, Refusal.UNREACHABLE, None])
    def test_a_last_look_that_fails_says_nothing_and_is_followed_by_another(
        self, why: Refusal | None
    ) -> None:
        failed = refused(why) if why else LOST
        script = service([LOST, CREATED], [EMPTY, EMPTY, failed, failed, EMPTY])

        opened, _ = created(script)

        assert opened is not None
        assert script.service.times("page") == [2, 4, 8, 8.75, 10.25]
        assert script.service.times("create") == [0, 10.25]

    def test_a_list_that_cannot_be_read_in_the_end_says_nothing(self) -> None:
        script = service([LOST], [EMPTY, EMPTY, LOST])

        opened, result = created(script)

        assert (opened, result.outcome, len(sent(script))) == (None, Outcome.UNKNOWN, 1)
        assert result.message.endswith(
            "The last reading of the list of runs failed (the connection was closed)."
        )
        assert 600 <= script.service.times("page")[-1] < 640

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT])
    def test_a_list_that_is_refused_for_good_is_not_asked_for_any_longer(self, why: Refusal) -> None:
        script = service([LOST], [EMPTY, EMPTY, refused(why)])

        _, result = created(script)

        assert result.outcome is Outcome.UNKNOWN
        assert script.service.times("page") == [2, 4, 8]

    def test_what_was_seen_beside_it_is_named_at_once(self) -> None:
        script = service([LOST], [page_of(ours(), ours("twin"))])

        _, result = created(script)

        assert "Duplicate runs of this job: twin." in result.message
        assert script.notes.warned == [(OBJECT, "2 runs bear this job's mark; r is kept, not twin")]

    def test_a_list_that_can_never_be_read_shows_nothing_of_the_run(self) -> None:
        script = service([Unclear(Fault("reset"))], [LOST])

        _, result = created(script, settle=16.0)

        assert result.message.endswith(
            "The step has not seen whether it is there: no reading of the list of runs succeeded "
            "(the connection was closed)."
        )
        assert [text for _, text in script.notes.told if "reading the list" in text][:3] == [
            "reading the list of runs failed (the connection was closed), trying again",
            "reading the list of runs failed 2 times in a row (the connection was closed), trying again",
            "reading the list of runs failed 4 times in a row (the connection was closed), trying again",
        ]
        assert result.fault == Fault("reset"), "what was lost, and not why it was not found"
        assert result.unread == 0

    def test_a_list_that_can_be_read_again_leaves_why_the_answer_was_lost(self) -> None:
        script = service([Unclear(Fault("reset"))], [LOST, LOST, LOST, page_of(theirs())])

        _, result = created(script, settle=16.0)

        assert (result.outcome, result.unread, result.fault) == (Outcome.CONFLICT, 0, Fault("reset"))

    def test_a_list_that_can_be_read_in_the_end_is_enough(self) -> None:
        script = service([LOST, CREATED], [LOST, LOST, EMPTY])

        assert created(script)[0] is not None
        assert len(sent(script)) == 2

    def test_no_request_is_repeated_once_its_nonce_may_be_forgotten(self) -> None:
        for settle, requests in ((600.0, 2), (601.0, 1)):
            script = service([LOST])
            created(script, settle=settle)
            assert len(sent(script)) == requests

    @pytest.mark.parametrize(("seconds", "requests"), [(591.0, 2), (593.0, 1)])
    def test_nor_is_one_whose_turn_comes_later_than_that(self, seconds: float, requests: int) -> None:
        """Others wait for theirs before it, and a throttled call holds all of them up."""
        script = service([LOST])
        script.service.held_up = seconds

        opened, result = created(script)

        assert (opened, result.outcome, len(sent(script))) == (None, Outcome.UNKNOWN, requests)
        assert result.attempts == requests

    def test_what_was_refused_before_takes_nothing_of_that_time(self) -> None:
        """It was not carried out, and so there was nothing to forget."""
        busy = refused(Refusal.THROTTLED, 300.0)
        script = service([busy, busy, LOST, CREATED])

        assert created(script)[0] is not None
        assert len(sent(script)) == 4

    def test_a_repetition_that_is_refused_for_now_leaves_what_was_known(self) -> None:
        lost = Unclear(Fault("no", "InternalError", "R-LOST", 500))
        script = service([lost, refused(Refusal.THROTTLED, 120.0), CREATED])

        _, (result,) = carried_out(script, creation(OBJECT), stop=60.0)

        assert (result.outcome, result.attempts) == (Outcome.UNKNOWN, 2)
        assert "R-LOST" in result.message
        assert "before its answer came" not in result.message

    def test_a_first_request_waits_for_its_turn_as_long_as_it_takes(self) -> None:
        script = service([CREATED])
        script.service.held_up = 900.0

        assert created(script)[0] == Opened(RunId("r"), MARK, sure=True)

    def test_what_has_left_in_time_is_waited_for(self) -> None:
        script = service([LOST, CREATED])
        script.service.held_up, script.service.delay = 550.0, 10.0

        assert created(script)[0] is not None
        (first, second), answered = script.service.times("create"), script.ended_at
        assert second - first < RETRY_WINDOW < answered - first

    def test_a_used_nonce_alone_is_unknown_and_no_reason_to_send_again(self) -> None:
        script = service([refused(Refusal.NONCE_USED)])

        opened, result = created(script)

        assert (opened, result.outcome, len(sent(script))) == (None, Outcome.UNKNOWN, 1)
        assert SENT_BEFORE not in result.message

    def test_a_used_nonce_in_a_re_run_was_used_by_an_earlier_attempt(self) -> None:
        _, result = created(service([refused(Refusal.NONCE_USED)]), rerun=True)

        assert result.message.endswith(SENT_BEFORE)

    def test_a_used_nonce_after_a_loss_sends_looking_and_leaves_no_word_of_a_second_run(self) -> None:
        script = service([LOST, refused(Refusal.NONCE_USED)], [EMPTY, EMPTY, EMPTY, page_of(ours())])

        opened, result = created(script)

        assert opened == Opened(RunId("r"), MARK, sure=False)
        assert str(MARK) not in result.remark

    def test_throttling_after_a_loss_keeps_nonce_and_doubt(self) -> None:
        script = service([LOST, THROTTLED, CREATED])

        opened, _ = created(script)

        assert opened is not None
        assert {nonce for _, nonce in sent(script)} == {nonce_of(MARK, 0)}
        assert not opened.sure
        assert Outcome.SKIPPED not in [entry[0].outcome for entry in script.notes.written]

    def test_throttling_after_a_loss_is_borne_for_ten_minutes(self) -> None:
        script = service([LOST, THROTTLED])

        opened, result = created(script)

        assert (opened, result.outcome) == (None, Outcome.UNKNOWN)
        assert 560 < script.service.times("create")[-1] <= 600

    def test_no_request_is_repeated_after_a_pause_in_which_its_nonce_may_be_forgotten(self) -> None:
        script = service([LOST, refused(Refusal.THROTTLED, 2400.0), CREATED])

        opened, result = created(script)

        assert (opened, result.outcome, len(sent(script))) == (None, Outcome.UNKNOWN, 2)

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.QUOTA_SPENT, Refusal.OTHER])
    def test_a_refusal_after_a_loss_does_not_make_the_loss_clear(self, why: Refusal) -> None:
        script = service([LOST, refused(why)])

        opened, result = created(script)

        assert (opened, result.outcome) == (None, Outcome.UNKNOWN)
        assert why.name in result.message


class TestRunsOfOthers:
    def test_a_fresh_one_is_a_conflict(self) -> None:
        script = service([LOST], [page_of(theirs())])

        opened, result = created(script)

        assert (opened, result.outcome, result.run_id) == (None, Outcome.CONFLICT, None)
        for said in ("run x", "alice", str(MARK)):
            assert said in result.message
        assert len(sent(script)) == 1

    def test_a_fresh_one_is_followed_where_that_is_wanted(self) -> None:
        script = service([LOST], [page_of(theirs())])

        opened, result = created(script, on_active="adopt")

        assert opened == Opened(RunId("x"), None, sure=False)
        assert (result.own, result.adopted, result.run_id) == (False, True, "x")
        assert str(MARK) in result.remark

    @pytest.mark.parametrize(
        ("kind", "outcome"), [("Offline", Outcome.CONFLICT), ("Deploy", Outcome.CREATED)]
    )
    def test_one_that_does_the_opposite_is_not_followed(self, kind: str, outcome: Outcome) -> None:
        its = replace(theirs(), stages=(Stage("PROD", "", 1, kind, "Init"),))
        script = service([LOST], [page_of(its)])

        _, result = created(script, on_active="adopt")

        assert result.outcome is outcome
        assert ("It has not the stages of type: Online, but PROD (Offline)." in result.message) is (
            outcome is Outcome.CONFLICT
        )

    def test_a_fresh_one_is_passed_over_where_that_is_wanted(self) -> None:
        script = service([LOST, CREATED], [page_of(theirs())])

        opened, _ = created(script, on_active="ignore")

        assert opened == Opened(RunId("r"), MARK, sure=False)
        assert len(sent(script)) == 2

    @pytest.mark.parametrize(("minutes", "outcome"), [(10, Outcome.CONFLICT), (10.001, Outcome.CREATED)])
    def test_one_is_fresh_for_ten_minutes_before_the_request(self, minutes: float, outcome: Outcome) -> None:
        script = service([LOST, CREATED], [page_of(theirs(age_minutes=minutes))])

        assert created(script)[1].outcome is outcome

    def test_an_old_one_is_warned_about(self) -> None:
        script = service([LOST, CREATED], [page_of(theirs(age_minutes=60))])

        created(script)

        ((place, warning),) = script.notes.warned
        assert (place, "x of alice" in warning) == (OBJECT, True)
