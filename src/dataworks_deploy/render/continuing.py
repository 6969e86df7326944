"""How to go on after a step: what the post step did, and what to copy to continue."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

from dataworks_deploy.domain.model import TERMINAL, ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Kind, Outcome, row_of
from dataworks_deploy.domain.reason import Because, Killed, LeftToPerson, NoSuchStage
from dataworks_deploy.domain.record import Fate, Record

from .markup import MOST_CALLED, REST, entitled, name, plain, within
from .reasons import untouched
from .report import About, Report
from .state import Left
from .texts import number, spaced

MOST_BYTES = 500_000


def aftermath(
    left: Left, settled: Sequence[tuple[ObjectId, Run, Fate]], marks: Mapping[ObjectId, str]
) -> str:
    """`settled` are the runs of `left`, or found for its unclear objects, of which is known what became of them.

    They are as they were read last. `marks` are what the descriptions of the unclear objects' runs begin with.
    """
    head = ("## DataWorks Deploy: what became of what the step left unsettled", "")
    return "\n".join([*head, *within(MOST_BYTES, _lines(left, settled, marks), f"- {REST}")]) + "\n"


FATES = {
    Fate.ABOLISHED: "was abolished{shown}. It cannot be continued.",
    Fate.DEPLOYS: "has begun to deploy and was left alone: it goes on, unless a stage of it waits. Continue it with "
    "run-ids.",
    Fate.FOREIGN: "does not bear this job's mark, and was left alone. Look in DataWorks for one whose description "
    "begins with {mark}.",
    Fate.ENDED: "had ended by then, as {status}.",
}


def _lines(
    left: Left, settled: Sequence[tuple[ObjectId, Run, Fate]], marks: Mapping[ObjectId, str]
) -> Iterator[str]:
    def who(object_id: ObjectId) -> str:
        return f"- **{entitled(object_id, left.names.get(object_id, ''))}**"

    bears = {**marks, **{object_id: str(claim.mark) for object_id, claim in left.claims.items()}}
    for object_id, run, fate in settled:
        mark = name(bears.get(object_id))
        became = FATES[fate].format(status=name(run.status), shown=untouched(run), mark=mark)
        yield f"{who(object_id)}: run {name(run.id)} {became}"
    known = {run.id for _, run, _ in settled}
    for object_id, run_id in left.runs.items():
        if run_id not in known:
            yield f"{who(object_id)}: run {name(run_id)} could not be abolished. Look at it in DataWorks."
    found = {object_id for object_id, _, _ in settled}
    for object_id in left.unclear:
        if object_id not in found:
            yield (
                f"{who(object_id)}: no run of this job could be abolished for it, and one may be there. Look "
                f"in DataWorks for one whose description begins with {name(marks[object_id])} before you deploy again."
            )


def looking_after(left: Left) -> str:
    """The post step begins."""
    return f"looking after {number(len(left.runs) + len(left.unclear), 'object')} that the main step has left unsettled"


_NOT_DONE = "the post step cannot read its inputs, so nothing was done: look"


def run_may_be_open(run_id: RunId) -> str:
    """A run that the post step could do nothing about."""
    return f"run {run_id} may be open, and {_NOT_DONE} at it in DataWorks"


def creation_may_be_there() -> str:
    """A creation without an answer that the post step could do nothing about."""
    return f"its creation had no answer, and {_NOT_DONE} for a run of it in DataWorks"


def run_not_in_time(run_id: RunId) -> str:
    """A run that could not be abolished in time."""
    return f"run {run_id} could not be abolished in time; look at it in DataWorks"


NONE_IN_TIME = "no run of it is known to have been abolished in time; look for one in DataWorks"


def bears_the_mark(run: Run) -> str:
    """A run of a creation without an answer turns up."""
    return f"found: run {run.id} bears this job's mark"


def none_found(mark: str, *, looked: bool) -> str:
    """None turns up, or nobody could look."""
    text = f"active run whose description begins with {mark}"
    return f"there is no {text}" if looked else f"nobody could look for an {text}"


MOST_CONTINUED = 500
# So a run ends that stays where it is; every other one goes on by itself.
STAYS = frozenset({Outcome.CREATED, Outcome.WAITING})
LOOK_FIRST = frozenset({Outcome.UNKNOWN, Outcome.CONFLICT})
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # what the inputs take
_LIKE_AN_ID = re.compile(
    r"\d{15}", re.ASCII
)  # which they refuse in a comment: it may be an ID that got lost there
DRY = "A dry run deploys nothing, nor does a re-run of it: for that leave out `dry-run`."
FINDS_NONE = (
    "begins a new run for each object, also where one is open or has deployed: outside of a workflow none is found "
    "again."
)
FAILS_AGAIN = "fails again: not every run has the stage of `until-stage`. Change it first."
ADD_FAILED = (
    "What failed is there as a comment, in its place. Once its cause is fixed, remove the `#` in front of it."
)
ADD_UNKNOWN = (
    "Look for the run of what is unknown or in conflict. If there is none, remove the `#` in front of the object; "
    "else continue the run first, with `run-ids`."
)
ADD_UNREAD = (
    "What is marked as not read may be somebody else's run: the ID in an answer does not prove whose it is. If its "
    "description begins with the mark that `message` names, remove the `#` in front of the run and of its object."
)
POST_STEP = (
    "At the end of the job a post step abolishes {} of this job, unless {} to deploy by then. Its own part of this "
    "page says what it did. What it left alone is continued with `run-ids`."
)
BY_COMMAND = "Or use the GitHub CLI. The workflow needs `workflow_dispatch` with the {}, given to the action:"
# GitHub takes 65,535 characters of all inputs of a workflow, with their names.
MOST_GIVEN = 60_000
FROM_OUTPUT = "take them from the output `results`"


def is_open(result: Record) -> bool:
    """Whether the object has a run that may go on."""
    if (
        not result.run_id
        or will_go(result)
        or result.fate in {Fate.ABOLISHED, Fate.ENDED}
        or result.reading.status in TERMINAL
    ):
        return False
    # A run that was named, and never read, may not exist.
    unread = result.named and result.outcome is Outcome.FAILED and result.reading.status is None
    return _may_be_open(result) and not unread


def is_to_start(result: Record) -> bool:
    """Whether the object has no run, or none any more, and nobody has refused it one."""
    return _may_be_open(result) and (result.abolished or will_go(result) or not result.run_id)


def will_go(result: Record) -> bool:
    """Whether a post step is about to abolish the run."""
    return isinstance(result.reason, Killed) and result.reason.abolishes


def _may_be_open(result: Record) -> bool:
    """Whether the outcome leaves that possible; one that was skipped has a run if it was given."""
    return row_of(result.outcome).may_be_open or result.outcome is Outcome.SKIPPED


def how_to_continue(report: Report, about: About) -> Iterator[str]:
    """What a re-run would do, and inputs to copy for a new workflow run; nothing where neither has anything to do."""
    left = [each for each in report.records if is_open(each)]
    to_start = [each for each in report.records if is_to_start(each)]
    to_fix = [] if about.dry_run else [each for each in report.records if _is_to_fix(each)]
    if not (left or to_start or to_fix):
        return
    yield from ("### How to continue", "")
    if about.dry_run:
        yield from (DRY, "")
        return
    yield from (_state(left, to_start, to_fix, sure=report.as_of is None), "")
    if going := [each for each in report.records if will_go(each)]:
        have = "it has begun" if len(going) == 1 else "they have begun"
        yield from (POST_STEP.format(number(len(going), "run"), have), "")
    if report.verdict.exit_status:
        yield from (_rerun(report.records, about), "")
    if left:
        yield from _named(left, about, again=bool(report.verdict.exit_status) and not about.outside)
    if to_start or to_fix:
        yield from (_fresh(report, about, to_start, to_fix, alone=not left), "")
        lacking = [each for each in report.records if _lacks_stage(each)]
        rest = [each for each in report.records if is_to_start(each) or _is_to_fix(each)]
        others, inputs = _others(lacking, about, rest), [("object-ids", _object)]
        yield from _block([others, *_ids(rest, inputs)])
        yield from _command(rest, about, inputs, {}, ends_again=_ends_again(lacking, about))


def _named(left: Sequence[Record], about: About, *, again: bool) -> Iterator[str]:
    where = "**In a new workflow run**, or to change an input, name" if again else "Name"
    yield from (f"{where} these runs; without `run-ids` each of their objects would get a second one:", "")
    changes = dict(about.changes)
    if any(map(_was_not_advanced, left)) and not any(each.foreign for each in left):
        changes["advance"] = "true"  # or it waits for a person again
    alone = any(each.alone for each in left)
    inputs = [*([] if alone else [("object-ids", _object)]), ("run-ids", _run)]
    shown = (f'  {name}: "{value}"' for name, value in changes.items())
    yield from _block([_others(left, about), *shown, *_ids(left, inputs)])
    yield from _command(left, about, inputs, changes, ends_again=_ends_again(left, about))
    if any(map(_is_unread, left)):
        yield from (ADD_UNREAD, "")
    if any(each.foreign for each in left):
        yield from ("Some are of somebody else, and were only watched: `advance: false` keeps it so.", "")


def _state(
    left: Sequence[Record], to_start: Sequence[Record], to_fix: Sequence[Record], *, sure: bool
) -> str:
    stay = sure and all(map(_stays_open, left))
    runs = f"{number(len(left), 'run')} {_be(left) if stay else 'may be'} open"
    objects = f"{number(len(to_start), 'object')} {_be(to_start) if sure else 'may be'} still to be started"
    if not (left or to_start):
        return f"{number(len(to_fix), 'object')} {_be(to_fix)} not done."
    return f"{' and '.join(text for text, found in ((runs, left), (objects, to_start)) if found)}."


def _stays_open(result: Record) -> bool:
    """Whether the run is known to be open, and to stay where it is."""
    stays = result.outcome in STAYS or _lacks_stage(result)
    # Why an execution was refused says nothing against that.
    return stays and result.fate is None and (not result.fault or bool(result.undone)) and not result.unread


def _be(found: Sequence[Record]) -> str:
    return "is" if len(found) == 1 else "are"


def _rerun(results: Sequence[Record], about: About) -> str:
    """What app/deploy and app/earlier do in a later attempt of the same job."""
    start = "**A new start**" if about.outside else "**Re-run failed jobs** of this workflow run"
    how = f"{start}, with the same inputs, "
    if any(map(_lacks_stage, results)):
        return f"{how}{FAILS_AGAIN}"
    if any(each.named for each in results):
        return f"{how}reads the runs of `run-ids` again and carries on those that are open. It creates none."
    if about.outside:
        return f"{how}{FINDS_NONE}"
    found = _deeds(results, about)
    deeds = f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else found[0]
    if any(each.outcome in LOOK_FIRST or each.foreign for each in results):
        safe = "First look for the runs that What needs attention tells of, or a second one may be created."
    else:
        safe = "That is safe: it finds this job's runs by their mark."
    return f"{how}{deeds}. {safe}"


def _deeds(results: Sequence[Record], about: About) -> list[str]:
    kept = "deploys again (`on-rerun`)" if about.redeploy else "keeps"
    deeds: dict[str, Callable[[Record], bool]] = {
        "carries on the runs of this job that are open": lambda each: is_open(each) and not _was_left(each),
        "leaves open what these inputs leave open": _was_left,
        "starts what is still to be started": is_to_start,
        "starts anew what failed": _is_to_mend,
        "looks once more for the run of what is unknown": lambda each: each.outcome is Outcome.UNKNOWN,
        f"{kept} what is deployed": lambda each: _is_deployed(each, foreign=False),
        "deploys again what somebody else's run has": lambda each: _is_deployed(each, foreign=True),
    }
    return [deed for deed, is_one in deeds.items() if any(map(is_one, results))]


def _is_deployed(result: Record, *, foreign: bool) -> bool:
    """Whether the object is deployed, by a run of this job or by somebody else's."""
    return result.outcome is Outcome.SUCCEEDED and result.foreign is foreign


