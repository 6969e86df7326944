"""What the app needs of the world, and nothing more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dataworks_deploy.domain.ending import Ending
from dataworks_deploy.domain.model import Creation, Node, ObjectId, Page, Run, RunId
from dataworks_deploy.domain.outcome import ObjectResult

PAGE_SIZE = 100  # the most that ListPipelineRuns gives
# Is called right before a request may leave. What it raises goes through, and nothing has left then.
Sending = Callable[[], None]


def unheeded() -> None:
    """A Sending where nobody has to know."""


class Pipelines(Protocol):
    """The service's pipeline runs. No call is ever repeated on the way, and none raises for the wire."""

    async def create(
        self, creation: Creation, description: str, nonce: str, sending: Sending
    ) -> Ending[RunId]:
        """Send one CreatePipelineRun for one object."""

    async def page(
        self, object_id: ObjectId | None, number: int, sending: Sending = unheeded
    ) -> Ending[Page]:
        """Read one page (from 1) of the runs of an object, or of the whole workspace."""

    async def run(self, run_id: RunId, sending: Sending = unheeded) -> Ending[Run]:
        """Read one run."""

    async def node(self, object_id: ObjectId, sending: Sending = unheeded) -> Ending[Node]:
        """Read where a node lies in Data Studio."""

    async def execute(self, run_id: RunId, stage: str, sending: Sending) -> Ending[None]:
        """Trigger the stage of this code. It runs afterwards, by itself."""

    async def abolish(self, run_id: RunId, sending: Sending = unheeded) -> Ending[None]:
        """Ask for the end of a run that is not wanted any more."""


class Clock(Protocol):
    """Time and chance."""

    def monotonic(self) -> float:
        """Seconds that never jump, for deadlines."""

    def utc(self) -> datetime:
        """The time of day, for people and for comparison with the service's times."""

    async def sleep(self, seconds: float) -> None:
        """Let others work for that long."""

    def spread(self) -> float:
        """A number in [0, 1), new at each call, for jitter."""


class Journal(Protocol):
    """Where what happens is written down as it happens."""

    def known(self, results: Sequence[ObjectResult], calls: int) -> None:
        """Make what is known by now survive the end of this process at any moment; so many calls were made."""

    def draw(self, results: Sequence[ObjectResult], calls: int, now: datetime) -> None:
        """Make a picture of it for people, as of `now`, in place of the one before."""

    def tell(self, object_id: ObjectId | None, text: str) -> None:
        """A line for the log."""

    def ended(self, result: ObjectResult) -> None:
        """How an object has ended; what is still told of it is an afterthought."""

    def debug(self, text: str) -> None:
        """A detail for who looks for a mistake."""

    def warn(self, object_id: ObjectId | None, text: str) -> None:
        """Something that a person should see although the step goes on."""


@dataclass(frozen=True, slots=True)
class World:
    """The ports together, as everything in the app takes them."""

    pipelines: Pipelines
    clock: Clock
    journal: Journal
