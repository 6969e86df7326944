"""The report as a job summary in Markdown: the verdict in a line, the objects, what failed and why, what to do next."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import TERMINAL
from dataworks_deploy.domain.outcome import GOOD, ObjectResult, Outcome, Report, Verdict

from .about import About
from .continuing import how_to_continue
from .explain import explain, is_unsent
from .gantt import gantt, is_timed
from .lines import number, verdict
from .markup import REST, duration, listed, markdown, name, within

# The runner drops a summary of more than 1,048,576 bytes whole. With what is shown openly these stay under 900
# KiB, which leaves room for what masks and encodings add.
MOST_HEAD, MOST_TABLE, MOST_FAILURES, MOST_NOTES = 60_000, 250_000, 130_000, 50_000
FEW_ROWS, FEW_TEXTS = 25, 10
MOST_ANSWER = 400

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
    "The step was killed before it could report. This is what was known at {}; runs may have gone on since."
)
# In this order of urgency: sign and words for a count. Emoji keep their colours on a dark page.
SIGNS = {
    Outcome.UNKNOWN: ("⚠️", "unknown"),
    Outcome.FAILED: ("❌", "failed"),
    Outcome.TERMINATED: ("❌", "terminated"),
    Outcome.CANCELLED: ("❌", "cancelled"),
    Outcome.REJECTED: ("❌", "rejected"),
    Outcome.CONFLICT: ("❌", "in conflict with somebody else's run"),
    Outcome.TIMED_OUT: ("⏳", "not seen to end"),
    Outcome.WAITING: ("⏳", "waiting for a person"),
    Outcome.SKIPPED: ("⏭️", "not started"),
    Outcome.CREATED: ("▶️", "open"),
    Outcome.PLANNED: ("📋", "planned"),
    Outcome.SUCCEEDED: ("✅", "succeeded"),
}
URGENCY = {outcome: place for place, outcome in enumerate(SIGNS)}
HARMLESS = GOOD | {Outcome.SKIPPED}


def summary(report: Report, about: About | None = None) -> str:
    """What matters comes first; of too many objects the most urgent ones are shown."""
    about = about or About()
    results = sorted(report.results, key=lambda each: URGENCY[each.outcome])
    parts = (
        within(MOST_HEAD, _head(report, about), "- … and more, in the log."),
        _table(results),
        _failures([each for each in results if each.outcome not in HARMLESS]),
        _notes([each for each in results if each.outcome in GOOD and each.message]),
        how_to_continue(report, about),
        _chart(report.results),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(report: Report, about: About) -> Iterator[str]:
    word = "cut off" if report.as_of else verdict(report)
    bad = report.verdict in {Verdict.FAILED, Verdict.INVALID}
    sign = "✅" if not report.verdict.exit_status else "❌" if bad and not report.as_of else "⚠️"
    yield f"## {sign} DataWorks Deploy: {word}"
    counts = Counter(result.outcome for result in report.results)
    shown = [f"{counts[outcome]} {words}" for outcome, (_, words) in SIGNS.items() if counts[outcome]]
    sentence = CUT_OFF.format(f"{report.as_of:%H:%M:%S} UTC") if report.as_of else SENTENCES[report.verdict]
    yield from (
        "",
        f"{sentence} **{number(len(report.results), 'object')}: {', '.join(shown)}.**" if shown else sentence,
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
    starts = [result.started_at for result in report.results if result.started_at]
    ends = [result.finished_at for result in report.results if result.finished_at]
    if starts and ends:
        yield duration((max(ends) - min(starts)).total_seconds())
    if report.results:
        yield number(report.api_calls, "API call")


def _table(results: Sequence[ObjectResult]) -> Iterator[str]:
    if not results:
        return
    head = ("| object | outcome | run | stage | time | RequestId |", "| --- | --- | --- | --- | ---: | --- |")
    # Without the empty line before it the rest would be a row.
    rest = f"\n{REST}"
    yield from listed(map(_row, results), len(results), FEW_ROWS, MOST_TABLE, head=head, rest=rest)


def _row(result: ObjectResult) -> str:
    times = (result.started_at, result.finished_at)
    took = (times[1] - times[0]).total_seconds() if times[0] and times[1] else None
    cells = (
        name(result.object_id, result.url),
        _whole(f"{SIGNS[result.outcome][0]} {result.outcome.value}"),
        name(result.run_id),
        name(result.stage),
        "" if took is None else _whole(duration(took)),
        name(result.request_id),
    )
    return f"| {' | '.join(cells)} |"


def _whole(text: str) -> str:
    """Not broken into lines by a table that is short of room."""
    return text.replace(" ", "\u00a0")


def _failures(failed: Sequence[ObjectResult]) -> Iterator[str]:
    if not failed:
        return
    blocks = ("\n".join(_failure(result)) for result in failed)
    yield from ("### What needs attention", "")
    yield from listed(blocks, len(failed), FEW_TEXTS, MOST_FAILURES)


def _failure(result: ObjectResult) -> Iterator[str]:
    sign, words = SIGNS[result.outcome]
    if is_unsent(result):
        words = "not sent, because nothing was reached"
    where = f" at {name(result.stage)}" if result.stage and not _stands_well(result) else ""
    yield f"**{sign} {name(result.object_id, result.url)}** {words}{where}"
    yield ""
    fault, found, said = result.fault, explain(result), _answer(result.fault)
    # What was refused is told in the words of the answer, and in them alone.
    own = "" if result.message == said else result.message
    happened = f"{found.what} {own}".strip()
    for title, text in (
        ("What happened", happened),
        ("Likely cause", found.cause),
        ("What to do", found.fix),
    ):
        if text:
            yield f"- {title}: {markdown(text)}"
    if said and (result.message == said or said.rstrip(" .。") not in result.message):
        yield f"- The answer was: “{markdown(said)}”"
    request_id = (fault and fault.request_id) or result.request_id
    if request_id:
        yield f"- RequestId: {name(request_id)}"
    yield ""


def _stands_well(result: ObjectResult) -> bool:
    """Whether the object failed for a reason that is not at the stage where its run stands."""
    return result.outcome is Outcome.FAILED and result.fault is None and result.status not in TERMINAL


def _answer(fault: Fault | None) -> str:
    """What was said, cut as in the log: behind it may come the whole request, with its headers."""
    if fault is None:
        return ""
    said = f"{fault.code}: {fault.message}" if fault.code else fault.message
    return said if len(said) <= MOST_ANSWER else said[: MOST_ANSWER - 1] + "…"


def _notes(results: Sequence[ObjectResult]) -> Iterator[str]:
    """What is worth knowing of objects that did not fail: plans, what was left open, doubles."""
    if not results:
        return
    lines = (f"- **{name(each.object_id)}**: {markdown(each.message)}" for each in results)
    yield from ("### Worth knowing", "")
    yield from listed(lines, len(results), FEW_TEXTS, MOST_NOTES, rest=f"- {REST}")


def _chart(results: Sequence[ObjectResult]) -> Iterator[str]:
    shown, lines = gantt(results)
    if shown:
        all_of_them = sum(is_timed(result) for result in results)
        which = "" if shown == all_of_them else f" The slowest {shown} of {all_of_them:,} objects."
        if not all(span.timed for result in results for span in result.spans):
            which += " Stages that were over before the first reading are left out."
        yield from (
            "### Where the time went",
            "",
            f"Times in UTC, as readings showed them.{which}",
            "",
            *lines,
        )
