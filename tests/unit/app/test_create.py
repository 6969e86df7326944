"""One run is created at most; a refusal is repeated or is the end."""

from typing import Any

import pytest
from dataworks_deploy.app.opened import Opened

from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Refused
from dataworks_deploy.domain.mark import nonce_of
from dataworks_deploy.domain.model import Node, RunId
from dataworks_deploy.domain.outcome import Outcome

from .creation import CREATED, CREATION, EMPTY, MARK, THROTTLED, created, sent, service
from .world import LOST, Scripted, refused

INNER = refused(Refusal.INNER)


class TestAPlainCreation:
    def test_it_is_one_request_with_mark_and_derived_nonce(self) -> None:
        script = service([CREATED])

        opened, result = created(script)

        assert opened == Opened(RunId("r"), MARK, sure=True)
        assert script.service.of("create") == [(CREATION, f"{MARK} the note", nonce_of(MARK, 0))]
        assert script.service.of("page") == []
        assert (result.outcome, result.run_id, result.request_id) == (Outcome.CREATED, "r", "R-9")
        assert (result.attempts, result.own, result.adopted) == (1, True, False)
        assert (result.message, result.fault, result.remark) == ("", None, "")
        assert result.started_at is not None
        assert result.finished_at is None

    def test_that_it_is_under_way_is_written_before_it_leaves(self) -> None:
        script = service([CREATED])

        created(script)

        before = script.notes.written[0][0]
        assert (before.outcome, before.run_id) == (Outcome.UNKNOWN, None)
        assert str(MARK) in before.message


class TestRefusals:
    @pytest.mark.parametrize(("create", "lookups"), [([INNER], 1), ([LOST, INNER], 0)])
    def test_where_a_node_lies_is_looked_up_unless_a_request_is_lost(
        self, create: list[object], lookups: int
    ) -> None:
        script = Scripted(create=create, page=[EMPTY], node=[Ok(Node("", "77"))])

        _, result = created(script)

        assert len(script.service.of("node")) == lookups
        assert ("lies inside the workflow 77" in result.message) == bool(lookups)

    def test_a_throttled_request_is_sent_again_later_under_another_nonce(self) -> None:
        script = service([THROTTLED, refused(Refusal.THROTTLED, 7.0), CREATED])

        opened, result = created(script)

        assert opened == Opened(RunId("r"), MARK, sure=True)
        assert [nonce for _, nonce in sent(script)] == [nonce_of(MARK, n) for n in range(3)]
        assert script.service.times("create") == [0, 0.75, 7.75]
        assert (result.attempts, result.fault) == (3, None)
        assert [entry[0].outcome for entry in script.notes.written] == [
            Outcome.UNKNOWN, Outcome.SKIPPED, Outcome.UNKNOWN, Outcome.SKIPPED, Outcome.UNKNOWN, Outcome.CANCELLED,
        ]  # fmt: skip
        waiting = script.notes.written[1][0]
        assert (waiting.fault, waiting.message) == (THROTTLED.fault, "THROTTLED: no")

    def test_a_request_that_never_left_keeps_its_nonce_and_is_tried_three_times(self) -> None:
        unreachable = refused(Refusal.UNREACHABLE)
        script = service([unreachable])

        opened, result = created(script)

        assert opened is None
        assert [nonce for _, nonce in sent(script)] == [nonce_of(MARK, 0)] * 3
        assert script.service.times("create") == [0, 0.75, 2.25]
        assert (result.outcome, result.fault) == (Outcome.REJECTED, unreachable.fault)
        assert result.message == "Not sent: UNREACHABLE: no"

    def test_what_refuses_the_repetition_is_named_while_it_waits_and_what_was_lost_stands(self) -> None:
        script = service([LOST, THROTTLED, CREATED], page=[EMPTY])

        created(script)

        waiting = script.notes.written[1][0]
        assert (waiting.outcome, waiting.request_id) == (Outcome.UNKNOWN, "R-1")
        assert (waiting.fault, waiting.attempts) == (LOST.fault, 2)
        assert "nobody can tell whether it was created (the connection was closed)" in waiting.message

    @pytest.mark.parametrize("said", [{"code": "Throttling.User"}, {"code": "Busy", "http_status": 429}])
    def test_a_key_that_is_throttled_is_waited_for_and_nothing_was_refused(
        self, said: dict[str, Any]
    ) -> None:
        """By STS: the nonce is unused."""
        script = service([Refused(Refusal.UNREACHABLE, Fault("too many sessions", **said))] * 5 + [CREATED])

        assert created(script)[0] == Opened(RunId("r"), MARK, sure=True)
        assert [nonce for _, nonce in sent(script)] == [nonce_of(MARK, 0)] * 6

    def test_throttling_before_it_takes_none_of_its_three_tries(self) -> None:
        unreachable = refused(Refusal.UNREACHABLE)
        script = service([THROTTLED, THROTTLED, THROTTLED, unreachable, unreachable, CREATED])

        assert created(script)[0] == Opened(RunId("r"), MARK, sure=True)

    @pytest.mark.parametrize(
        "why", [Refusal.QUOTA_SPENT, Refusal.EXPIRED, Refusal.DENIED, Refusal.OTHER, Refusal.NOT_RUNNING]
    )
    def test_a_refusal_that_patience_does_not_mend_is_the_end(self, why: Refusal) -> None:
        script = service([refused(why)])

        opened, result = created(script)

        assert opened is None
        assert (result.outcome, result.request_id) == (Outcome.REJECTED, "R-1")
        assert (result.fault, result.message) == (refused(why).fault, f"{why.name}: no")
        assert len(sent(script)) == 1

    def test_the_last_request_id_that_was_told_is_kept_when_the_next_answer_has_none(self) -> None:
        silent = Refused(Refusal.UNREACHABLE, Fault("the endpoint refuses the connection"))
        script = service([THROTTLED, Refused(Refusal.THROTTLED, Fault("again", request_id="R-2")), silent])

        _, result = created(script)

        assert [entry[0].request_id for entry in script.notes.written][:4] == [None, "R-1", "R-1", "R-2"]
        assert (result.outcome, result.request_id) == (Outcome.REJECTED, "R-2")

    def test_a_run_without_a_request_id_keeps_that_of_the_answer_before(self) -> None:
        _, result = created(service([THROTTLED, Ok(RunId("r"))]))

        assert (result.run_id, result.request_id) == ("r", "R-1")
