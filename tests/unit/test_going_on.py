"""What the job summary says that a re-run would do, and of what was not started."""

from datetime import UTC, datetime

import pytest
import yaml
from dataworks_deploy.domain.fate import Fate

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.hosts.github.variables import Variables
from dataworks_deploy.hosts.inputs import Inputs, parse
from dataworks_deploy.hosts.inputs.ids import parse_ids
from dataworks_deploy.render.about import About
from dataworks_deploy.render.continuing import AFTER_REFUSAL
from dataworks_deploy.render.summary import summary
from dataworks_deploy.wiring import about_of

from .leavings import LACKING, continued, going_on, left, unstarted, variables

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_what_was_never_started_is_given_apart_from_the_runs_that_are_open() -> None:
    abolished = left("4", outcome=Outcome.CANCELLED, fate=Fate.ABOLISHED)
    late = left("5", run_id=None, status=None)
    (_, runs), (_, objects) = continued(left("1"), unstarted("2"), unstarted("3"), abolished, late)

    given = yaml.load(objects, Loader=yaml.BaseLoader)["with"]
    assert "run-1" in runs
    assert given.keys() == {"object-ids"}
    assert parse_ids(given["object-ids"]).ids == ("2", "3", "4", "5")


@pytest.mark.parametrize("fields", [{"fate": Fate.ABOLISHED}, {"run_id": None}], ids=str)
@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.CANCELLED])
def test_what_has_no_run_any_more_is_offered_alone(outcome: Outcome, fields: dict[str, object]) -> None:
    ((_, text),) = continued(left("1", outcome=outcome, **fields))

    assert text == "with:\n  # the other inputs as they are\n  object-ids: |\n    1\n"


@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.CANCELLED, Outcome.SKIPPED, Outcome.REJECTED])
def test_what_was_refused_before_it_ended_may_be_taken_for_a_repetition(outcome: Outcome) -> None:
    refused = left("1", run_id=None, status=None, outcome=outcome, request_id="R-1", attempts=1)

    assert AFTER_REFUSAL in going_on(refused, unstarted("2"))
    assert AFTER_REFUSAL not in going_on(
        left("1", outcome=outcome, request_id="R-1", attempts=1), unstarted("2")
    )


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
        (left("1", outcome=Outcome.CANCELLED, fate=Fate.ABOLISHED), "starts what is still to be started"),
        (left("1", outcome=Outcome.FAILED, status="Fail"), "starts anew what failed"),
        (left("1", outcome=Outcome.REJECTED, run_id=None), "starts anew what failed"),
        (left("1", outcome=Outcome.SUCCEEDED, status="Success"), "keeps what is deployed"),
    ],
)
def test_what_a_re_run_would_do_is_said_of_each_kind(result: ObjectResult, deed: str) -> None:
    other = left("2") if "carries" not in deed else unstarted("2")

    assert deed in going_on(result, other)
    assert deed not in going_on(other)


@pytest.mark.parametrize(
    ("result", "wait"),
    [
        (
            left("1", outcome=Outcome.REJECTED, run_id=None, status=None, attempts=1, fault=Fault("no", "X")),
            True,
        ),
        (
            left("1", outcome=Outcome.REJECTED, run_id=None, status=None, attempts=0, fault=Fault("no", "X")),
            False,
        ),
        (left("1", outcome=Outcome.REJECTED, run_id=None, status=None, attempts=3, fault=Fault("no")), False),
        (left("1", outcome=Outcome.FAILED, status="Fail", attempts=1, fault=Fault("no", "X")), False),
    ],
)
def test_what_the_gateway_may_remember_is_not_said_to_be_safe_to_repeat(
    result: ObjectResult, *, wait: bool
) -> None:
    assert ("within half an hour" in going_on(result, left("2"))) is wait


def test_what_somebody_elses_run_has_deployed_is_not_said_to_be_kept() -> None:
    """A re-run looks for this job's own runs."""
    theirs = left("1", outcome=Outcome.SUCCEEDED, status="Success", adopted=True, attempts=1)

    text = going_on(theirs, left("2", outcome=Outcome.FAILED, status="Fail"), left("3"))

    assert "deploys again what somebody else's run has" in text
    assert "keeps" not in text
    assert "That is safe" not in text


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
        left("1", outcome=Outcome.CANCELLED, fate=Fate.ABOLISHED), unstarted("2")
    ).replace("Re-run failed jobs", "")


def test_of_a_killed_step_it_does_not_say_that_nothing_was_started() -> None:
    text = summary(Report(Verdict.CANCELLED, (unstarted("1"),), as_of=NOON))

    assert "1 object may be still to be started." in text
    assert "It may have been started since: look first." in text
    assert "since" not in going_on(unstarted("1"))


@pytest.mark.parametrize(
    "result",
    [
        left("1", outcome=Outcome.CREATED),
        left("1", outcome=Outcome.WAITING),
        left("1", outcome=Outcome.WAITING, undone="Refused.", fault=Fault("no")),
        LACKING,
    ],
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
    inputs = parse(Variables(variables({"dry-run": "true"}) | given))

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
