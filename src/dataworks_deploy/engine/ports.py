"""What the engine needs of the world, and nothing more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from dataworks_deploy.domain.ending import Ending, Refused
from dataworks_deploy.domain.event import Event
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.operation import Operation
from dataworks_deploy.domain.record import Record

T = TypeVar("T")


class Service(Protocol):
    """The DataWorks API. No call is ever repeated on the way, and none raises for the wire."""

    async def ready(self) -> Refused | None:
        """Wait until there is a key to sign with, or say why there is none: then nothing can be sent."""

    async def call(self, operation: Operation[T]) -> Ending[T]:
        """Send this once, now, and wait for the answer."""


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

    @property
    def debugs(self) -> bool:
        """Whether anybody reads details."""

    def known(self, records: Sequence[Record], calls: int) -> None:
        """Make what is known by now survive the end of this process at any moment; so many calls were made."""

    def draw(self, records: Sequence[Record], calls: int, now: datetime) -> None:
        """Make a picture of it for people, as of `now`, in place of the one before."""

    def tell(self, object_id: ObjectId | None, event: Event) -> None:
        """Write something to the log."""

    def warn(self, object_id: ObjectId | None, event: Event) -> None:
        """Show something that a person should see although the step goes on."""

    def debug(self, event: Event) -> None:
        """Write a detail for who looks for a mistake."""

    def ended(self, record: Record) -> None:
        """Say how an object has ended; what is still told of it is an afterthought."""
