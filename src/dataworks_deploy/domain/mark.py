"""The mark in a run's description: how a run is recognised as this job's own, whoever made the request.

CreatePipelineRun takes no client token, so the description is the only field that comes back with a run.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass

from .model import Creation

# Only at the very start, and whole: g1 is not g10, and a mark that somebody quotes is not a mark.
_MARK = re.compile(r"\[dwd1:([A-Z2-7]{26}):g([1-9][0-9]{0,8})\]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a creation comes from. The run attempt is left out, so that a re-run finds its first attempt."""

    repository_id: str
    workflow_run_id: str
    job: str
    action: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One intent, and how many times it has had to start over (generation, from 1)."""

    intent: str
    generation: int

    def __str__(self) -> str:
        return f"{any_mark(self.intent)}g{self.generation}]"


def any_mark(intent: str) -> str:
    """What the marks of an intent begin with, whatever the generation."""
    return f"[dwd1:{intent}:"


def intent_of(origin: Origin, creation: Creation) -> str:
    """Name what is to be deployed, the same for every attempt of one job: 26 characters of base32.

    The note is left out: it changes nothing in production, and may hold the number of the attempt.
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
    return Mark(found[1], int(found[2])) if found else None
