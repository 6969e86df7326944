"""What a step is asked to do, as values. What it will do with each object is the plan: `domain/studio/plan.py`."""

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.advance import Goal, may_change_production
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import End
from dataworks_deploy.domain.reconcile import Origin
from dataworks_deploy.domain.record import HeldRun, Record, Whose

from .create import Policy
from .select import Wanted


@frozen
class Task:
    """One object to deploy. `what` is the creation, or the run to continue instead.

    A run that is given `alone`, without its object, uses its own ID here.
    """

    object_id: ObjectId
    what: Creation | RunId
    alone: bool = False

    @property
    def record(self) -> Record:
        """Its record before anything is done."""
        if isinstance(self.what, Creation):
            return Record(self.object_id)
        return Record(self.object_id, self.alone, run=HeldRun(self.what, Whose.NAMED, adopted=True))


@frozen
class Assignment:
    """What a step is asked to do. Times are in seconds. `poll` is None if the pause adapts.

    `wanted` is what to read and select first, None if `tasks` are already complete. `creation` is the request for each
    selected object. `max_parallel` is None if it depends on the order.
    """

    project_id: int
    type: DeployType
    tasks: tuple[Task, ...]
    wanted: Wanted | None
    creation: Creation
    origin: Origin
    policy: Policy
    goal: Goal
    wait: bool
    timeout: float
    poll: float | None
    max_parallel: int | None
    fail_fast: bool
    dry_run: bool
    abolish_on: frozenset[End]

    @property
    def deploys(self) -> bool:
        """Whether anything may reach production, by executions of this step or of the service."""
        executes = self.wait and self.goal.advance
        return not self.dry_run and (executes or self.goal.automatic)

    def continues(self, run: Run) -> bool:
        """Whether the step may execute a stage of the run that changes production."""
        return self.wait and may_change_production(run, self.goal)
