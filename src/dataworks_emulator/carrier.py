"""The parts of the service that a fault needs to carry out a call, now or later."""

from collections.abc import Callable
from typing import Protocol

from dataworks_emulator.answers import Response
from dataworks_emulator.request import Request
from dataworks_emulator.settings import Settings


class Carrier(Protocol):
    """The service, as a fault sees it."""

    @property
    def settings(self) -> Settings:
        """The settings of the service."""

    def admit(self, request: Request, *, fenced: bool = True) -> Response:
        """Pass the gate and carry out the operation."""

    def pass_gate(self, request: Request, *, fenced: bool = True) -> None:
        """Pass only the gate, or raise the refusal."""

    def operate(self, request: Request) -> Response:
        """Carry out a request that has passed the gate."""

    def use_nonce(self, request: Request) -> None:
        """Register the nonce of a request that goes no further."""

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after so many seconds."""

    def settle(self) -> None:
        """Do everything that is due."""

    def request_id(self) -> str:
        """Draw the ID of one answer."""

    def foreign_run(self, request: Request) -> str:
        """Create somebody else's run on the object of this creation, as if hours ago, and return its ID."""

    def hide_run(self, run_id: str, seconds: float) -> None:
        """Hide a run from the lists for so many seconds."""
