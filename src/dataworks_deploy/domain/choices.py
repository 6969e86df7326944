"""Choices that users make in the inputs, each by a word."""

from enum import StrEnum


class OnActiveRun(StrEnum):
    """What to do where somebody else's fresh run is found while a lost creation is looked for."""

    FAIL = "fail"
    ADOPT = "adopt"
    IGNORE = "ignore"
