"""How to go on after a step: what the post step did, and what to copy to continue."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce

from dataworks_deploy.domain.error import Known
from dataworks_deploy.domain.error import row_of as row_of_fault
from dataworks_deploy.domain.model import SUCCESS, TERMINAL, ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Kind, Outcome, row_of
from dataworks_deploy.domain.reason import (
    AnswerLost,
    Because,
    EarlierUnmarked,
    Killed,
    LeftToPerson,
    NamedOfOtherType,
    NoSuchStage,
    NotListed,
    NotOfWorkspace,
    OfOtherObject,
    OtherType,
    Overtaken,
)
from dataworks_deploy.domain.record import Fate, Record

from .language import say, word
from .markup import MOST_CALLED, REST, entitled, name, plain, within
from .reasons import untouched
from .report import About, Report
from .state import Left
from .texts import all_of, joined, number, spaced

AFTERMATH = "what happened to the runs that the step left"
MOST_BYTES = 500_000


def aftermath(
    left: Left,
    found: Mapping[ObjectId, Sequence[Run]],
    settled: Sequence[tuple[ObjectId, Run, Fate]],
    marks: Mapping[ObjectId, str],
) -> str:
    """What happened to the runs of `left`, and to those that were `found` for its unclear objects.

    `settled` are those whose end is known, as they were read last. `marks` are what the descriptions of the unclear
    objects' runs begin with.
    """
    head = (f"## DataWorks Deploy{word(': ')}{word(AFTERMATH)}", "")
    lines = _lines(left, found, settled, marks)
    return "\n".join([*head, *within(MOST_BYTES, lines, f"- {word(REST)}")]) + "\n"


FATES = {
    Fate.ABOLISHED: (
        "{object}: run {run} was abolished{shown}. It cannot be continued. Re-run the job to try again."
    ),
    Fate.DEPLOYS: (
        "{object}: run {run} has begun to change production, so it was not stopped. It goes "
        "on, unless a stage of it waits. Continue it with run-ids."
    ),
    Fate.FOREIGN: "{object}: run {run} does not bear this job's mark, and was left alone. Look in DataWorks for a "
    "run with {mark} at the start of its description.",
    Fate.ENDED: "{object}: run {run} had ended by then, as {status}.",
}


def _lines(
    left: Left,
    found: Mapping[ObjectId, Sequence[Run]],
    settled: Sequence[tuple[ObjectId, Run, Fate]],
    marks: Mapping[ObjectId, str],
) -> Iterator[str]:
    def who(object_id: ObjectId) -> str:
        return f"- **{entitled(object_id, left.names.get(object_id, ''))}**"

    bears = {**marks, **{object_id: str(claim.mark) for object_id, claim in left.claims.items()}}
    for object_id, run, fate in settled:
        mark = name(bears.get(object_id))
        yield say(
            FATES[fate],
            object=who(object_id),
            run=name(run.id),
            status=name(run.status),
            shown=untouched(run),
            mark=mark,
        )
    for object_id, run_id in unsettled(left, found, settled):
        yield say(
            "{object}: run {run} could not be abolished. Look at it in DataWorks.",
            object=who(object_id),
            run=name(run_id),
        )
    for object_id in left.unclear:
        if object_id not in found:
            yield say(
                "{object}: the post step found no run of this job to abolish. One may still "
                "appear. Before you try again, look in DataWorks for a run with {mark} at the "
                "start of its description.",
                object=who(object_id),
                mark=name(marks[object_id]),
            )


def unsettled(
    left: Left, found: Mapping[ObjectId, Sequence[Run]], settled: Sequence[tuple[ObjectId, Run, Fate]]
) -> Iterator[tuple[ObjectId, RunId]]:
    """The runs whose end is not known, each with its object."""
    known = {run.id for _, run, _ in settled}
    runs = [*left.runs.items(), *((each, run.id) for each, its in found.items() for run in its)]
    yield from ((object_id, run_id) for object_id, run_id in runs if run_id not in known)


def looking_after(left: Left) -> str:
    """The post step begins."""
    return say(
        "looking after {objects} that the main step left unfinished",
        objects=number(len(left.runs) + len(left.unclear), "object"),
    )


def run_may_be_open(run_id: RunId) -> str:
    """A run that the post step could do nothing about."""
    return say(
        "run {run} may be open. The post step cannot read its inputs, so it did nothing. Look at the run in "
        "DataWorks.",
        run=run_id,
    )


def creation_may_be_there() -> str:
    """A creation without an answer that the post step could do nothing about."""
    return say(
        "the request to create a run had no answer. The post step cannot read its inputs, so it did nothing. Look in "
        "DataWorks for a run of this object."
    )


def run_not_in_time(run_id: RunId) -> str:
    """A run that could not be abolished in time."""
    return say("run {run} could not be abolished in time. Look at it in DataWorks.", run=run_id)


NONE_IN_TIME = "no run was found and abolished in time. Look for one in DataWorks."


def bears_the_mark(run: Run) -> str:
    """A run of a creation without an answer turns up."""
    return say("found: run {run} bears this job's mark", run=run.id)


def none_found(mark: str, *, looked: bool) -> str:
    """None turns up, or nobody could look."""
    found = (
        "there is no active run whose description begins with {mark}"
        if looked
        else "nobody could look for an active run whose description begins with {mark}"
    )
    return say(found, mark=mark)


MOST_CONTINUED = 500
# So a run ends that stays where it is; every other one goes on by itself.
STAYS = frozenset({Outcome.CREATED, Outcome.WAITING})
LOOK_FIRST = frozenset({Outcome.UNKNOWN, Outcome.CONFLICT})
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # what the inputs take
_LIKE_AN_ID = re.compile(
    r"\d{15}", re.ASCII
)  # which they refuse in a comment: it may be an ID that got lost there
DRY = "A dry run deploys nothing, and a re-run of it deploys nothing either. To deploy, leave out `dry-run`."
FINDS_NONE = (
    "{start} creates a new run for each object, even where a run is open or has succeeded. Outside of "
    "a workflow no run is found again."
)
FAILS_AGAIN = "{start} fails again: not every run has the stage of `until-stage`. Change it first."
DENIED_AGAIN = (
    "{start} fails again: it keeps the old permissions of the job. Add id-token: write, and start a new workflow "
    "run."
)
READS_AGAIN = "{start} reads the runs of `run-ids` again and continues those that are open. It creates none."
OVERTAKEN_AGAIN = "{start} fails again where a newer run has overtaken an open one."
THEN_ANEW = "Once the open run has ended, a re-run creates a new one."
KEEPS_INPUTS = "It keeps the old inputs: to correct one of them, start a new workflow run instead."
ADD_FAILED = (
    "Failed objects are comments in this list. Fix the cause, then remove the `#` in front of the object."
)
ADD_BEHIND = (
    "Objects that need one of these are comments too. Give them together with that object, or after it."
)
ADD_UNKNOWN = (
    "Look for the run of each object that is unknown or in conflict. If it is this job's, continue it first, with "
    "`run-ids`. If it is somebody else's, let it end. If no run is open, remove the `#` in front of the object."
)
ADD_UNREAD = (
    "A run that is marked as not read may be somebody else's: the ID in an answer does not prove whose it is. If its "
    "description begins with the mark in `message`, remove the `#` in front of the run and of its object."
)
POST_STEP = (
    "At the end of the job a post step abolishes {runs} of this job, unless a run has begun to change "
    "production by then. Its part of this page says what it did. Use `run-ids` to continue what it "
    "left alone."
)
POST_STEP_AGAIN = (
    "At the end of the job a post step tries once more to abolish runs that this step could not abolish. Read its part "
    "of this page before you continue them."
)
CONTINUE = "How to continue"
SAFE = "That is safe: it finds this job's runs by their mark."
LOOK_BEFORE = "First look for the runs that this page names above. Otherwise a second run may be created."
AGAIN = "**Re-run failed jobs** of this workflow run"
OUTSIDE = "**A new start** with the same inputs"
GIVE_RUNS = (
    "To continue these runs, set the inputs below. Without `run-ids`, each of these "
    "objects would get a second run:"
)
GIVE_RUNS_IN_NEW = (
    "**In a new workflow run**, for example to change an input, set the inputs below. Without `run-ids`, each of "
    "these objects would get a second run:"
)
GIVE_LATER = "After that, give the other objects on their own, without `run-ids`."
WATCHED = (
    "Some runs are somebody else's. This step only watched them, and `advance: false` keeps it that way."
)
MAY_HAVE_STARTED = "They may have started since then: look first."
EARLIER_RUNS = "An earlier attempt may have left runs of these objects. A re-run finds them."
UNMARKED = (
    "**A re-run** cannot recognise this job's runs here, because runs show no descriptions. Continue runs with "
    "`run-ids`, or start a new workflow run."
)
BY_COMMAND = (
    "Or use the GitHub CLI. The workflow file needs `workflow_dispatch` with {inputs}, and must pass them to the "
    "action:"
)
# GitHub takes 65,535 characters of all inputs of a workflow, with their names.
MOST_GIVEN = 60_000


# What somebody has to do first, by object.
Firsts = Mapping[ObjectId, str]


def is_open(result: Record) -> bool:
    """Whether the object has a run that may go on, from this attempt of the job or from an earlier one."""
    if not result.run_id:
        return result.begun_before is not None and result.begun_before.open is not None
    gone = result.fate in {Fate.ABOLISHED, Fate.ENDED}
    if gone or will_go(result) or _is_for_people(result):
        return False
    # To continue a run that one reading has shown as a success is to read it once more.
    if result.reading.status in TERMINAL and not (result.seen_once and result.reading.status == SUCCESS):
        return False
    # A run that was named, and never read, may not exist.
    unread = result.named and result.outcome is Outcome.FAILED and result.reading.status is None
    return _may_be_open(result) and not unread


def is_to_start(result: Record) -> bool:
    """Whether the object has no run, or none any more, and nobody has refused it one."""
    begun = result.begun_before
    if begun and (begun.open or begun.deployed):
        return False
    return _may_be_open(result) and (result.abolished or will_go(result) or not result.run_id)


def will_go(result: Record) -> bool:
    """Whether a post step is about to abolish the run."""
    return isinstance(result.reason, Killed) and result.reason.abolishes


def _may_be_open(result: Record) -> bool:
    """Whether the outcome leaves that possible; one that was skipped has a run if it was given."""
    return row_of(result.outcome).may_be_open or result.outcome is Outcome.SKIPPED


def how_to_continue(report: Report, about: About) -> Iterator[str]:
    """What a re-run would do, and inputs to copy for a new workflow run; nothing where neither has anything to do."""
    records = report.in_order
    left = [each for each in records if is_open(each)]
    to_start = [each for each in records if is_to_start(each)]
    to_fix = [] if about.dry_run else [each for each in records if _is_to_fix(each)]
    if not (left or to_start or to_fix):
        return
    yield from (f"### {word(CONTINUE)}", "")
    if about.dry_run:
        yield from (word(DRY), "")
        return
    yield from (_state(left, to_start, to_fix, sure=report.as_of is None), "")
    if going := [each for each in records if will_go(each)]:
        yield from (say(POST_STEP, runs=number(len(going), "run")), "")
    if report.post_step and any(each.fate is Fate.UNSEEN for each in left):
        yield from (word(POST_STEP_AGAIN), "")
    if report.verdict.exit_status:
        yield from (_rerun(records, about), "")
    if left:
        yield from _named(left, about, again=bool(report.verdict.exit_status) and not about.outside)
    if to_start or to_fix:
        lacking = [each for each in records if _lacks_stage(each)]
        rest = [each for each in records if is_to_start(each) or _is_to_fix(each)]
        others, inputs, firsts = _others(lacking, about, rest), [("object-ids", _object)], _firsts(rest)
        yield from (_fresh(report, about, to_start, to_fix, firsts, alone=not left), "")
        yield from _block([others, *_ids(rest, inputs, firsts)])
        yield from _command(rest, about, inputs, {}, firsts, ends_again=_ends_again(lacking, about))


def _named(left: Sequence[Record], about: About, *, again: bool) -> Iterator[str]:
    yield from (word(GIVE_RUNS_IN_NEW if again else GIVE_RUNS), "")
    changes = dict(about.changes)
    if any(each.foreign for each in left):
        changes["advance"] = "false"  # or their stages are executed
    elif any(map(_was_not_advanced, left)):
        changes["advance"] = "true"  # or it waits for a person again
    alone = any(each.alone for each in left)
    inputs = [*([] if alone else [("object-ids", _object)]), ("run-ids", _run)]
    shown = (f'  {name}: "{value}"' for name, value in changes.items())
    firsts = _firsts(left)
    yield from _block([_others(left, about), *shown, *_ids(left, inputs, firsts)])
    yield from _command(left, about, inputs, changes, firsts, ends_again=_ends_again(left, about))
    if any(map(_is_unread, left)):
        yield from (word(ADD_UNREAD), "")
    if any(each.foreign for each in left):
        yield from (word(WATCHED), "")


def _state(
    left: Sequence[Record], to_start: Sequence[Record], to_fix: Sequence[Record], *, sure: bool
) -> str:
    stay = sure and all(map(_stays_open, left))
    runs = "Runs still open: {count:,}." if stay else "Runs that may still be open: {count:,}."
    certain = sure and not any(each.outcome in LOOK_FIRST for each in to_fix)
    objects = "Objects still to do: {count:,}." if certain else "Objects that may still be to do: {count:,}."
    if not (left or to_start):
        return say("Objects not done: {count:,}.", count=len(to_fix))
    to_do = (*to_start, *to_fix)
    found = (say(text, count=len(found)) for text, found in ((runs, left), (objects, to_do)) if found)
    return reduce(joined, found)


def _stays_open(result: Record) -> bool:
    """Whether the run is known to be open, and to stay where it is."""
    stays = result.outcome in STAYS or _lacks_stage(result)
    # Why an execution was refused says nothing against that.
    return stays and result.fate is None and (not result.fault or bool(result.undone)) and not result.unread


def _rerun(results: Sequence[Record], about: About) -> str:
    """What app/deploy and app/earlier do in a later attempt of the same job."""
    start = word(OUTSIDE if about.outside else AGAIN)
    if any(map(_lacks_stage, results)):
        return say(FAILS_AGAIN, start=start)
    if any(map(_lacks_permission, results)):
        return say(DENIED_AGAIN, start=start)
    if overtaken := [each for each in results if isinstance(each.reason, Overtaken)]:
        anew = "" if any(each.named for each in overtaken) else word(THEN_ANEW)
        return joined(say(OVERTAKEN_AGAIN, start=start), anew)
    keeps = word(KEEPS_INPUTS) if not about.outside and any(map(_has_wrong_input, results)) else ""
    if any(each.named for each in results):
        return joined(say(READS_AGAIN, start=start), keeps)
    if about.outside:
        return say(FINDS_NONE, start=start)
    if any(map(_is_unmarked, results)):
        return word(UNMARKED)
    unsafe = any(each.outcome in LOOK_FIRST or each.foreign for each in results)
    does = say("{start} {deeds}.", start=start, deeds=all_of(_deeds(results, about)))
    return reduce(joined, (does, word(LOOK_BEFORE if unsafe else SAFE), keeps))


def _is_unmarked(result: Record) -> bool:
    """Whether the runs of the object cannot be recognised, because they show no descriptions."""
    match result.reason:
        case EarlierUnmarked():
            return True
        case AnswerLost(unmarked=unmarked):
            return unmarked
    return False


def _deeds(results: Sequence[Record], about: About) -> list[str]:
    kept = "repeats what is done (`on-rerun`)" if about.redeploy else "skips what is done"
    deeds: dict[str, Callable[[Record], bool]] = {
        "continues the open runs of this job": lambda each: is_open(each) and not _was_left(each),
        "keeps the runs open that these inputs leave open": _was_left,
        "starts the rest": is_to_start,
        "retries what failed": _is_to_retry,
        "looks again for the runs of unknown objects": lambda each: each.outcome is Outcome.UNKNOWN,
        kept: lambda each: _is_deployed(each, foreign=False),
        "repeats what somebody else's run has done": lambda each: _is_deployed(each, foreign=True),
    }
    return [word(deed) for deed, is_one in deeds.items() if any(map(is_one, results))]


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


def _lacks_permission(result: Record) -> bool:
    """Whether GitHub denied the job its first ID token. A later one may be denied because the job took so long."""
    fault = result.fault
    return fault is not None and not fault.renewal and row_of_fault(fault) is Known.ID_TOKEN_DENIED


# Errors that an input may cause. A re-run has the same one.
_OF_INPUTS = frozenset(
    {
        Known.NESTED_LIST,
        Known.NO_OBJECT,
        Known.ONLY_WHOLE,
        Known.UPSTREAM_MISSING,
        Known.HAS_CHILDREN,
        Known.NO_NODE,
        Known.NAME_UNKNOWN,
        Known.NO_MEMBER,
        Known.WRONG_WORKSPACE,
        Known.OTHER_REGION,
        Known.NOT_FOUND,
        Known.UNKNOWN_THING,
        Known.WRONG_PARAMETER,
        Known.WRONG_API,
    }
)


def _has_wrong_input(result: Record) -> bool:
    """Whether the object failed because an input is wrong, or may be: an ID, the order, the workspace or the region."""
    if isinstance(result.reason, NotOfWorkspace | NamedOfOtherType | OtherType | NotListed | OfOtherObject):
        return result.named
    fault = result.fault if row_of(result.outcome).kind is Kind.FAILURE else None
    return fault is not None and row_of_fault(fault) in _OF_INPUTS


def _is_to_fix(result: Record) -> bool:
    """Whether the user should give the object again after a fix or a search."""
    fails = _is_to_retry(result) or result.outcome is Outcome.UNKNOWN
    return fails and not result.alone


def _is_for_people(result: Record) -> bool:
    """Whether only people know what should become of the run. Without its run, the object would get a second one.

    They named a run that is of the other type, or of another given object. Or a newer run has deployed the object.
    """
    misnamed = result.named and isinstance(result.reason, NamedOfOtherType | OtherType | OfOtherObject)
    return misnamed or isinstance(result.reason, Overtaken)


def _is_to_retry(result: Record) -> bool:
    """Whether a new run makes sense once somebody has fixed the cause."""
    if _is_for_people(result) or (result.begun_before and result.begun_before.deployed):
        return False
    if result.fate is Fate.ENDED and result.reading.status == SUCCESS:
        return False
    is_over = row_of(result.outcome).kind is Kind.FAILURE or result.seen_once
    return is_over and not is_open(result) and not is_to_start(result)


def _others(left: Sequence[Record], about: About, to_give: Sequence[Record] = ()) -> str:
    """The inputs that are not shown, and which of them would end the step where this one has ended."""
    if any(each.named for each in to_give):
        return word("  # the other inputs as they are, but leave out run-ids")
    if _ends_again(left, about):
        return word(
            "  # the other inputs as they are, without objects and objects-file. Leave out until-stage, or name a "
            "later stage of the run"
        )
    return word("  # the other inputs as they are, without objects and objects-file")


def _ends_again(left: Sequence[Record], about: About) -> bool:
    """Whether until-stage would end the next step where this one has ended."""
    return bool(about.until_stage) and any(_was_left(each) or _lacks_stage(each) for each in left)


def _is_unread(result: Record) -> bool:
    """Whether no reading has shown whose the run is. A run that the user names is continued, whoever owns it."""
    return not result.proven


def _was_not_advanced(result: Record) -> bool:
    """Whether the run waits for a person because of `advance: false`, or because it is somebody else's."""
    waits = result.reason if isinstance(result.reason, LeftToPerson) else result.waits
    waited = result.outcome in {Outcome.WAITING, Outcome.CREATED}
    return waited and waits is not None and waits.because is not Because.NO_CALL_MOVES_IT


