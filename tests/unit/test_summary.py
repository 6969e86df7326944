"""The job summary, on plain values: what it says, in which order, how long it gets, and that texts stay texts."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cmarkgfm
import pytest
import yaml
from cmarkgfm.cmark import Options
from hypothesis import assume, given
from hypothesis import strategies as st

from dataworks_deploy.app.wording import broken_off, left_to_person, no_such_stage
from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import ObjectId, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.domain.spans import Span
from dataworks_deploy.inputs import DEFAULTS, Inputs, parse
from dataworks_deploy.inputs.ids import parse_ids
from dataworks_deploy.report.about import About
from dataworks_deploy.report.links import data_studio
from dataworks_deploy.report.markup import duration
from dataworks_deploy.report.summary import summary
from dataworks_deploy.wiring import about_of

from ..witness.markdown import fences, skeleton
from .test_payloads import payloads

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = data_studio("cn-shanghai", 10001)
ABOUT = About("Online", 10001, "cn-shanghai", URL)
# The rendered page of `MIXED`, for people who review a change of it.
EXAMPLE = Path(__file__).with_name("summary.md")
MOST_BYTES = 900 * 1024
OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG


def at(seconds: float) -> datetime:
    """So many seconds past noon."""
    return NOON + timedelta(seconds=seconds)


def stages(*codes: str, status: str = "Success") -> tuple[Span, ...]:
    """Stages of ten seconds each; the last one has this status."""
    spans = [Span(code, "Success", at(10 * n), at(10 * n + 10)) for n, code in enumerate(codes)]
    return (*spans[:-1], Span(codes[-1], status, spans[-1].began, spans[-1].ended))


MIXED = Report(
    Verdict.UNKNOWN,
    (
        ObjectResult(
            ObjectId("7567482277219412494"), Outcome.SUCCEEDED, RunId("run-1"), "4B8139C2", "Success", "PROD", url=URL,
            started_at=at(0), finished_at=at(31.4), spans=stages("BUILD_PACKAGE", "PROD_CHECK", "PROD"),
        ),
        ObjectResult(
            ObjectId("7567482277219412495"), Outcome.FAILED, RunId("run-2"), "24456D24", "Fail", "PROD_CHECK", url=URL,
            message="Run run-2 ended as Fail at stage PROD_CHECK: table dw.orders does not exist",
            started_at=at(0), finished_at=at(20.8), spans=stages("BUILD_PACKAGE", "PROD_CHECK", status="Fail"),
        ),
        ObjectResult(
            ObjectId("7567482277219412496"), Outcome.REJECTED, None, "93F232B9", url=URL,
            message="NoPermission: You are not authorized.", started_at=at(0), finished_at=at(1.2),
            fault=Fault("You are not authorized.", "NoPermission", "93F232B9", 403),
        ),
        ObjectResult(
            ObjectId("7567482277219412497"), Outcome.WAITING, RunId("run-4"), "5D5E2CB0", "Running", "PROD_CHECK",
            url=URL, message="Stage PROD of run run-4 waits for a person.", waits_for="PROD", own=True,
            started_at=at(0), finished_at=at(600), spans=stages("BUILD_PACKAGE", "PROD_CHECK"),
        ),
        ObjectResult(
            ObjectId("7567482277219412498"), Outcome.UNKNOWN, url=URL, started_at=at(0), finished_at=at(70),
            message="Nobody can tell whether a run was created for object 7567482277219412498: connection reset.",
            fault=Fault("connection reset"),
        ),
        ObjectResult(ObjectId("7567482277219412499"), message="Not started: an object before it failed.", url=URL),
    ),
    api_calls=57,
)  # fmt: skip


def rows(page: str) -> list[list[str]]:
    """The cells of all rows of the page's tables."""
    plain = page.replace("\u00a0", " ")
    lines = [line for line in plain.split("\n") if line.startswith("| ") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def one(**fields: object) -> str:
    """The page of one object."""
    result = ObjectResult(ObjectId("1"), **fields)  # type: ignore[arg-type]
    return summary(Report(Verdict.FAILED, (result,)))


def test_the_example_is_what_is_rendered() -> None:
    assert summary(MIXED, ABOUT) == EXAMPLE.read_text("utf-8")


def test_what_is_urgent_stands_first() -> None:
    outcomes = [row[1].split()[1] for row in rows(summary(MIXED, ABOUT))[1:]]

    assert outcomes == ["unknown", "failed", "rejected", "waiting", "skipped", "succeeded"]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_said_in_the_first_lines(verdict: Verdict) -> None:
    head = summary(Report(verdict)).split("\n")

    assert head[0].endswith(f"DataWorks Deploy: {verdict.value.replace('_', ' ')}")
    assert head[0].startswith("## ✅") == (verdict.exit_status == 0)
    assert len(head[2]) > 20


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_in_the_table_as_the_outputs_have_it(outcome: Outcome) -> None:
    assert rows(one(outcome=outcome))[1][1].endswith(f" {outcome.value}")


def test_mistakes_in_the_inputs_are_all_named() -> None:
    page = summary(Report(Verdict.INVALID, problems=("project-id: is required.", "region: is required.")))

    assert "- project-id&#58; is required.\n- region&#58; is required.\n" in page
    assert rows(page) == []


def test_a_plan_is_shown() -> None:
    result = ObjectResult(
        ObjectId("1"), Outcome.PLANNED, message="Would create one pipeline run for object 1."
    )
    page = summary(Report(Verdict.PLANNED, (result,), 1))

    assert "- **1**: Would create one pipeline run for object 1." in page
    assert "1 API call\n" in page


def test_a_note_that_holds_for_several_objects_stands_once() -> None:
    results = [ObjectResult(ObjectId(f"{n}"), Outcome.CREATED, message="Left open.") for n in range(12)]
    page = summary(
        Report(Verdict.CREATED, (*results, ObjectResult(ObjectId("x"), Outcome.CREATED, message="Other.")))
    )

    assert page.count("Left open.") == 1
    assert "- **0**, **1**, " in page
    assert "**9** and 2 more: Left open." in page
    assert "- **x**: Other." in page


def test_of_a_killed_step_it_says_that_this_is_not_the_end() -> None:
    result = ObjectResult(
        ObjectId("1"), Outcome.CREATED, RunId("7"), status="Running", own=True, started_at=NOON
    )
    page = summary(Report(Verdict.CANCELLED, (result,), as_of=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))

    assert page.startswith("## ⚠️ DataWorks Deploy: cut off\n\nThe step was killed before")
    assert "what was known at 03:04:05 UTC" in page
    assert "1 run may be open." in page


def test_of_a_long_answer_only_the_beginning_is_quoted() -> None:
    """Some answers quote the request that they refuse, with its signature."""
    fault = Fault("Refused. " * 60 + "Authorization: ACS3-HMAC-SHA256 Signature=1234", "Echo")
    page = one(outcome=Outcome.REJECTED, message="Refused", fault=fault)

    assert "Echo&#58; Refused. Refused." in page
    assert "Signature" not in page


def variables(given: dict[str, str]) -> dict[str, str]:
    """The runner's variables of a step with these inputs."""
    least = {"project-id": "1", "region": "cn-shanghai", "object-ids": "1", "access-key-id": "i"}
    least |= {"access-key-secret": "s"}
    return {f"INPUT_{name.upper()}": value for name, value in {**DEFAULTS, **least, **given}.items()}


def continued(*results: ObjectResult) -> list[tuple[str, str]]:
    """The blocks of inputs to copy."""
    page = summary(Report(Verdict.TIMED_OUT, results))
    return [block for block in fences(page) if block[0] == "yaml"]


def left(name: str, **fields: object) -> ObjectResult:
    """An object whose run was left open, if the fields do not say otherwise."""
    given = {"outcome": Outcome.TIMED_OUT, "run_id": f"run-{name}", "status": "Running", **fields}
    return ObjectResult(ObjectId(name), **given)  # type: ignore[arg-type]


def test_inputs_that_continue_are_ready_to_copy() -> None:
    ((_, text),) = continued(left("1"), left("2", status="Success", outcome=Outcome.SUCCEEDED), left("3"))

    objects, _, runs = text.partition("  run-ids: |\n")
    assert parse_ids(objects.partition("object-ids: |\n")[2]).ids == ("1", "3")
    assert parse_ids(runs).ids == ("run-1", "run-3")


def test_runs_that_were_given_alone_are_continued_alone() -> None:
    ((_, text),) = continued(left("1", alone=True))

    assert "object-ids" not in text
    assert "    run-1\n" in text


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"wait": "false"}, ['wait: "true"']),
        (
            {"run-mode": "Auto", "auto-run-until-stage": "PROD", "wait": "false"},
            ['wait: "true"', 'run-mode: "Normal"', 'auto-run-until-stage: ""'],
        ),
        ({"wait": "true"}, []),
    ],
)
def test_inputs_that_would_be_refused_are_changed(given: dict[str, str], wanted: list[str]) -> None:
    """What was copied is read by the parser again, with the other inputs as they were."""
    inputs = parse(variables(given))
    assert isinstance(inputs, Inputs)
    ((_, text),) = fences(
        summary(Report(Verdict.CREATED, (left("1", outcome=Outcome.CREATED),)), about_of(inputs))
    )

    assert [line.strip() for line in text.splitlines() if '"' in line] == wanted
    assert isinstance(parse(variables(given | yaml.load(text, Loader=yaml.BaseLoader)["with"])), Inputs)


