"""At most one run is created. A refusal is repeated, or ends the object."""

from collections.abc import Sequence
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Refused
from dataworks_deploy.domain.event import CreationPutOff, RunCreated
from dataworks_deploy.domain.model import CreatePipelineRun, Node, RunId
from dataworks_deploy.domain.outcome import Outcome
from dataworks_deploy.domain.reason import (
    CreationRefused,
    EarlierUnreadable,
    InFlight,
    Inside,
    NotSent,
    RefusedForNow,
)
from dataworks_deploy.domain.reconcile import nonce_of
from dataworks_deploy.domain.record import HeldRun, Whose
from dataworks_deploy.domain.studio.operations import GetNode
from dataworks_deploy.engine.create import LOCATE_SECONDS
from dataworks_deploy.engine.rivals import Opened

from .creation import CREATED, CREATION, EMPTY, MARK, THROTTLED, created, nonces, service
from .world import LOST, OBJECT, Scripted, at, refused

UNREACHABLE, INNER = refused(Refusal.UNREACHABLE), refused(Refusal.INNER)
SURE = Opened(RunId("r"), MARK, sure=True)


class TestAPlainCreation:
    def test_a_creation_is_one_request_with_mark_and_derived_nonce(self) -> None:
        script = service([CREATED])

        opened, record = created(script)

        assert opened == SURE
        request = CreatePipelineRun(CREATION, f"{MARK} the note", nonce_of(MARK, 0))
        assert [operation for _, operation in script.service.calls] == [request]
        assert (record.outcome, record.run) == (Outcome.CREATED, HeldRun(RunId("r"), Whose.OWN))
        assert (record.request.attempts, record.request.id) == (1, "R-9")
        assert (record.reason, record.fault, record.notes) == (None, None, ())
        assert record.started_at is not None
        assert not record.done
        assert script.notes.told == [(OBJECT, RunCreated(RunId("r"), "R-9"))]

    def test_a_creation_is_recorded_and_counted_before_it_leaves(self) -> None:
        script = Scripted(page=[EMPTY])

        def answer(_: CreatePipelineRun) -> Any:
            ((record,),) = script.notes.written
            assert (record.outcome, record.reason, record.run) == (Outcome.UNKNOWN, InFlight(MARK), None)
            assert script.counted == [1]
            return CREATED

        script.service.answers = {"create": [answer]}

        assert created(script)[0] == SURE


class TestAReRun:
    @pytest.mark.parametrize("unread", [refused(Refusal.DENIED), LOST])
    def test_a_throttled_request_is_not_sent_under_another_nonce_if_the_list_cannot_be_read(
        self, unread: Any
    ) -> None:
        """Only the list shows the run of an earlier attempt, and another nonce would allow a second one."""
        script = service([THROTTLED, CREATED], page=[EMPTY, unread])

        opened, record = created(script, rerun=True)

        assert (opened, record.outcome) == (None, Outcome.REJECTED)
        assert isinstance(record.reason, EarlierUnreadable)
        assert nonces(script) == [nonce_of(MARK, 0)]


class TestANodeThatIsInsideAWorkflow:
    @pytest.mark.parametrize(
        ("node", "delay", "noted"),
        [
            (Ok(at("a/b", "77")), 0.0, (Inside(Node("a/b", "77")),)),
            (Ok(at("a/b")), 0.0, (Inside(Node("a/b")),)),
            (Ok(at("")), 0.0, ()),
            (LOST, 0.0, ()),
            (refused(Refusal.DENIED), 0.0, ()),
            (Ok(at("a/b", "77")), 2 * LOCATE_SECONDS, ()),
        ],
    )
    def test_its_place_is_added_to_the_recorded_refusal(
        self, node: Any, delay: float, noted: tuple[Inside, ...]
    ) -> None:
        def answer(_: CreatePipelineRun) -> Any:
            script.service.delay = delay
            return INNER

        script = service([answer], node=[node])
        _, record = created(script)

        assert script.service.of("node") == [GetNode(OBJECT)]
        assert [each.notes for each in script.notes.over] == [()], "the refusal stands before it is looked up"
        assert (record.outcome, record.notes) == (Outcome.REJECTED, noted)
        assert script.notes.of(Inside) == [*noted]

    def test_it_is_not_looked_up_after_a_lost_answer(self) -> None:
        script = service([LOST, INNER])

        _, record = created(script)

        assert (record.outcome, script.service.of("node")) == (Outcome.UNKNOWN, [])


