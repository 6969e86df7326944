"""Words that several sentences share: counts, times, runs, outcomes, verdicts and links."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import reduce
from urllib.parse import quote, urlencode

from dataworks_deploy.domain.error import Known, row_of
from dataworks_deploy.domain.model import DeployType, ObjectId, Run
from dataworks_deploy.domain.outcome import Kind, Outcome, Verdict
from dataworks_deploy.domain.outcome import row_of as meaning_of
from dataworks_deploy.domain.reason import AwaitsPerson, Because, Interruption, fault_of
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio.plan import Action, Plan

from .language import say, word
from .markup import MOST_CALLED, one_line

# Behind a count, as in "3 not started".
COUNTED = {
    Outcome.UNKNOWN: "unknown",
    Outcome.FAILED: "failed",
    Outcome.TERMINATED: "terminated",
    Outcome.CANCELLED: "cancelled",
    Outcome.REJECTED: "rejected",
    Outcome.CONFLICT: "in conflict with another run",
    Outcome.TIMED_OUT: "not finished",
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
    return say(f"{{count:,}} {thing}{'' if count == 1 else 's'}", count=count)


def so_many(count: int, what: str) -> str:
    """So many that are so, as in "3 not started"."""
    return say("{count:,} {what}", count=count, what=word(what))


def planned(plan: Plan) -> str:
    """How many objects there are of each action, such as `3 to deploy, 1 blocked`."""
    found = ((plan.counts[action], in_plan(said, plan)) for action, said in PLANNED.items())
    return listed_as(so_many(count, said) for count, said in found if count)


def in_plan(english: str, plan: Plan) -> str:
    """A word for an action, as it is said of the plan's type."""
    return english.replace("deploy", "undeploy") if plan.type is DeployType.OFFLINE else english


def joined(said: str, more: str) -> str:
    """Two texts as one; the first may be the service's, and end without a stop or with one of Chinese."""
    if not said or not more:
        return said or more
    bare = said.rstrip(" 。")
    ends = bare.endswith((".", "!", "?", "…", "！", "？"))
    stop = "" if ends else word(".")
    return f"{bare}{stop}{' ' if ends and bare[-1].isascii() else word(' ')}{more}"


def listed_as(items: Iterable[str]) -> str:
    """Some things, one after another."""
    return word(", ").join(items)


def any_of(items: Sequence[str]) -> str:
    """Some things, of which one is wanted."""
    if len(items) < 2:
        return listed_as(items)
    return say("{some}, {last}", some=listed_as(items[:-1]), last=items[-1])


def clauses(items: Iterable[str]) -> str:
    """Some statements in one sentence. Chinese puts another mark between things than between statements."""
    return reduce(lambda said, more: say("{said}, {more}", said=said, more=more), items)


def some(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are."""
    shown = listed_as(names[:most])
    return say("{some} and {left:,} more", some=shown, left=len(names) - most) if len(names) > most else shown


def all_of(items: Sequence[str]) -> str:
    """The same, with the word before the last that says that these are all."""
    return (
        say("{some} and {last}", some=listed_as(items[:-1]), last=items[-1]) if len(items) > 1 else items[0]
    )


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
    return (
        moment(datetime.fromtimestamp(run.created_ms / 1000, UTC))
        if run.created_ms
        else say("(time unknown)")
    )


def by(run: Run) -> str:
    """Who the service says created a run: mostly the number of an account."""
    return (
        say("account {creator}", creator=run.creator)
        if run.creator.isdecimal()
        else run.creator or say("an unknown creator")
    )


def runs_listed(runs: Sequence[Run]) -> str:
    """Some of the runs by name, the rest by number."""
    shown = [
        say("{run} of {creator} since {created}", run=_typed(run), creator=by(run), created=born(run))
        for run in runs
    ]
    return some(shown, 5)


def _typed(run: Run) -> str:
    """A run with its type, where its stages show that."""
    types = "/".join(sorted(run.types))
    return f"{run.id} ({types})" if types else run.id


def spaced(outcome: Outcome | Verdict) -> str:
    """The outcome as people write it."""
    return word(outcome.value.replace("_", " "))


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
    return word(_WORDS.get(known, "")) if known and not isinstance(record.reason, Interruption) else ""


def awaits_approval(record: Record) -> bool:
    """Whether the deadline passed while a stage waited for what no call can do."""
    reason = record.reason
    waits = isinstance(reason, AwaitsPerson) and reason.because is Because.NO_CALL_MOVES_IT
    return waits and record.outcome is Outcome.WAITING


def ended_as(record: Record) -> str:
    """How an object ended, for people."""
    outcome, cause = spaced(record.outcome), _cause(record)
    late = meaning_of(record.outcome).kind is Kind.LATE
    if not cause or late:
        return cause or outcome
    return say("{outcome}: {cause}", outcome=outcome, cause=cause)


def step_ended_as(verdict: Verdict, records: Sequence[Record]) -> str:
    """How a step ended, for people: the one cause, where nothing else has gone wrong."""
    causes = {_cause(each) for each in records if meaning_of(each.outcome).kind in _BAD}
    cause = causes.pop() if len(causes) == 1 else ""
    if verdict is Verdict.TIMED_OUT and cause:
        return cause
    outcome = spaced(verdict)
    failed = verdict is Verdict.FAILED and cause
    return say("{outcome}: {cause}", outcome=outcome, cause=cause) if failed else outcome


def _cause(record: Record) -> str:
    return word(AWAITS_APPROVAL) if awaits_approval(record) else spent(record)
