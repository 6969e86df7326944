"""The report as a job summary in Markdown: the verdict in a line, the objects, what failed and why, what to do next."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dataworks_deploy.domain.outcome import ROWS, Verdict, rank_of, row_of
from dataworks_deploy.domain.record import Record

from .attention import attention
from .continuing import how_to_continue
from .gantt import gantt, is_timed
from .lines import verdict
from .markup import REST, duration, listed, markdown, name, within
from .reasons import message
from .report import About, Report
from .texts import COUNTED, number

# The runner drops a summary of more than 1,048,576 bytes whole. With what is shown openly these stay under 900
# KiB, which leaves room for what masks and encodings add.
MOST_HEAD, MOST_TABLE, MOST_NOTES = 60_000, 250_000, 50_000
FEW_ROWS, FEW_TEXTS = 25, 10

SENTENCES = {
    Verdict.SUCCEEDED: "Everything was done as asked.",
    Verdict.CREATED: "Runs were left open, as asked.",
    Verdict.PLANNED: "A dry run: nothing was created.",
    Verdict.FAILED: "Not everything that was asked for was done.",
    Verdict.UNKNOWN: "Nobody can tell whether a run was created: look before you deploy again.",
    Verdict.TIMED_OUT: "Not everything was seen to end.",
    Verdict.CANCELLED: "The step was cancelled.",
    Verdict.INVALID: "The inputs cannot work, so nothing was called.",
}
CUT_OFF = (
    "The step was killed before it could report. This is the state as of the last change, at {}; runs may have gone on "
    "since."
)


def summary(report: Report, about: About | None = None) -> str:
    """What matters comes first; of too many objects the most urgent ones are shown."""
    about = about or About()
    results = sorted(report.records, key=lambda each: rank_of(each.outcome))
    parts = (
        within(MOST_HEAD, _head(report, about), "- … and more, in the log."),
        _table(results, about.url),
        attention([each for each in results if not row_of(each.outcome).good], about.url),
        _notes([each for each in results if row_of(each.outcome).good and message(each)]),
        how_to_continue(report, about),
        _chart(report.records),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(report: Report, about: About) -> Iterator[str]:
    word = "cut off" if report.as_of else verdict(report)
    bad = report.verdict in {Verdict.FAILED, Verdict.INVALID}
    sign = "✅" if not report.verdict.exit_status else "❌" if bad and not report.as_of else "⚠️"
    yield f"## {sign} DataWorks Deploy: {word}"
    counts = Counter(result.outcome for result in report.records)
    shown = [f"{counts[outcome]} {COUNTED[outcome]}" for outcome in ROWS if counts[outcome]]
    sentence = CUT_OFF.format(f"{report.as_of:%H:%M:%S} UTC") if report.as_of else SENTENCES[report.verdict]
    yield from (
        "",
        f"{sentence} **{number(len(report.records), 'object')}: {', '.join(shown)}.**" if shown else sentence,
        "",
    )
    facts = [*_place(about), *_effort(report)]
    if facts:
        yield from (" · ".join(facts), "")
    if report.problems:
        yield from (*(f"- {markdown(problem)}" for problem in report.problems), "")


def _place(about: About) -> Iterator[str]:
    if about.type:
        yield about.type
    if about.project_id:
        region = f" in {name(about.region)}" if about.region else ""
        yield f"workspace {name(str(about.project_id), about.url)}{region}"


def _effort(report: Report) -> Iterator[str]:
    starts = [result.started_at for result in report.records if result.started_at]
    ends = [result.finished_at for result in report.records if result.finished_at]
    if starts and ends:
        yield duration((max(ends) - min(starts)).total_seconds())
    if report.records:
        yield number(report.api_calls, "API call")


def _table(results: Sequence[Record], url: str | None) -> Iterator[str]:
    if not results:
        return
    head = ("| object | outcome | run | stage | time | RequestId |", "| --- | --- | --- | --- | ---: | --- |")
    # Without the empty line before it the rest would be a row.
    rest = f"\n{REST}"
    yield from listed(
        (_row(each, url) for each in results), len(results), FEW_ROWS, MOST_TABLE, head=head, rest=rest
    )


def _row(result: Record, url: str | None) -> str:
    times = (result.started_at, result.finished_at)
    took = (times[1] - times[0]).total_seconds() if times[0] and times[1] else None
    cells = (
        name(result.object_id, url),
        _whole(f"{row_of(result.outcome).sign} {result.outcome.value}"),
        name(result.run_id),
        name(result.reading.stage),
        "" if took is None else _whole(duration(took)),
        name(result.request.id),
    )
    return f"| {' | '.join(cells)} |"


def _whole(text: str) -> str:
    """Not broken into lines by a table that is short of room."""
    return text.replace(" ", "\u00a0")


def _notes(results: Sequence[Record]) -> Iterator[str]:
    """What is worth knowing of objects that did not fail: plans, what was left open, doubles."""
    if not results:
        return
    noted: dict[str, list[str]] = {}
    for each in results:
        noted.setdefault(message(each), []).append(f"**{name(each.object_id)}**")
    lines = (f"- {_some(names)}: {markdown(message)}" for message, names in noted.items())
    yield from ("### Worth knowing", "")
    yield from listed(lines, len(noted), FEW_TEXTS, MOST_NOTES, rest=f"- {REST}")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - FEW_TEXTS:,} more" if len(names) > FEW_TEXTS else ""
    return f"{', '.join(names[:FEW_TEXTS])}{more}"


def _chart(results: Sequence[Record]) -> Iterator[str]:
    shown, lines = gantt(results)
    if shown:
        all_of_them = sum(is_timed(result) for result in results)
        which = "" if shown == all_of_them else f" The slowest {shown} of {all_of_them:,} objects."
        if not all(span.timed for result in results for span in result.reading.spans):
            which += " Stages that were over before the first reading are left out."
        yield from (
            "### Where the time went",
            "",
            f"Times in UTC, as readings showed them.{which}",
            "",
            *lines,
        )