LACKING = left("1", outcome=Outcome.FAILED, message=no_such_stage("run-1", "PRD", ["PROD"]))


@pytest.mark.parametrize("result", [left("1", outcome=Outcome.CREATED), LACKING])
def test_a_goal_that_would_end_the_next_step_again_is_to_be_changed(result: ObjectResult) -> None:
    page = summary(Report(Verdict.FAILED, (result,)), About(until_stage="PRD"))

    assert "as they are, but until-stage: leave it out, or name a later stage that the run has\n" in page


@pytest.mark.parametrize("named", [True, False])
def test_a_re_run_is_said_to_fail_again_for_want_of_the_stage(named: bool) -> None:
    report = Report(Verdict.FAILED, (replace(LACKING, named=named), unstarted("2")))
    page = summary(report, About(until_stage="PRD"))

    assert (
        "with the same inputs, fails again: not every run has the stage of `until-stage`. Change it first."
        in page
    )
    assert "safe" not in page
    assert page.count("# the other inputs as they are, but until-stage:") == 2


def test_a_run_that_an_error_of_our_own_broke_off_does_not_lack_a_stage() -> None:
    broken = replace(LACKING, message=broken_off("run-1"))

    assert "until-stage" not in summary(Report(Verdict.FAILED, (broken,)), About(until_stage="PRD"))


