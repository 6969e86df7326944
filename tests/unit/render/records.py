"""Records as steps leave them. Only their transitions make them, so no test gets what a step cannot know."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from dataworks_deploy.domain.ending import Fault, Symptom
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reason import (
    AnotherFailed,
    AnswerLost,
    Because,
    Conflict,
    CreationRefused,
    EarlierUnreadable,
    InFlight,
    LeftOpen,
    LeftToPerson,
    MayTurnUp,
    NoSuchStage,
    NothingChanged,
    NotSent,
    OpenBefore,
    Planned,
    RunEnded,
    StageRefused,
    Succeeded,
)
from dataworks_deploy.domain.reconcile import Claim, Mark
from dataworks_deploy.domain.record import Fate, HeldRun, Record, Waits, Whose, Withdrawal
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MARK = Mark("A" * 26, 1)
DENIED = Fault("You are not authorized.", "NoPermission", "R-1", 403)
CLOSED = Fault(symptom=Symptom.CLOSED)
PIPELINE = (("BUILD_PACKAGE", "Build"), ("PROD_CHECK", "Check"), ("PROD", "Deploy"))


def at(seconds: float) -> datetime:
    """The time this many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def run_of(run_id: str | None, status: str = "Running", *statuses: str, why: str = "", said: str = "") -> Run:
    """A run whose three stages have these statuses, or `Init`. The last given one has the message `why`."""
    stages = [
        Stage(code, "", step, kind, each, why if step == len(statuses) else "")
        for step, ((code, kind), each) in enumerate(
            zip(PIPELINE, (*statuses, "Init", "Init", "Init"), strict=False), 1
        )
    ]
    return Run(
        RunId(run_id or ""), status, said, created_ms=int(NOON.timestamp()) * 1000, stages=tuple(stages)
    )


# ---- an object that is not done


def begun(name: str) -> Record:
    """An object whose turn has come."""
    return Record(ObjectId(name)).begun(NOON)


def requested(name: str, times: int = 1) -> Record:
    """An object for which this many creations were sent. All but the last were throttled."""
    record = begun(name)
    for number in range(times):
        record = (
            record.refused_for_now(Fault("slow down", "Throttling.User", "R-0", 429)) if number else record
        )
        record = record.requested(InFlight(MARK), f"nonce-{number}", NOON)
    return record


def unproven(name: str, *, run_id: str | None = None, request_id: str | None = None) -> Record:
    """An object with a run that an answer has named and nobody has read yet."""
    held = RunId(run_id or f"run-{name}")
    answered = requested(name).answered(request_id or f"REQ-{name}")
    return answered.opened(held, Whose.OWN, adopted=False, claim=Claim(MARK, int(NOON.timestamp() * 1000)))


def own(name: str, *, run_id: str | None = None, request_id: str | None = None) -> Record:
    """An object with a run of this job, which its mark has proved."""
    return unproven(name, run_id=run_id, request_id=request_id).proved()


def resumed(name: str) -> Record:
    """An object with a run of an earlier attempt of this job."""
    return begun(name).opened(RunId(f"run-{name}"), Whose.OWN, adopted=True, claim=Claim(MARK))


def foreign(name: str) -> Record:
    """An object with somebody else's run, followed because the answer to the own creation was lost."""
    record = losing(name).opened(RunId(f"run-{name}"), Whose.FOREIGN, adopted=True)
    return record.noted(MayTurnUp(MARK))


def given(name: str, *, alone: bool = False, run_id: str | None = None) -> Record:
    """An object whose run the user names, before the first look at it."""
    held = HeldRun(RunId(run_id or f"run-{name}"), Whose.NAMED, adopted=True)
    return Record(ObjectId(name), alone, run=held)


def named(name: str, *, alone: bool = False, run_id: str | None = None) -> Record:
    """An object whose run the user names, while the step looks at it."""
    return given(name, alone=alone, run_id=run_id).begun(NOON).taken_up()


def losing(name: str, fault: Fault = CLOSED) -> Record:
    """An object whose run is looked for, because the answer to its creation was lost."""
    return requested(name).answered(fault.request_id).answer_lost(lost(name, fault))


def lost(name: str, fault: Fault = CLOSED) -> AnswerLost:
    """The reason why nobody knows whether the object has a run."""
    return AnswerLost(Creation(10001, ObjectId(name), DeployType.ONLINE), MARK, (fault,), NOON)


def read(record: Record, status: str = "Running", *statuses: str, after: float = 10) -> Record:
    """The record after one more reading of its run, this many seconds after noon."""
    return record.read(run_of(record.run_id, status, *statuses), at(after))


def staged(record: Record, *stages: tuple[str, str, float, float | None]) -> Record:
    """The record after readings of its stages: code, status, and begin and end in seconds after noon."""
    over: list[Stage] = []
    for step, (code, status, began, ended) in enumerate(stages):
        running = Stage(code, "", step, "Deploy", "Running")
        record = _stages_read(record, [*over, running], began)
        if ended is not None:
            over.append(Stage(code, "", step, "Deploy", status))
            record = _stages_read(record, over, ended)
    return record


def _stages_read(record: Record, stages: Sequence[Stage], after: float) -> Record:
    assert record.run_id is not None
    return record.read(Run(record.run_id, "Running", stages=tuple(stages)), at(after))


# ---- what Data Studio shows of an object


def called(record: Record, name: str, path: str = "") -> Record:
    """The object with this name and path."""
    return record.shown(StudioObject(record.object_id, Kind.NODE, name, path or f"dw/{name}"))


def orders(record: Record) -> Record:
    """The object with the name and path of the example in the docs."""
    return called(record, "dwd_orders_di", "dw/orders/dwd_orders_di")


# ---- how an object ends


