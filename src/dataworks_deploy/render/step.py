"""What is said of a step as a whole: lines, annotations, and what needs attention."""

import re
from collections.abc import Callable, Iterator, Sequence

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import TERMINAL, DeployType
from dataworks_deploy.domain.outcome import End, Kind, Outcome, Verdict, row_of
from dataworks_deploy.domain.record import Record, is_unsent

from .advice import GO_ON_BELOW, explain, meaning
from .errors import Advice, ask_all, words_of
from .language import say, word
from .markup import PAGE, REST, Room, entitled, fair, folded, markdown, name
from .reasons import message
from .report import Report
from .texts import (
    AWAITS_APPROVAL,
    COUNTED,
    all_of,
    awaits_approval,
    clauses,
    ended_as,
    joined,
    known_as,
    listed_as,
    number,
    planned,
    so_many,
    spent,
    step_ended_as,
)

ACTION = "DataWorks Deploy"
ATTENTION = "What needs attention"
INVALID = "Invalid input"
NOT_LOOKED_UP = "Lookup failed"
INTERNAL = "Internal error"
LATE_TITLE = "Takes effect a day later"
OUTPUTS, STATE, SUMMARY = "Outputs", "State", "Job summary"
NOT_WRITABLE = (
    "The step's outputs or its state cannot be written, so nothing was started. Check the runner's disk space and "
    "permissions."
)
NOTHING_STARTED = "nothing was started"
STEP_FAILS = "the step fails; the log says which runs there are"
STARTED = {
    DeployType.ONLINE: "Deploying {what} to workspace {workspace} ({host})",
    DeployType.OFFLINE: "Undeploying {what} from workspace {workspace} ({host})",
}
DRY_STARTED = {
    DeployType.ONLINE: "Dry run: what deploying {what} to workspace {workspace} ({host}) would do",
    DeployType.OFFLINE: "Dry run: what undeploying {what} from workspace {workspace} ({host}) would do",
}
LEFT_OPEN = "left open"
MOST_SENTENCE, MOST_ANNOTATION = 200, 600
_SENTENCE = re.compile(r"(?<=[.!?])\s|(?<=[。！？])(?=.)")
MOST_PATH = 300
FEW_BLOCKS, FEW_OBJECTS = 10, 10
Group = Sequence[Record]
Fact = Callable[[Record], str]


def verdict(report: Report) -> str:
    """How the step ended, in a word or two."""
    opened = {_outcome(result) for result in report.records if result.outcome is Outcome.CREATED}
    left = word(LEFT_OPEN)
    all_left = report.verdict is Verdict.CREATED and opened == {left}
    return left if all_left else step_ended_as(report.verdict, report.records)


def counted(report: Report) -> str:
    """How the step ended, in numbers."""
    return say(
        "{verdict}: {counts}, {calls}",
        verdict=verdict(report),
        counts=planned(report.preview) if report.preview else _counts(report.records),
        calls=number(report.api_calls, "API call"),
    )


def _counts(records: Sequence[Record]) -> str:
    outcomes = [result.outcome for result in records]
    same = outcomes.count(Outcome.UNCHANGED)
    done = [result for result in records if result.outcome is not Outcome.UNCHANGED]
    if same and not done:
        return number(same, "object")
    good = [_outcome(result) for result in done if row_of(result.outcome).good]
    # What was left open or only planned, as asked, has not succeeded yet.
    did = good[0] if len({*good}) == 1 else word("ended as asked" if good else "succeeded")
    skipped = outcomes.count(Outcome.SKIPPED)
    most = say(
        "{good:,} of {objects} {did}", good=len(good), objects=number(len(outcomes), "object"), did=did
    )
    rest = (so_many(count, what) for count, what in ((same, "unchanged"), (skipped, "not started")) if count)
    return clauses([most, *rest])


def ended(result: Record) -> str:
    """How an object ended: the outcome, how long it took, the run, and what there is to say."""
    times = (result.started_at, result.finished_at)
    took = (
        say(" after {seconds:.0f} s", seconds=(times[1] - times[0]).total_seconds())
        if times[0] and times[1] and result.outcome is not Outcome.PLANNED
        else ""
    )
    # An annotation will say all of what went wrong, with its cause.
    whole = row_of(result.outcome).kind in {Kind.GOOD, Kind.SKIPPED}
    said = message(result) if whole else first_sentence(message(result))
    named = not result.run_id or result.run_id in said
    run = "" if named else say(", run {run_id}", run_id=result.run_id)
    return f"{_outcome(result)}{took}{run}" + (f"{word(': ')}{said}" if said else "")


def _outcome(result: Record) -> str:
    """How an object ended, the same way: what was only continued was not created."""
    left = result.outcome is Outcome.CREATED and not result.request.attempts
    return word(LEFT_OPEN) if left else ended_as(result)


