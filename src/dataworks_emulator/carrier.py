"""What is needed of the service to carry a call out under a fault, now or later."""

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
        """Pass the gate and carry the operation out."""

    def pass_gate(self, request: Request, *, fenced: bool = True) -> None:
        """Pass the gate alone, or be refused."""

    def operate(self, request: Request) -> Response:
        """Carry out what has passed the gate."""

    def use_nonce(self, request: Request) -> None:
        """Register the nonce of a request that goes no further."""

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Have something done once that time has passed."""

    def settle(self) -> None:
        """Do what has become due."""

    def request_id(self) -> str:
        """Draw the ID of one answer."""

    def foreign_run(self, request: Request) -> str:
        """Have somebody else's run, created hours ago, on the object of this creation, and give its ID."""

    def hide_run(self, run_id: str, seconds: float) -> None:
        """Keep a run out of the lists for that long."""
