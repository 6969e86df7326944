"""Who takes objects out of production reads of that, and is not told to deploy them."""

import html
import re
from dataclasses import replace

import pytest

from dataworks_deploy.domain.model import DeployType, Language, ObjectId, Stage
from dataworks_deploy.domain.outcome import Outcome, Verdict
from dataworks_deploy.domain.reason import EarlierUnmarked
from dataworks_deploy.domain.record import Fate, Record
from dataworks_deploy.render import language
from dataworks_deploy.render.errors import advice_in
from dataworks_deploy.render.reasons import untouched
from dataworks_deploy.render.report import About, Report
from dataworks_deploy.render.summary import summary

from ..studio.graphs import graph_of
from . import records
from .records import left_to_person, of_each_outcome, orders, over, own, run_of, stopped, succeeded, withdrawn
from .test_preview import found, page_of, plan_of

OFFLINE = About(DeployType.OFFLINE, 10001, "cn-shanghai")
# What somebody who undeploys must not be told: that an object was, is or is to be deployed.
DEPLOYING = re.compile(
    r"deploy again|(is|was|been|it|to) deployed?\b(?! or undeploy)|begun to deploy|再次发布|已开始发布"
)


def records_of_each_kind() -> list[Record]:
    """One object for each outcome, and those whose advice differs for an undeployment."""
    return [
        *of_each_outcome().values(),
        withdrawn(stopped(own("20")), Fate.DEPLOYS),
        Record(ObjectId("21")).kept_back(orders(records.failed(own("1")))),
        Record(ObjectId("22")).kept_back(orders(left_to_person(own("2")))),
    ]


@pytest.mark.parametrize("spoken", Language)
@pytest.mark.parametrize("record", records_of_each_kind())
def test_a_summary_of_an_undeployment_does_not_tell_to_deploy(record: Record, spoken: Language) -> None:
    language.speak(spoken)
    try:
        page = summary(Report(Verdict.FAILED, (record,)), OFFLINE)
    finally:
        language.speak(Language.ENGLISH)

    # Only what is unchanged was compared with what was deployed, and that is not for undeployments.
    assert record.outcome.value == "unchanged" or not DEPLOYING.findall(page)


def test_a_successful_undeployment_says_what_became_of_the_objects_and_how_to_put_them_back() -> None:
    done = Report(Verdict.SUCCEEDED, (succeeded(own("1")),))

    assert (
        "The objects are out of production, and DataWorks does not schedule them any more. Their drafts in Data Studio "
        "are as they were. To put them back, deploy them again (type: Online)."
    ) in summary(done, OFFLINE)
    assert "out of production" not in summary(done, replace(OFFLINE, type=DeployType.ONLINE))


def test_a_plan_says_that_drafts_do_not_matter_and_what_was_not_checked() -> None:
    plan, records = found(plan_of(graph_of(1), "orders"))
    (orders,) = plan.objects
    gone = replace(orders, object=replace(orders.object, in_production=False))
    offline = replace(plan, type=DeployType.OFFLINE, objects=(gone,))

    page = page_of(offline, records)

    assert "whatever the drafts are. A dry run does not check whether other objects depend on it" in page
    assert "the drafts in Data Studio as they are now" not in page
    assert "it seems not to be in production" in page
    assert "it seems not to be" not in page_of(replace(offline, type=DeployType.ONLINE), records)


def test_a_refusal_because_of_dependants_says_where_to_find_them_and_that_order_given_needs_them_first() -> (
    None
):
    found = advice_in("节点存在子节点,导致任务删除或下线失败")

    assert found is not None
    assert "downstream nodes" in found.fix
    assert "with order: given, put them before this object" in found.fix


def test_where_runs_show_no_descriptions_nobody_is_told_that_a_re_run_finds_them() -> None:
    record = stopped(own("1"))
    unmarked = replace(records.refused("1"), reason=EarlierUnmarked((run_of("run-1"),)))

    page = summary(Report(Verdict.FAILED, (unmarked, record)), replace(OFFLINE, rerun=True))

    assert "**A re-run** cannot recognise this job's runs here" in page
    assert "it finds this job's runs by their mark" not in page


MAY_HAVE = "Production may have changed: look in Operation Center."


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        (("Success", "Fail"), "Production has not changed."),
        (("Success", "Success", "Fail"), MAY_HAVE),
    ],
)
def test_a_run_that_failed_says_whether_production_may_have_changed(
    stages: tuple[str, ...], said: str
) -> None:
    record = over(own("1"), run_of("run-1", "Fail", *stages), Outcome.FAILED)

    assert said in html.unescape(summary(Report(Verdict.FAILED, (record,)), OFFLINE))


def test_what_a_stage_of_an_unknown_type_has_done_is_not_known() -> None:
    run = run_of("run-1", "Termination", "Success")
    odd = replace(run, stages=(*run.stages, Stage("X", "", 3, "Gate", "Success")))
    failed = over(own("1"), replace(odd, status="Fail"), Outcome.FAILED)

    assert MAY_HAVE in html.unescape(summary(Report(Verdict.FAILED, (failed,)), OFFLINE))
    assert (untouched(odd), untouched(run)) == (
        "; production may have changed",
        "; production has not changed",
    )
