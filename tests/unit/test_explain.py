"""Every error that the service is known for, and every outcome, is explained: what happened, cause and fix."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from dataworks_deploy.app.end import End
from dataworks_deploy.app.wording import (
    ended,
    interrupted,
    lost_sight,
    no_such_stage,
    not_executed_yet,
    reached,
)
from dataworks_deploy.app.wording_creation import conflict, in_flight
from dataworks_deploy.app.wording_named import not_yours, turned_out
from dataworks_deploy.app.wording_reading import odd
from dataworks_deploy.app.wording_withdrawal import abolished
from dataworks_deploy.domain.fate import Fate
from dataworks_deploy.render.explain import (
    NOT_AWAITED,
    OUTCOMES,
    SOON,
    STEP_FAILED,
    Explanation,
    explain,
    explain_error,
    is_unsent,
)
from dataworks_deploy.render.known import TABLE
from dataworks_deploy.render.row import ASK, Known

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import DeployType, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.render.summary import summary
from dataworks_emulator.answers import ERRORS

ONE = ObjectId("123")
MARK = Mark("A" * 26, 1)
BROKEN = Stage("PROD_CHECK", "Check", 2, "Check", "Fail", "table ods_orders is missing")
MEANINGS = {
    ("5801489541076353033", "未找到发布对象: [[123]]"): "without brackets",
    ("5801489541076353033", "未找到发布对象: 123"): "workflow's ID",
    ("5801489541076353036", "WorkflowDefinition只允许作为整体发布, 123"): "workflow's ID",
    ("5801489541076353034", "流水线不是正在运行"): "not running any more",
    ("1", "can not exported multiple nodes into the same output"): "Rename the output",
    ("1", "节点存在子节点,导致任务删除或下线失败"): "first",
    ("9990020002", "slow down"): "a second",
    ("Throttling", "x"): "a second",
    ("Throttling.User", "x"): "a second",
    ("Throttling.Api", "x"): "a second",
    ("Throttling.System", "x"): "a second",
    ("Throttling.Api.Risk", "x"): "day",
    ("Throttling.Resource", "x"): "quota",
    ("ResourceNotAuthorized.Api", "x"): "RAM policy",
    ("Forbidden.RAM", "x"): "RAM policy",
    ("NoPermission", "x"): "role",
    ("Forbidden.Access", "x"): "edition",
    ("Forbidden.Not.Server", "x"): "region",
    ("9990010001", "x"): "not activated",
    ("InvalidAccessKeyId.NotFound", "x"): "access-key-id",
    ("SignatureDoesNotMatch", "x"): "secret",
    ("InvalidSecurityToken.Expired", "x"): "token",
    ("SignatureNonceUsed", "x"): "before",
    ("InternalError.System", "x"): "RequestId R-1",
    ("AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch", "x"): "fingerprint",
    ("Odd", "the role could not be assumed: x"): "STS",
}


def rejected(fault: Fault) -> ObjectResult:
    return ObjectResult(ONE, Outcome.REJECTED, message=f"{fault.code}: {fault.message}", fault=fault)


def whole(explanation: Explanation) -> str:
    return f"{explanation.what} {explanation.cause} {explanation.fix}"


@pytest.mark.parametrize(("error", "meaning"), MEANINGS.items())
def test_a_known_error_says_what_it_means(error: tuple[str, str], meaning: str) -> None:
    code, message = error
    found = explain(rejected(Fault(message, code, "R-1")))

    assert meaning in whole(found)
    assert found.what
    assert found.cause
    assert found.fix


def samples(row: Known) -> list[Fault]:
    return [
        *(Fault(f"said {word} of it") for word in row.words),
        *(Fault("x", code) for code in row.codes),
        *(Fault("x", f"{code}.More") for code in row.codes),
        *(Fault("x", "Odd", http_status=status) for status in row.statuses),
    ]


def test_each_row_can_be_reached() -> None:
    """No row is hidden whole by those before it, and none by what is more particular behind it."""
    for row in TABLE:
        faults = samples(row)
        assert faults, row
        reached = [explain_error(fault) is row.says for fault in faults]
        assert all(reached) if not row.statuses else any(reached), row


def test_no_row_repeats_another() -> None:
    assert len({row.says for row in TABLE}) == len(TABLE)
    for row in TABLE:
        for text in (row.says.what, row.says.cause, row.says.fix.replace(f"If it looks right, {ASK}", "")):
            assert text.isascii()
            assert text.rstrip().endswith((".", ASK)), text


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_of_the_emulator_is_known_by_more_than_its_status(name: str) -> None:
    status, code, message = ERRORS[name]

    found = explain_error(Fault(message.replace("{detail}", "123"), code, "R-1"))

    assert found or (name == "RequestTimeout" and explain_error(Fault(message, code, "R-1", status)))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 429, 451, 500, 503, 599])
def test_an_unknown_error_is_explained_by_its_kind(status: int) -> None:
    found = explain(rejected(Fault("奇怪的错误", "Odd.Code", "R-1", status)))

    assert found.what
    assert found.cause
    assert "R-1" in found.fix or status in {408, 429}


GITHUB = "the job's ID token could not be fetched from GitHub: "
STS = "the role could not be assumed: STS gives no usable answer: "


@pytest.mark.parametrize(
    ("message", "cause", "fix"),
    [
        (
            f"{GITHUB}it answers with HTTP status 403; the job needs permissions: id-token: write",
            "lacks",
            "new",
        ),
        (f"{GITHUB}it answers with HTTP status 503", "GitHub's side", "Run the job again."),
        (f"{GITHUB}no answer in time", "GitHub's side", "Run the job again."),
        (f"{STS}HTTP status 503 without an answer to the question", "STS", "Run the job again."),
        (f"{STS}the endpoint's name does not resolve: sts.aliyuncs.com", "STS", "reaches sts.aliyuncs.com"),
        (f"{STS}not the JSON that was expected", "STS", "Run the job again."),
        ("no session could be had for the role within 30 s", "STS", "Run the job again."),
        (f"{STS}the proxy refuses to connect to the endpoint", "proxy", "NO_PROXY"),
        (f"{GITHUB}the endpoint's certificate is not trusted", "inspects TLS", "SSL_CERT_FILE"),
    ],
)
@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.TIMED_OUT])
def test_a_session_that_cannot_be_had_is_not_said_to_be_the_service_s_failure(
    message: str, cause: str, fix: str, outcome: Outcome
) -> None:
    found = explain(ObjectResult(ONE, outcome, message=f"Not sent: {message}", fault=Fault(message)))

    assert cause in found.cause
    assert fix in found.fix
    assert not re.search(r"project-id|region|workspace|support|half an hour", whole(found))


@pytest.mark.parametrize(("attempts", "anew"), [(1, True), (0, False)])
def test_what_was_refused_is_repeated_by_a_new_workflow_run(attempts: int, *, anew: bool) -> None:
    """The gateway knows the re-run's request already. One that only looked back has sent none."""
    denied = Fault("no", "NoPermission", "R-1", 403)

    found = explain(ObjectResult(ONE, Outcome.REJECTED, message="no", fault=denied, attempts=attempts))

    assert "Add it to the workspace" in found.fix
    assert ("Then start a new workflow run" in found.fix) is anew


