"""Plans with names, paths, lines and outputs that nobody would write, and rules for what the step shows of them."""

import json
import random
from collections.abc import Iterator

from jsonschema import Draft202012Validator

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.event import UpstreamMissing
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId
from dataworks_deploy.domain.outcome import Outcome, verdict_of
from dataworks_deploy.domain.reason import NoAccess
from dataworks_deploy.domain.reason import Planned as WouldCreate
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.changes import Cause, Changed
from dataworks_deploy.domain.studio.dependencies import Missing, Unplaced
from dataworks_deploy.domain.studio.plan import Action, Asked, Plan, Planned, TakenIn, Why
from dataworks_deploy.domain.studio.request import Line
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.main import _conclude
from dataworks_deploy.render.report import About, Report

from ..integration.job import ROOT
from ..witness.command_files import parse
from .endings import NOW
from .seam import PROJECT
from .shown import Page, faults
from .texts import SECRETS, text

SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/plan.schema.json").read_text("utf-8")))
FIRST = 7_567_482_277_219_400_001


def drawn(rng: random.Random) -> Plan:
    """The plan of a seed. Each object may need objects on lower levels, and some would fail."""
    objects: list[Planned] = []
    for number in range(rng.choice((1, 2, 3, 8, 40))):
        own = _object(rng, number)
        needs = tuple(each.object.id for each in objects if rng.random() < 1 / len(objects))
        level = 1 + max((each.level for each in objects if each.object.id in needs), default=0)
        objects.append(Planned(own, Action.DEPLOY, _why(rng, needs), level, needs))
    ids = [each.object.id for each in objects]
    some = [each for each in ids if rng.random() < 0.2]
    upstream = _object(rng, len(ids))
    plan = Plan(
        PROJECT,
        rng.choice((*DeployType,)),
        tuple(objects),
        tuple(Missing(each, _said(rng), upstream) for each in some),
        tuple(Unplaced(each, _said(rng)) for each in ids if rng.random() < 0.1),
        ordered=rng.random() < 0.8,
    )
    return plan.blocked_by([each for each in ids if rng.random() < 0.2])


def _object(rng: random.Random, number: int) -> StudioObject:
    return StudioObject(ObjectId(str(FIRST + number)), rng.choice((None, *Kind)), _said(rng), _said(rng))


def _why(rng: random.Random, needs: tuple[ObjectId, ...]) -> Why:
    line = Line(_said(rng), rng.randrange(1, 9), rng.choice(("objects", _said(rng))), _said(rng))
    return rng.choice((Asked(None), Asked(line), TakenIn(needs), Changed(rng.choice((*Cause,)))))


def _said(rng: random.Random) -> str:
    """A text as the adapter and the runner hand it on: it can be written as UTF-8."""
    return text(rng).encode("utf-8", "replace").decode() if rng.random() < 0.5 else "ads_orders"


def broken(plan: Plan) -> Iterator[str]:
    """What is wrong with what the step shows of a dry run with this plan."""
    return misread(plan, shown(plan))


def misread(plan: Plan, page: Page) -> Iterator[str]:
    """What is wrong with a page that should show this plan."""
    objects = [each.object for each in plan.objects]
    yield from faults(page, [each.id for each in objects], [each.name for each in objects])
    document = json.loads(parse(page.files["outputs"])["plan"])
    yield from (f"the plan does not fit the schema: {each.message}" for each in SCHEMA.iter_errors(document))
    rows = [(row.get("object_id"), row.get("name"), row.get("path")) for row in document["objects"]]
    if rows != [*map(_named, objects)]:
        yield "the output plan has other objects or names"


def _named(own: StudioObject) -> tuple[str, str | None, str | None]:
    """What the output names of an object: everything except for secrets."""
    scrub = Secrets(SECRETS).scrub
    return own.id, scrub(own.name) or None, scrub(own.path) or None


def shown(plan: Plan) -> Page:
    """The page of a dry run with this plan."""
    ids = [each.object.id for each in plan.objects]
    page, secrets, records = Page(), Secrets(SECRETS), tuple(map(_record, plan.objects))
    with page.recorded():
        journal = StepJournal(page, secrets, ids, About(dry_run=True))
        journal.chosen(plan, 10)
        found = {each.object.id: each.object for each in plan.objects}
        for each in plan.missing[:3]:
            journal.warn(None, UpstreamMissing(found[each.object_id], each))
        journal.previewed(plan)
        report = Report(verdict_of(each.outcome for each in records), records, 7)
        journal.publish(report, over=True)
        _conclude(journal, report)
    return page


def _record(planned: Planned) -> Record:
    """The record of an object after a dry run."""
    record = Record(planned.object.id).begun(NOW)
    if planned.action is Action.BLOCKED:
        return record.ended(Outcome.REJECTED, NoAccess(Fault(planned.object.path, "NoPermission")), NOW)
    creation = Creation(PROJECT, planned.object.id, DeployType.ONLINE)
    return record.ended(Outcome.PLANNED, WouldCreate(creation), NOW)
