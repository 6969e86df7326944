"""The report as a job summary in Markdown: the verdict in a line, the objects, what failed and why, what to do next."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from unicodedata import east_asian_width

from dataworks_deploy.domain.model import SUCCESS, TERMINAL, DeployType, Span
from dataworks_deploy.domain.outcome import ROWS, Kind, Outcome, Verdict, rank_of, row_of
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.plan import Plan

from . import preview
from .continuing import how_to_continue
from .language import say, word
from .markup import (
    PAGE,
    REST,
    UNNAMED,
    Room,
    duration,
    entitled,
    fitting,
    folded,
    listed,
    markdown,
    name,
    plain,
    told_apart,
    unbroken,
    within,
)
from .reasons import in_common, message
from .report import About, Report
from .step import attention, verdict
from .texts import COUNTED, joined, listed_as, number, planned, so_many, some

# More rows than these cannot be read at a glance.
MOST_ROWS = 20
MOST_NAME = 40
# A bar of no length would not be seen; times are in milliseconds.
LEAST_SHARE = 100
# Pixels of a letter and of a wide character, such as a Chinese one: at most.
NARROW, WIDE = 8, 12
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
    names = told_apart([(result.name, result.object_id) for result in shown], MOST_NAME)
    head = [
        "```mermaid",
        # Mermaid leaves 75 pixels for a name, and lets a longer one run into the bars.
        f'%%{{init: {{"gantt": {{"leftPadding": {20 + max(map(_width, names))}}}}}}}%%',
        "gantt",
        "dateFormat YYYY-MM-DD HH:mm:ss.SSS",
        *_axis(whole.total_seconds()),
        "todayMarker off",
    ]
    least = max(whole / LEAST_SHARE, timedelta(milliseconds=1))
    return len(shown), [*head, *_rows(shown, names, now, least), "```"]


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


def _width(name: str) -> int:
    return sum(WIDE if east_asian_width(char) in "WF" else NARROW for char in name)


def _rows(shown: Sequence[Record], names: Sequence[str], now: datetime, least: timedelta) -> Iterator[str]:
    for result, called in zip(shown, names, strict=True):
        yield f"section {called}"
        for place, span in _numbered(result):
            end = max(_end(span, result, now), span.began + least)
            seconds = max(_end(span, result, now) - span.began, timedelta()).total_seconds()
            # The number keeps a stage named like a keyword from being one.
            label = f"{place}. {plain(span.code, MOST_NAME) or UNNAMED} {duration(seconds)}"
            yield f"{label}{_mark(span)}{_date(span.began)}, {_date(end)}"


def _numbered(result: Record) -> Iterator[tuple[int, Span]]:
    """The stages to draw, with their places among all of the object's."""
    timed = ((number, span) for number, span in enumerate(result.reading.spans, 1) if span.timed)
    return islice(timed, MOST_ROWS)


def _mark(span: Span) -> str:
    """How a stage ended, also in words. In GitHub's dark theme no text can be read on `done` and `active`."""
    if span.status == SUCCESS:
        return " :"
    return (
        f"{word(', ')}{word('failed')} :crit, "
        if span.status in TERMINAL
        else f"{word(', ')}{word('under way')} :"
    )


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"


FEW_ROWS, FEW_TEXTS = 25, 10
CHART = "Where the time went"

SENTENCES = {
    Verdict.SUCCEEDED: "Everything was done as asked.",
    Verdict.CREATED: "Runs were left open, as asked.",
    Verdict.PLANNED: "A dry run: nothing was created.",
    Verdict.UNCHANGED: "There was nothing to do.",
    Verdict.FAILED: "Not everything was done as asked.",
    Verdict.UNKNOWN: "It is not known whether a run was created. Look for it before you try again.",
    Verdict.TIMED_OUT: "The step ended before it saw every run end.",
    Verdict.CANCELLED: "The step was cancelled.",
    Verdict.INVALID: "The inputs cannot work, so nothing was created.",
}
OUT_OF_PRODUCTION = (
    "The objects are out of production, and DataWorks does not schedule them any more. Their drafts in Data Studio are "
    "as they were. To put them back, deploy them again (type: Online)."
)
NOTHING_CREATED = "Nothing was created."
# Of a dry run that found nothing against any object, and did not come to its end.
DRY = {
    Verdict.FAILED: "",
    Verdict.TIMED_OUT: "Not everything was looked at in time.",
    Verdict.CANCELLED: SENTENCES[Verdict.CANCELLED],
}
CUT_OFF = (
    "The step was killed before it could report. This page shows the state at {time}. Runs may have gone on since, and "
    "a request may have been sent: the output `results` is newer."
)
DRY_CUT_OFF = (
    "The dry run was killed before it had looked at everything. This page shows the state at {time}. Nothing was "
    "created."
)


def summary(report: Report, about: About | None = None, room: Room = PAGE) -> str:
    """What matters comes first; of too many objects the most urgent ones are shown, as many as there is room for."""
    about = about or About()
    head = within(room.head, _head(report, about), say("- … and more, in the log."))
    plan = report.preview
    parts = _previewed(report, plan, about, room) if plan else _carried_out(report, about, room)
    return "\n".join(fitting(room.whole, (head, *parts))) + "\n"


def _carried_out(report: Report, about: About, room: Room) -> Iterator[Iterator[str]]:
    """The parts of the page below its head."""
    results = sorted(report.records, key=lambda each: rank_of(each.outcome))
    yield _table(results, about.url, room)
    yield attention([each for each in results if not row_of(each.outcome).good], about.url, room)
    yield _notes([each for each in results if row_of(each.outcome).good and message(each)], room)
    yield how_to_continue(report, about)
    yield _chart(report.records, is_folded=not report.verdict.exit_status)


