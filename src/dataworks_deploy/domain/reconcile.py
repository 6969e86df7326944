"""Marks by which a job knows its runs, nonces, and what a list of runs says of a creation whose answer was lost."""

import base64
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from . import frozen
from .model import SUCCESS, Creation, Run

# Only at the very start, and whole: g1 is not g10, and a mark that somebody quotes is not a mark. Parts that a later
# version of this action adds are passed over, so that it can stand beside this one.
_MARK = re.compile(r"\[dwd1:([A-Z2-7]{26}):g([1-9][0-9]{0,8})((?::[a-z][A-Z2-7]{1,32})*)\]")
_PART = re.compile(r":([a-z])([A-Z2-7]+)")


@frozen
class Origin:
    """Where a creation comes from. The run attempt is left out, so that a re-run finds its first attempt."""

    repository_id: str
    workflow_run_id: str
    job: str
    action: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One intent, and how many times it has had to start over (generation, from 1). By these a run is recognised.

    `owner` says whose workflows made it (`owner_of`). `content` is the fingerprint of what was to be deployed, read
    right before. Both are empty where the mark does not say.
    """

    intent: str
    generation: int
    owner: str = field(default="", compare=False)
    content: str = field(default="", compare=False)

    def __str__(self) -> str:
        parts = (f":{letter}{text}" for letter, text in (("r", self.owner), ("c", self.content)) if text)
        return f"{any_mark(self.intent)}g{self.generation}{''.join(parts)}]"


def any_mark(intent: str) -> str:
    """What the marks of an intent begin with, whatever the generation."""
    return f"[dwd1:{intent}:"


def owner_of(repository_id: str, project_id: int) -> str:
    """Name the workflows of a repository that deploy to a workspace: 8 characters of base32.

    Outside a repository there is no owner, and the name is empty.
    """
    if not repository_id:
        return ""
    digest = hashlib.sha256(json.dumps([repository_id, str(project_id)]).encode()).digest()
    return base64.b32encode(digest).decode()[:8]


def intent_of(origin: Origin, creation: Creation) -> str:
    """Name what is to be deployed, the same for every attempt of one job: 26 characters of base32.

    The note and the content are left out: the note may hold the number of the attempt, and what was edited between two
    attempts is the same to be deployed.
    """
    parts = [
        origin.repository_id,
        origin.workflow_run_id,
        origin.job,
        origin.action,
        str(creation.project_id),
        creation.object_id,
        creation.type,
        creation.run_mode,
        creation.auto_run_until_stage,
    ]
    digest = hashlib.sha256(json.dumps(parts).encode()).digest()
    return base64.b32encode(digest).decode()[:26]


def mark_of(origin: Origin, creation: Creation) -> Mark:
    """The mark of a creation that comes from there, in its first generation."""
    owner = owner_of(origin.repository_id, creation.project_id)
    return Mark(intent_of(origin, creation), 1, owner, creation.content)


def nonce_of(mark: Mark, refusals: int, attempt: int = 0) -> str:
    """Derive the signature nonce of a creation instead of drawing it: 32 hexadecimal digits.

    The gateway refuses a nonce that it has received within about half an hour, so a creation that is sent
    again, also by a restarted job, is not carried out again. A refusal may have used the nonce up, so the
    number of refusals goes into the next one. An `attempt` that knows that nothing came of what the earlier ones have
    sent goes on under nonces of its own, which copies of it share.
    """
    text = f"{mark.intent}:{mark.generation}:{refusals}" + (f":{attempt}" if attempt else "")
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def describe(mark: Mark, note: str) -> str:
    """The description of a run that bears the mark."""
    return f"{mark} {note}".rstrip()


def parse_mark(description: str) -> Mark | None:
    """The mark that a description begins with, or None."""
    found = _MARK.match(description)
    if not found:
        return None
    parts = _PART.findall(found[3])
    told = dict(parts)
    # A letter that comes twice makes it no mark.
    if len(told) < len(parts):
        return None
    return Mark(found[1], int(found[2]), told.get("r", ""), told.get("c", ""))


# A run of somebody else counts as fresh from ten minutes before our first request: clocks differ.
CLOCK_SKEW_MS = 10 * 60 * 1000


@frozen
class Found:
    """A run that bears our mark; `twins` are others of it, or active ones of earlier generations."""

    run: Run
    twins: tuple[Run, ...] = ()


@frozen
class Foreign:
    """A fresh, active run without our mark, and none with it."""

    run: Run


@frozen
class Absent:
    """The list was readable and shows nothing of ours; `leftovers` are older runs that are still active."""

    leftovers: tuple[Run, ...] = ()


def judge(mark: Mark, runs: Iterable[Run], first_post_ms: int) -> Found | Foreign | Absent:
    """Decide what one complete list of the object's runs shows of the creation with this mark."""
    runs = list(runs)
    own = bearing(mark, runs)
    if own:
        winner = elect(own)
        return Found(winner, twins_of(mark, winner, runs))
    # An earlier generation of ours that could not be ended is nobody else's; a later one is of another process.
    ours = outlived(mark, runs)
    active = [run for run in runs if not run.ended and run not in ours]
    fresh = [run for run in active if run.created_ms >= first_post_ms - CLOCK_SKEW_MS]
    if fresh:
        return Foreign(youngest(fresh))
    return Absent(tuple(active))


def of_workspace(project_id: int, runs: Iterable[Run]) -> list[Run]:
    """Those of the runs that do not say that they belong to another workspace."""
    return [run for run in runs if run.project_id in {None, project_id}]


