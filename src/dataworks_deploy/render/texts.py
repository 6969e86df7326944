"""Words that several sentences share: counts, times, runs, outcomes, verdicts and links."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote, urlencode

from dataworks_deploy.domain.ending import Known, row_of
from dataworks_deploy.domain.model import DeployType, ObjectId, Run
from dataworks_deploy.domain.outcome import Kind, Outcome, Verdict
from dataworks_deploy.domain.outcome import row_of as meaning_of
from dataworks_deploy.domain.reason import AwaitsPerson, Because, Interruption, fault_of
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.plan import Action, Plan

from .markup import MOST_CALLED, one_line

# Behind a count, as in "3 not started".
COUNTED = {
    Outcome.UNKNOWN: "unknown",
    Outcome.FAILED: "failed",
    Outcome.TERMINATED: "terminated",
    Outcome.CANCELLED: "cancelled",
    Outcome.REJECTED: "rejected",
    Outcome.CONFLICT: "in conflict with somebody else's run",
    Outcome.TIMED_OUT: "not seen to end",
    Outcome.WAITING: "waiting for a person",
    Outcome.SKIPPED: "not started",
    Outcome.CREATED: "open",
    Outcome.PLANNED: "planned",
    Outcome.SUCCEEDED: "succeeded",
    Outcome.UNCHANGED: "unchanged",
}
# Behind a count as well, of a plan.
PLANNED = {Action.DEPLOY: "to deploy", Action.SKIP: "unchanged", Action.BLOCKED: "blocked"}
# Asia/Shanghai has no summer time. Alibaba's guide: instances of the next day are made from 22:00 on.
SHANGHAI = timezone(timedelta(hours=8))
LATE_FROM = 22
LATE = (
    "It is past 22:00 in Asia/Shanghai: what is deployed now is not in tomorrow's instances, which are made from "
    "22:00 on, and takes effect a day later."
)
# Links to DataWorks' web console. Their form is not documented and was not verified against the live console. It is the
# one that public guides show: Data Studio as `https://dataworks.data.aliyun.com/<region>/ide?defaultProjectId=<workspace>`
# in the guide to the migration tool of github.com/idealivan/dataworks-spec, and other pages of a workspace likewise, as
# `/<region>/sc?…`. None shows the page of one object or of one pipeline run, so a link leads to the workspace.
ENABLED = True  # False takes the links out of the job summary and out of `results`
_HOST = "dataworks.data.aliyun.com"
_REGION = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]+){1,5}")
_WORDS = {
    Known.DAY_SPENT: "the day's API calls are used up",
    Known.EDITION_SPENT: "the edition's API calls are used up",
    Known.TOO_FREQUENT: "the service takes no more API calls now",
}
AWAITS_APPROVAL = "waiting for approval"
_BAD = frozenset({Kind.FAILURE, Kind.LATE})


def number(count: int, thing: str) -> str:
    """So many things."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def planned(plan: Plan) -> str:
    """How many objects there are of each action, such as `3 to deploy, 1 blocked`."""
    found = ((plan.counts[action], in_plan(said, plan)) for action, said in PLANNED.items())
    return ", ".join(f"{count:,} {said}" for count, said in found if count)


def in_plan(word: str, plan: Plan) -> str:
    """A word for an action, as it is said of the plan's type."""
    return word.replace("deploy", "undeploy") if plan.type is DeployType.OFFLINE else word


def joined(said: str, more: str) -> str:
    """Two texts as one; the first may be the service's, and end without a stop or with one of Chinese."""
    stop = "" if said.endswith((".", "!", "?", "…")) else "."
    return f"{said.rstrip(' 。')}{stop} {more}" if said and more else said or more


def called(object_id: ObjectId, name: str, most: int = MOST_CALLED) -> str:
    """An object as people know it, with the ID that tells it from all others; the ID alone where it has no name.

    What people have named may have any length: so much of it leaves room for what to do.
    """
    shown = one_line(name, most)
    return f"{shown} ({object_id})" if shown else object_id


def known_as(record: Record) -> str:
    """The same of what is known of it."""
    return called(record.object_id, record.name)


def moment(when: datetime) -> str:
    """A time as people search for it."""
    return when.strftime("%Y-%m-%d %H:%M:%S UTC")


def born(run: Run) -> str:
    """When the service says that a run was created."""
    return moment(datetime.fromtimestamp(run.created_ms / 1000, UTC)) if run.created_ms else "(time unknown)"


def by(run: Run) -> str:
    """Who the service says created a run: mostly the number of an account."""
    return f"account {run.creator}" if run.creator.isdecimal() else run.creator or "an unknown creator"


def runs_listed(runs: Sequence[Run]) -> str:
    """Some of the runs by name, the rest by number."""
    shown = ", ".join(f"{run.id} of {by(run)} since {born(run)}" for run in runs[:5])
    return f"{shown} and {len(runs) - 5} more" if len(runs) > 5 else shown


def spaced(word: Outcome | Verdict) -> str:
    """The outcome as people write it."""
    return word.value.replace("_", " ")


def is_late(now: datetime) -> bool:
    """Whether a change that is deployed now misses the next day's instances."""
    return now.astimezone(SHANGHAI).hour >= LATE_FROM


def data_studio(region: str, project_id: int) -> str | None:
    """The workspace in Data Studio; None where the region is not known, as with an emulator."""
    if not (ENABLED and _REGION.fullmatch(region) and project_id > 0):
        return None
    return f"https://{_HOST}/{quote(region, safe='')}/ide?{urlencode({'defaultProjectId': project_id})}"


def spent(record: Record) -> str:
    """That a quota has ended the work on an object; empty where something else has."""
    fault = fault_of(record.reason)
    known = row_of(fault) if fault and meaning_of(record.outcome).kind in _BAD else None
    # At the deadline the service may have refused a call or two: then it is the time that was over.
    return _WORDS.get(known, "") if known and not isinstance(record.reason, Interruption) else ""


def awaits_approval(record: Record) -> bool:
    """Whether the deadline passed while a stage waited for what no call can do."""
    reason = record.reason
    waits = isinstance(reason, AwaitsPerson) and reason.because is Because.NO_CALL_MOVES_IT
    return waits and record.outcome is Outcome.WAITING


def ended_as(record: Record) -> str:
    """How an object ended, for people."""
    outcome, cause = spaced(record.outcome), _cause(record)
    late = meaning_of(record.outcome).kind is Kind.LATE
    return cause if cause and late else f"{outcome}: {cause}" if cause else outcome


def step_ended_as(verdict: Verdict, records: Sequence[Record]) -> str:
    """How a step ended, for people: the one cause, where nothing else has gone wrong."""
    causes = {_cause(each) for each in records if meaning_of(each.outcome).kind in _BAD}
    cause = causes.pop() if len(causes) == 1 else ""
    if verdict is Verdict.TIMED_OUT and cause:
        return cause
    return f"{spaced(verdict)}: {cause}" if verdict is Verdict.FAILED and cause else spaced(verdict)


def _cause(record: Record) -> str:
    return AWAITS_APPROVAL if awaits_approval(record) else spent(record)
