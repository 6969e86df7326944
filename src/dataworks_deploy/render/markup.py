"""Foreign texts made harmless: in a log, where the runner executes what looks like a command, and in Markdown."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice, pairwise

from dataworks_deploy.domain import frozen

from .language import say, word

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
    cut = line if len(line) <= most else line[: most - 1] + "…"
    visible = cut if cut.isprintable() else "".join(map(_visible, cut))
    return _OLD_COMMAND.sub("# #", visible).strip()


def _visible(char: str) -> str:
    return _SIGN if unicodedata.category(char) in _HIDDEN_CATEGORIES else char


# A name that begins with www. is linked without any of them.
_MEANING = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&@:]|(?<=www)\.)", re.IGNORECASE)


REST = "… and {left:,} more: the output `results` has all objects."


@frozen
class Room:
    """How many bytes a page takes, and how many of them its parts: what a table and lists show openly, and folded."""

    whole: int
    head: int
    open: int
    table: int
    notes: int
    folded: int


# The runner drops a summary of more than 1,048,576 bytes whole. Masks and encodings may add something to it.
PAGE = Room(900 * 1024, head=60_000, open=100_000, table=250_000, notes=50_000, folded=130_000)
# GitHub takes 65,536 characters of a comment, and whoever posts the page puts something in front of it.
COMMENT = Room(60_000, head=6_000, open=9_000, table=8_000, notes=3_000, folded=4_000)
ELSEWHERE = "More is in the job summary."
MOST_NAME = 120
UNNAMED = "unnamed"
# What people have named may have 200 characters; by so many it is told from others.
MOST_CALLED = 80
_PLAIN_SIGNS = frozenset("-_. ")


@lru_cache(maxsize=4096)
def markdown(text: str, most: int = 1000) -> str:
    """Foreign text as text: nothing in it is Markdown, HTML, a link or a mention.

    Words of our own stand in front of it: a number or a dash means something at the start of a line. The summary is
    drawn again and again, with mostly the same words.
    """
    # Most are IDs, and a summary has thousands of them.
    if len(text) <= most and text.isascii() and text.isalnum():
        return text
    return _MEANING.sub(_entity, one_line(text, most))


def _entity(found: re.Match[str]) -> str:
    # GitHub looks for mentions in the finished page, where `&#64;` is an @ again. A word joiner behind it ends them.
    return "&#64;&#8288;" if found[1] == "@" else f"&#{ord(found[1])};"


def name(text: str | None, url: str | None = None) -> str:
    """Something short, as a link where there is an address. Addresses are made by us, of parts that were encoded."""
    shown = markdown(text or "", MOST_NAME)
    return f"[{shown}]({url})" if url else shown


def entitled(object_id: str, called: str, url: str | None = None) -> str:
    """An object: its name, which is linked, and the ID beside it; the ID alone where it has no name."""
    shown = markdown(called, MOST_CALLED)
    return f"{f'[{shown}]({url})' if url else shown} ({name(object_id)})" if shown else name(object_id, url)


def plain(text: str, most: int) -> str:
    """The text without any sign that means something to Mermaid, HTML, YAML, a fence or an expression of a workflow."""
    kept = "".join(char if char.isalnum() or char in _PLAIN_SIGNS else " " for char in one_line(text))
    return " ".join(kept.split())[:most].strip()


def told_apart(called: Sequence[tuple[str, str]], most: int) -> list[str]:
    """What objects are called where room is scarce, by their names and IDs: a name that several have has its ID."""
    names = [plain(each, most) for each, _ in called]
    times = Counter(names)
    ids = (plain(object_id, most) or UNNAMED for _, object_id in called)
    return [
        each if each and times[each] == 1 else f"{each} {object_id}".strip()
        for each, object_id in zip(names, ids, strict=True)
    ]


def unbroken(text: str) -> str:
    """Text that a table short of room does not break into lines. Between two Chinese characters it would."""
    # A regular expression of so many characters takes 1.4 ms to compile, at each start.
    apart = (
        f"\u2060{char}" if _is_chinese(last) and _is_chinese(char) else char
        for last, char in pairwise(f" {text}")
    )
    return "".join(apart).replace(" ", "\u00a0")


def _is_chinese(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 9.95:
        return say("{seconds:.1f} s", seconds=max(seconds, 0))
    whole = round(seconds)
    if whole < 60:
        return say("{seconds} s", seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return say("{minutes} min {seconds:02d} s", minutes=minutes, seconds=rest)
    return say("{hours} h {minutes:02d} min", hours=minutes // 60, minutes=minutes % 60)


def listed(
    items: Iterator[str],
    total: int,
    few: int,
    most_open: int,
    most: int,
    *,
    head: tuple[str, ...] = (),
    rest: str = REST,
) -> Iterator[str]:
    """The first few items within `most_open` bytes, and the others folded, within `most`. Each is below the `head`."""
    shown, others = list[str](), items
    for item in islice(items, few):
        most_open -= _bytes(item)
        if most_open < 0:
            others = chain([item], items)
            break
        shown.append(item)
    yield from (*head, *shown, "")
    if total > len(shown):
        yield from folded(say("{left:,} more", left=total - len(shown)), [*head, *within(most, others, rest)])


def folded(title: str, lines: Sequence[str]) -> Iterator[str]:
    """The lines, if there are any, behind a title that opens them."""
    if lines:
        yield from ("<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", "")


def within(most: int, lines: Iterable[str], rest: str) -> Iterator[str]:
    """As many of the lines as go into so many bytes; `rest` stands for the others, and says how many are `left`."""
    size, ahead = 0, iter(lines)
    for line in ahead:
        size += _bytes(line)
        if size > most:
            yield rest.format(left=1 + sum(1 for _ in ahead))
            return
        yield line


def fitting(most: int, parts: Iterable[Iterable[str]]) -> Iterator[str]:
    """Each part that goes, as a whole, into what the ones before it leave of so many bytes; else a line about it."""
    most, left_out = most - _bytes(ELSEWHERE), False
    for part in parts:
        lines = [*part]
        size = sum(map(_bytes, lines))
        if size <= most:
            most -= size
            yield from lines
        else:
            left_out = True
    if left_out:
        yield word(ELSEWHERE)


def fair(most: int, parts: Sequence[Sequence[str]], rest: str) -> list[list[str]]:
    """Lines of all parts, so many bytes in all: what a short part leaves of its share goes to the longer ones."""
    sizes = [sum(map(_bytes, lines)) for lines in parts]
    found: dict[int, list[str]] = {}
    for place in sorted(range(len(parts)), key=sizes.__getitem__):
        share = most // (len(parts) - len(found))
        found[place] = [*within(share, parts[place], rest)]
        most -= min(share, sizes[place])
    return [found[place] for place in range(len(parts))]


def _bytes(line: str) -> int:
    return len(line.encode(errors="replace")) + 1
