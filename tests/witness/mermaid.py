"""Reads a Gantt chart as Mermaid does, in the order in which its lexer tries its words, and accepts only bars.

The words are those of gantt.jison in mermaid-js/mermaid, version 11. Anything else that they could make active, such
as a directive, a click or a comment that hides a line, raises AssertionError.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

_WORDS = [
    ("directive", r"%%\{"),
    ("description", r"acc(?:title|descr)\s*:|accdescr\s*\{|accdescription\s"),
    ("comment", r"%%?[^\n]*|[^}]%[^\n]*"),
    ("end of line", r"\n+"),
    ("blank", r"\s+"),
    ("comment", r"#[^\n]*"),
    ("deed", r"href\s+\"|call\s+|click\s+"),
    ("gantt", r"gantt"),
    ("setting", r"(?:dateformat|axisformat|tickinterval|todaymarker)\s[^#\n;]+"),
    (
        "other setting",
        r"inclusiveenddates|topaxis|(?:includes|excludes)\s[^#\n;]+|week(?:day|end)\s",
    ),
    ("date", r"\d{4}-\d\d-\d\d"),
    ("title", r"title\s[^#\n;]+"),
    ("section", r"section\s[^#:\n;]+"),
    ("text", r"[^#:\n;]+"),
    ("data", r":[^#\n;]+"),
    ("invalid", r"."),
]
_PATTERNS = [(word, re.compile(pattern, re.IGNORECASE)) for word, pattern in _WORDS]
# The only directive with which a chart may begin: room for names, in pixels.
_ROOM = re.compile(r'%%\{init: \{"gantt": \{"leftPadding": (\d+)\}\}\}%%\n')
_TAGS = {"active", "done", "crit", "milestone", "vert"}


class Bar(NamedTuple):
    """One bar of a chart."""

    section: str
    text: str
    tags: tuple[str, ...]
    began: datetime
    ended: datetime


@dataclass(frozen=True)
class Chart:
    """The chart that would be drawn."""

    settings: list[str]
    sections: list[str]
    bars: list[Bar]
    room: int


def read_gantt(text: str) -> Chart:
    """Divide a chart into its parts."""
    room = _ROOM.match(text)
    assert room, text
    words = [(word, piece) for word, piece in _split(text[room.end() :]) if word != "blank"]
    assert words[:2] == [("gantt", "gantt"), ("end of line", "\n")], words[:2]
    chart, label = Chart([], [], [], int(room[1])), ""
    for word, piece in words[2:]:
        if word == "setting":
            chart.settings.append(piece)
        elif word == "section":
            chart.sections.append(piece.partition(" ")[2].strip())
        elif word == "text":
            assert not label, f"two texts in a row: {label} {piece}"
            label = piece.strip()
        elif word == "data":
            chart.bars.append(_bar(chart.sections[-1], label, piece[1:]))
            label = ""
        else:
            assert word == "end of line", f"{word}: {piece!a}"
            assert not label, f"a text without a bar: {label}"
    return chart


def _split(text: str) -> list[tuple[str, str]]:
    words, at = [], 0
    while at < len(text):
        word, found = next((word, found) for word, each in _PATTERNS if (found := each.match(text, at)))
        words.append((word, found[0]))
        at = found.end()
    return words


def _bar(section: str, label: str, data: str) -> Bar:
    parts = [part.strip() for part in data.split(",")]
    tags = tuple(part for part in parts if part in _TAGS)
    began, ended = (datetime.strptime(part, "%Y-%m-%d %H:%M:%S.%f") for part in parts[len(tags) :])  # noqa: DTZ007
    assert label
    return Bar(section, label, tags, began, ended)


Arrow = tuple[str, str]
_BOX = re.compile(r'(n\d+)\["([^"\n]*)"\]')
_ARROW = re.compile(r"(n\d+) --> (n\d+)")
# The codes that Mermaid changes back to characters after drawing.
_CODE = re.compile(r"#(\d+);")
# Active in a label: Markdown, HTML, mathematics, icons, code, entities, and ends of a line or a statement.
_ALIVE = re.compile(r"[`*_~<>&$;:|\\{}()\[\]@]|#|%%|^\W*\d+\. |^[-+] ")


def read_flowchart(text: str) -> tuple[dict[str, str], list[Arrow]]:
    """The boxes of a flow chart with their labels, and the arrows. Anything else raises AssertionError."""
    head, *lines = text.splitlines()
    assert head == "flowchart LR", head
    boxes, arrows = dict[str, str](), list[Arrow]()
    for line in lines:
        if box := _BOX.fullmatch(line):
            assert not _ALIVE.search(_CODE.sub("x", box[2])), line
            boxes[box[1]] = _CODE.sub(lambda code: chr(int(code[1])), box[2])
        else:
            arrow = _ARROW.fullmatch(line)
            assert arrow, line
            assert {arrow[1], arrow[2]} <= boxes.keys(), line
            arrows.append((arrow[1], arrow[2]))
    return boxes, arrows