THROTTLED = Fault("too fast", "Throttling.User", "R-1", 429)


@pytest.mark.parametrize("fault", [THROTTLED, Fault("the endpoint's name does not resolve")])
def test_what_was_throttled_until_the_deadline_may_be_taken_for_a_repetition(fault: Fault) -> None:
    late = ObjectResult(ONE, Outcome.TIMED_OUT, request_id="R-1", message="late", fault=fault, attempts=2)

    assert explain(late).fix.endswith(SOON)
    assert explain(late).fix.lower().count("half an hour") == 1, "said once"
    assert not is_unsent(replace(late, outcome=Outcome.REJECTED))
    assert SOON not in explain(replace(late, attempts=0)).fix
    assert SOON not in explain(replace(late, run_id=RunId("r"))).fix


def test_where_nobody_has_looked_for_a_run_it_is_not_said_that_it_was_not_seen() -> None:
    cut_off = ObjectResult(ONE, Outcome.UNKNOWN, message=in_flight(MARK))

    assert explain(cut_off).cause == NOT_AWAITED


def test_who_follows_other_runs_already_is_not_told_to_do_so() -> None:
    offline = Run(RunId("x"), "Running", stages=(Stage("PROD", "", 1, "Offline", "Init"),))

    for text in (conflict(offline, MARK, DeployType.ONLINE), turned_out(offline, DeployType.ONLINE)):
        found = explain(ObjectResult(ONE, Outcome.CONFLICT, message=text))
        assert "adopt" not in found.fix
        assert "ignore" in found.fix
    ours = replace(offline, stages=())
    assert (
        "adopt"
        in explain(ObjectResult(ONE, Outcome.CONFLICT, message=conflict(ours, MARK, DeployType.ONLINE))).fix
    )