@pytest.mark.parametrize(
    ("because", "advance"),
    [
        ({"waits_because": left_to_person(left("1", own=True))}, "true"),
        ({"waits_because": left_to_person(left("1", attempts=1)), "attempts": 1, "adopted": True}, None),
        ({}, None),
        ({"waits_because": left_to_person(left("1", own=True)), "outcome": Outcome.CANCELLED}, None),
    ],
)
def test_a_run_that_no_stage_was_executed_of_is_continued_with_its_stages(
    because: dict[str, object], advance: str | None
) -> None:
    ((_, text),) = continued(left("1", **{"outcome": Outcome.WAITING, **because}))

    assert yaml.load(text, Loader=yaml.BaseLoader)["with"].get("advance") == advance


def test_runs_of_somebody_else_are_not_advanced_beside_those_that_are_to_be() -> None:
    text = left_to_person(left("1", own=True))
    own = left("1", outcome=Outcome.WAITING, waits_because=text, own=True)
    ((_, block),) = continued(own, left("2", outcome=Outcome.WAITING, adopted=True, attempts=1))

    assert "advance" not in block


def test_a_goal_that_was_not_reached_stays() -> None:
    """Without it the next step would go on into production."""
    assert "but until-stage" not in summary(Report(Verdict.TIMED_OUT, (left("1"),)), About(until_stage="A"))


def test_a_run_that_was_given_and_not_begun_is_continued() -> None:
    ((_, text),) = continued(left("1"), left("2", outcome=Outcome.SKIPPED, status=None))

    assert "    run-2\n" in text


def test_too_many_runs_to_list_are_taken_from_the_outputs() -> None:
    ((_, text),) = continued(*(left(str(number)) for number in range(501)))

    assert "output `results`" in text
    assert "run-1" not in text


