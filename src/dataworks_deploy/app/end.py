"""What brings a step to its end."""

from enum import StrEnum


class End(StrEnum):
    """What brought the step to its end. The words are those of abolish-on."""

    NORMAL = "normal"
    FAILURE = "failure"
    TIMEOUT = "timeout"
    CANCEL = "cancel"
