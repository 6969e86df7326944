"""Certificate authorities that the user names and that cannot be used."""

from dataclasses import dataclass
from enum import Enum, auto


class Flaw(Enum):
    """Why they cannot be used."""

    NO_CERTIFICATE = auto()  # the file holds none in PEM
    NOT_READABLE = auto()
    NO_FOLDER = auto()


@dataclass(frozen=True, slots=True)
class UnusableAuthorities:
    """A variable and the path that it names. `reason` is the system's word for a file that is not readable."""

    variable: str
    path: str
    flaw: Flaw
    reason: str = ""
