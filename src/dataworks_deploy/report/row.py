"""What is known of an error: what happened, the likely cause, and the fix."""

from dataclasses import dataclass

ASK = "{ask}"  # stands for whom to ask about the RequestId at hand


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person reads of an error or an outcome; `cause` and `fix` are empty where there is none to give.

    `anew` is what to do instead of a fix where the run was abolished with the step, and cannot be continued.
    """

    what: str
    cause: str = ""
    fix: str = ""
    anew: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An error is known by words in its message, by a code, with or without `.More` behind it, or by its status."""

    says: Explanation
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()

    def fits(self, message: str, code: str, status: int | None) -> bool:
        """Whether an error is this one."""
        return (
            any(word in message for word in self.words)
            or any(code == each or code.startswith(f"{each}.") for each in self.codes)
            or status in self.statuses
        )


def by_words(*words: str, what: str, cause: str, fix: str, anew: str = "") -> Known:
    """A row that is known by words."""
    return Known(Explanation(what, cause, fix, anew), words=words)


def by_code(*codes: str, what: str, cause: str, fix: str) -> Known:
    """A row that is known by codes."""
    return Known(Explanation(what, cause, fix), codes=codes)


def by_status(*statuses: int, what: str, cause: str, fix: str) -> Known:
    """A row that is known by statuses."""
    return Known(Explanation(what, cause, fix), statuses=statuses)
