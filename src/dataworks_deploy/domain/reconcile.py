"""Marks by which a job recognises its runs, nonces, and what a list of runs shows about a creation whose answer was
lost.
"""

import base64
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import field
from enum import Enum, auto

from . import frozen
from .model import SUCCESS, Creation, Run

# A mark counts only at the very start, and only whole: g1 is not g10, and a quoted mark is not a mark. Parts that a
# later version of this action adds are ignored, so both versions can be used side by side.
_MARK = re.compile(r"\[dwd1:([A-Z2-7]{26}):g([1-9][0-9]{0,8})((?::[a-z][A-Z2-7]{1,32})*)\]")
_PART = re.compile(r":([a-z])([A-Z2-7]+)")


@frozen
class Origin:
    """Where a creation comes from. It does not hold the run attempt, so a re-run finds the runs of the first
    attempt.
    """

    repository_id: str
    workflow_run_id: str
    job: str
    action: str


@frozen
class Mark:
    """One intent and its generation (from 1), which counts how often the intent had to start over. It identifies a run.

    `owner` says whose workflows made it (see `owner_of`). `content` is the fingerprint of the draft, read just before
    the creation. Both are empty if the mark does not hold them.
    """

    intent: str
    generation: int
    owner: str = field(default="", compare=False)
    content: str = field(default="", compare=False)

    def __str__(self) -> str:
        parts = (f":{letter}{text}" for letter, text in (("r", self.owner), ("c", self.content)) if text)
        return f"{any_mark(self.intent)}g{self.generation}{''.join(parts)}]"


def any_mark(intent: str) -> str:
    """The beginning of all marks of an intent, whatever the generation."""
    return f"[dwd1:{intent}:"


def owner_of(repository_id: str, project_id: int) -> str:
    """Name the workflows of a repository that deploy to a workspace: 8 characters of base32.

    Empty outside a repository.
    """
    if not repository_id:
        return ""
    digest = hashlib.sha256(json.dumps([repository_id, str(project_id)]).encode()).digest()
    return base64.b32encode(digest).decode()[:8]


