"""What the step works on: objects by ID, by name or by pattern, or existing runs."""

from collections.abc import Iterable, Iterator

from dataworks_deploy.domain.model import ObjectId, RunId
from dataworks_deploy.domain.problem import (
    FileFault,
    ListFault,
    NoLines,
    NotALine,
    NotAList,
    NotUtf8,
    Slip,
    TooManyLines,
    Unpaired,
    Unusable,
)
from dataworks_deploy.domain.studio.request import ExcludesFirst, Fault, Line, Parsed, Request, parse_lines

from .ids import MOST_IDS, parse_ids
from .reader import Reader, is_text

MOST_BYTES = 1_000_000  # the largest file
MOST_LINES = 10_000  # comments included; one step allows less than a tenth of that
_INPUTS = ("object-ids", "objects", "objects-file", "run-ids")
_NONE = frozenset({ListFault.EMPTY, ListFault.COMMENTS_ONLY})


def read_objects(reader: Reader, *, offline: bool) -> tuple[Request, tuple[RunId, ...]]:
    """Read the objects to deploy, the runs to continue, or both: then one run for each object, all given by ID.

    `offline`: the objects will be undeployed.
    """
    may_be_empty = reader.flag("allow-empty")
    given = [name for name in _INPUTS if reader.text(name)]
    ids, runs = _ids(reader, "object-ids", may_be_empty=may_be_empty), _ids(reader, "run-ids")
    if ids and runs and len(ids) != len(runs):
        reader.problems.append(Unpaired(len(runs), len(ids)))
    lines = _lines(reader, offline=offline, may_be_empty=may_be_empty)
    if "run-ids" in given and ("objects" in given or "objects-file" in given):
        reader.problems.append(Slip.RUNS_WITH_NAMES)
    # If an earlier step finds nothing to list, its list arrives as an empty input.
    if not (given or may_be_empty):
        reader.problems.append(Slip.NO_OBJECTS)
    most = reader.whole("max-objects", 1, MOST_IDS)
    request = Request(tuple(map(ObjectId, ids)), lines, may_be_empty, most)
    return request, tuple(map(RunId, runs))


def _ids(reader: Reader, name: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
    text = reader.text(name)
    if not text:
        return ()
    parsed = parse_ids(text, name, reader.shown)
    reader.doubts.extend(parsed.doubts)
    reader.problems.extend(
        problem
        for problem in parsed.problems
        if not (may_be_empty and isinstance(problem, NotAList) and problem.why in _NONE)
    )
    return parsed.ids


def _lines(reader: Reader, *, offline: bool, may_be_empty: bool) -> tuple[Line, ...]:
    lines: tuple[Line, ...] = ()
    for name, text in _texts(reader):
        parsed = parse_lines(text, name, offline=offline)
        if not (parsed.lines or may_be_empty):
            reader.problems.append(NoLines(name))
        reader.problems.extend(_faults(reader, parsed, after=lines))
        lines += parsed.lines
    return lines


def _texts(reader: Reader) -> Iterator[tuple[str, str]]:
    """The names and texts of the inputs that hold lines."""
    for name, text in _given(reader):
        count = len(text.splitlines())
        if count > MOST_LINES:
            reader.problems.append(TooManyLines(name, count, MOST_LINES))
        else:
            yield name, text


def _given(reader: Reader) -> Iterator[tuple[str, str]]:
    if reader.text("objects"):
        yield "objects", reader.source.given("objects")  # unstripped: empty lines at the start count as lines
    path = reader.text("objects-file") if reader.files else ""
    text = reader.source.text_of(path, MOST_BYTES) if path else None
    if isinstance(text, FileFault):
        reader.problems.append(Unusable("objects-file", reader.shown(path), text, MOST_BYTES))
    elif text is not None:
        yield "objects-file", text


def _faults(reader: Reader, parsed: Parsed, after: Iterable[Line]) -> Iterator[NotALine | NotUtf8]:
    """The faults in the lines of one input, once for each kind. `after` are the lines of the inputs before it.

    If every line has quotes, for example, the user needs one message, not one for each line.
    """
    takes = any(line.takes for line in after)
    alike = dict[type[Fault], list[Fault]]()
    for fault in parsed.faults:
        if not (takes and isinstance(fault, ExcludesFirst)):
            alike.setdefault(type(fault), []).append(fault)
    for first, *others in alike.values():
        numbers = tuple(other.line.number for other in others)
        yield NotALine(first, reader.shown(first.line.text), numbers)
    broken = next((line for line in parsed.lines if not is_text(line.text)), None)
    if broken:
        yield NotUtf8(broken.source, reader.shown(broken.text))
