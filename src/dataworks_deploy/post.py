"""The post step: abolishes runs that the main step had no time for. If none are left, it makes no call and writes
nothing.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import assert_never

from dataworks_deploy.domain.model import ObjectId, Run
from dataworks_deploy.domain.reconcile import Claim, Mark, any_mark, intent_of
from dataworks_deploy.domain.record import Fate
from dataworks_deploy.domain.secrets import Secrets, scrubbed
from dataworks_deploy.engine.calls import Calls, Clock, Service, World
from dataworks_deploy.engine.withdraw import Own, find_own, withdraw
from dataworks_deploy.hosts import Surface
from dataworks_deploy.hosts.here import SystemClock, host_of
from dataworks_deploy.hosts.inputs import Inputs, Invalid, parse, secrets_of
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.render import continuing as words
from dataworks_deploy.render.language import speak, word
from dataworks_deploy.render.problems import said
from dataworks_deploy.render.state import Left, restored
from dataworks_deploy.wiring import creation_of, origin_of, service_of

# In seconds. After a cancellation, the runner gives all post steps together what is left of five minutes.
MOST_SECONDS = 60.0

Found = dict[ObjectId, list[Run]]
Settled = list[tuple[ObjectId, Run, Fate]]


def run(environment: Mapping[str, str], clock: Clock | None = None) -> int:
    """Abolish this job's own runs that were left open and do not deploy yet. The result never fails the job."""
    host = host_of(environment)
    left = restored(host.kept)
    if not left:
        return 0
    secrets = Secrets(secrets_of(host.source))
    host.mask(secrets.masks)
    parsed = parse(host.source, files=False)
    speak(parsed.language)
    match parsed:
        case Invalid() as invalid:
            _give_up(StepJournal(host, secrets, called=left.names), invalid, left)
        case Inputs() as inputs:
            names = [str(name) for name in inputs.object_ids]
            journal = StepJournal(host, secrets, names, called=left.names)
            clock = clock or SystemClock()
            asyncio.run(look_after(journal, inputs, left, service_of(inputs, journal, clock), clock))
        case _ as never:
            assert_never(never)
    return 0


def _give_up(journal: StepJournal, invalid: Invalid, left: Left) -> None:
    """The main step could read these inputs. A variable of the job may have changed since."""
    for problem in invalid.problems:
        journal.say(None, said(problem))
    for object_id, run_id in left.runs.items():
        journal.alert(object_id, words.run_may_be_open(run_id))
    for object_id in left.unclear:
        journal.alert(object_id, words.creation_may_be_there())


async def look_after(
    journal: StepJournal, inputs: Inputs, left: Left, service: Service, clock: Clock
) -> None:
    """Abolish what was left, and report what happened to it."""
    if not inputs.job.is_in_workflow:
        left = replace(left, unclear=())  # without a workflow run, no later step can find a mark
    journal.say(None, words.looking_after(left))
    found, settled = Found(), Settled()
    try:
        world = World(Calls(service, clock, journal), clock, journal)
        await _finish(journal, world, inputs, left, found, settled)
    except TimeoutError:
        _tell_unsettled(journal, left, found, settled)
    # Each step has a summary of its own. This one appears below the main step's.
    with suppress(OSError):
        clean = [(each, scrubbed(run, journal.secrets.scrub), fate) for each, run, fate in settled]
        marks = {each: any_mark(_intent(inputs, each)) for each in left.unclear}
        journal.host.write(Surface.SUMMARY, words.aftermath(left, found, clean, marks))


def _tell_unsettled(journal: StepJournal, left: Left, found: Found, settled: Settled) -> None:
    """Report what was still unknown when the time ended."""
    for object_id, run_id in words.unsettled(left, found, settled):
        journal.alert(object_id, words.run_not_in_time(run_id))
    for object_id in left.unclear:
        if object_id not in found:
            journal.alert(object_id, word(words.NONE_IN_TIME))


def _intent(inputs: Inputs, object_id: ObjectId) -> str:
    return intent_of(origin_of(inputs), creation_of(inputs, object_id))


async def _finish(
    journal: StepJournal, world: World, inputs: Inputs, left: Left, found: Found, settled: Settled
) -> None:
    """Abolish the runs that may be abolished. Add the runs found for unclear objects to `found`, and the results to
    `settled`. Raises TimeoutError.
    """

    async def search(object_id: ObjectId) -> None:
        intent = _intent(inputs, object_id)
        runs = await find_own(world, inputs.project_id, object_id, intent)
        if not runs:
            journal.alert(object_id, words.none_found(any_mark(intent), looked=runs is not None))
            return
        found[object_id] = runs
        for run in runs:  # say it now: abolishing may take longer than the time that is left
            journal.say(object_id, words.bears_the_mark(run))
        claim = Claim(Mark(intent, 1))
        await asyncio.gather(*(end({object_id: Own(run.id, claim)}) for run in runs))

    async def end(runs: Mapping[ObjectId, Own]) -> None:
        def add(object_id: ObjectId, fate: Fate, run: Run) -> None:
            settled.append((object_id, replace(run, id=runs[object_id].run_id), fate))

        await withdraw(world, runs, add)

    # The main step has not saved when these runs were told to change production. It was before now.
    now = world.clock.monotonic()
    known = {
        each: Own(run_id, left.claims[each], now if each in left.told else None)
        for each, run_id in left.runs.items()
    }
    # All at once: known runs must not wait for the search for others, which may never end.
    async with asyncio.timeout(MOST_SECONDS):
        await asyncio.gather(end(known), *map(search, left.unclear))