def _fresh(
    report: Report,
    about: About,
    to_start: Sequence[Record],
    to_fix: Sequence[Record],
    firsts: Firsts,
    *,
    alone: bool,
) -> str:
    rest = "what has not started" if to_start else "what is not done"
    give = (
        "Give {rest}."
        if about.outside
        else "**In a new workflow run**, set the inputs below. They list {rest}."
    )
    said = [
        say(give, rest=word(rest)) if alone else word(GIVE_LATER),
        word(MAY_HAVE_STARTED) if report.as_of and to_start else "",
        word(ADD_FAILED) if any(each.outcome not in LOOK_FIRST for each in to_fix) else "",
        word(ADD_UNKNOWN) if any(each.outcome in LOOK_FIRST for each in to_fix) else "",
        word(ADD_BEHIND) if any(each.object_id in firsts for each in to_start) else "",
        word(EARLIER_RUNS) if about.rerun and not any(map(_is_unmarked, report.records)) else "",
    ]
    return reduce(joined, said)


def _object(result: Record) -> str:
    return result.object_id


def _firsts(results: Sequence[Record]) -> Firsts:
    """What somebody has to do before one of these objects is given again, or its run."""
    to_fix = {each.object_id for each in results if _is_to_fix(each)}
    found = {each.object_id: _first(each, behind=each.because in to_fix) for each in results}
    return {object_id: first for object_id, first in found.items() if first}


