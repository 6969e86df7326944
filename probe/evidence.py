"""What there is to judge a claim by: the answers of a trial, as far as they were given."""

from collections.abc import Mapping, Sequence
from typing import Any

from .service import Answer
from .trial import Trial

Judgement = tuple[bool, str]


class NotSeenError(Exception):
    """There is no answer to judge by; says which."""


def given(trial: Trial, name: str) -> Answer:
    """An answer that was given, whatever it says."""
    answer = trial.answers.get(name)
    if answer is None:
        raise NotSeenError("not tried here")
    if not answer.status or answer.status >= 500 or answer.code.startswith("Throttling"):
        raise NotSeenError(f"{answer}")
    return answer


def granted(trial: Trial, name: str) -> Answer:
    """An answer that is no error."""
    answer = given(trial, name)
    if answer.status != 200:
        raise NotSeenError(f"{answer}")
    return answer


def second_of(trial: Trial) -> str:
    """The ID of the second run."""
    names = ("second", "second, short")
    ids = [trial.answers[name].body.get("Id") for name in names if name in trial.answers]
    if not any(ids):
        raise NotSeenError("there is no second run")
    return next(str(each) for each in ids if each)


def stages_of(run: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The stages of a run, in any order."""
    found = run.get("Stages")
    return found if isinstance(found, list) else []