def intent_of(origin: Origin, creation: Creation) -> str:
    """Name what is deployed, in the same way for every attempt of one job: 26 characters of base32.

    It does not depend on the note, which may hold the number of the attempt. It does not depend on the draft either: an
    edit between two attempts does not change what to deploy.
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
    """The mark of a creation with this origin, in its first generation, without the content."""
    return Mark(intent_of(origin, creation), 1, owner_of(origin.repository_id, creation.project_id))


def nonce_of(mark: Mark, refusals: int, attempt: int = 0) -> str:
    """Derive the signature nonce of a creation: 32 hexadecimal digits. It is not random.

    The gateway refuses a nonce that it has received within about half an hour. So a creation that is sent again, even
    by a restarted job, does not run twice. A refusal may have used the nonce, so the number of refusals goes into the
    next one. If it is known that the requests of earlier attempts created nothing, the `attempt` continues with nonces
    of its own. Its copies share them.
    """
    text = f"{mark.intent}:{mark.generation}:{refusals}" + (f":{attempt}" if attempt else "")
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def describe(mark: Mark, note: str) -> str:
    """The description of a run with this mark."""
    return f"{mark} {note}".rstrip()


def parse_mark(description: str) -> Mark | None:
    """The mark at the beginning of a description, or None."""
    found = _MARK.match(description)
    if not found:
        return None
    parts = _PART.findall(found[3])
    told = dict(parts)
    # A mark never has the same letter twice.
    if len(told) < len(parts):
        return None
    return Mark(found[1], int(found[2]), told.get("r", ""), told.get("c", ""))


# Somebody else's run counts as fresh from ten minutes before our first request, because clocks differ.
CLOCK_SKEW_MS = 10 * 60 * 1000


@frozen
class Found:
    """A run with our mark. `twins` are other runs with it, or active runs of earlier generations."""

    run: Run
    twins: tuple[Run, ...] = ()


@frozen
class Foreign:
    """A fresh, active run without our mark. No run has our mark."""

    run: Run


@frozen
class Absent:
    """The list is complete and shows no run of ours. `leftovers` are older runs that are still active."""

    leftovers: tuple[Run, ...] = ()


def judge(mark: Mark, runs: Iterable[Run], first_post_ms: int) -> Found | Foreign | Absent:
    """Decide what one complete list of the object's runs shows about the creation with this mark. `first_post_ms` is
    UTC.
    """
    runs = list(runs)
    own = bearing(mark, runs)
    if own:
        winner = elect(own)
        return Found(winner, twins_of(mark, winner, runs))
    # An earlier generation of ours that could not be ended belongs to nobody else. A later generation belongs to
    # another process.
    ours = outlived(mark, runs)
    active = [run for run in runs if not run.ended and run not in ours]
    fresh = [run for run in active if run.created_ms >= first_post_ms - CLOCK_SKEW_MS]
    if fresh:
        return Foreign(youngest(fresh))
    return Absent(tuple(active))


def of_workspace(project_id: int, runs: Iterable[Run]) -> list[Run]:
    """The runs without those that name another workspace."""
    return [run for run in runs if run.project_id in {None, project_id}]


def of_intents(intents: Collection[str], runs: Iterable[Run]) -> list[tuple[str, Run]]:
    """The open runs with a mark of one of these intents, each with its intent."""
    marks = ((parse_mark(run.description), run) for run in runs if not run.ended)
    return [(mark.intent, run) for mark, run in marks if mark and mark.intent in intents]


def is_of(intent: str, run: Run) -> bool:
    """Whether the run has a mark of this intent, of any generation."""
    mark = parse_mark(run.description)
    return mark is not None and mark.intent == intent


def bearing(mark: Mark, runs: Iterable[Run]) -> list[Run]:
    """The runs with exactly this mark."""
    return [run for run in runs if parse_mark(run.description) == mark]


def outlived(mark: Mark, runs: Iterable[Run]) -> tuple[Run, ...]:
    """The active runs of earlier generations. The list did not show them when this generation began, or they existed
    beside a run that was deployed.
    """
    marks = ((run, parse_mark(run.description)) for run in runs if not run.ended)
    return tuple(
        run for run, its in marks if its and its.intent == mark.intent and its.generation < mark.generation
    )


def twins_of(mark: Mark, kept: Run, runs: Sequence[Run]) -> tuple[Run, ...]:
    """The other runs beside the one that is kept: those with its mark, and active runs of earlier generations."""
    return (*(run for run in bearing(mark, runs) if run.id != kept.id), *outlived(mark, runs))


def elect(runs: list[Run]) -> Run:
    """Choose which of several runs with the same mark to continue. Everybody who sees them chooses the same one.

    A run that somebody has advanced wins, because it may be in production already, unless it has failed. Otherwise the
    oldest run wins.
    """
    return min(runs, key=lambda run: (_has_failed(run), not run.advanced, run.ended, *_age(run)))


def _has_failed(run: Run) -> bool:
    return run.ended and run.status != SUCCESS


def youngest(runs: Iterable[Run]) -> Run:
    """The run that was created last."""
    return max(runs, key=_age)


def overtaken_by(run: Run, others: Iterable[Run]) -> Run | None:
    """The newest run that was created later and has succeeded, or None.

    A run deploys the draft that it was built from, so to continue the older run would undo what the newer one did. A
    run that has begun to change production is not held up any more, and of one without a time (0) nothing is known.
    """
    if run.deploying or not run.created_ms:
        return None
    later = [other for other in others if other.status == SUCCESS and other.created_ms > run.created_ms]
    return youngest(later) if later else None


def _age(run: Run) -> tuple[int, str]:
    return (run.created_ms, run.id)


@frozen
class Resume:
    """An earlier attempt's run is still active: continue it. `twins` are other runs with its mark, or active runs of
    earlier generations.
    """

    run: Run
    generation: int
    twins: tuple[Run, ...] = ()


@frozen
class Deployed:
    """An earlier attempt has deployed the object. `twins` are other runs with the same mark, or active runs of earlier
    generations.
    """

    run: Run
    generation: int
    twins: tuple[Run, ...] = ()


@frozen
class Start:
    """There is nothing to continue: create this generation. `open_runs` are active runs of earlier generations.

    `after` is the run of the previous generation, which has ended.
    """

    generation: int
    open_runs: tuple[Run, ...] = ()
    after: Run | None = field(default=None, compare=False)


def look_back(intent: str, runs: Iterable[Run], *, redeploy: bool) -> Resume | Deployed | Start:
    """Decide what a re-run of the job does with the runs that its earlier attempts left on the object."""
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


# A gateway that refuses a nonce has received it within half an hour. Clocks differ.
FENCE_MS = 30 * 60 * 1000 + CLOCK_SKEW_MS
# Runs of earlier attempts of a job are looked for among runs that are at most this old.
DAY_MS = 24 * 60 * 60 * 1000


class Shows(Enum):
    """Whether a run shows that it is ours."""

    OURS = auto()  # a mark of ours
    NOTHING = auto()  # no description; by its age it may be ours
    OTHER = auto()


@frozen
class Claim:
    """The evidence that a run belongs to this job: a mark with the intent of this mark.

    `since_ms` (UTC) is when the creation was requested. It is None once a reading has proven that the run is ours.
    Until then, a run without a description that is older than this does not count as ours.
    """

    mark: Mark
    since_ms: int | None = None

    def weigh(self, run: Run) -> Shows:
        """What the run shows about this claim."""
        its, start = parse_mark(run.description), any_mark(self.mark.intent)
        if its:
            return Shows.OURS if its.intent == self.mark.intent else Shows.OTHER
        # A service may cut descriptions.
        if not (start.startswith(run.description) or run.description.startswith(start)):
            return Shows.OTHER
        # A run without a time (0) may be of any age.
        is_older = self.since_ms is not None and 0 < run.created_ms < self.since_ms - CLOCK_SKEW_MS
        return Shows.OTHER if is_older else Shows.NOTHING


def undescribed(runs: Iterable[Run], since_ms: int) -> tuple[Run, ...]:
    """The runs created since then without a description that have not failed. Any of them may be ours."""
    return tuple(
        run
        for run in runs
        if not run.description and run.created_ms >= since_ms and (not run.ended or run.status == SUCCESS)
    )