def test_what_was_not_sent_is_not_repeated_by_a_re_run() -> None:
    found = explain(ObjectResult(ONE, Outcome.REJECTED, message="Not sent: x", fault=Fault("x")))

    assert "run the job again" in found.fix
    assert "half an hour" not in found.fix
    assert (
        "half an hour"
        in explain(ObjectResult(ONE, Outcome.REJECTED, message="x", fault=Fault("x", "Odd"))).fix
    )


def test_an_error_without_code_and_status_leads_to_support() -> None:
    assert "support" in explain(rejected(Fault("no answer in time"))).fix
    assert ASK not in whole(explain(rejected(Fault("x", "InternalError"))))


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_a_text(outcome: Outcome) -> None:
    found = explain(ObjectResult(ONE, outcome))

    assert found.what
    good = outcome in {Outcome.SUCCEEDED, Outcome.PLANNED}
    assert good or found.fix
    assert OUTCOMES.keys() == set(Outcome)


def test_a_failed_stage_is_explained_by_its_words() -> None:
    text = "Run r ended as Fail at stage OfflineCheck: 节点存在子节点,导致任务删除或下线失败"

    found = explain(ObjectResult(ONE, Outcome.FAILED, run_id=RunId("r"), message=text))

    assert "type: Offline" in found.fix
    assert found.what


def test_a_message_that_says_what_happened_is_not_said_twice() -> None:
    assert explain(ObjectResult(ONE, Outcome.WAITING, message="Stage PROD waits.")).what == ""


def test_what_waits_because_its_execution_was_refused_is_explained_by_the_refusal() -> None:
    fault = Fault("节点存在子节点,导致任务删除或下线失败", "1")
    text = not_executed_yet(Stage("PROD", "", 2, "Offline", "Init"), fault)

    found = explain(
        ObjectResult(ONE, Outcome.WAITING, message=f"Stage PROD of run a waits. {text}", fault=fault)
    )

    assert "first" in found.fix


@pytest.mark.parametrize(
    "code", ["Throttling.User", "InternalError.System", "NoPermission", "SignatureNonceUsed"]
)
def test_whatever_was_lost_nobody_is_told_to_run_an_unknown_creation_again(code: str) -> None:
    found = explain(ObjectResult(ONE, Outcome.UNKNOWN, message="lost", fault=Fault("x", code, "R-1", 500)))

    assert found.fix.startswith("Look for the run first")


@pytest.mark.parametrize(
    ("fault", "cause", "fix"),
    [
        (
            Fault("x", "Forbidden.Not.Server", "R-1", 500),
            "in another region.",
            "Else: Check region: the console",
        ),
        (Fault("x", "Odd", "R-1", 502), "of a gateway in between.", "Else: Run the job again in a while."),
        (Fault("x", http_status=502), "of a gateway in between.", "Else: Run the job again in a while."),
    ],
)
def test_what_the_service_said_of_a_lost_creation_is_explained_as_well(
    fault: Fault, cause: str, fix: str
) -> None:
    found = explain(ObjectResult(ONE, Outcome.UNKNOWN, message="lost", fault=fault))

    assert found.cause.startswith(OUTCOMES[Outcome.UNKNOWN].cause)
    assert found.cause.endswith(cause)
    assert found.fix.startswith("Look for the run first. If it is there continue it with run-ids. " + fix)


def test_that_the_run_is_to_be_looked_for_is_said_once() -> None:
    fault = Fault("x", "SignatureNonceUsed", "R-1", 400)
    found = explain(ObjectResult(ONE, Outcome.UNKNOWN, message="lost", fault=fault))

    assert "has sent it" in found.cause
    assert found.fix == OUTCOMES[Outcome.UNKNOWN].fix