def _was_left(result: Record) -> bool:
    """Whether the run is where these inputs leave it, so that the next step would end there again.

    One that is left to a person goes on once they have done their part.
    """
    return is_open(result) and result.outcome is Outcome.CREATED and not result.left_to_person


def _lacks_stage(result: Record) -> bool:
    """Whether the run has no stage of until-stage, so that the next step would fail again."""
    return isinstance(result.reason, NoSuchStage)


def _is_to_fix(result: Record) -> bool:
    """Whether the object is to be given again, once somebody has fixed or found out something."""
    return (_is_to_mend(result) or result.outcome is Outcome.UNKNOWN) and not result.alone


def _is_to_mend(result: Record) -> bool:
    """Whether a new run makes sense once somebody has fixed the cause."""
    return row_of(result.outcome).kind is Kind.FAILURE and not is_open(result) and not is_to_start(result)


def _others(left: Sequence[Record], about: About, to_give: Sequence[Record] = ()) -> str:
    """The inputs that are not shown, and which of them would end the step where this one has ended."""
    but = (
        ", but until-stage: leave it out, or name a later stage that the run has"
        if _ends_again(left, about)
        else ""
    )
    but = ", but leave out run-ids" if any(each.named for each in to_give) else but
    return f"  # the other inputs as they are{but}"


