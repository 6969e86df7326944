"""What the creation of a run hands over to those who carry it on."""

from dataclasses import dataclass

from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Outcome

from . import duplicates
from .ledger import Ledger
from .ports import World


@dataclass(frozen=True, slots=True)
class Opened:
    """A run to carry on. `mark` is None for a run of somebody else, which is watched and never touched.

    `sure` says that the ID came as the one clear answer to the one request of a first attempt: then no other
    run can bear the mark. `twins` are other runs of the mark, or active ones of earlier generations, that were seen
    when it was found: a later list may show less.
    """

    run_id: RunId
    mark: Mark | None
    sure: bool
    twins: tuple[Run, ...] = ()


def adopt(
    world: World,
    ledger: Ledger,
    object_id: ObjectId,
    run: Run,
    mark: Mark | None,
    twins: tuple[Run, ...] = (),
) -> Opened:
    """Carry a run on that was found in the list, and say at once which others were found with it."""
    ledger.say(
        object_id,
        "",
        run_id=run.id,
        outcome=Outcome.CREATED,
        adopted=True,
        own=mark is not None,
        fault=None,
    )
    ledger.see(object_id, run)
    duplicates.announce(world, ledger, object_id, run.id, twins)
    return Opened(run.id, mark, sure=False, twins=twins)