def test_a_page_of_html_is_a_proxys_or_another_hosts() -> None:
    fault = Fault("the answer is not the JSON that was expected", http_status=200)
    found = explain(ObjectResult(ONE, Outcome.UNKNOWN, message="lost", fault=fault))

    assert "proxy or gateway" in found.cause
    assert "endpoint" in found.cause
    assert found.fix.startswith("Look for the run first")


def test_what_kept_the_list_from_being_read_is_not_what_lost_the_answer() -> None:
    """A step that is cut off while it looks leaves the last reading's error behind."""
    cut_off = ObjectResult(ONE, Outcome.UNKNOWN, message="lost", fault=Fault("x", http_status=502), unread=3)

    assert explain(cut_off).cause == OUTCOMES[Outcome.UNKNOWN].cause
    assert explain(replace(cut_off, unread=0)).cause != OUTCOMES[Outcome.UNKNOWN].cause


def test_a_failed_stage_is_the_cause() -> None:
    result = ObjectResult(
        ONE, Outcome.FAILED, status="Fail", stage="PROD_CHECK", message="Run r ended as Fail: x"
    )

    assert explain(result).cause.startswith("Stage PROD_CHECK failed")


@pytest.mark.parametrize(
    ("status", "cause"), [("Cancel", "in DataWorks"), ("Running", "The job"), (None, "The job")]
)
def test_who_was_cancelled_is_told_apart(status: str | None, cause: str) -> None:
    found = explain(ObjectResult(ONE, Outcome.CANCELLED, RunId("r"), status=status, message="x")).cause

    assert [said in found for said in ("in DataWorks", "The job")] == [
        cause == "in DataWorks",
        cause == "The job",
    ]


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.CANCELLED, Outcome.TIMED_OUT, Outcome.WAITING])
def test_what_may_go_on_does_so_as_the_page_says_in_one_place(outcome: Outcome) -> None:
    """How depends on what became of the others: a plain advice would contradict it."""
    fix = explain(ObjectResult(ONE, outcome, RunId("r"), status="Running", message="So it was.")).fix

    assert "run the job again" not in fix.casefold()
    assert "How to continue" in fix


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.TIMED_OUT])
def test_a_run_whose_end_was_seen_once_is_read_again_by_the_job(outcome: Outcome) -> None:
    """It has ended, so that the page has no more to say of how to continue."""
    assert explain(ObjectResult(ONE, outcome, RunId("r"), status="Success")).fix == "Run the job again."


@pytest.mark.parametrize(
    ("message", "code", "fix"),
    [
        ("", "NoPermission", "O&M or Deploy"),
        ("until-stage: run r has no stage PRD.", "", "in a new workflow run."),
        (odd(Run(RunId("r"), "Running", stages=(BROKEN,))), "", "begins with a new run."),
        (odd(Run(RunId("r"), "Paused")), "", "Report the status"),
    ],
)
def test_an_abolition_does_not_hide_what_is_to_be_mended(message: str, code: str, fix: str) -> None:
    fault = Fault("no", code) if code else None
    result = ObjectResult(ONE, Outcome.FAILED, RunId("r"), message=message, fault=fault, fate=Fate.ABOLISHED)

    assert fix in explain(result).fix
    assert not re.search(r"continue|end the run|run-ids", explain(result).fix)


def test_every_row_that_speaks_of_an_open_run_says_what_to_do_where_it_was_abolished() -> None:
    for row in TABLE:
        about_one = re.search(r"continue (it|the run)\b|end the run", row.says.fix)
        assert bool(row.says.anew) is bool(about_one) or "advance: false" in row.says.fix, row
        assert "run-ids" not in row.says.anew


def test_a_run_that_was_abolished_with_the_step_was_not_cancelled_by_somebody() -> None:
    result = ObjectResult(ONE, Outcome.CANCELLED, RunId("r"), status="Cancel", fate=Fate.ABOLISHED)

    assert "Somebody" not in explain(result).cause


@pytest.mark.parametrize("end", End)
def test_what_is_said_of_a_run_that_was_abolished_because_one_failed_is_recognised(end: End) -> None:
    if end is not End.NORMAL:
        assert (STEP_FAILED in abolished(Run(RunId("r"), "Termination"), end)) is (end is End.FAILURE)


