"""Creates the run of one object with a scripted service."""

from collections.abc import Sequence
from typing import Any

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import Creation, DeployType, OnActiveRun, Run, RunId
from dataworks_deploy.domain.reconcile import Mark, Origin, intent_of, owner_of
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.catalog import Content, Kind, StudioObject
from dataworks_deploy.engine.create import Creator, Policy
from dataworks_deploy.engine.drafts import Drafts
from dataworks_deploy.engine.rivals import Opened

from ...simulation.virtual import EPOCH
from .world import OBJECT, Scripted, page_of, refused, run_of

ORIGIN = Origin("1", "2", "deploy", "__self")
CREATION = Creation(10001, OBJECT, DeployType.ONLINE, "the note")
INTENT = intent_of(ORIGIN, CREATION)
MARK = Mark(INTENT, 1, owner_of("1", 10001), "C" * 16)
DRAFT = StudioObject(OBJECT, Kind.NODE, content=Content("C" * 16, None))
CREATED = Ok(RunId("r"), "R-9")
NOW_MS = int(EPOCH * 1000)
EMPTY = page_of()
THROTTLED = refused(Refusal.THROTTLED)
WARN, IGNORE, FAIL, ADOPT, SUPERSEDE = OnActiveRun


def ours(name: str = "r", status: str = "Running", *, generation: int = 1, **facts: Any) -> Run:
    return run_of(name, status, description=f"[dwd1:{INTENT}:g{generation}] note", at=NOW_MS, **facts)


def theirs(name: str = "x", age_minutes: float = 0, **facts: Any) -> Run:
    return run_of(
        name, description="by hand", at=NOW_MS - int(age_minutes * 60_000), creator="alice", **facts
    )


def created(
    script: Scripted,
    *,
    rerun: bool = False,
    redeploy: bool = False,
    on_active: OnActiveRun = WARN,
    settle: float = 8.0,
    looks: bool = False,
    wanted: bool = True,
    begun: tuple[Run, ...] = (),
    draft: StudioObject = DRAFT,
) -> tuple[Opened | None, Record]:
    """Create the object's run. Returns it, and the object's record."""
    ledger = script.ledger()
    policy = Policy(settle=settle, on_active_run=on_active, redeploy=redeploy, attempt=1 + rerun, looks=looks)
    creator = Creator(
        script.world,
        ledger,
        policy=policy,
        origin=ORIGIN,
        creation=CREATION,
        drafts=Drafts(script.world, [draft]),
        wanted=lambda: wanted,
        begun=begun,
    )
    opened = script.play(creator.create())
    assert sum(script.counted) == len(script.service.calls)
    return opened, ledger[OBJECT]


def nonces(script: Scripted) -> list[str]:
    """The nonce of each request."""
    return [operation.nonce for operation in script.service.of("create")]


def service(create: Sequence[Any], page: Sequence[Any] = (EMPTY,), **answers: Sequence[Any]) -> Scripted:
    return Scripted(create=create, page=page, **answers)