def _first(result: Record, *, behind: bool) -> str:
    """What somebody has to do first; empty where nothing is. `behind`: the object needs one that is not done."""
    if is_open(result):
        return say("not read: look for its mark first") if _is_unread(result) else ""
    if not _is_to_fix(result):
        return word("needs an object that is not done") if behind else ""
    first = "look for its run first" if result.outcome in LOOK_FIRST else "fix the cause first"
    return say("{outcome}: {cause}", outcome=spaced(result.outcome), cause=word(first))


def _line(result: Record, given: str, first: str) -> str:
    """A line of the list. An object that needs something first is a comment."""
    called = plain(result.name, MOST_CALLED)
    line = f"{given}  # {called}" if called and not _LIKE_AN_ID.search(called) else given
    return f"    # {line}  ({first})" if first else f"    {line}"


def _run(result: Record) -> str:
    return result.run_id or (result.begun_before and result.begun_before.open) or ""


Inputs = Sequence[tuple[str, Callable[[Record], str]]]


def _is_whole(found: Sequence[Record], inputs: Inputs) -> bool:
    """Whether all IDs can be given: a list that is not whole would be taken for all."""
    whole = len(found) <= MOST_CONTINUED
    return whole and all(_ID.fullmatch(id_of(each)) for _, id_of in inputs for each in found)


