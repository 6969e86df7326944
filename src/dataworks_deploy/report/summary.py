"""The report as a job summary in Markdown: the verdict, a table, and what each failure says."""

import re
from collections.abc import Iterator, Sequence

from dataworks_deploy.domain.outcome import GOOD, ObjectResult, Outcome, Report

from .explain import explain
from .harmless import one_line

# The runner drops a summary of more than 1,048,576 bytes whole; masks and encodings may still add to it.
MOST_BYTES = 900 * 1024
# A name that begins with www. is linked without any of them.
_MEANING = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&@:]|(?<=www)\.)", re.IGNORECASE)


def summary(report: Report) -> str:
    """Failures first where not everything fits."""
    lines = [*_head(report), *_failures(report.results), *_table(report.results)]
    return _fit(lines)


def _head(report: Report) -> Iterator[str]:
    good = sum(result.outcome in GOOD for result in report.results)
    yield f"## DataWorks Deploy: {report.verdict.value.replace('_', ' ')}"
    yield ""
    if report.results:
        yield f"{good} of {len(report.results)} objects, {report.api_calls} API calls."
        yield ""
    for problem in report.problems:
        yield f"- {markdown(problem)}"


def _failures(results: Sequence[ObjectResult]) -> Iterator[str]:
    for result in results:
        if result.outcome not in GOOD | {Outcome.SKIPPED} and result.message:
            text = f"{result.message} {explain(result.fault)}"
            yield f"- **{markdown(result.object_id)}** {result.outcome.value}: {markdown(text)}"
    yield ""


def _table(results: Sequence[ObjectResult]) -> Iterator[str]:
    if not results:
        return
    yield "| object | outcome | run | stage | seconds | RequestId |"
    yield "| --- | --- | --- | --- | ---: | --- |"
    for result in sorted(results, key=lambda each: each.outcome in GOOD):
        cells = (
            result.object_id,
            result.outcome.value,
            result.run_id or "",
            f"{result.stage or ''} {result.status or ''}".strip(),
            _seconds(result),
            result.request_id or "",
        )
        yield "| " + " | ".join(markdown(cell) for cell in cells) + " |"


def _seconds(result: ObjectResult) -> str:
    if not (result.started_at and result.finished_at):
        return ""
    return f"{(result.finished_at - result.started_at).total_seconds():.0f}"


def markdown(text: str) -> str:
    """Foreign text as text: nothing in it is Markdown, HTML, a link or a mention."""
    return _MEANING.sub(_entity, one_line(text, most=1000))


def _entity(found: re.Match[str]) -> str:
    # Mentions are looked for in the finished page, where an entity is its character again: a word joiner ends them.
    return "&#64;&#8288;" if found[1] == "@" else f"&#{ord(found[1])};"


def _fit(lines: Sequence[str]) -> str:
    text: list[str] = []
    size = 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            text += ["", "Not everything fits here; the output `results` has all objects."]
            break
        text.append(line)
    return "\n".join(text) + "\n"
