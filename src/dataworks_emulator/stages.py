"""The stage machine: how a run moves through its stages. It computes that from the clock when somebody looks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dataworks_emulator.drafts import Draft
from dataworks_emulator.settings import Settings

INIT, RUNNING, SUCCESS, FAIL = "Init", "Running", "Success", "Fail"
TERMINAL = frozenset({SUCCESS, FAIL, "Termination", "Cancel"})
POINTS_OF_NO_RETURN = frozenset({"Deploy", "Offline", "Delete"})
APPROVAL, OFFLINE_CHECK = "APPROVAL", "OfflineCheck"

BUILD_TYPE = "Build"
BUILD = ("BUILD_PACKAGE", "Build package", BUILD_TYPE)
PROD_CHECK = ("PROD_CHECK", "Check for the production environment", "Check")
PROD = ("PROD", "Deploy to the production environment", "Deploy")
PLANS: dict[str, list[tuple[str, str, str]]] = {
    "simple": [BUILD, PROD_CHECK, PROD],
    "standard": [
        BUILD,
        ("DEV_CHECK", "Check for the development environment", "Check"),
        ("DEV", "Deploy to the development environment", "Deploy"),
        PROD_CHECK,
        PROD,
    ],
    "offline": [
        (OFFLINE_CHECK, "Check before undeployment", "Check"),
        PROD_CHECK,
        ("PROD", "Undeploy from the production environment", "Offline"),
    ],
}


@dataclass
class Stage:
    """One stage of one run. `ready` is when all earlier steps were done, `started` when it began to run."""

    code: str
    name: str
    type: str
    step: int
    status: str = INIT
    message: str = ""
    ready: float | None = None
    started: float | None = None

    def view(self, status: str, message: str) -> dict[str, Any]:
        """Render the stage as the API does. It has no Message if that would be empty."""
        shown: dict[str, Any] = {
            "Code": self.code,
            "Name": self.name,
            "Type": self.type,
            "Step": self.step,
            "Status": status,
            "Description": self.name,
            "Detail": {},
        }
        return shown | {"Message": message} if message else shown


@dataclass(frozen=True, slots=True)
class Look:
    """How a run looked from this time on. `stages` has the status and message of each stage."""

    since: float
    status: str
    message: str
    stages: tuple[tuple[str, str], ...]


@dataclass
class Run:
    """One pipeline run, with how it looked after each change: an old list shows an earlier look.

    `package` is the object and its parts as they were when they were built. Empty before that.
    """

    id: str
    number: int
    project: str
    object_id: str
    type: str
    description: str
    creator: str
    created: float
    stages: list[Stage]
    auto_until: int = 0
    status: str = INIT
    message: str = ""
    hidden_for: float = 0.0
    history: list[Look] = field(default_factory=list)
    package: tuple[Draft, ...] = ()

    @property
    def terminal(self) -> bool:
        """Tell whether the run has ended."""
        return self.status in TERMINAL

    def seen_from(self, project: str) -> bool:
        """Tell whether that project sees the run. It does if either of them names no project."""
        return not project or self.project in ("", project)

    def current(self) -> Stage:
        """Return the first stage that has not succeeded, or the last stage if all have."""
        return next((stage for stage in self.stages if stage.status != SUCCESS), self.stages[-1])

    def note(self, when: float) -> None:
        """Record how the run looks from now on."""
        looks = tuple((stage.status, stage.message) for stage in self.stages)
        self.history.append(Look(when, self.status, self.message, looks))

    def look(self, when: float) -> Look:
        """Return how the run looked at that time."""
        return next((look for look in reversed(self.history) if look.since <= when), self.history[0])

    def view(self, when: float) -> dict[str, Any]:
        """Render the run as it was at that time."""
        look = self.look(when)
        return {
            "Id": self.id,
            "Status": look.status,
            "Message": look.message,
            "Description": self.description,
            "Creator": self.creator,
            "CreateTime": round(self.created * 1000),
            "ModifyTime": round(look.since * 1000),
            "Stages": [stage.view(*seen) for stage, seen in zip(self.stages, look.stages, strict=True)],
        }


def plan(settings: Settings, run_type: str) -> list[Stage]:
    """Make the stages of a new run."""
    rows = list(PLANS["offline" if run_type == "Offline" else settings.stages])
    if settings.odd_stage:
        rows.insert(-1, (settings.odd_stage, "A stage of a kind never seen before", "Canary"))
    if settings.approval:
        rows.insert(-1, (APPROVAL, "Approval by a person", "Check"))
    return [Stage(code, name, kind, step) for step, (code, name, kind) in enumerate(rows, start=1)]


class Machine:
    """Moves runs. It holds no runs and no time: every method receives both."""

    def __init__(
        self,
        settings: Settings,
        find_failure: Callable[[Run, Stage], str | None],
        finished: Callable[[float, Run, Stage], None],
    ) -> None:
        """`find_failure` decides whether a stage fails. `finished` is called when one has ended."""
        self._settings, self._find_failure, self._finished = settings, find_failure, finished

    def step(self, run: Run, due: float) -> None:
        """Carry out the one change that was due at that time."""
        if run.status == INIT:
            run.status = RUNNING
            self._enter(run, run.stages[0], due)
        else:
            self.finish(run, due)

    def start(self, run: Run, stage: Stage, now: float) -> None:
        """Begin a stage."""
        stage.status, stage.started = RUNNING, now
        run.note(now)

    def finish(self, run: Run, now: float) -> None:
        """End the current stage, as a success or a failure, and enter the next."""
        stage = run.current()
        failure = self._find_failure(run, stage)
        stage.status, stage.message = (SUCCESS, "") if failure is None else (FAIL, failure)
        if failure is not None:
            run.status, run.message = FAIL, failure
        elif stage is run.stages[-1]:
            run.status = SUCCESS
        self._finished(now, run, stage)
        if run.terminal:
            run.note(now)
        else:
            self._enter(run, run.current(), now)

    def stop(self, run: Run, status: str, now: float, message: str = "") -> None:
        """End the run from outside. The running stage ends with it."""
        stage = run.current()
        if stage.status == RUNNING:
            stage.status = status
        run.status, run.message = status, message
        run.note(now)

    def _enter(self, run: Run, stage: Stage, now: float) -> None:
        stage.ready = now
        waits = stage.code == APPROVAL and self._settings.approval_status == INIT
        runs_by_itself = stage.type == "Build" or stage.code == APPROVAL or stage.step <= run.auto_until
        runs_by_itself |= stage.code == OFFLINE_CHECK and self._settings.offline_check_runs
        if runs_by_itself and not waits:
            self.start(run, stage, now)
        else:
            run.note(now)

    def due(self, run: Run) -> float | None:
        """Return when the run continues by itself, or None."""
        if run.terminal:
            return None
        if run.status == INIT:
            return run.created + self._settings.init_seconds
        stage = run.current()
        if stage.code == APPROVAL:
            after = self._settings.approve_after
            return None if after is None or stage.ready is None else stage.ready + after
        if stage.status != RUNNING or stage.started is None:
            return None
        return stage.started + self._settings.stage_overrides.get(stage.code, self._settings.stage_seconds)