def _previewed(report: Report, plan: Plan, about: About, room: Room) -> Iterator[Iterator[str]]:
    """The same of a dry run. What is not started says so in the table: it waits for what needs attention."""
    records = {each.object_id: each for each in report.records}
    yield preview.table(plan, records, about.url, room)
    yield preview.order(plan)
    not_good = (each for each in report.records if not row_of(each.outcome).good)
    yield attention(
        [each for each in not_good if each.outcome is not Outcome.SKIPPED], about.url, room, go_on=""
    )
    yield preview.notes(plan, records, room)


def _head(report: Report, about: About) -> Iterator[str]:
    ended = say("cut off") if report.as_of else verdict(report)
    bad = report.verdict in {Verdict.FAILED, Verdict.INVALID}
    sign = "✅" if not report.verdict.exit_status else "❌" if bad and not report.as_of else "⚠️"
    yield f"## {sign} DataWorks Deploy{word(': ')}{ended}"
    sentence, shown = _sentence(report, about), _counted(report)
    yield from (
        "",
        joined(sentence, f"**{shown}**") if shown else sentence,
        "",
    )
    if report.preview:
        yield from (word(preview.about_production(report.preview)), "")
    facts = [*_place(about), *_effort(report)]
    if facts:
        yield from (" · ".join(facts), "")
    if report.problems:
        yield from (*(f"- {markdown(problem)}" for problem in report.problems), "")


def _sentence(report: Report, about: About) -> str:
    if report.as_of:
        return say(DRY_CUT_OFF if about.dry_run else CUT_OFF, time=f"{report.as_of:%H:%M:%S} UTC")
    begun = any(each.run_id or each.request.attempts for each in report.records)
    if report.problems and not begun and report.verdict in DRY:
        return word(NOTHING_CREATED)
    if about.dry_run and report.verdict in DRY:
        # An error of our own speaks against no object.
        blocks = any(row_of(each.outcome).kind is Kind.FAILURE for each in report.records)
        more = preview.BLOCKS if blocks else DRY[report.verdict]
        return joined(word(SENTENCES[Verdict.PLANNED]), word(more))
    undone = report.verdict is Verdict.SUCCEEDED and about.type == DeployType.OFFLINE
    return joined(word(SENTENCES[report.verdict]), word(OUT_OF_PRODUCTION) if undone else "")


def _counted(report: Report) -> str:
    counts = Counter(result.outcome for result in report.records)
    shown = (so_many(counts[outcome], COUNTED[outcome]) for outcome in ROWS if counts[outcome])
    found = planned(report.preview) if report.preview else listed_as(shown)
    return (
        say("{objects}: {counts}.", objects=number(len(report.records), "object"), counts=found)
        if found
        else ""
    )


def _place(about: About) -> Iterator[str]:
    if about.type:
        yield f"type: {about.type}"
    if about.project_id:
        workspace = name(str(about.project_id), about.url)
        if about.region:
            yield say("workspace {workspace} in {region}", workspace=workspace, region=name(about.region))
        else:
            yield say("workspace {workspace}", workspace=workspace)


def _effort(report: Report) -> Iterator[str]:
    starts = [result.started_at for result in report.records if result.started_at]
    ends = [result.finished_at for result in report.records if result.finished_at]
    if starts and ends:
        yield duration((max(ends) - min(starts)).total_seconds())
    if report.records:
        yield number(report.api_calls, "API call")


def _table(results: Sequence[Record], url: str | None, room: Room) -> Iterator[str]:
    if not results:
        return
    head = (
        word("| object | outcome | run | stage | time | RequestId |"),
        "| --- | --- | --- | --- | ---: | --- |",
    )
    # Without the empty line before it the rest would be a row.
    rest = f"\n{word(REST)}"
    rows = (_row(each, url) for each in results)
    yield from listed(rows, len(results), FEW_ROWS, room.open, room.table, head=head, rest=rest)


def _row(result: Record, url: str | None) -> str:
    times = (result.started_at, result.finished_at)
    took = (times[1] - times[0]).total_seconds() if times[0] and times[1] else None
    cells = (
        entitled(result.object_id, result.name, url),
        unbroken(f"{row_of(result.outcome).sign} {word(result.outcome.value)}"),
        name(result.run_id),
        name(result.reading.stage),
        "" if took is None else unbroken(duration(took)),
        name(result.request.id),
    )
    return f"| {' | '.join(cells)} |"


def _notes(results: Sequence[Record], room: Room) -> Iterator[str]:
    """What is worth knowing of objects that did not fail: plans, what was left open, doubles."""
    if not results:
        return
    noted: dict[str, list[str]] = {}
    for each in results:
        noted.setdefault(in_common(each), []).append(f"**{entitled(each.object_id, each.name)}**")
    lines = (f"- {some(names, FEW_TEXTS)}{word(': ')}{markdown(message)}" for message, names in noted.items())
    yield from (f"### {word(preview.NOTES)}", "")
    yield from listed(lines, len(noted), FEW_TEXTS, room.open, room.notes, rest=f"- {word(REST)}")


def _chart(results: Sequence[Record], *, is_folded: bool) -> Iterator[str]:
    """Folded where all went well, so that the page fits a screen."""
    shown, lines = gantt(results)
    if shown:
        all_of_them = sum(is_timed(result) for result in results)
        about = say("Times in UTC, as readings showed them.")
        if shown < all_of_them:
            about = joined(
                about, say("The slowest {shown} of {all:,} objects.", shown=shown, all=all_of_them)
            )
        if not all(span.timed for result in results for span in result.reading.spans):
            about = joined(about, say("Stages that were over before the first reading are left out."))
        part = [about, "", *lines]
        yield from folded(word(CHART), part) if is_folded else (f"### {word(CHART)}", "", *part)