def succeeded(record: Record, after: float = 60) -> Record:
    """An object whose run has succeeded."""
    return read(record, "Success", "Success", "Success", "Success", after=after).ended(
        Outcome.SUCCEEDED, Succeeded(), at(after)
    )


def failed(record: Record, why: str = "no table", *, after: float = 60) -> Record:
    """An object whose run has failed at the check."""
    return over(record, run_of(record.run_id, "Fail", "Success", "Fail", why=why), Outcome.FAILED, after)


def over(record: Record, run: Run, outcome: Outcome, after: float = 60) -> Record:
    """An object whose run has ended like this, without success."""
    return record.read(run, at(after)).ended(outcome, RunEnded(run), at(after))


def created(record: Record) -> Record:
    """An object whose run was left open, as requested."""
    return record.ended(Outcome.CREATED, LeftOpen(), at(1))


def lacking(record: Record) -> Record:
    """An object whose run does not have the stage of until-stage."""
    reason = NoSuchStage(RunId(str(record.run_id)), "PRD", ("BUILD_PACKAGE", "PROD"))
    return read(record).ended(Outcome.FAILED, reason, at(20))


def refused_at(record: Record, fault: Fault = DENIED, code: str = "PROD_CHECK") -> Record:
    """An object with a stage that may not be executed."""
    stage = Stage(code, "", 2, "Check", "Init")
    reason = StageRefused(RunId(str(record.run_id)), stage, fault)
    return read(record, "Running", "Success").at_stage(code).ended(Outcome.FAILED, reason, at(20))


def stopped(record: Record, by: End = End.TIMEOUT, after: float = 60) -> Record:
    """An object that was not done when the step ended."""
    return record.interrupted(by, at(after))


def waiting(
    record: Record, because: Because = Because.NO_CALL_MOVES_IT, by: End = End.TIMEOUT, after: float = 60
) -> Record:
    """An object with a stage that waited for a person when the step ended."""
    waits = read(record, "Running", "Success", "Success", after=20).waits_for(Waits("PROD", because))
    return stopped(waits, by, after)


def left_to_person(record: Record, because: Because = Because.NO_CALL_MOVES_IT) -> Record:
    """An object whose run was left open at a stage that waits for a person, as requested."""
    waits = read(record, "Running", "Success", "Success", after=20).waits_for(Waits("PROD", because))
    return waits.ended(Outcome.CREATED, LeftToPerson(RunId(str(record.run_id)), "PROD", because), at(50))


def abolished(record: Record, by: End = End.CANCEL) -> Record:
    """An object whose run was abolished when the step ended."""
    return withdrawn(record, Fate.ABOLISHED, by, run_of(record.run_id, "Termination", "Success"))


def withdrawn(record: Record, fate: Fate, by: End = End.CANCEL, run: Run | None = None) -> Record:
    """An object with this fate of its run, which the step tried to abolish when it ended."""
    return record.withdrawn(Withdrawal(fate, by, run))


def refused(name: str, fault: Fault = DENIED, times: int = 1) -> Record:
    """An object whose creation the service has refused."""
    record = requested(name, times).answered(fault.request_id)
    return record.ended(Outcome.REJECTED, CreationRefused(fault), at(1.2))


def blind(name: str) -> Record:
    """An object in a re-run that may not read the runs of earlier attempts, and has sent nothing."""
    return begun(name).ended(Outcome.REJECTED, EarlierUnreadable(MARK.intent, DENIED), at(1))


def unsent(name: str, fault: Fault) -> Record:
    """An object for which no creation could be sent."""
    return requested(name).ended(Outcome.REJECTED, NotSent(fault), at(1))


def unknown(name: str, fault: Fault = CLOSED) -> Record:
    """An object of which nobody knows whether it has a run."""
    return losing(name, fault).ended(Outcome.UNKNOWN, lost(name, fault), at(70))


def conflict(name: str, run: Run, wanted: DeployType = DeployType.ONLINE) -> Record:
    """An object on which somebody else's run is active."""
    return losing(name).ended(Outcome.CONFLICT, Conflict(run, MARK, wanted, CLOSED), at(30))


def stopped_before(name: str, run: Run, wanted: DeployType = DeployType.ONLINE) -> Record:
    """An object on which somebody else's run was open, so nothing was created."""
    return begun(name).ended(Outcome.CONFLICT, OpenBefore(run, wanted), at(1))


def put_off(name: str, fault: Fault) -> Record:
    """An object whose creation was refused for now, and will be sent again."""
    return requested(name).answered(fault.request_id).refused_for_now(fault)


def unstarted(name: str) -> Record:
    """An object whose turn did not come."""
    return Record(ObjectId(name)).held_back(AnotherFailed())


def planned(name: str) -> Record:
    """An object for which a dry run would create a run."""
    creation = Creation(10001, ObjectId(name), DeployType.ONLINE)
    return begun(name).ended(Outcome.PLANNED, Planned(creation), at(1))


def unchanged(name: str) -> Record:
    """An object that has not changed since a run deployed it."""
    return Record(ObjectId(name)).ended(Outcome.UNCHANGED, NothingChanged(run_of("old", "Success")), at(1))


def of_each_outcome() -> dict[Outcome, Record]:
    """One record for each way to end."""
    one = "1"
    ends = (
        created(own(one)),
        succeeded(own(one)),
        failed(own(one)),
        over(own(one), run_of("run-1", "Termination"), Outcome.TERMINATED),
        stopped(read(own(one)), End.CANCEL),
        stopped(read(own(one))),
        waiting(own(one)),
        refused(one),
        conflict(one, run_of("other")),
        unknown(one),
        unstarted(one),
        planned(one),
        unchanged(one),
    )
    return {record.outcome: record for record in ends}