def _ids(found: Sequence[Record], inputs: Inputs, firsts: Firsts) -> Iterator[str]:
    """The inputs, each with its IDs."""
    if _is_whole(found, inputs):
        for name, id_of in inputs:
            lines = (_line(each, id_of(each), firsts.get(each.object_id, "")) for each in found)
            yield from (f"  {name}: |", *lines)
    else:
        names = all_of([name for name, _ in inputs])
        yield say("  # {inputs}: take them from the output `results`", inputs=names)


def _command(
    found: Sequence[Record],
    about: About,
    inputs: Inputs,
    changes: Mapping[str, str],
    firsts: Firsts,
    *,
    ends_again: bool,
) -> Iterator[str]:
    """The same for a shell, of what can be given as it is; nothing where a command does not come to that."""
    ready = [each for each in found if each.object_id not in firsts]
    if not (about.start and ready and _is_whole(found, inputs)) or ends_again:
        return
    given = {name: " ".join(map(id_of, ready)) for name, id_of in inputs} | dict(changes)
    if sum(map(len, given.values())) > MOST_GIVEN:
        return
    names = [f"`{name}`" for name in given]
    inputs_of = say("the input {names}" if len(names) == 1 else "the inputs {names}", names=all_of(names))
    words = (part for name, value in given.items() for part in ("-f", f"{name}={value}"))
    command = shlex.join((*about.start, *words))
    yield from (say(BY_COMMAND, inputs=inputs_of), "", "```sh", command, "```", "")


def _block(lines: Sequence[str]) -> Iterator[str]:
    yield from ("```yaml", "with:", *lines, "```", "")