@pytest.mark.parametrize(
    "fields",
    [
        {"run_id": None},
        {"abolished": True},
        {"status": "Fail"},
        {"status": None, "outcome": Outcome.FAILED, "named": True},
        {"outcome": Outcome.UNKNOWN},
    ],
    ids=str,
)
def test_a_run_that_is_not_open_is_not_continued(fields: dict[str, object]) -> None:
    assert all("run-ids" not in text for _, text in continued(left("1", **fields)))


@pytest.mark.parametrize("run_id", ["a\n```", "a b", "x" * 65, ""])
def test_what_the_inputs_would_refuse_is_not_offered(run_id: str) -> None:
    blocks = continued(left("1", run_id=run_id), left("2", run_id="a b"))

    assert all("a b" not in text and "```" not in text and "x" * 65 not in text for _, text in blocks)
    assert "output `results`" in blocks[0][1]


def unstarted(name: str, **fields: object) -> ObjectResult:
    """An object whose turn did not come, if the fields do not say otherwise."""
    return left(name, **{"outcome": Outcome.SKIPPED, "run_id": None, "status": None, **fields})


def going_on(*results: ObjectResult, verdict: Verdict = Verdict.FAILED, **about: bool) -> str:
    """What the page says of how to go on, without the inputs to copy."""
    page = summary(Report(verdict, results), About(**about))  # type: ignore[arg-type]
    return re.sub(r"(?s)```yaml.*?```", "", page.partition("### How to continue")[2]).partition("###")[0]


def test_what_was_never_started_is_given_apart_from_the_runs_that_are_open() -> None:
    abolished = left("4", outcome=Outcome.CANCELLED, abolished=True)
    late = left("5", run_id=None, status=None)
    (_, runs), (_, objects) = continued(left("1"), unstarted("2"), unstarted("3"), abolished, late)

    given = yaml.load(objects, Loader=yaml.BaseLoader)["with"]
    assert "run-1" in runs
    assert given.keys() == {"object-ids"}
    assert parse_ids(given["object-ids"]).ids == ("2", "3", "4", "5")


@pytest.mark.parametrize("fields", [{"abolished": True}, {"run_id": None}], ids=str)
@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.CANCELLED])
def test_what_has_no_run_any_more_is_offered_alone(outcome: Outcome, fields: dict[str, object]) -> None:
    ((_, text),) = continued(left("1", outcome=outcome, **fields))

    assert text == "with:\n  # the other inputs as they are\n  object-ids: |\n    1\n"


@pytest.mark.parametrize("result", [left("1"), unstarted("1"), left("1", adopted=True)])
def test_of_a_dry_run_nothing_is_said_to_be_open_or_started(result: ObjectResult) -> None:
    text = going_on(result, dry_run=True)

    assert text.strip() == "A dry run deploys nothing, nor does a re-run of it: for that leave out `dry-run`."
    assert going_on(left("1", outcome=Outcome.PLANNED), verdict=Verdict.PLANNED, dry_run=True) == ""


def test_what_failed_is_to_be_given_before_what_follows_it() -> None:
    """What comes after it may need it: it would fail for want of its upstream."""
    failed = left("1", status="Fail", outcome=Outcome.FAILED)
    lost = left("1", run_id=None, outcome=Outcome.UNKNOWN)

    assert "Add what failed, once its cause is mended, in its place" in going_on(failed, unstarted("2"))
    assert "unknown" not in going_on(failed, unstarted("2"))
    text = going_on(lost, unstarted("2"))
    assert "if there is none add the object in its place, else continue the run first" in text
    assert "failed, once" not in text


def test_what_was_never_started_is_offered_alone() -> None:
    ((_, text),) = continued(left("1", status="Fail", outcome=Outcome.FAILED), unstarted("2"))

    assert text == "with:\n  # the other inputs as they are\n  object-ids: |\n    2\n"


@pytest.mark.parametrize(
    ("result", "deed"),
    [
        (left("1"), "carries on the runs of this job that are open"),
        (left("1", outcome=Outcome.CREATED), "leaves open what these inputs leave open"),
        (left("1", run_id=None, status=None), "starts what is still to be started"),
        (left("1", outcome=Outcome.CANCELLED, abolished=True), "starts what is still to be started"),
        (left("1", outcome=Outcome.FAILED, status="Fail"), "starts anew what failed"),
        (left("1", outcome=Outcome.REJECTED, run_id=None), "starts anew what failed"),
        (left("1", outcome=Outcome.SUCCEEDED, status="Success"), "keeps what is deployed"),
    ],
)
def test_what_a_re_run_would_do_is_said_of_each_kind(result: ObjectResult, deed: str) -> None:
    other = left("2") if "carries" not in deed else unstarted("2")

    assert deed in going_on(result, other)
    assert deed not in going_on(other)