def first_sentence(text: str) -> str:
    """The first sentence of a text, or as much of it as a line takes."""
    first = _SENTENCE.split(text, maxsplit=1)[0]
    return first if len(first) <= MOST_SENTENCE else f"{first[: MOST_SENTENCE - 1]}…"


def started(
    of_type: DeployType, objects: int, workspace: int, host: str, *, lines: int = 0, dry_run: bool = False
) -> str:
    """What the step sets out to do, with the lines that select further objects."""
    selected = say("the objects of {lines}", lines=number(lines, "line")) if lines else ""
    given = number(objects, "object") if objects or not lines else ""
    what = all_of([each for each in (given, selected) if each])
    sentence = (DRY_STARTED if dry_run else STARTED)[of_type]
    return say(sentence, what=what, workspace=workspace, host=host)


UNCHOSEN = {
    End.TIMEOUT: "timeout-minutes passed while the objects were looked up, so nothing was created. Set a longer "
    "timeout-minutes. IDs, and names with their kind in front (such as node:), need fewer calls.",
    End.CANCEL: "The step was cancelled while the objects were looked up, so nothing was created.",
}
UNSENT = (
    "timeout-minutes passed before the first call could be sent, so nothing was created. Check that the job's machine "
    "reaches the endpoint, and sts.aliyuncs.com where the action assumes a role."
)
EARLIER_UNSEEN = "Earlier attempts of the job may have left open runs that were not looked for."


def unchosen(end: End, calls: int, *, rerun: bool) -> str:
    """Why nothing was started in a step that ended while it looked its objects up. Empty if another text says it.

    `calls` is how many calls it had made, `rerun` whether there were earlier attempts of the job.
    """
    why = UNSENT if end is End.TIMEOUT and not calls else UNCHOSEN.get(end, "")
    return joined(word(why), word(EARLIER_UNSEEN)) if why and rerun else word(why)


def more_mistakes(count: int) -> str:
    """So many more faults in the inputs than annotations are shown."""
    return say("{mistakes}, listed in the log", mistakes=number(count, "more mistake"))


def internal(places: str) -> str:
    """An error of this action itself, by the places in its code where it was raised."""
    return say("{places}. Please report this.", places=places)


def unwritten(why: str, consequence: str) -> str:
    """A report that could not be written at the step's end, with what follows from that."""
    return say("{why} So {consequence}.", why=why, consequence=word(consequence))


def outdated(what: str, why: str) -> str:
    """The same for people, where later steps do not get theirs."""
    return say(
        "{what}: {why} So the step fails, and what later steps read is older than this page.",
        what=word(what),
        why=why,
    )


def title(record: Record) -> str:
    """The title of the annotation of an object that failed."""
    who = "Run {object}: {outcome}" if record.alone else "Object {object}: {outcome}"
    return say(who, object=known_as(record), outcome=ended_as(record))


@frozen
class Told:
    """What there is to say of an object that failed: what happened, and, where there is one, the likely cause, the fix
    and a link.
    """

    what: str
    cause: str
    fix: str
    link: str

    @property
    def lines(self) -> list[str]:
        """All of it."""
        return [each for each in (self.what, self.cause, self.fix, self.link) if each]

    @property
    def is_long(self) -> bool:
        """Whether an annotation has no room for all of it."""
        return sum(map(len, self.lines)) > MOST_ANNOTATION

    @property
    def annotation(self) -> list[str]:
        """What fits into one: what happened and the fix in any case. The end of what happened is cut last."""
        if not self.is_long:
            return self.lines
        room = MOST_ANNOTATION - len(self.fix)
        what = self.what if len(self.what) <= room else f"{self.what[: room - 1]}…"
        return [each for each in (what, self.fix) if each]


def told(record: Record) -> Told:
    """What there is to say of an object that failed."""
    found, link = explain(record), record.fault.recommend if record.fault else ""
    return Told(
        joined(found.what, message(record)),
        say("Likely cause: {cause}", cause=found.cause) if found.cause else "",
        say("Fix: {fix}", fix=found.fix) if found.fix else "",
        say("See also: {recommend}", recommend=link) if link else "",
    )


def more_failed(rest: Sequence[Record]) -> tuple[str, str]:
    """Title and text of the annotation that counts those that have none of their own."""
    names = listed_as(f"{known_as(each)} ({ended_as(each)})" for each in rest)
    failed = say("{objects} failed", objects=number(len(rest), "more object"))
    return failed, say("They are in the log: {names}", names=names)


@frozen
class Block:
    """Lines that are shown, and lines that are folded behind a title."""

    shown: list[str]
    title: str = ""
    folded: Sequence[str] = ()


