"""What became of a run that was to be abolished."""

from enum import Enum, auto


class Fate(Enum):
    """Whether it is over, or goes on; a run that has none could be neither read nor abolished."""

    ABOLISHED = auto()
    DEPLOYS = auto()
    ENDED = auto()