def test_a_re_run_is_said_to_do_nothing_that_it_would_not_do() -> None:
    text = going_on(
        left("1", outcome=Outcome.FAILED, fault=Fault("no")), left("2", outcome=Outcome.CREATED), left("3")
    )

    assert "start" not in text
    assert "keeps" not in text
    alone = going_on(
        left("1", outcome=Outcome.CREATED), left("2", outcome=Outcome.TERMINATED, status="Termination")
    )
    assert "carries on" not in alone
    assert "failed" not in going_on(
        left("1", outcome=Outcome.CANCELLED, abolished=True), unstarted("2")
    ).replace("Re-run failed jobs", "")


def test_of_a_killed_step_it_does_not_say_that_nothing_was_started() -> None:
    text = summary(Report(Verdict.CANCELLED, (unstarted("1"),), as_of=NOON))

    assert "1 object may be still to be started." in text
    assert "It may have been started since: look first." in text
    assert "since" not in going_on(unstarted("1"))


@pytest.mark.parametrize(
    "result", [left("1", outcome=Outcome.CREATED), left("1", outcome=Outcome.WAITING), LACKING]
)
def test_a_run_that_was_left_where_it_stands_is_open(result: ObjectResult) -> None:
    assert "2 runs are open." in going_on(result, result)


@pytest.mark.parametrize(
    "doubt",
    [
        {"outcome": Outcome.TIMED_OUT},
        {"outcome": Outcome.CANCELLED, "own": True},
        {"outcome": Outcome.FAILED, "fault": Fault("no", "NoPermission")},
        {"outcome": Outcome.SKIPPED, "status": None},
        {"outcome": Outcome.WAITING, "unread": 3},
        {"outcome": Outcome.CREATED, "fault": Fault("connection reset")},
    ],
    ids=str,
)
def test_a_run_that_may_have_gone_on_is_not_said_to_be_open(doubt: dict[str, object]) -> None:
    """It went on by itself, or nobody knows what became of it."""
    text = going_on(left("1", outcome=Outcome.WAITING), left("2", **doubt))

    assert "2 runs may be open." in text
    assert "open runs" not in text


def test_a_re_run_of_a_step_that_redeploys_is_said_to_deploy_again() -> None:
    done = left("1", outcome=Outcome.SUCCEEDED, status="Success")

    assert "deploys again (`on-rerun`) what is deployed" in going_on(done, left("2"), redeploy=True)


def test_a_re_run_of_a_step_that_was_given_its_runs_creates_none() -> None:
    text = going_on(left("1", named=True), left("2", outcome=Outcome.SKIPPED, named=True))

    assert "It creates none." in text
    assert "start" not in text


def test_outside_of_a_workflow_nothing_is_said_to_be_found_again() -> None:
    """Every start has a mark of its own there: the same inputs again would make a second run."""
    text = going_on(left("1"), unstarted("2"), outside=True)

    assert "**A new start**, with the same inputs, begins a new run for each object" in text
    assert "safe" not in text
    assert "orkflow run" not in text
    assert "It creates none." in going_on(left("1", named=True), outside=True)
    assert "orkflow run" not in going_on(unstarted("1"), outside=True)


@pytest.mark.parametrize("given", [{}, {"GITHUB_RUN_ID": "7"}, {"GITHUB_RUN_ID": "1", "ACT": "true"}])
def test_a_step_without_a_workflow_run_is_outside(given: dict[str, str]) -> None:
    inputs = parse(variables({"dry-run": "true"}) | given)

    assert isinstance(inputs, Inputs)
    assert about_of(inputs).dry_run
    assert about_of(inputs).outside == (given != {"GITHUB_RUN_ID": "7"})