def attention(
    results: Sequence[Record], url: str | None = None, room: Room = PAGE, go_on: str = GO_ON_BELOW
) -> Iterator[str]:
    """A block for each advice, linked to `url`. Of many blocks, or many objects in one, the first are not folded.

    `go_on` says where to read how to continue, if that is said anywhere.
    """
    blocks = [_block(found, group, url, go_on) for (_, found), group in _groups(results).items()]
    if not blocks:
        return
    yield from (f"### {word(ATTENTION)}", "")
    few, more = blocks[:FEW_BLOCKS], blocks[FEW_BLOCKS:]
    others = [line for block in more for line in (*block.shown, *block.folded, "")]
    rest = f"- {word(REST)}"
    shown = fair(room.open, [block.shown for block in few], rest)
    folds = fair(room.folded, [*(block.folded for block in few), others], rest)
    for block, lines, fold in zip(few, shown, folds[:-1], strict=True):
        yield from (*lines, "", *folded(block.title, fold))
    yield from folded(say("{left:,} more", left=len(more)), folds[-1])


def _groups(results: Sequence[Record]) -> dict[tuple[str, Advice], list[Record]]:
    groups: dict[tuple[str, Advice], list[Record]] = {}
    for each in results:
        groups.setdefault((_title(each), meaning(each)), []).append(each)
    return groups


def _title(result: Record) -> str:
    if is_unsent(result):
        return word("not sent")
    used_up = spent(result)
    counted = word(AWAITS_APPROVAL if awaits_approval(result) else COUNTED[result.outcome])
    return say("{outcome}: {cause}", outcome=counted, cause=used_up) if used_up else counted


def _block(found: Advice, group: Group, url: str | None, go_on: str) -> Block:
    """What is true of all of them, and a line for each that has something of its own to say."""
    shared = [fact for fact in FACTS if len({*map(fact, group)}) == 1]
    head = [*_head(found, group, shared, url, go_on)]
    if len(group) == 1:
        return Block(head)
    lines = [f"- {_line(each, shared)}" for each in group]
    if len(shared) == len(FACTS):
        return Block(head, say("the {objects}", objects=_many(group)), lines)
    few = [*head, "", say("Each of them:"), "", *lines[:FEW_OBJECTS]]
    return Block(few, say("{left:,} more", left=len(group) - FEW_OBJECTS), lines[FEW_OBJECTS:])


def _head(found: Advice, group: Group, shared: Sequence[Fact], url: str | None, go_on: str) -> Iterator[str]:
    first = group[0]
    stage, own, said, request_id, link = (fact(first) if fact in shared else "" for fact in FACTS)
    alone = len(group) == 1
    who = entitled(first.object_id, first.name, url) if alone else _many(group)
    yield f"**{row_of(first.outcome).sign} {who}** {_title(first)}{_at(stage)}"
    yield ""
    points = (
        (word("Path"), markdown(first.path, MOST_PATH) if alone else ""),
        (say("What happened"), markdown(joined(found.what, own))),
        (say("Likely cause"), markdown(found.cause)),
        (say("What to do"), markdown(found.filled(ask_all([each.fault for each in group]), go_on))),
        (say("The answer was"), _quoted(said)),
        ("RequestId", name(request_id)),
        (say("See also"), link),
    )
    yield from (f"- {title}{word(': ')}{text}" for title, text in points if text)


def _many(group: Group) -> str:
    return number(len(group), "run" if group[0].alone else "object")


def _line(result: Record, shared: Sequence[Fact]) -> str:
    """An object among others, with what is its own alone."""
    stage, own, said, request_id, link = ("" if fact in shared else fact(result) for fact in FACTS)
    words = (
        markdown(own),
        _quoted(said),
        f"RequestId {name(request_id)}" if request_id else "",
        link,
    )
    text = " · ".join(each for each in words if each)
    return f"**{entitled(result.object_id, result.name)}**{_at(stage)}" + (
        f"{word(': ')}{text}" if text else ""
    )


def _at(stage: str) -> str:
    return say(" at {stage}", stage=name(stage)) if stage else ""


def _quoted(said: str) -> str:
    return f"“{markdown(said)}”" if said else ""


def _stage(result: Record) -> str:
    """Where it failed; nothing where the reason is not at the stage where the run stands."""
    stands_well = (
        result.outcome is Outcome.FAILED and result.fault is None and result.reading.status not in TERMINAL
    )
    return "" if stands_well else result.reading.stage or ""


def _own(result: Record) -> str:
    """What was refused is told in the words of the answer, and in them alone."""
    said = message(result)
    return "" if said == _answer(result.fault) else said


def _said(result: Record) -> str:
    said = _answer(result.fault)
    told = message(result)
    return said if told == said or said.rstrip(" .。") not in told else ""


def _request_id(result: Record) -> str:
    return (result.fault and result.fault.request_id) or result.request.id or ""


def _answer(fault: Fault | None) -> str:
    """What was said, cut as in the log: behind it may come the whole request, with its headers."""
    return words_of(fault) if fault else ""


def _link(result: Record) -> str:
    """Where Alibaba Cloud explains the error. Of an address only what is harmless was kept."""
    link = result.fault.recommend if result.fault else ""
    return say("[Alibaba Cloud on this error]({link})", link=link) if link and "*" not in link else ""


FACTS: tuple[Fact, ...] = (_stage, _own, _said, _request_id, _link)
