"""What all renderers are given: what a step is about, and everything that it has to say."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import Verdict
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.plan import Plan


@frozen
class About:
    """What the step is about: `type` and `until_stage` as in the inputs, the workspace, and its page in the console.

    `changes` are inputs that must change where runs are continued, and their values. `redeploy` is true for
    on-rerun: redeploy, and `rerun` after the job's first attempt. `outside`: the step belongs to no workflow run, so no
    later start finds its runs. `dry_run`: it only looked. `start` are the words of a command that starts the workflow
    by hand, if there is one.
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
    start: tuple[str, ...] = ()


@frozen
class Report:
    """One record per object, in the order given. `problems` are what kept the step from its work, in words.

    `plan` is what happens to each object, as JSON in forms of falling length; none where nothing was chosen. `preview`
    is what a dry run shows people of it. `order` are the objects of the plan in the order of their deployment. `as_of`
    is the moment of a report that is not the end: it is read only where the step was killed before it. `url` is the
    workspace's page in the console. `post_step`: one will look after what this step leaves.
    """

    verdict: Verdict
    records: tuple[Record, ...] = ()
    api_calls: int = 0
    problems: tuple[str, ...] = ()
    as_of: datetime | None = None
    url: str | None = None
    plan: tuple[str, ...] = ()
    preview: Plan | None = None
    order: tuple[ObjectId, ...] = ()
    post_step: bool = False

    @property
    def in_order(self) -> tuple[Record, ...]:
        """The records in the order of deployment. Without a plan, that is the order given."""
        place = {object_id: number for number, object_id in enumerate(self.order)}
        return tuple(sorted(self.records, key=lambda each: place.get(each.object_id, len(place))))
