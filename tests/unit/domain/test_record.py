"""A record changes only by its transitions, and no order of them breaks a rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from dataworks_deploy.domain.ending import Fault, Source, Symptom
from dataworks_deploy.domain.model import Creation, DeployType, Node, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import End, Outcome, Verdict, row_of
from dataworks_deploy.domain.reason import (
    AnotherFailed,
    AnswerLost,
    AwaitsPerson,
    Because,
    BrokenOff,
    CreationRefused,
    DeadlinePassed,
    InFlight,
    Inside,
    Killed,
    LeftOpen,
    LeftToPerson,
    NeedsFailed,
    NeedsOpen,
    NotOurs,
    NotSent,
    NotStarted,
    NotTakenUp,
    Reason,
    RefusedForNow,
    RunEnded,
    StepCancelled,
    Succeeded,
)
from dataworks_deploy.domain.reconcile import Claim, Mark
from dataworks_deploy.domain.record import (
    BrokenRuleError,
    Fate,
    HeldRun,
    Phase,
    Record,
    Rule,
    Undone,
    Unread,
    Waits,
    Whose,
    Withdrawal,
    concluded,
    is_unsent,
    was_refused,
)
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
OBJECT, R, S = ObjectId("1"), RunId("r"), RunId("s")
MARK = Mark("A" * 26, 1)
CLAIM = Claim(MARK)
BUSY = Fault("no", "Throttling", "R-1", 429)
CLOSED = Fault(symptom=Symptom.CLOSED)
IN_FLIGHT = InFlight(MARK)
LOST = AnswerLost(Creation(1, OBJECT, DeployType.ONLINE), MARK, (CLOSED,), NOON)


def run_of(name: str = "r", status: str = "Running", built: str = "Success", at: int = NOON_MS) -> Run:
    """A run with a build and a deployment."""
    stages = (Stage("BUILD", "", 1, "Build", built), Stage("PROD", "", 2, "Deploy", "Init"))
    return Run(RunId(name), status, created_ms=at, stages=stages)


State = Callable[[], Record]


def new() -> Record:
    return Record(OBJECT)


def named() -> Record:
    return Record(OBJECT, run=HeldRun(R, Whose.NAMED, adopted=True))


def begun() -> Record:
    return new().begun(NOON)


def requested() -> Record:
    return begun().requested(IN_FLIGHT, "n", NOON)


def unclear() -> Record:
    return requested().answer_lost(LOST)


def put_off() -> Record:
    return requested().refused_for_now(BUSY)


def own() -> Record:
    return requested().opened(R, Whose.OWN, adopted=False, claim=CLAIM)


def unproven() -> Record:
    """The run named by an answer, before its own reading."""
    return requested().opened(R, Whose.OWN, adopted=False, claim=Claim(MARK, NOON_MS))


def foreign() -> Record:
    return unclear().opened(R, Whose.FOREIGN, adopted=True)


def taken_up() -> Record:
    return named().begun(NOON).taken_up()


def waiting() -> Record:
    return own().waits_for(Waits("PROD", Because.ADVANCE_FALSE))


def done() -> Record:
    return own().ended(Outcome.CREATED, LeftOpen(), NOON)


STATES = {
    "new": new,
    "named": named,
    "begun": begun,
    "requested": requested,
    "unclear": unclear,
    "put off": put_off,
    "own": own,
    "unproven": unproven,
    "foreign": foreign,
    "taken up": taken_up,
    "done": done,
}

Change = Callable[[Record], Record]


class Transitions(RuleBasedStateMachine):
    """Any transition at any time either works, or is refused and leaves the record unchanged."""

    names = st.sampled_from((R, S))
    outcomes = st.sampled_from(Outcome)

    @initialize(record=st.sampled_from((new, named)))
    def start(self, record: State) -> None:
        self.record, self.requests = record(), 0

    def _try(
        self, change: Change, *, moves_run: bool = False, withdraws: bool = False, disowns: bool = False
    ) -> bool:
        before = self.record
        try:
            after = self.record = change(before)
        except BrokenRuleError:
            return False
        if disowns:
            assert before.own
            assert (after.run, after.outcome) == (None, Outcome.CONFLICT)
            return True
        if before.run:
            assert after.run
            assert moves_run or after.run_id == before.run_id
            assert after.run.whose is before.run.whose
        if before.request.lost:
            assert after.request.lost
            assert after.request.nonce == before.request.nonce
        if before.done:
            assert after.done
            assert withdraws or after.outcome is before.outcome
            assert not row_of(after.outcome).good or row_of(before.outcome).good
        return True

    @invariant()
    def what_is_known_holds_together(self) -> None:
        record = self.record
        now = {
            Phase.NOT_STARTED: Outcome.SKIPPED,
            Phase.REQUESTED: Outcome.UNKNOWN,
            Phase.OPEN: Outcome.CREATED,
        }
        assert record.outcome is (record.ended_as if record.done else now[record.phase])
        assert record.run or record.phase is not Phase.OPEN
        assert record.request.attempts == self.requests
        if record.outcome is Outcome.SUCCEEDED:
            assert record.run
            assert record.reading.status == "Success"
        if record.outcome is Outcome.CREATED:
            assert record.run
        if record.request.lost and not record.run:
            assert record.outcome in {Outcome.UNKNOWN, Outcome.CONFLICT}
        if record.foreign:
            assert record.told_at is None
        if record.withdrawal:
            assert record.own
            assert record.done

    @invariant()
    def a_kill_leaves_nothing_good_that_is_not_over(self) -> None:
        left = self.record.left_by_a_kill()
        assert self.record.done or not row_of(left.outcome).good
        assert left.run == self.record.run
        assert left.done or not left.run or left.phase is not Phase.OPEN

    @rule()
    def begun(self) -> None:
        if self._try(lambda record: record.begun(NOON)):
            assert self.record.started_at == NOON

    @rule(nonce=st.sampled_from(("n", "m")), lost=st.booleans())
    def requested(self, nonce: str, *, lost: bool) -> None:
        before = self.record
        made = self._try(lambda record: record.requested(LOST if lost else IN_FLIGHT, nonce, NOON))
        self.requests += made
        assert not (made and (before.run or before.done))
        assert not made or self.record.request.nonce == nonce

    @rule(request_id=st.sampled_from((None, "R-1", "R-2")))
    def answered(self, request_id: str | None) -> None:
        before = self.record.request.id
        assert self._try(lambda record: record.answered(request_id))
        assert self.record.request.id == (request_id or before)

    @rule()
    def refused_for_now(self) -> None:
        self._try(lambda record: record.refused_for_now(BUSY))

    @rule()
    def answer_lost(self) -> None:
        self._try(lambda record: record.answer_lost(LOST))

    @rule()
    def held_back(self) -> None:
        before = self.record
        if self._try(lambda record: record.held_back(AnotherFailed())):
            assert before.phase is Phase.NOT_STARTED

    @rule(
        name=names,
        whose=st.sampled_from((Whose.OWN, Whose.FOREIGN)),
        adopted=st.booleans(),
        claim=st.sampled_from((None, CLAIM, Claim(MARK, NOON_MS))),
    )
    def opened(self, name: RunId, whose: Whose, *, adopted: bool, claim: Claim | None) -> None:
        before = self.record
        if self._try(lambda record: record.opened(name, whose, adopted=adopted, claim=claim)):
            assert before.run is None
            assert (whose is Whose.OWN) is (claim is not None)

    @rule()
    def proved(self) -> None:
        if self._try(lambda record: record.proved()):
            assert self.record.proven

    @rule()
    def disowned(self) -> None:
        self._try(lambda record: record.disowned(NotOurs(run_of(), MARK), NOON), disowns=True)

    @rule()
    def met_earlier(self) -> None:
        self._try(lambda record: record.met_earlier(LOST))

    @rule()
    def taken_up(self) -> None:
        if self._try(lambda record: record.taken_up()):
            assert self.record.named

    @rule(winner=names)
    def gives_way(self, winner: RunId) -> None:
        before = self.record
        if self._try(lambda record: record.gives_way(winner), moves_run=True):
            assert before.own
            assert before.told_at is None
            assert (self.record.run_id, self.record.request.id) == (winner, None)
            assert self.record.reading.status is None

    @rule(name=names, status=st.sampled_from(("Running", "Success", "Fail", "Odd")))
    def read(self, name: RunId, status: str) -> None:
        if self._try(lambda record: record.read(run_of(name, status), NOON)):
            assert (self.record.run_id, self.record.reading.status) == (name, status)

    @rule(told_at=st.sampled_from((None, 1.0, 2.0)))
    def executed(self, told_at: float | None) -> None:
        before = self.record
        if self._try(lambda record: record.executing(told_at)):
            assert before.run
            assert before.proven
            assert not before.foreign
            assert self.record.told_at == told_at

    @rule(count=st.integers(0, 3))
    def readings_failed(self, count: int) -> None:
        self._try(lambda record: record.reading_failed(Unread(count, BUSY) if count else None))

    @rule(waits=st.booleans())
    def waited_for(self, *, waits: bool) -> None:
        self._try(lambda record: record.waits_for(Waits("PROD") if waits else None))

    @rule(outcome=outcomes)
    def ended(self, outcome: Outcome) -> None:
        before = self.record
        if self._try(lambda record: record.ended(outcome, Succeeded(), NOON)):
            assert not before.done
            assert self.record.outcome is outcome
            assert (self.record.waits, self.record.undone, self.record.unread) == (None, None, None)

    @rule(by=st.sampled_from(End))
    def interrupted(self, by: End) -> None:
        before = self.record
        made = self._try(lambda record: record.interrupted(by, NOON))
        assert made is not before.done, "it is always known what is true of it"
        assert not made or not row_of(self.record.outcome).good

    @rule(fate=st.sampled_from(Fate), by=st.sampled_from((End.CANCEL, End.TIMEOUT, End.FAILURE)))
    def withdrawn(self, fate: Fate, by: End) -> None:
        if self._try(lambda record: record.withdrawn(Withdrawal(fate, by)), withdraws=True):
            assert self.record.fate is fate
            assert self.record.outcome is not Outcome.CREATED or fate is not Fate.ABOLISHED


def test_no_order_of_transitions_breaks_a_rule() -> None:
    run_state_machine_as_test(Transitions, settings=settings(max_examples=100, stateful_step_count=30))


CHANGES: dict[str, tuple[Change, set[str]]] = {
    "begun": (lambda record: record.begun(NOON), {"new", "named"}),
    "requested": (
        lambda record: record.requested(IN_FLIGHT, "n", NOON),
        {"new", "begun", "unclear", "put off"},
    ),
    "requested under another nonce": (
        lambda record: record.requested(IN_FLIGHT, "m", NOON),
        {"new", "begun", "put off"},
    ),
    "refused for now": (
        lambda record: record.refused_for_now(BUSY),
        {"new", "begun", "requested", "put off"},
    ),
    "answer lost": (lambda record: record.answer_lost(LOST), {"requested", "unclear"}),
    "held back": (lambda record: record.held_back(NotStarted()), {"new", "named", "begun", "put off"}),
    "opened": (
        lambda record: record.opened(S, Whose.OWN, adopted=True, claim=CLAIM),
        {"new", "begun", "requested", "unclear", "put off"},
    ),
    "taken up": (lambda record: record.taken_up(), {"named"}),
    "gives way": (lambda record: record.gives_way(S), {"own", "unproven"}),
    "gives way once told": (lambda record: record.executing(1.0).gives_way(S), set()),
    "read": (
        lambda record: record.read(run_of(), NOON),
        {"named", "own", "unproven", "foreign", "taken up", "done"},
    ),
    "disowned": (
        lambda record: record.disowned(NotOurs(run_of(), MARK), NOON),
        {"own", "unproven", "done"},
    ),
    "earlier request met": (lambda record: record.met_earlier(LOST), {"requested", "unclear"}),
    "another run is read": (lambda record: record.read(run_of("s"), NOON), set()),
    "executing": (lambda record: record.executing(1.0), {"own", "taken up"}),
    "created": (
        lambda record: record.ended(Outcome.CREATED, LeftOpen(), NOON),
        {"own", "unproven", "foreign", "taken up"},
    ),
    "succeeded": (lambda record: record.ended(Outcome.SUCCEEDED, Succeeded(), NOON), set()),
    "rejected": (
        lambda record: record.ended(Outcome.REJECTED, CreationRefused(BUSY), NOON),
        {"new", "named", "begun", "requested", "put off"},
    ),
    "conflict": (
        lambda record: record.ended(Outcome.CONFLICT, NotStarted(), NOON),
        {*STATES} - {"requested", "done"},
    ),
    "unknown": (lambda record: record.ended(Outcome.UNKNOWN, LOST, NOON), {"requested", "unclear"}),
    "failed": (
        lambda record: record.ended(Outcome.FAILED, NotStarted(), NOON),
        {*STATES} - {"requested", "unclear", "done"},
    ),
    "withdrawn": (lambda record: record.withdrawn(Withdrawal(Fate.UNSEEN, End.CANCEL)), {"done"}),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("state", STATES)
def test_a_transition_works_in_its_states_and_is_refused_in_all_others(name: str, state: str) -> None:
    change, allowed = CHANGES[name]

    if state in allowed:
        change(STATES[state]())
    else:
        with pytest.raises(BrokenRuleError):
            change(STATES[state]())


BROKEN: dict[Rule, State] = {
    Rule.ITS_OWN_NAME: lambda: new().shown(StudioObject(ObjectId("2"))),
    Rule.BEGUN_ONCE: lambda: begun().begun(NOON),
    Rule.ONE_RUN: lambda: own().requested(IN_FLIGHT, "n", NOON),
    Rule.ONE_REQUEST: lambda: requested().requested(IN_FLIGHT, "n", NOON),
    Rule.SAME_NONCE: lambda: unclear().requested(LOST, "m", NOON),
    Rule.LOST_IS_UNCLEAR: lambda: unclear().refused_for_now(BUSY),
    Rule.AWAITED_IS_LOST: lambda: put_off().answer_lost(LOST),
    Rule.SEEN_TO_ITS_END: lambda: unclear().held_back(NotStarted()),
    Rule.SAME_RUN: lambda: own().opened(S, Whose.OWN, adopted=False, claim=CLAIM),
    Rule.NAMED_IS_TAKEN_UP: lambda: begun().taken_up(),
    Rule.OWN_IS_ELECTED: lambda: foreign().gives_way(S),
    Rule.TOLD_STAYS: lambda: own().executing(1.0).gives_way(S),
    Rule.READ_IS_HELD: lambda: own().read(run_of("s"), NOON),
    Rule.FOREIGN_IS_LEFT: lambda: foreign().executing(1.0),
    Rule.OWN_IS_CLAIMED: lambda: requested().opened(R, Whose.OWN, adopted=False),
    Rule.PROVEN_IS_EXECUTED: lambda: unproven().executing(1.0),
    Rule.OWN_IS_DISOWNED: lambda: taken_up().disowned(NotOurs(run_of(), MARK), NOON),
    Rule.OPEN_IS_EXECUTED: lambda: done().executing(1.0),
    Rule.ENDS_ONCE: lambda: done().ended(Outcome.FAILED, LeftOpen(), NOON),
    Rule.SUCCESS_IS_READ: lambda: own().ended(Outcome.SUCCEEDED, Succeeded(), NOON),
    Rule.KNOWN_IS_SAID: lambda: unclear().ended(Outcome.REJECTED, CreationRefused(BUSY), NOON),
    Rule.OWN_IS_ABOLISHED: lambda: own().withdrawn(Withdrawal(Fate.UNSEEN, End.CANCEL)),
}


@pytest.mark.parametrize("rule", Rule)
def test_a_broken_rule_is_named(rule: Rule) -> None:
    with pytest.raises(BrokenRuleError, match=rule.value) as broken:
        BROKEN[rule]()

    assert broken.value.rule is rule


@pytest.mark.parametrize(
    ("state", "by", "outcome", "reason"),
    [
        *[(new, end, Outcome.SKIPPED, NotStarted()) for end in End],
        *[(named, end, Outcome.SKIPPED, NotStarted()) for end in End],
        *[(requested, end, Outcome.UNKNOWN, IN_FLIGHT) for end in End],
        *[(unclear, end, Outcome.UNKNOWN, LOST) for end in End],
        (taken_up, End.CANCEL, Outcome.CANCELLED, NotTakenUp(R, End.CANCEL)),
        (taken_up, End.TIMEOUT, Outcome.TIMED_OUT, NotTakenUp(R, End.TIMEOUT)),
        (taken_up, End.FAILURE, Outcome.FAILED, BrokenOff(R)),
        (lambda: taken_up().read(run_of(), NOON), End.TIMEOUT, Outcome.TIMED_OUT, DeadlinePassed(R)),
        (lambda: taken_up().read(run_of(), NOON), End.CANCEL, Outcome.CANCELLED, StepCancelled(R)),
        (own, End.CANCEL, Outcome.CANCELLED, StepCancelled(R)),
        (own, End.FAILURE, Outcome.FAILED, BrokenOff(R)),
        (own, End.NORMAL, Outcome.FAILED, BrokenOff(R)),
        (own, End.TIMEOUT, Outcome.TIMED_OUT, DeadlinePassed(R)),
        (waiting, End.TIMEOUT, Outcome.WAITING, AwaitsPerson(R, "PROD", Because.ADVANCE_FALSE)),
        (waiting, End.CANCEL, Outcome.CANCELLED, StepCancelled(R)),
        (begun, End.CANCEL, Outcome.CANCELLED, StepCancelled(None)),
        (begun, End.FAILURE, Outcome.FAILED, BrokenOff(None)),
        (begun, End.TIMEOUT, Outcome.TIMED_OUT, DeadlinePassed(None)),
        (put_off, End.CANCEL, Outcome.CANCELLED, StepCancelled(None, BUSY)),
        (put_off, End.FAILURE, Outcome.FAILED, BrokenOff(None, BUSY)),
        (put_off, End.TIMEOUT, Outcome.TIMED_OUT, DeadlinePassed(None, BUSY)),
        (
            lambda: put_off().reading_failed(Unread(3, CLOSED)),
            End.TIMEOUT,
            Outcome.TIMED_OUT,
            DeadlinePassed(None),
        ),
    ],
)
def test_a_step_that_ends_early_leaves_the_truth(
    state: State, by: End, outcome: Outcome, reason: Reason
) -> None:
    record = state()
    stopped = record.interrupted(by, NOON + timedelta(minutes=1))

    assert (stopped.outcome, stopped.reason) == (outcome, reason)
    held = replace(record, unread=UNREAD, undone=UNDONE).interrupted(by, NOON)
    assert (held.waits, held.unread, held.undone) == (record.waits, UNREAD, UNDONE)
    assert stopped.finished_at == (None if outcome is Outcome.SKIPPED else NOON + timedelta(minutes=1))


@pytest.mark.parametrize("state", STATES)
def test_a_kill_leaves_a_running_run_as_cancelled_and_changes_nothing_else(state: str) -> None:
    record = STATES[state]()
    left = record.left_by_a_kill()

    if state in {"own", "unproven", "foreign", "taken up"}:
        assert (left.done, left.outcome, left.reason) == (True, Outcome.CANCELLED, Killed(R))
        assert left.run == record.run
    else:
        assert left is record


class TestTheName:
    ORDERS = StudioObject(OBJECT, Kind.NODE, "orders", "dw/orders")

    def test_it_stays_whatever_happens_to_the_object(self) -> None:
        shown = new().shown(self.ORDERS)
        done = shown.begun(NOON).requested(IN_FLIGHT, "n", NOON).interrupted(End.CANCEL, NOON)

        assert (new().name, new().path, new().studio) == ("", "", None)
        for record in (shown, done, done.left_by_a_kill()):
            assert (record.name, record.path, record.studio) == ("orders", "dw/orders", self.ORDERS)

    def test_a_run_without_its_object_has_no_name(self) -> None:
        with pytest.raises(BrokenRuleError, match=Rule.ITS_OWN_NAME.value):
            replace(named(), alone=True).shown(self.ORDERS)

    def test_a_name_alone_need_not_survive_a_kill(self) -> None:
        """All names are read together, and saved once."""
        assert new().shown(self.ORDERS).vital == new().vital


class TestTheCreation:
    def test_a_creation_refused_for_now_is_sent_again_with_another_nonce_and_counted(self) -> None:
        again = put_off().requested(IN_FLIGHT, "m", NOON)

        assert (put_off().outcome, put_off().reason) == (Outcome.SKIPPED, RefusedForNow(BUSY))
        assert (again.outcome, again.request.attempts, again.request.nonce) == (Outcome.UNKNOWN, 2, "m")
        assert again.reason == IN_FLIGHT

    def test_after_a_lost_answer_it_is_unclear_until_its_run_is_found(self) -> None:
        assert (unclear().outcome, unclear().reason, unclear().request.lost) == (Outcome.UNKNOWN, LOST, True)
        assert (foreign().outcome, foreign().reason, foreign().fault) == (Outcome.CREATED, None, None)
        assert foreign().run == HeldRun(R, Whose.FOREIGN, adopted=True)
        assert own().run == HeldRun(R, Whose.OWN, adopted=False)

    def test_an_object_held_back_was_never_begun(self) -> None:
        held = put_off().reading_failed(Unread(3, CLOSED)).held_back(AnotherFailed(BUSY))

        assert (held.outcome, held.started_at, held.finished_at) == (Outcome.SKIPPED, None, None)
        assert (held.reason, held.unread, held.fault) == (AnotherFailed(BUSY), None, None)
        assert held.done

    def test_an_object_names_the_failed_one_that_it_needs(self) -> None:
        needed = Record(ObjectId("2")).shown(StudioObject(ObjectId("2"), name="orders"))
        held = new().kept_back(needed)
        further = Record(ObjectId("3")).kept_back(held)

        assert (held.outcome, held.reason) == (Outcome.SKIPPED, NeedsFailed(ObjectId("2"), "orders"))
        assert further.reason == held.reason, "what was kept back has not failed"
        assert (held.because, further.because, new().because) == (needed.object_id, needed.object_id, None)

    def test_an_object_names_the_one_left_to_a_person_that_it_needs(self) -> None:
        left = own().ended(Outcome.CREATED, LeftToPerson(R, "PROD", Because.NO_CALL_MOVES_IT), NOON)
        held = Record(ObjectId("2")).kept_back(left)
        further = Record(ObjectId("3")).kept_back(held)

        assert (held.reason, held.because) == (NeedsOpen(left.object_id), left.object_id)
        assert further.reason == held.reason

    @pytest.mark.parametrize(
        ("end", "verdict"),
        [
            (End.NORMAL, "created"),
            (End.CANCEL, "cancelled"),
            (End.TIMEOUT, "created"),
            (End.FAILURE, "failed"),
        ],
    )
    def test_an_object_that_waits_for_one_left_open_makes_the_verdict_no_worse(
        self, end: End, verdict: str
    ) -> None:
        left = own().ended(Outcome.CREATED, LeftToPerson(R, "PROD", Because.NO_CALL_MOVES_IT), NOON)
        held = Record(ObjectId("2")).kept_back(left)

        assert concluded(end, [left, held]) == verdict
        failed = Record(ObjectId("3")).kept_back(Record(ObjectId("4")))
        assert concluded(End.NORMAL, [left, held, failed]) is Verdict.FAILED
        assert concluded(End.NORMAL, []) is Verdict.UNCHANGED

    @pytest.mark.parametrize(
        "change",
        [
            lambda it: it.requested(LOST, "n", NOON),
            lambda it: it.opened(R, Whose.OWN, adopted=False, claim=CLAIM),
        ],
    )
    def test_earlier_failed_readings_no_longer_matter(self, change: Change) -> None:
        assert change(unclear().reading_failed(Unread(3, CLOSED))).unread is None


class TestReadings:
    def test_a_reading_sets_status_and_stages_and_takes_no_stage_back(self) -> None:
        executed = own().at_stage("PROD").read(run_of(built="Running"), NOON)

        assert (executed.reading.status, executed.reading.stage) == ("Running", "PROD")
        assert [span.code for span in executed.reading.spans] == ["BUILD"]
        assert executed.read(run_of(status="Fail", built="Fail"), NOON).reading.stage == "BUILD"

    def test_the_stage_that_waits_for_a_person_is_the_one_reached(self) -> None:
        assert (waiting().reading.stage, waiting().waits_for(None).reading.stage) == ("PROD", "PROD")
        assert waiting().waits_for(None).waits is None

    @pytest.mark.parametrize(
        ("state", "at", "began"),
        [
            (own, NOON_MS, NOON),
            (own, NOON_MS - 1, None),
            (lambda: new().opened(R, Whose.OWN, adopted=True, claim=CLAIM), NOON_MS, None),
            (lambda: own().read(run_of(built="Running", at=NOON_MS - 1), NOON), NOON_MS - 1, NOON),
        ],
        ids=["came of the request", "is older than it", "was not asked for", "was read before"],
    )
    def test_an_ended_stage_has_times_only_if_nothing_of_it_was_missed(
        self, state: State, at: int, began: datetime | None
    ) -> None:
        later = NOON + timedelta(minutes=1)
        (span,) = state().read(run_of(at=at), later).reading.spans

        assert (span.timed, span.began) == (began is not None, began or later)

    def test_the_run_may_come_from_the_first_request_whose_answer_was_lost(self) -> None:
        later = NOON + timedelta(minutes=1)

        assert put_off().requested(IN_FLIGHT, "m", later).reading.since == later
        assert unclear().requested(LOST, "n", later).reading.since == NOON

    def test_a_replaced_run_leaves_no_readings(self) -> None:
        won = own().answered("R-1").read(run_of(), NOON).gives_way(S)

        assert won.run == HeldRun(S, Whose.OWN, adopted=True)
        assert (won.request.id, won.reading.status, won.reading.stage, won.reading.spans) == (
            None,
            None,
            None,
            (),
        )
        assert won.reading.since == NOON

    def test_a_replacement_has_to_bear_the_same_mark(self) -> None:
        assert unproven().gives_way(S).run == HeldRun(S, Whose.OWN, adopted=True, claim=CLAIM)

    def test_a_run_that_proves_to_be_somebody_elses_leaves_nothing_but_the_reason(self) -> None:
        seen = unproven().read(run_of(), NOON).reading_failed(Unread(3, CLOSED)).waits_for(Waits("PROD"))
        reason = NotOurs(run_of(), MARK)

        gone = replace(seen, undone=Undone("PROD", BUSY, refused=True)).disowned(reason, NOON)

        assert (gone.outcome, gone.reason, gone.finished_at, gone.done) == (
            Outcome.CONFLICT,
            reason,
            NOON,
            True,
        )
        assert (gone.run, gone.reading.status, gone.reading.spans) == (None, None, ())
        assert (gone.unread, gone.waits, gone.undone) == (None, None, None)

    def test_a_request_that_met_an_earlier_one_says_so(self) -> None:
        assert requested().met_earlier(LOST).reason == LOST

    def test_an_unknown_status_stays_in_the_record(self) -> None:
        assert own().read(run_of(status="Odd"), NOON).reading.odd is not None
        assert own().read(run_of(), NOON).reading.odd is None


UNREAD, UNDONE = Unread(3, CLOSED), Undone("PROD", BUSY, refused=True)


class TestFaults:
    @pytest.mark.parametrize(
        ("state", "fault"),
        [
            (own, None),
            (put_off, BUSY),
            (lambda: own().execution_failed(UNDONE), BUSY),
            (lambda: own().execution_failed(UNDONE).execution_failed(None), None),
            (lambda: own().execution_failed(UNDONE).reading_failed(UNREAD), CLOSED),
            (lambda: own().execution_failed(UNDONE).reading_failed(UNREAD).reading_failed(None), BUSY),
            (lambda: own().execution_failed(UNDONE).ended(Outcome.CREATED, LeftOpen(), NOON), None),
            (lambda: own().reading_failed(UNREAD).interrupted(End.TIMEOUT, NOON), CLOSED),
            (
                lambda: put_off().reading_failed(UNREAD).ended(Outcome.REJECTED, CreationRefused(BUSY), NOON),
                BUSY,
            ),
        ],
    )
    def test_the_error_is_the_one_that_matters_now(self, state: State, fault: Fault | None) -> None:
        assert state().fault == fault


class TestWithdrawals:
    @pytest.mark.parametrize("by", [End.CANCEL, End.TIMEOUT, End.FAILURE])
    @pytest.mark.parametrize("fate", Fate)
    @pytest.mark.parametrize("outcome", [Outcome.CREATED, Outcome.WAITING, Outcome.FAILED])
    def test_only_an_abolished_run_has_no_good_outcome(self, by: End, fate: Fate, outcome: Outcome) -> None:
        withdrawal = Withdrawal(fate, by)
        record = own().ended(outcome, LeftOpen(), NOON).withdrawn(withdrawal)

        lost = Outcome.TIMED_OUT if by is End.TIMEOUT else Outcome.CANCELLED
        changes = fate is Fate.ABOLISHED and outcome is not Outcome.FAILED
        assert (record.outcome, record.reason) == (lost if changes else outcome, LeftOpen())
        assert (record.withdrawal, record.fate, record.abolished) == (
            withdrawal,
            fate,
            fate is Fate.ABOLISHED,
        )

    @pytest.mark.parametrize(
        ("status", "outcome"),
        [("Termination", Outcome.TERMINATED), ("Cancel", Outcome.CANCELLED), ("Fail", Outcome.FAILED)],
    )
    @pytest.mark.parametrize("before", [Outcome.CREATED, Outcome.WAITING])
    def test_a_run_that_somebody_else_has_ended_has_the_outcome_of_its_end(
        self, before: Outcome, status: str, outcome: Outcome
    ) -> None:
        run, left = Run(R, status), own().ended(before, LeftOpen(), NOON)

        record = left.withdrawn(Withdrawal(Fate.ENDED, End.FAILURE, run))

        assert (record.outcome, record.reason) == (outcome, RunEnded(run))
        deployed = left.withdrawn(Withdrawal(Fate.ENDED, End.FAILURE, Run(R, "Success")))
        assert (deployed.outcome, deployed.reason) == (before, LeftOpen())

    def test_without_a_withdrawal_there_is_no_fate(self) -> None:
        assert (done().fate, done().abolished) == (None, False)


def of_runs(record: Record) -> tuple[Any, ...]:
    return record.run_id, record.own, record.named, record.foreign, record.adopted, record.told_at


def test_the_record_says_whose_run_it_is() -> None:
    assert of_runs(new()) == (None, False, False, False, False, None)
    assert of_runs(own().executing(1.0)) == (R, True, False, False, False, 1.0)
    assert of_runs(taken_up()) == (R, False, True, False, True, None)
    assert of_runs(foreign()) == (R, False, False, True, True, None)
    assert own().executing(1.0).not_executed(None) == own()
    assert own().executing(1.0).executing(2.0).not_executed(1.0).told_at == 1.0
    assert new().not_executed(None) == new()


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.answered("R-2"),
        lambda it: it.executing(1.0),
        lambda it: it.noted(Inside(Node("a/b"))),
        lambda it: it.ended(Outcome.FAILED, LeftOpen(), NOON),
    ],
)
def test_facts_that_must_survive_a_kill_are_vital_and_readings_are_not(change: Change) -> None:
    assert change(own()).vital != own().vital
    assert own().read(run_of(), NOON).waits_for(Waits("PROD")).vital == own().vital


def test_an_ended_object_waits_for_nobody() -> None:
    assert waiting().ended(Outcome.FAILED, LeftOpen(), NOON).waits is None


def test_notes_add_up() -> None:
    first, second = Inside(Node("a")), Inside(Node("b"))

    assert own().noted(first).noted(second).ended(Outcome.FAILED, LeftOpen(), NOON).notes == (first, second)


UNNAMED = Fault("no route")
BY_GITHUB = replace(BUSY, source=Source.GITHUB)


@pytest.mark.parametrize(
    ("state", "refused", "unsent"),
    [
        (
            lambda: requested().answered("R-1").ended(Outcome.REJECTED, CreationRefused(BUSY), NOON),
            True,
            False,
        ),
        (lambda: requested().ended(Outcome.REJECTED, CreationRefused(BUSY), NOON), True, False),
        (
            lambda: requested().ended(Outcome.REJECTED, CreationRefused(Fault(http_status=403)), NOON),
            True,
            False,
        ),
        (lambda: begun().ended(Outcome.REJECTED, CreationRefused(BUSY), NOON), False, False),
        (lambda: requested().ended(Outcome.REJECTED, NotSent(UNNAMED), NOON), False, True),
        (lambda: requested().ended(Outcome.REJECTED, NotSent(BY_GITHUB), NOON), False, True),
        (lambda: requested().answered("R-1").ended(Outcome.REJECTED, NotSent(UNNAMED), NOON), True, False),
        (lambda: begun().ended(Outcome.REJECTED, LeftOpen(), NOON), False, False),
        (lambda: put_off().interrupted(End.TIMEOUT, NOON), True, False),
        (lambda: put_off().held_back(AnotherFailed(BUSY)), False, False),
        (lambda: put_off().answered("R-1").held_back(AnotherFailed(BUSY)), True, False),
        (lambda: unclear().answered("R-1").interrupted(End.CANCEL, NOON), False, False),
        (lambda: unclear().answered("R-1").ended(Outcome.CONFLICT, LeftOpen(), NOON), False, False),
        (lambda: own().answered("R-1").interrupted(End.CANCEL, NOON), False, False),
    ],
)
def test_a_creation_is_known_to_be_refused_or_unsent_or_neither(
    state: State, *, refused: bool, unsent: bool
) -> None:
    assert (was_refused(state()), is_unsent(state())) == (refused, unsent)
