"""What a job summary says of the step as a whole, whatever comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class About:
    """What the step is about: `type` and `until_stage` as in the inputs, the workspace, and its page in the console.

    `changes` are the inputs that have to be otherwise where runs are continued, and how. `redeploy` says what
    on-rerun is, `rerun` that this is not the job's first attempt, `outside` that no later start will find the step's
    runs, as there is no workflow run that it belongs to, `dry_run` that it only looked.
    """

    type: str = ""
    project_id: int = 0
    region: str = ""
    url: str | None = None
    until_stage: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    redeploy: bool = False
    rerun: bool = False
    outside: bool = False
    dry_run: bool = False