def _ends_again(left: Sequence[Record], about: About) -> bool:
    """Whether until-stage would end the next step where this one has ended."""
    return bool(about.until_stage) and any(_was_left(each) or _lacks_stage(each) for each in left)


def _is_unread(result: Record) -> bool:
    """Whether no reading has shown whose the run is: one that is named is carried on, whosever it is."""
    return not result.proven


def _was_not_advanced(result: Record) -> bool:
    """Whether the run waits for a person because of `advance: false`, or because it is somebody else's."""
    waits = result.reason if isinstance(result.reason, LeftToPerson) else result.waits
    waited = result.outcome in {Outcome.WAITING, Outcome.CREATED}
    return waited and waits is not None and waits.because is not Because.NO_CALL_MOVES_IT


def _fresh(
    report: Report, about: About, to_start: Sequence[Record], to_fix: Sequence[Record], *, alone: bool
) -> str:
    what = "what is still to be started" if to_start else "what is not done"
    if alone and about.outside:
        text = f"Give {what}."
    elif alone:
        text = f"**In a new workflow run** give {what}."
    else:
        text = f"{what[0].upper()}{what[1:]} goes into a step of its own after that, without `run-ids`."
    if report.as_of and to_start:
        text += " It may have been started since: look first."
    if any(each.outcome not in LOOK_FIRST for each in to_fix):
        text += f" {ADD_FAILED}"
    if any(each.outcome in LOOK_FIRST for each in to_fix):
        text += f" {ADD_UNKNOWN}"
    if about.rerun:
        text += " An earlier attempt may have left runs of these objects: a re-run finds them."
    return text


