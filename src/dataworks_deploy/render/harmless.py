"""Makes foreign text harmless where it is shown: the runner executes what looks like a command in a log."""

import re
import unicodedata

# The runner executes `##[command]` anywhere in a line, and ends lines at LF, CRLF and bare CR.
_OLD_COMMAND = re.compile(r"##(?=\[)")
_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SIGN = "\ufffd"
_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}


def one_line(text: str, most: int = 2000) -> str:
    """The text on one line, with a visible sign for each control or invisible character, and no command that works.

    Nothing is taken out: what stood on both sides could make up a secret, which was not recognised while it was apart.
    The caller puts words of its own in front of it: `::` works at the start of a line only.
    """
    line = _BREAKS.sub(" / ", text.replace("\t", " "))
    visible = line if line.isascii() and line.isprintable() else "".join(map(_visible, line))
    cut = visible if len(visible) <= most else visible[: most - 1] + "…"
    return _OLD_COMMAND.sub("# #", cut).strip()


def _visible(char: str) -> str:
    plain = char.isascii() and char.isprintable()
    return char if plain or unicodedata.category(char) not in _HIDDEN_CATEGORIES else _SIGN
