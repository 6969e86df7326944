"""After a refusal that a node inside a workflow brings about: which workflow is meant. Changes nothing but the text."""

import asyncio
from contextlib import suppress

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.model import ObjectId

from . import wording_creation
from .ledger import Ledger
from .ports import World

LOOK_SECONDS = 5.0  # of real time, with the wait for a turn


async def locate(world: World, ledger: Ledger, object_id: ObjectId) -> None:
    """Add where the object lies to its result, which is there already. One call; that it fails means nothing."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            ending = await world.pipelines.node(object_id)
            text = wording_creation.inside(ending.value) if isinstance(ending, Ok) else ""
            if text:
                world.journal.tell(object_id, text)
                ledger.remark(object_id, text)