def test_no_re_run_is_offered_where_the_job_has_not_failed() -> None:
    text = going_on(left("1", outcome=Outcome.CREATED), verdict=Verdict.CREATED)

    assert "1 run is open." in text
    assert "Re-run" not in text


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.CONFLICT])
def test_a_re_run_is_not_called_safe_where_a_run_may_be_there_that_nobody_knows(outcome: Outcome) -> None:
    text = going_on(left("1"), left("2", outcome=outcome, run_id=None))

    assert "First look for the runs that What needs attention tells of" in text
    assert "safe" not in text
    assert "That is safe" in going_on(left("1"), unstarted("2"))


def test_a_run_of_somebody_else_is_not_offered_to_be_carried_on_without_a_word() -> None:
    followed = left("1", adopted=True, attempts=1)

    assert "`advance: false` keeps it so" in going_on(followed)
    assert "safe" not in going_on(followed)
    for own in (
        left("1", adopted=True, attempts=1, own=True),
        left("1", attempts=1),
        left("1", adopted=True),
    ):
        assert "somebody else" not in going_on(own)


def test_in_a_later_attempt_nothing_is_said_to_have_no_run_without_a_warning() -> None:
    """Of what this attempt has not looked at, an earlier one may have left a run."""
    warning = "An earlier attempt may have left runs of these objects"

    assert warning in going_on(left("1"), unstarted("2"), rerun=True)
    assert warning not in going_on(left("1"), rerun=True)
    assert warning not in going_on(left("1"), unstarted("2"))


def test_a_goal_stays_where_something_else_stood_in_the_runs_way() -> None:
    """Without it the next step would go on into production."""
    denied = left("1", outcome=Outcome.FAILED, fault=Fault("no", "NoPermission"))

    assert "but until-stage" not in summary(Report(Verdict.FAILED, (denied,)), About(until_stage="A"))


def test_a_chart_says_what_it_leaves_out() -> None:
    known = Span("PROD", "Success", at(0), at(1))

    assert "left out" not in one(spans=(known,))
    assert "Stages that were over before the first reading are left out." in one(
        spans=(Span("BUILD", "Success", at(0), at(0), timed=False), known)
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0.0 s"), (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
     (3599, "59 min 59 s"), (3600, "1 h 00 min"), (90_000, "25 h 00 min")],
)  # fmt: skip
def test_times_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def hostile(text: str) -> Report:
    """A report in which every text of the service and the user is this one."""
    result = ObjectResult(
        ObjectId(f"o{text}"), Outcome.FAILED, RunId(f"r {text}"), f"q{text}", f"s{text}", f"t{text}", f"m{text}",
        own=True, started_at=NOON, spans=(Span(text, "Fail", NOON, NOON),),
        fault=Fault(f"f{text}", request_id=f"i{text}"),
    )  # fmt: skip
    again = replace(
        result, object_id=ObjectId(f"O{text}"), message=f"M{text}", stage=f"T{text}",
        fault=Fault(f"F{text}", request_id=f"I{text}"),
    )  # fmt: skip
    lost = replace(result, outcome=Outcome.TIMED_OUT)
    planned = ObjectResult(ObjectId("p"), Outcome.PLANNED, message=text or "-")
    return Report(Verdict.FAILED, (result, again, lost, planned), problems=(text,))


TEXTS = (
    st.text()
    | st.sampled_from([*payloads()][::50])
    | st.lists(st.sampled_from("`|\n\r#*_<>[]()!&@$\\~-=:. 1w"), max_size=12).map("".join)
)


def elements(page: str) -> list[str]:
    """What GitHub's own parser makes of a page, without its texts and the inside of its blocks."""
    html: str = cmarkgfm.github_flavored_markdown_to_html(page, OPTIONS)
    return re.findall(r"<[^>]*>", re.sub(r"(?s)(<pre[^>]*>).*?</pre>", r"\1</pre>", html))


@given(TEXTS)
def test_githubs_parser_sees_no_more_in_a_text_than_text(text: str) -> None:
    page = elements(summary(hostile(text), ABOUT))

    assert page == elements(summary(hostile("text"), ABOUT))
    assert page.count("<table>") == 1
    assert page.count('<pre lang="mermaid">') == 1


@given(TEXTS)
def test_a_text_changes_nothing_but_itself(text: str) -> None:
    assume(f"f{text}" not in f"m{text}")

    assert skeleton(summary(hostile(text), ABOUT)) == skeleton(summary(hostile("text"), ABOUT))