class TestRefusals:
    def test_a_throttled_request_is_sent_again_later_with_another_nonce(self) -> None:
        script = service([THROTTLED, refused(Refusal.THROTTLED, 7.0), CREATED])

        opened, record = created(script)

        assert opened == SURE
        assert nonces(script) == [nonce_of(MARK, n) for n in range(3)]
        first, second, third = script.service.times("create")
        assert second - first >= 0.75
        assert third - second == pytest.approx(7.0)
        assert (record.request.attempts, record.fault) == (3, None)
        assert [each.outcome for each, in script.notes.written] == [
            Outcome.UNKNOWN, Outcome.SKIPPED, Outcome.UNKNOWN, Outcome.SKIPPED, Outcome.UNKNOWN, Outcome.CANCELLED,
        ]  # fmt: skip
        assert script.notes.written[1][0].reason == RefusedForNow(THROTTLED.fault)
        assert script.notes.of(CreationPutOff)[1].seconds == 7.0

    def test_a_request_that_never_left_keeps_its_nonce_and_is_retried_for_the_settle_time(self) -> None:
        script = service([UNREACHABLE])

        opened, record = created(script)

        assert {*nonces(script)} == {nonce_of(MARK, 0)}
        assert script.service.times("create")[-2] < 8.0 <= script.service.times("create")[-1]
        assert (opened, record.outcome, record.reason) == (None, Outcome.REJECTED, NotSent(UNREACHABLE.fault))

    @pytest.mark.parametrize(
        "said", [{"code": "Throttling.User"}, {"code": "Busy", "http_status": 429}, {"code": "Throttling"}]
    )
    def test_a_throttled_key_is_waited_for_and_is_no_refusal(self, said: dict[str, Any]) -> None:
        """By STS: the nonce is unused."""
        script = service([Refused(Refusal.UNREACHABLE, Fault("too many sessions", **said))] * 5 + [CREATED])

        assert created(script)[0] == SURE
        assert nonces(script) == [nonce_of(MARK, 0)] * 6

    def test_without_a_key_no_request_has_left(self) -> None:
        script = service([])
        script.service.keyless = UNREACHABLE

        _, record = created(script)

        assert (record.outcome, record.request.attempts) == (Outcome.REJECTED, 0)
        assert script.service.calls == []

    def test_throttling_does_not_count_towards_the_three_tries_of_an_unsent_request(self) -> None:
        script = service([*[THROTTLED] * 3, UNREACHABLE, UNREACHABLE, CREATED])

        assert created(script)[0] == SURE

    @pytest.mark.parametrize(
        "why", [Refusal.QUOTA_SPENT, Refusal.EXPIRED, Refusal.DENIED, Refusal.OTHER, Refusal.NOT_RUNNING]
    )
    def test_a_refusal_that_waiting_does_not_fix_ends_the_object(self, why: Refusal) -> None:
        no = refused(why)
        script = service([no])

        opened, record = created(script)

        assert (opened, record.outcome, record.reason) == (None, Outcome.REJECTED, CreationRefused(no.fault))
        assert (record.request.id, len(nonces(script))) == ("R-1", 1)

    @pytest.mark.parametrize(
        ("create", "outcome", "request_id"),
        [
            ([THROTTLED, Refused(Refusal.OTHER, Fault("no"))], Outcome.REJECTED, "R-1"),
            ([THROTTLED, Refused(Refusal.OTHER, Fault(request_id="R-2"))], Outcome.REJECTED, "R-2"),
            ([THROTTLED, Ok(RunId("r"))], Outcome.CREATED, "R-1"),
            ([LOST, Refused(Refusal.OTHER, Fault(request_id="R-2"))], Outcome.UNKNOWN, "R-2"),
        ],
    )
    def test_the_last_request_id_is_kept(
        self, create: Sequence[Any], outcome: Outcome, request_id: str
    ) -> None:
        _, record = created(service(create))

        assert (record.outcome, record.request.id) == (outcome, request_id)
