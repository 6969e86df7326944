"""What a step is to do, as values."""

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId, RunId
from dataworks_deploy.domain.outcome import End
from dataworks_deploy.domain.reconcile import Origin
from dataworks_deploy.domain.record import HeldRun, Record, Whose

from .create import Policy
from .select import Wanted


@frozen
class Task:
    """One object to deploy: `what` is to be created, or the run to continue instead.

    A run that is given `alone`, without its object, stands under its own ID.
    """

    object_id: ObjectId
    what: Creation | RunId
    alone: bool = False

    @property
    def record(self) -> Record:
        """What is known of it before anything is done."""
        if isinstance(self.what, Creation):
            return Record(self.object_id)
        return Record(self.object_id, self.alone, run=HeldRun(self.what, Whose.NAMED, adopted=True))


@frozen
class Plan:
    """What a step is to do. Times are in seconds; `poll` is None to adapt.

    `wanted` is what has to be read and chosen before, None where `tasks` are all that there is to do. `creation` is
    what is asked for each object that is chosen. `max_parallel` is None where it follows from the order.
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
        """Whether something is to reach production, by this step's own executions or by the service's."""
        executes = self.wait and self.goal.advance
        return not self.dry_run and (executes or self.goal.automatic)
