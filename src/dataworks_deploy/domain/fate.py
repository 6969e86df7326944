"""What became of a run that was to be abolished."""

from enum import Enum, auto


class Fate(Enum):
    """Whether it is over, or goes on, as far as anybody has seen."""

    ABOLISHED = auto()
    DEPLOYS = auto()
    ENDED = auto()
    UNSEEN = auto()
