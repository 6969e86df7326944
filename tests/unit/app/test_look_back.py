"""A re-run of the job finds, keeps or replaces what its earlier attempts left."""

from dataclasses import replace

import pytest
from dataworks_deploy.app.opened import Opened
from dataworks_deploy.app.wording_creation import SENT_BEFORE

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.mark import Mark, nonce_of
from dataworks_deploy.domain.model import RunId
from dataworks_deploy.domain.outcome import Outcome

from .creation import CREATED, EMPTY, INTENT, MARK, THROTTLED, created, ours, sent, service, theirs
from .plans import ONE, PLAN, carried_out, creation
from .world import LOST, OBJECT, Scripted, page_of, refused


class TestReruns:
    def test_where_nothing_is_left_it_creates(self) -> None:
        script = service([CREATED], [page_of(theirs())])

        opened, _ = created(script, rerun=True)

        assert opened == Opened(RunId("r"), MARK, sure=False)
        assert sent(script) == [(f"{MARK} the note", nonce_of(MARK, 0))]
        assert script.service.of("page") == [(OBJECT, 1)]

    def test_an_active_run_is_carried_on(self) -> None:
        script = service([], [page_of(ours(generation=3))])

        opened, result = created(script, rerun=True)

        assert opened == Opened(RunId("r"), Mark(INTENT, 3), sure=False)
        assert (result.outcome, result.adopted, result.own, result.attempts) == (
            Outcome.CREATED,
            True,
            True,
            0,
        )

    def test_what_was_seen_beside_it_goes_with_it(self) -> None:
        old, twin = ours("old"), ours("twin", "Cancel", generation=3)
        script = service([], [page_of(ours(generation=3), old, twin)])

        opened, result = created(script, rerun=True)

        assert opened == Opened(RunId("r"), Mark(INTENT, 3), sure=False, twins=(twin, old))
        assert result.remark == "Duplicate runs of this job: twin, old."
        assert script.notes.warned == [(OBJECT, "3 runs bear this job's mark; r is kept, not twin, old")]

    def test_a_failed_run_is_followed_by_the_next_generation(self) -> None:
        script = service([LOST], [page_of(ours("old", "Fail")), page_of(ours("new", generation=2))])

        opened, _ = created(script, rerun=True)

        assert opened == Opened(RunId("new"), Mark(INTENT, 2), sure=False)
        assert sent(script) == [(f"{Mark(INTENT, 2)} the note", nonce_of(Mark(INTENT, 2), 0))]

    def test_what_was_deployed_stays(self) -> None:
        script = service([], [page_of(ours("a", "Success"))])
        script.service.answers["run"] = [LOST, Ok(ours("a", "Success"))]

        opened, result = created(script, rerun=True)

        assert opened is None
        assert script.service.of("run") == [("a",), ("a",)]
        assert script.notes.told == [(OBJECT, f"reading run a failed ({LOST.fault.message}), trying again")]
        assert (result.outcome, result.run_id, result.adopted) == (Outcome.SUCCEEDED, "a", True)
        assert (result.status, result.remark) == ("Success", "")
        assert result.message.startswith("Done already by an earlier attempt of this job (run a, created ")
        assert result.finished_at is not None
        assert script.notes.warned == []

    def test_what_only_the_list_calls_deployed_is_carried_on(self) -> None:
        """So is what was seen beside it, which a later list may not show."""
        twin = ours("b", generation=2)
        script = service([], [page_of(ours("a", "Success", generation=2), twin)])
        script.service.answers["run"] = [Ok(ours("a", "Running", generation=2))]

        opened, result = created(script, rerun=True)

        assert opened == Opened(RunId("a"), Mark(INTENT, 2), sure=False, twins=(twin,))
        assert (result.outcome, result.run_id, result.status) == (Outcome.CREATED, "a", "Running")
        assert result.remark == "Duplicate runs of this job: b."

    def test_what_is_deployed_by_the_list_alone_is_not_reported_as_deployed(self) -> None:
        script = service([], [page_of(ours("a", "Success"), ours("b"))])
        script.service.answers["run"] = [refused(Refusal.DENIED)]

        opened, result = created(script, rerun=True)

        assert (opened, result.outcome, result.run_id) == (None, Outcome.TIMED_OUT, "a")
        assert result.fault == refused(Refusal.DENIED).fault
        assert result.message.startswith("Run a cannot be read (DENIED: no), so its end is not known")
        assert "Duplicate runs of this job: b." in result.message

    def test_what_was_deployed_twice_is_said(self) -> None:
        script = service([], [page_of(ours("a", "Success"), ours("b", "Success"))])
        script.service.answers["run"] = [Ok(ours("a", "Success"))]

        _, result = created(script, rerun=True)

        assert result.run_id == "a"
        assert "Duplicate runs of this job: b." in result.message
        ((place, warning),) = script.notes.warned
        assert (place, warning) == (OBJECT, "2 runs bear this job's mark; a is kept, not b")

    def test_a_second_run_of_what_was_deployed_is_abolished(self) -> None:
        script = service([], [page_of(ours("a", "Success"), ours("b"))])
        script.service.answers |= {"abolish": [Ok(None)], "run": [Ok(ours("a", "Success")), Ok(ours("b"))]}

        _, result = created(script, rerun=True)

        assert script.service.of("abolish") == [("b",)]
        assert (result.outcome, result.run_id) == (Outcome.SUCCEEDED, "a")
        assert "Run b was abolished." in result.message

    def test_what_was_deployed_is_deployed_again_where_that_is_wanted(self) -> None:
        script = service([CREATED], [page_of(ours("a", "Success"))])

        opened, _ = created(script, rerun=True, redeploy=True)

        assert opened == Opened(RunId("r"), Mark(INTENT, 2), sure=False)

    def test_what_is_open_beside_what_is_deployed_again_is_named_and_abolished_also_if_nothing_is_created(
        self,
    ) -> None:
        script = service([refused(Refusal.DENIED)], [page_of(ours("a", "Success"), ours("b"))])
        script.service.answers |= {"abolish": [Ok(None)], "run": [Ok(ours("b"))]}

        opened, result = created(script, rerun=True, redeploy=True)

        assert opened is None
        assert "Duplicate runs of this job: b. Run b was abolished." in result.message
        assert script.notes.warned[0][1] == (
            "open runs of this job's earlier attempts: b; they give way to a new one"
        )

    def test_a_run_of_another_workspace_is_nothing_to_look_back_on(self) -> None:
        script = service([CREATED], [page_of(ours("a", "Success", project_id=20002))])

        assert created(script, rerun=True)[0] == Opened(RunId("r"), MARK, sure=False)

    def test_nothing_is_created_before_the_list_can_be_read(self) -> None:
        script = service([CREATED], [LOST, refused(Refusal.THROTTLED, 9.0), EMPTY])

        opened, _ = created(script, rerun=True)

        assert opened is not None
        assert script.service.times("page") == [0, 0.75, 9.75]
        assert script.service.times("create") == [9.75]
        told = [text for _, text in script.notes.told if "reading the list of runs failed" in text]
        assert ["THROTTLED" in text for text in told] == [False, True]

    def test_a_deadline_that_passes_before_the_list_can_be_read_is_explained_once(self) -> None:
        script = Scripted(page=[LOST])

        _, (result,) = carried_out(
            script, creation(ONE), timeout=30.0, policy=replace(PLAN.policy, rerun=True)
        )

        assert result.outcome is Outcome.TIMED_OUT
        assert result.message == (
            "The deadline (timeout-minutes) passed before this step created a run. The last "
            f"{len(script.service.of('page'))} readings failed, the last one with: the connection was closed."
        )

    @pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT, Refusal.OTHER])
    def test_nothing_is_created_where_the_list_is_refused(self, why: Refusal) -> None:
        script = service([], [refused(why)])

        opened, result = created(script, rerun=True)

        assert (opened, result.outcome) == (None, Outcome.REJECTED)
        assert result.fault == refused(why).fault
        assert result.message == (
            f"Do not redeploy before you have looked for a run whose description begins with [dwd1:{INTENT}:, which "
            f"an earlier attempt of this job may have left: what those did cannot be read ({why.name}: no). "
            "This re-run has created nothing."
        )

    def test_a_request_that_an_earlier_attempt_has_sent_may_have_been_refused(self) -> None:
        """Its nonce is used then, and nobody can tell it from one that is still under way."""
        script = service([refused(Refusal.NONCE_USED)])

        opened, result = created(script, rerun=True)

        assert (opened, result.outcome) == (None, Outcome.UNKNOWN)
        assert result.message.startswith(
            "Do not redeploy before you have looked for a run whose description begins"
        )
        assert SENT_BEFORE in result.message

    def test_what_comes_into_sight_while_it_is_throttled_is_carried_on(self) -> None:
        """Under the next nonce no fence would keep out what an earlier attempt has sent."""
        twin = ours("twin")
        script = service([THROTTLED, CREATED], [EMPTY, LOST, page_of(theirs(), ours("a"), twin)])

        opened, result = created(script, rerun=True)

        assert opened == Opened(RunId("a"), MARK, sure=False, twins=(twin,))
        assert (result.outcome, result.adopted, result.fault) == (Outcome.CREATED, True, None)
        assert "Duplicate runs of this job: twin." in result.message
        assert script.service.times("create") == [0]
        assert script.service.times("page") == [0, 0.75, 1.5]
        assert script.notes.told[-1] == (
            OBJECT,
            "run a of an earlier attempt has come into sight, and is followed",
        )

    @pytest.mark.parametrize(
        "seen", [page_of(theirs(age_minutes=60)), page_of(theirs()), refused(Refusal.DENIED)]
    )
    def test_where_nothing_does_it_is_sent_again(self, seen: object) -> None:
        script = service([THROTTLED, THROTTLED, CREATED], [EMPTY, seen])

        opened, _ = created(script, rerun=True)

        assert opened == Opened(RunId("r"), MARK, sure=False)
        assert [nonce for _, nonce in sent(script)] == [nonce_of(MARK, n) for n in range(3)]
        assert script.service.times("page") == [0, *script.service.times("create")[1:]]
        assert script.notes.warned == []

    @pytest.mark.parametrize(
        ("create", "rerun"),
        [([THROTTLED, CREATED], False), ([refused(Refusal.UNREACHABLE), CREATED], True)],
    )
    def test_no_look_is_taken_where_no_earlier_attempt_was_or_the_nonce_stays(
        self, create: list[object], rerun: bool
    ) -> None:
        script = service(create)

        created(script, rerun=rerun)

        assert len(script.service.of("page")) == rerun

    def test_nor_where_the_nonce_stays_since_an_answer_was_lost(self) -> None:
        script = service([LOST, THROTTLED, CREATED])

        created(script, rerun=True, settle=2.0)

        assert script.service.times("page") == [0, 2]

    def test_the_ten_minutes_begin_with_the_first_request(self) -> None:
        """Not with the look at what earlier attempts left, however long that takes."""
        script = service([LOST, CREATED], [refused(Refusal.THROTTLED, 400.0), EMPTY])

        opened, _ = created(script, rerun=True, settle=300.0)

        assert opened is not None
        assert len(sent(script)) == 2
