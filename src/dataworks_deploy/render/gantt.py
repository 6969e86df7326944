"""Where the time went, as a Gantt chart in Mermaid, which GitHub draws in the reader's own theme.

Grammar and date formats: gantt.jison and ganttDb of mermaid-js/mermaid. Its lexer takes keywords by their first
letters, ends a text at `#`, `:` and `;`, and takes `%` for a comment in any place.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from dataworks_deploy.domain.model import SUCCESS, TERMINAL, Span
from dataworks_deploy.domain.record import Record

from .markup import duration, one_line

# More rows than these cannot be read at a glance.
MOST_ROWS = 20
MOST_NAME = 40
# A bar of no length would not be seen; times are in milliseconds.
LEAST_SHARE = 100
_PLAIN_SIGNS = frozenset("-_. ")
# So many seconds lie between two labels of the axis at least, and this is how Mermaid is told.
_STEPS = [
    *((n, f"{n}second") for n in (1, 2, 5, 10, 15, 30)),
    *((60 * n, f"{n}minute") for n in (1, 2, 5, 10, 15, 30)),
    *((3600 * n, f"{n}hour") for n in (1, 2, 3, 6, 12)),
]
MOST_LABELS = 6


def gantt(results: Sequence[Record]) -> tuple[int, list[str]]:
    """How many objects are drawn, and the lines of the block; none where no stage was seen to run.

    Where there are too many rows the slowest objects are drawn, in the order given.
    """
    timed = [result for result in results if is_timed(result)]
    if not timed:
        return 0, []
    shown = _slowest(timed)
    now = max(_last(result) for result in timed)
    ends = (_end(span, result, now) for result in shown for _, span in _numbered(result))
    whole = max(ends) - min(_first(result) for result in shown)
    names = [plain(result.object_id) for result in shown]
    head = [
        "```mermaid",
        # Mermaid leaves 75 pixels for a name, and lets a longer one run into the bars.
        f'%%{{init: {{"gantt": {{"leftPadding": {20 + 8 * max(map(len, names))}}}}}}}%%',
        "gantt",
        "dateFormat YYYY-MM-DD HH:mm:ss.SSS",
        *_axis(whole.total_seconds()),
        "todayMarker off",
    ]
    least = max(whole / LEAST_SHARE, timedelta(milliseconds=1))
    return len(shown), [*head, *_rows(shown, now, least), "```"]


def is_timed(result: Record) -> bool:
    """Whether any stage of the object was seen to run."""
    return any(span.timed for span in result.reading.spans)


def _axis(seconds: float) -> tuple[str, str]:
    """By itself Mermaid would label parts of a second, all with the same second."""
    fitting = (step for step in _STEPS if seconds <= MOST_LABELS * step[0])
    length, interval = next(fitting, (86400, "1day"))
    form = "%H:%M:%S" if length < 60 else "%H:%M" if length < 86400 else "%m-%d"
    return f"axisFormat {form}", f"tickInterval {interval}"


def _slowest(timed: Sequence[Record]) -> list[Record]:
    rows, chosen = 0, set()
    for result in sorted(timed, key=lambda each: _first(each) - _last(each)):
        rows += min(len(result.reading.spans), MOST_ROWS)
        if rows > MOST_ROWS:
            break
        chosen.add(result.object_id)
    return [result for result in timed if result.object_id in chosen]


def _first(result: Record) -> datetime:
    """When the first stage of those drawn began."""
    return min(span.began for span in result.reading.spans if span.timed)


def _last(result: Record) -> datetime:
    """The last moment at which something was known of the object's stages."""
    moments = [span.ended or span.began for span in result.reading.spans]
    return max([*moments, result.finished_at] if result.finished_at else moments)


def _end(span: Span, result: Record, now: datetime) -> datetime:
    """Where the bar of a stage ends: one that was not seen to end reaches to the last thing known."""
    return span.ended or result.finished_at or now


def _rows(shown: Sequence[Record], now: datetime, least: timedelta) -> Iterator[str]:
    for result in shown:
        yield f"section {plain(result.object_id)}"
        for number, span in _numbered(result):
            end = max(_end(span, result, now), span.began + least)
            seconds = max(_end(span, result, now) - span.began, timedelta()).total_seconds()
            # The number keeps a stage named like a keyword from being one.
            label = f"{number}. {plain(span.code)} {duration(seconds)}"
            yield f"{label}{_mark(span)}{_date(span.began)}, {_date(end)}"


def _numbered(result: Record) -> Iterator[tuple[int, Span]]:
    """The stages to draw, with their places among all of the object's."""
    timed = ((number, span) for number, span in enumerate(result.reading.spans, 1) if span.timed)
    return islice(timed, MOST_ROWS)


def plain(text: str) -> str:
    """The text without any sign that means something to Mermaid, to HTML or to a fence; never empty."""
    kept = "".join(char if char.isalnum() or char in _PLAIN_SIGNS else " " for char in one_line(text))
    return " ".join(kept.split())[:MOST_NAME].strip() or "unnamed"


def _mark(span: Span) -> str:
    """What became of a stage, also in words. In GitHub's dark theme no text can be read on `done` and `active`."""
    if span.status == SUCCESS:
        return " :"
    return ", failed :crit, " if span.status in TERMINAL else ", under way :"


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"