def of_intents(intents: Collection[str], runs: Iterable[Run]) -> list[tuple[str, Run]]:
    """The open runs that bear a mark of one of these intents, each with its intent."""
    marks = ((parse_mark(run.description), run) for run in runs if not run.ended)
    return [(mark.intent, run) for mark, run in marks if mark and mark.intent in intents]


def is_of(intent: str, run: Run) -> bool:
    """Whether the run bears a mark of this intent, of whatever generation."""
    mark = parse_mark(run.description)
    return mark is not None and mark.intent == intent


def bearing(mark: Mark, runs: Iterable[Run]) -> list[Run]:
    """Those of the runs that bear exactly this mark."""
    return [run for run in runs if parse_mark(run.description) == mark]


def outlived(mark: Mark, runs: Iterable[Run]) -> tuple[Run, ...]:
    """Those that are active, though of an earlier generation than this: they were out of sight when it was begun, or
    stood beside one that was deployed."""
    marks = ((run, parse_mark(run.description)) for run in runs if not run.ended)
    return tuple(
        run for run, its in marks if its and its.intent == mark.intent and its.generation < mark.generation
    )


def twins_of(mark: Mark, kept: Run, runs: Sequence[Run]) -> tuple[Run, ...]:
    """What there is beside the run that is kept: others with its mark, and active ones of earlier generations."""
    return (*(run for run in bearing(mark, runs) if run.id != kept.id), *outlived(mark, runs))


def elect(runs: list[Run]) -> Run:
    """The one of several runs with the same mark that is carried on; everybody who sees them agrees.

    One that has been advanced wins, because it may be in production already, unless it has failed; otherwise the
    oldest.
    """
    return min(runs, key=lambda run: (_has_failed(run), not run.advanced, run.ended, *_age(run)))


def _has_failed(run: Run) -> bool:
    return run.ended and run.status != SUCCESS


def youngest(runs: Iterable[Run]) -> Run:
    """The one that was created last."""
    return max(runs, key=_age)


def _age(run: Run) -> tuple[int, str]:
    return (run.created_ms, run.id)


@frozen
class Resume:
    """An earlier attempt's run is still active: carry it on. `twins` are others of it, or active ones of earlier
    generations."""

    run: Run
    generation: int
    twins: tuple[Run, ...] = ()


@frozen
class Deployed:
    """An earlier attempt has deployed the object; `twins` are further runs with the same mark, or
    active ones of earlier generations."""

    run: Run
    generation: int
    twins: tuple[Run, ...] = ()


@frozen
class Start:
    """Nothing to carry on: create this generation; `open_runs` are active ones of earlier generations.

    `after` is the run of the generation before, which has ended.
    """

    generation: int
    open_runs: tuple[Run, ...] = ()
    after: Run | None = field(default=None, compare=False)


def look_back(intent: str, runs: Iterable[Run], *, redeploy: bool) -> Resume | Deployed | Start:
    """Decide what a re-run of the job does with what its earlier attempts left on the object."""
    runs, generations = list(runs), dict[int, list[Run]]()
    for run in runs:
        mark = parse_mark(run.description)
        if mark and mark.intent == intent:
            generations.setdefault(mark.generation, []).append(run)
    if not generations:
        return Start(1)
    latest = max(generations)
    active = [run for run in generations[latest] if not run.ended]
    done = [run for run in generations[latest] if run.status == SUCCESS]
    if done and not redeploy:
        winner = elect(done)
        return Deployed(winner, latest, twins_of(Mark(intent, latest), winner, runs))
    if active and not done:
        winner = elect(active)
        return Resume(winner, latest, twins_of(Mark(intent, latest), winner, runs))
    return Start(latest + 1, outlived(Mark(intent, latest + 1), runs), elect(generations[latest]))


# A gateway that refuses a nonce has received it within half an hour; clocks differ.
FENCE_MS = 30 * 60 * 1000 + CLOCK_SKEW_MS
# What an earlier attempt of a job has created is looked for among runs of this age.
DAY_MS = 24 * 60 * 60 * 1000


class Shows(Enum):
    """What a run shows of itself."""

    OURS = auto()  # a mark of ours
    NOTHING = auto()  # no description, and it may be ours by its age
    OTHER = auto()


@frozen
class Claim:
    """What makes a run this job's own: a mark of the same intent as this one.

    `since_ms` (UTC) is when its creation was asked for, None once a reading has proven that it is ours: until then one
    that shows no description is not, if it is older.
    """

    mark: Mark
    since_ms: int | None = None

    def weigh(self, run: Run) -> Shows:
        """What the run shows for it."""
        its, start = parse_mark(run.description), any_mark(self.mark.intent)
        if its:
            return Shows.OURS if its.intent == self.mark.intent else Shows.OTHER
        # A service may cut descriptions short.
        if not (start.startswith(run.description) or run.description.startswith(start)):
            return Shows.OTHER
        # A run without a time (0) is not known to be older.
        is_older = self.since_ms is not None and 0 < run.created_ms < self.since_ms - CLOCK_SKEW_MS
        return Shows.OTHER if is_older else Shows.NOTHING


def undescribed(runs: Iterable[Run], since_ms: int) -> tuple[Run, ...]:
    """Runs created since then that show no description and have not failed: any of them may be ours."""
    return tuple(
        run
        for run in runs
        if not run.description and run.created_ms >= since_ms and (not run.ended or run.status == SUCCESS)
    )
