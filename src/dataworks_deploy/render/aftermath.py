"""What the post step adds to the summary of the step before it: what became of the runs that this one left."""

from collections.abc import Iterator, Mapping, Sequence

from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.record import Fate

from .markup import REST, name, within
from .reasons import untouched
from .state import Left
from .texts import number

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
    Fate.FOREIGN: "does not bear this job's mark, and was left alone.",
    Fate.ENDED: "had ended by then, as {status}.",
}


def _lines(
    left: Left, settled: Sequence[tuple[ObjectId, Run, Fate]], marks: Mapping[ObjectId, str]
) -> Iterator[str]:
    for object_id, run, fate in settled:
        became = FATES[fate].format(status=name(run.status), shown=untouched(run))
        yield f"- **{name(object_id)}**: run {name(run.id)} {became}"
    known = {run.id for _, run, _ in settled}
    for object_id, run_id in left.runs.items():
        if run_id not in known:
            yield f"- **{name(object_id)}**: run {name(run_id)} could not be abolished. Look at it in DataWorks."
    found = {object_id for object_id, _, _ in settled}
    for object_id in left.unclear:
        if object_id not in found:
            yield (
                f"- **{name(object_id)}**: no run of this job could be abolished for it, and one may be there. Look "
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
