"""What the post step adds to the summary of a step that was killed: what became of the runs that it left."""

from collections.abc import Iterator, Sequence

from dataworks_deploy.domain.model import ObjectId, RunId

from .markup import REST, name, within
from .state import Left

MOST_BYTES = 500_000


def aftermath(left: Left, abolished: Sequence[tuple[ObjectId, RunId]]) -> str:
    """`abolished` are the runs of `left`, or found for its unclear objects, that are not active any more."""
    head = ("## DataWorks Deploy: what became of the runs of the step that was killed", "")
    return "\n".join([*head, *within(MOST_BYTES, _lines(left, abolished), f"- {REST}")]) + "\n"


def _lines(left: Left, abolished: Sequence[tuple[ObjectId, RunId]]) -> Iterator[str]:
    for object_id, run_id in abolished:
        yield f"- **{name(object_id)}**: run {name(run_id)} was abolished; nothing of it had reached production."
    gone = {run_id for _, run_id in abolished}
    for object_id, run_id in left.runs.items():
        if run_id not in gone:
            yield (
                f"- **{name(object_id)}**: run {name(run_id)} was left alone: it deploys already, has ended, or "
                "could not be abolished. The log of the post step says which."
            )
    found = {object_id for object_id, _ in abolished}
    for object_id in left.unclear:
        if object_id not in found:
            yield (
                f"- **{name(object_id)}**: no run of this job could be abolished for it, and one may be there. Look "
                "before you deploy again."
            )
