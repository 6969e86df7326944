"""An emulator of the DataWorks deployment API, for tests and for trying things without an account."""

from dataworks_emulator.answers import Response
from dataworks_emulator.emulator import Emulator
from dataworks_emulator.request import Request
from dataworks_emulator.service import Service
from dataworks_emulator.settings import Credential, Denial, Failure, Role, Settings
from dataworks_emulator.truth import Truth

__all__ = [
    "Credential",
    "Denial",
    "Emulator",
    "Failure",
    "Request",
    "Response",
    "Role",
    "Service",
    "Settings",
    "Truth",
]