@pytest.mark.parametrize(
    ("count", "piece", "outcome"),
    [
        *((1, piece, Outcome.FAILED) for piece in ("x", "@", "“∑”", "|\n`")),
        *((1_000, "@", outcome) for outcome in (Outcome.TIMED_OUT, Outcome.PLANNED)),
        (1_000, "∑", Outcome.FAILED),
        (1_000, "∑", Outcome.UNKNOWN),
        (10_000, "x", Outcome.SUCCEEDED),
    ],
)
def test_it_always_fits(count: int, piece: str, outcome: Outcome) -> None:
    text = (piece * 2000)[:2000]
    fault, spans = Fault(text, text, text), (Span(text, "Fail", NOON, None),) * 40
    results = tuple(
        ObjectResult(
            ObjectId(f"{n}"), outcome, RunId(f"{n:064d}"), text, "Running", text, text, url=URL, fault=fault,
            spans=spans,
        )
        for n in range(count)
    )  # fmt: skip

    page = summary(Report(Verdict.FAILED, results, problems=(text,) * count), ABOUT)

    assert len(page.encode()) < MOST_BYTES
    assert len(fences(page)) in {1, 2}
    assert page.count("<details>") == page.count("</details>")
    assert count == 1 or "the output `results` has all objects" in page


def test_all_that_can_be_said_at_once_fits() -> None:
    """Every kind of object at once, with inputs to copy for as many as are listed, and each with a cause of its own."""
    text = "∑" * 2000
    results = tuple(
        ObjectResult(
            ObjectId(f"{n:064d}"), outcome, None if outcome is Outcome.SKIPPED else RunId(f"{n:064d}"), text,
            "Fail" if outcome is Outcome.FAILED else "Running", f"{n}{text}", f"{n}{text}", url=URL,
            fault=Fault(f"{n}{text}", text, text), spans=(Span(text, "Fail", NOON, None),) * 40,
        )
        for n, outcome in enumerate(
            outcome for outcome in (Outcome.FAILED, Outcome.TIMED_OUT, Outcome.SKIPPED, Outcome.CREATED)
            for _ in range(500 if outcome is Outcome.SKIPPED else 250)
        )
    )  # fmt: skip

    page = summary(Report(Verdict.FAILED, results, problems=(text,) * 100), ABOUT)

    assert len(fences(page)) == 3
    assert len(page.encode()) < MOST_BYTES
    assert page.count("<details>") == page.count("</details>") > 2


def test_a_thousand_objects_are_all_there_and_the_failures_are_not_folded() -> None:
    results = tuple(
        ObjectResult(
            ObjectId(f"{7_567_482_277_219_412_494 + n}"), Outcome.FAILED if n % 250 == 249 else Outcome.SUCCEEDED,
            RunId(f"f21a7e87-a5c6-4f75-bc21-0f6afbc{n:05d}"), "4B8139C2-2300-405B-A56C-3E41053D2242", "Success", "PROD",
            "Run f21a7e87 ended as Fail." if n % 250 == 249 else "", url=URL, started_at=at(0), finished_at=at(n),
            spans=stages("BUILD_PACKAGE", "PROD_CHECK", "PROD"),
        )
        for n in range(1000)
    )  # fmt: skip

    page = summary(Report(Verdict.FAILED, results, 4180), ABOUT)

    shown, _, under_fold = page.partition("<details>")
    assert [row[1] for row in rows(shown)[1:5]] == ["❌ failed"] * 4
    assert len(rows(shown)) + len(rows(under_fold)) == 1000 + 2
    assert "**1,000 objects: 4 failed, 996 succeeded.**" in page
    assert "The slowest 6 of 1,000 objects." in page


def test_an_answer_that_the_message_quotes_is_not_quoted_again() -> None:
    fault = Fault("The token is over.", "InvalidSecurityToken", "R-1", 400)
    text = "Run r cannot be read (InvalidSecurityToken: The token is over), so its end is not known."
    page = summary(
        Report(
            Verdict.TIMED_OUT, (ObjectResult(ObjectId("1"), Outcome.TIMED_OUT, message=text, fault=fault),)
        )
    )

    assert page.count("The token is over") == 1
    assert "The answer was" not in page
