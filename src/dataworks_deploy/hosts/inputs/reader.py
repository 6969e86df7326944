"""Reads one input at a time and collects all faults. Also reads the inputs that say how far to take runs."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import OnApproval, RunMode
from dataworks_deploy.domain.problem import (
    Doubt,
    NotAlone,
    NotANumber,
    NotAStage,
    NotOneOf,
    NotWhole,
    Problem,
    Slip,
    WrongComma,
)
from dataworks_deploy.hosts import Source

Choice = TypeVar("Choice", bound=StrEnum)


class _Flag(StrEnum):
    TRUE = "true"
    FALSE = "false"


class Reader:
    """Reads inputs. An empty input counts as its default, like a missing one.

    `defaults` maps every declared input to its default. `scrub` removes secrets from text that is shown. With `files`,
    the files that inputs name are read too. `problems` and `doubts` grow while inputs are read.
    """

    def __init__(
        self, source: Source, defaults: Mapping[str, str], scrub: Callable[[str], str], *, files: bool = True
    ) -> None:
        self.source = source
        self.files = files
        self._defaults = defaults
        self._scrub = scrub
        self.problems: list[Problem] = []
        self.doubts: list[Doubt] = []

    def text(self, name: str) -> str:
        """The input without spaces around it, or its default. Only declared names can be read."""
        return self.source.given(name).strip() or self._defaults[name]

    def ambient(self, name: str) -> str:
        """An environment variable from the documentation, without spaces around it."""
        return self.source.ambient.get(name, "").strip()

    def shown(self, text: str) -> str:
        """The user's own text as a problem may quote it. Secrets are removed first: half a secret would not be
        recognised.
        """
        return shown(self._scrub(text))

    def choice(self, name: str, choices: type[Choice], others: Mapping[str, Choice] | None = None) -> Choice:
        """One of the choices, in upper or lower case. `others` are more words for them."""
        given = self.text(name)
        if others and given in others:
            return others[given]
        for choice in choices:
            if given.casefold() == choice.casefold():
                return choice
        self.problems.append(NotOneOf(name, self.shown(given), tuple(choices)))
        return next(iter(choices))

    def choices(self, name: str, choices: type[Choice], none: str) -> frozenset[Choice]:
        """One or more of the choices, separated by commas or spaces. The word `none` means no choice."""
        given = _words(self.text(name)) or _words(self._defaults[name])
        words = frozenset(map(str.casefold, given))
        offered = (*choices, none)
        wrong = sorted(word for word in given if word.casefold() not in offered)
        if any(re.search("[，、]", word) for word in wrong):
            self.problems.append(WrongComma(name, self.shown(", ".join(wrong))))
        elif wrong:
            self.problems.append(NotOneOf(name, self.shown(", ".join(wrong)), offered))
        elif none in words and len(words) > 1:
            self.problems.append(NotAlone(name, none))
        return frozenset(choice for choice in choices if choice in words)

    def flag(self, name: str) -> bool:
        """Either `true` or `false`."""
        return self.choice(name, _Flag) is _Flag.TRUE

    def is_auto(self, name: str) -> bool:
        """Whether the user leaves the choice to the action."""
        return self.text(name).casefold() == "auto"

    def number(self, name: str, least: float, most: float, unit: str, *, or_auto: bool = False) -> float:
        """A finite number within bounds. The caller checks for `auto` itself."""
        given = self.text(name)
        try:
            # Python accepts the digits of any script, and underscores between them. Here those are mistakes.
            value = float(given) if given.isascii() and "_" not in given else math.nan
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            self.problems.append(NotANumber(name, self.shown(given), least, most, unit, or_auto))
            return least
        return value

    def whole(self, name: str, least: int, most: int, *, or_auto: bool = False) -> int:
        """A whole number within bounds. The caller checks for `auto` itself."""
        given = self.text(name)
        value = int(given) if given.isascii() and given.isdigit() and len(given) < 20 else least - 1
        if not least <= value <= most:
            self.problems.append(NotWhole(name, self.shown(given), least, most, or_auto))
            return least
        return value


def _words(text: str) -> frozenset[str]:
    return frozenset(text.replace(",", " ").split())


def shown(text: str) -> str:
    """The user's own text, cut. Only invisible characters are replaced by their codes."""
    return repr(text if len(text) <= 80 else text[:77] + "...").encode("utf-8", "backslashreplace").decode()


def is_text(text: str) -> bool:
    """Whether the text can be written as UTF-8. Bytes that are not text arrive as surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@frozen
class Follow:
    """How far to take runs, and who does it. `poll_seconds` is None if the pause adapts."""

    wait: bool
    advance: bool
    until_stage: str
    run_mode: RunMode
    auto_run_until_stage: str
    poll_seconds: float | None
    on_approval: OnApproval

    @property
    def changes_to_continue(self) -> Mapping[str, str]:
        """The inputs that do not work with run-ids, and the values that do. They fix what `_contradictions` reports."""
        changes = {} if self.wait else {"wait": "true"}
        if self.run_mode is RunMode.AUTO:
            changes |= {"run-mode": RunMode.NORMAL.value, "auto-run-until-stage": ""}
        return changes


def read_follow(reader: Reader, *, continues: bool) -> Follow:
    """Read these inputs. `continues`: existing runs are given."""
    follow = Follow(
        wait=reader.flag("wait"),
        advance=reader.flag("advance"),
        until_stage=_code(reader, "until-stage"),
        run_mode=reader.choice("run-mode", RunMode),
        auto_run_until_stage=_code(reader, "auto-run-until-stage"),
        poll_seconds=None
        if reader.is_auto("poll-seconds")
        else reader.number("poll-seconds", 1, 3600, "seconds", or_auto=True),
        on_approval=reader.choice("on-approval", OnApproval),
    )
    reader.problems.extend(_contradictions(follow, continues=continues))
    return follow


def _code(reader: Reader, name: str) -> str:
    given = reader.text(name)
    if given and not _CODE.fullmatch(given):
        reader.problems.append(NotAStage(name, reader.shown(given)))
    return given


def _contradictions(follow: Follow, *, continues: bool) -> Iterator[Slip]:
    is_auto = follow.run_mode is RunMode.AUTO
    if not follow.wait and follow.until_stage:
        yield Slip.STAGE_UNFOLLOWED
    if not follow.wait and continues:
        yield Slip.RUNS_UNFOLLOWED
    if follow.auto_run_until_stage and not is_auto:
        yield Slip.STAGE_WITHOUT_AUTO
    if is_auto and not follow.auto_run_until_stage:
        yield Slip.AUTO_WITHOUT_STAGE
    if continues and is_auto:
        yield Slip.RUNS_WITH_AUTO