def _object(result: Record) -> str:
    return result.object_id


def _line(result: Record, given: str) -> str:
    """A line of the list; what is not to be done as it is stands there as a comment."""
    called = plain(result.name, MOST_CALLED)
    line = f"{given}  # {called}" if called and not _LIKE_AN_ID.search(called) else given
    first = _first(result)
    return f"    # {line}  ({first})" if first else f"    {line}"


def _first(result: Record) -> str:
    """What somebody has to do before the object is given again, or its run; empty where nothing is."""
    if is_open(result):
        return "not read: look for its mark first" if _is_unread(result) else ""
    if not _is_to_fix(result):
        return ""
    first = "look for its run first" if result.outcome in LOOK_FIRST else "fix the cause first"
    return f"{spaced(result.outcome)}: {first}"


def _run(result: Record) -> str:
    return result.run_id or ""


Inputs = Sequence[tuple[str, Callable[[Record], str]]]


def _is_whole(found: Sequence[Record], inputs: Inputs) -> bool:
    """Whether all IDs can be given: a list that is not whole would be taken for all."""
    whole = len(found) <= MOST_CONTINUED
    return whole and all(_ID.fullmatch(id_of(each)) for _, id_of in inputs for each in found)


def _ids(found: Sequence[Record], inputs: Inputs) -> Iterator[str]:
    """The inputs, each with its IDs."""
    if _is_whole(found, inputs):
        for name, id_of in inputs:
            yield from (f"  {name}: |", *(_line(each, id_of(each)) for each in found))
    else:
        yield f"  # {' and '.join(name for name, _ in inputs)}: {FROM_OUTPUT}"


def _command(
    found: Sequence[Record], about: About, inputs: Inputs, changes: Mapping[str, str], *, ends_again: bool
) -> Iterator[str]:
    """The same for a shell, of what can be given as it is; nothing where a command does not come to that."""
    ready = [each for each in found if not _first(each)]
    if not (about.start and ready and _is_whole(found, inputs)) or ends_again:
        return
    given = {name: " ".join(map(id_of, ready)) for name, id_of in inputs} | dict(changes)
    if sum(map(len, given.values())) > MOST_GIVEN:
        return
    names = [f"`{name}`" for name in given]
    listed = f"inputs {', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else f"input {names[0]}"
    words = (word for name, value in given.items() for word in ("-f", f"{name}={value}"))
    yield from (BY_COMMAND.format(listed), "", "```sh", shlex.join((*about.start, *words)), "```", "")


def _block(lines: Sequence[str]) -> Iterator[str]:
    yield from ("```yaml", "with:", *lines, "```", "")