def test_a_run_that_was_abolished_while_it_waited_was_not_slow() -> None:
    waited = ObjectResult(
        ONE,
        Outcome.TIMED_OUT,
        RunId("r"),
        status="Running",
        fate=Fate.ABOLISHED,
        waits_for="PROD",
        waits_because=", so",
    )

    assert explain(waited).cause == "It waited for a person until then, so."
    assert "timeout-minutes" in explain(replace(waited, waits_for=None)).cause


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        ({"outcome": Outcome.FAILED, "status": "Fail", "stage": "PROD"}, "Mend what the message names."),
        (
            {"outcome": Outcome.FAILED, "status": "Fail", "message": "multiple nodes into the same output"},
            "Mend what",
        ),
        (
            {"outcome": Outcome.FAILED, "status": "Termination", "fault": Fault("no", "NoPermission")},
            "Mend what",
        ),
        ({"outcome": Outcome.TERMINATED, "status": "Termination"}, "Ask who ended it"),
        ({"outcome": Outcome.CANCELLED, "status": "Cancel"}, "Ask who ended it"),
    ],
)
def test_a_named_run_that_has_ended_is_not_to_be_run_again(fields: dict[str, Any], first: str) -> None:
    """A later attempt would read the same end again."""
    ended = ObjectResult(ONE, run_id=RunId("r"), **fields)
    plain, named = explain(ended), explain(replace(ended, named=True))

    assert named.fix.startswith(first)
    assert named.fix.endswith("leave run-ids out, and give object-ids.")
    assert "the job again" not in named.fix
    if fields["outcome"] is Outcome.FAILED:
        assert (named.what, named.cause) == (plain.what, plain.cause)
    assert "run-ids" not in explain(ended).fix


@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.CANCELLED])
def test_a_named_run_that_may_go_on_is_not_given_up(outcome: Outcome) -> None:
    open_run = ObjectResult(ONE, outcome, RunId("r"), status="Running", named=True)

    assert explain(open_run) == explain(replace(open_run, named=False))


def test_a_mistyped_goal_is_the_cause() -> None:
    text = " ".join(no_such_stage("r", "PRD", ["BUILD", "PROD"]))
    found = explain(ObjectResult(ONE, Outcome.FAILED, status="Running", stage="BUILD", message=text))

    assert "until-stage is mistyped" in found.cause
    assert "run-ids" in found.fix


def test_a_run_of_another_workspace_is_the_cause() -> None:
    found = explain(ObjectResult(ONE, Outcome.FAILED, message=not_yours("r", 1, None)))

    assert "another workspace" in found.cause


def test_no_advice_is_given_twice() -> None:
    """What to do is said by the explanation; a message says what happened."""
    run = Run(RunId("r"), "Termination")
    entry = ObjectResult(ONE, Outcome.CREATED, RunId("r"), started_at=datetime(2026, 5, 1, tzinfo=UTC))
    said = [
        *(interrupted(replace(entry, waits_for=stage), by=end)[1] for end in End for stage in (None, "PROD")),
        ended(run),
        *reached(Stage("PROD_CHECK", "Check", 2, "Check", "Success"), run, ""),
        *no_such_stage("r", "PRD", ["PROD"]),
        not_yours("r", 1, None),
        *lost_sight("r", Fault("no")),
    ]

    for text in said:
        assert not re.search(r"continue it|look at|[Cc]heck |approve or|run the job again", text), text


@pytest.mark.parametrize(
    ("fault", "unsent"),
    [
        (Fault("the endpoint's name does not resolve"), True),
        (Fault("no", "NoPermission"), False),
        (None, False),
    ],
)
def test_where_nothing_was_reached_nobody_has_refused(fault: Fault | None, unsent: bool) -> None:
    result = ObjectResult(ONE, Outcome.REJECTED, message="x", fault=fault)

    assert is_unsent(result) == unsent
    page = summary(Report(Verdict.FAILED, (result,)))
    assert ("not sent" in page) == unsent
    assert ("There is no host" in page) is False, "the message says it"
    assert "by the service" not in page


def test_what_the_action_says_itself_is_more_particular_than_the_code_that_it_was_answered() -> None:
    fault = Fault("no such pipeline run", "EntityNotExist", "R-1", 404)
    result = ObjectResult(ONE, Outcome.FAILED, message=not_yours("deadbeef", 1, fault), fault=fault)

    assert explain(result).fix == "Check run-ids and project-id."
