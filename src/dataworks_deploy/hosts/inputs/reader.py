"""Reads one input at a time from the runner's variables and collects every fault instead of stopping."""

import math
from collections.abc import Callable, Mapping


class Reader:
    """Reads `INPUT_*` variables; an absent and a blank input are both the default.

    `defaults` maps every declared input to its default; `scrub` takes secrets out of what is shown. `problems` and
    `warnings` grow as inputs are read.
    """

    def __init__(
        self, environment: Mapping[str, str], defaults: Mapping[str, str], scrub: Callable[[str], str]
    ) -> None:
        self._environment = environment
        self._defaults = defaults
        self._scrub = scrub
        self.problems: list[str] = []
        self.warnings: list[str] = []

    def text(self, name: str) -> str:
        """The input without surrounding blanks, or its default. Only declared names can be read."""
        # The runner turns blanks into underscores and leaves hyphens as they are.
        given = self._environment.get(f"INPUT_{name.upper()}", "").strip()
        return given or self._defaults[name]

    def ambient(self, name: str) -> str:
        """An environment variable that the contract names, without surrounding blanks."""
        return self._environment.get(name, "").strip()

    def shown(self, text: str) -> str:
        """The user's own text as a problem may quote it: a secret that is cut would not be found any more."""
        return shown(self._scrub(text))

    def choice(self, name: str, *choices: str) -> str:
        """One of the choices, whatever the case it is written in."""
        given = self.text(name)
        for choice in choices:
            if given.casefold() == choice.casefold():
                return choice
        self.problems.append(f"{name}: {self.shown(given)} is not one of {', '.join(choices)}.")
        return choices[0]

    def choices(self, name: str, *choices: str) -> frozenset[str]:
        """One or more of the choices, separated by commas or blanks; the last choice stands for none."""
        given = _words(self.text(name)) or _words(self._defaults[name])
        chosen, none = frozenset(map(str.casefold, given)), choices[-1]
        wrong = sorted(word for word in given if word.casefold() not in choices)
        if wrong:
            self.problems.append(
                f"{name}: {self.shown(', '.join(wrong))} is not one of {', '.join(choices)}."
            )
        elif none in chosen and len(chosen) > 1:
            self.problems.append(f"{name}: {none} stands alone.")
        return chosen - {none}

    def flag(self, name: str) -> bool:
        """`true` or `false`."""
        return self.choice(name, "true", "false") == "true"

    def number(self, name: str, least: float, most: float, unit: str) -> float:
        """A finite number within bounds."""
        given = self.text(name)
        try:
            # Python takes digits of any script, and underscores between them: a slip here.
            value = float(given) if given.isascii() and "_" not in given else math.nan
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            self.problems.append(
                f"{name}: {self.shown(given)} is not a number of {unit} from {least:g} to {most:g}."
            )
            return least
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        given = self.text(name)
        value = int(given) if given.isascii() and given.isdigit() and len(given) < 20 else least - 1
        if not least <= value <= most:
            self.problems.append(f"{name}: {self.shown(given)} is not a whole number from {least} to {most}.")
            return least
        return value


def _words(text: str) -> frozenset[str]:
    return frozenset(text.replace(",", " ").split())


def shown(text: str) -> str:
    """The user's own text, cut and in ASCII: it may hold anything."""
    return ascii(text if len(text) <= 80 else text[:77] + "...")
