"""The choices that inputs offer. Each value is the word that the user writes, and their order is that of the documents.

They are strings as well, so that they can stand where the word itself is wanted.
"""

from enum import StrEnum


class OnActiveRun(StrEnum):
    """What an open run of somebody else means for an object."""

    FAIL = "fail"
    ADOPT = "adopt"
    IGNORE = "ignore"


class OnRerun(StrEnum):
    """What a later attempt of the job does with what an earlier one has deployed."""

    RESUME = "resume"
    REDEPLOY = "redeploy"


class AbolishOn(StrEnum):
    """An end of the step with which its own runs are abolished, as long as they do not deploy yet."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    FAILURE = "failure"


class RunMode(StrEnum):
    """Who executes the stages of a run: whoever asks for it, or the service up to a stage."""

    NORMAL = "Normal"
    AUTO = "Auto"
