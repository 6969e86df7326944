"""What a person is told to do about how an object ended: by what is known of it, and once."""

import re
from dataclasses import replace
from itertools import product

import pytest

from dataworks_deploy.domain.ending import Fault, Known, Source, Symptom
from dataworks_deploy.domain.model import DeployType, Node, ObjectId, OnActiveRun, Run, RunId, Stage
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reason import (
    Because,
    Inside,
    NamedOfOtherType,
    NotListed,
    NotOfWorkspace,
    OfOtherObject,
    OthersUnreadable,
    OtherType,
    Supersedes,
)
from dataworks_deploy.domain.record import Record, Undone, Unread, Waits, is_unsent
from dataworks_deploy.render.advice import (
    BROKEN_STAGE,
    INNER,
    LEFT_TO_PEOPLE,
    NOT_AWAITED,
    NOT_LOOKED_FOR,
    NOT_OF_OBJECT,
    NOT_OF_WORKSPACE,
    OF_OTHER_OBJECT,
    OPEN_BEFORE,
    OTHER_TYPE,
    OTHERS_UNREADABLE,
    OUTCOMES,
    PARTICULAR,
    START_ANEW,
    UNANSWERED,
    UNKNOWN_STATUS,
    WITHDRAWN,
    explain,
    meaning,
)
from dataworks_deploy.render.errors import ENGLISH, Advice
from dataworks_deploy.render.reasons import message

from .records import (
    CLOSED,
    DENIED,
    MARK,
    NOON,
    abolished,
    begun,
    blind,
    conflict,
    failed,
    foreign,
    lacking,
    losing,
    lost,
    named,
    of_each_outcome,
    over,
    own,
    put_off,
    read,
    refused,
    refused_at,
    requested,
    run_of,
    stopped,
    stopped_before,
    succeeded,
    unknown,
    unsent,
    waiting,
)

SLOW = Fault("too fast", "Throttling.User", "R-1", 429)
NO_HOST = Fault(symptom=Symptom.NAME_UNKNOWN, detail="dataworks.cn-x.aliyuncs.com")
UNREACHED = Fault(symptom=Symptom.CONNECTION_REFUSED, detail="dataworks.cn-shanghai.aliyuncs.com")
HTML = Fault(symptom=Symptom.NOT_JSON, http_status=200)
CHILDREN = Fault("节点存在子节点,导致任务删除或下线失败", "1")
OFFLINE = Run(RunId("other"), "Running", stages=(Stage("PROD", "", 1, "Offline", "Init"),))


def whole(found: Advice) -> str:
    """All that is told."""
    return f"{found.what} {found.cause} {found.fix}"


def undone(fault: Fault, *, refused: bool) -> Record:
    """An object whose stage was not executed, as far as known."""
    return read(own("1"), "Running", "Success").execution_failed(Undone("PROD", fault, refused))


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_advice(outcome: Outcome) -> None:
    found = OUTCOMES[outcome]

    assert found.what
    assert bool(found.fix) is (outcome not in {Outcome.SUCCEEDED, Outcome.PLANNED, Outcome.UNCHANGED})
    assert explain(of_each_outcome()[outcome]).fix or not found.fix


def test_advice_that_speaks_of_an_open_run_says_what_to_do_where_it_was_abolished() -> None:
    for found in PARTICULAR:
        speaks = re.search(r"continue (it|the run)\b|end the run", found.fix)
        assert bool(found.anew) is bool(speaks) or found in LEFT_TO_PEOPLE.values(), found
        assert "run-ids" not in found.anew


class TestACreation:
    def test_one_that_was_refused_is_sent_again_by_a_re_run(self) -> None:
        """One that only looked back has sent none: its message says what to look for first."""
        for record, anew in ((refused("1"), True), (blind("1"), False)):
            assert "Add it to the workspace" in explain(record).fix
            assert (START_ANEW in explain(record).fix) is anew

    def test_after_any_other_refusal_the_job_is_run_again(self) -> None:
        odd = Fault("x", "Odd")

        assert is_unsent(unsent("1", CLOSED))
        assert not is_unsent(refused("1", odd))
        for record in (unsent("1", CLOSED), refused("1", odd), stopped(put_off("1", SLOW))):
            assert explain(record).fix.lower().count("re-run the job") == 1, "said once"

    def test_what_was_not_reached_is_told_once(self) -> None:
        """The words for it are our own, and stand in the message."""
        assert explain(unsent("1", NO_HOST)) == replace(ENGLISH[Known.NAME_UNKNOWN], what="")

    @pytest.mark.parametrize(
        ("request_id", "wanted"), [("R-1", "look its RequestId R-1 up"), (None, "ask Alibaba Cloud support")]
    )
    def test_an_error_that_nobody_knows_leads_to_support(self, request_id: str | None, wanted: str) -> None:
        assert wanted in explain(refused("1", Fault("奇怪的错误", "Odd.Code", request_id, 409))).fix

    def test_a_node_of_a_workflow_is_known_by_where_it_is(self) -> None:
        inner = refused("1", Fault("未找到发布对象: 1", "1"))

        assert meaning(inner) != INNER
        assert INNER.fix in meaning(inner.noted(Inside(Node("a/b", "w")))).fix
        assert INNER.fix not in meaning(inner.noted(Inside(Node("a/b")))).fix


class TestAnAnswerThatWasLost:
    def test_nobody_is_told_to_run_the_job_again_first(self) -> None:
        for fault in (CLOSED, SLOW, DENIED, HTML, Fault("x", "InternalError.System", "R-1", 500)):
            assert explain(unknown("1", fault)).fix.startswith("Look for the run in DataWorks first")

    @pytest.mark.parametrize(
        ("fault", "cause", "fix"),
        [
            (
                Fault("x", "Forbidden.Not.Server", "R-1", 500),
                "in another region.",
                "If it does not: Check region",
            ),
            (
                Fault(symptom=Symptom.GATEWAY, http_status=502),
                "a gateway in between.",
                "If it does not: Re-run the job",
            ),
            (HTML, "another service's host.", "If it does not: Check endpoint"),
        ],
    )
    def test_what_came_instead_is_told_as_well(self, fault: Fault, cause: str, fix: str) -> None:
        found = explain(unknown("1", fault))

        assert found.cause.startswith(OUTCOMES[Outcome.UNKNOWN].cause)
        assert found.cause.endswith(cause)
        assert fix in found.fix

    def test_that_the_run_is_to_be_looked_for_is_said_once(self) -> None:
        found = explain(unknown("1", Fault("x", "SignatureNonceUsed", "R-1", 400)))

        assert "has sent it" in found.cause
        assert found.fix == OUTCOMES[Outcome.UNKNOWN].fix

    def test_where_nobody_has_looked_it_is_not_said_that_none_was_seen(self) -> None:
        blind = replace(lost("1"), unread=DENIED, never_read=True)

        assert explain(stopped(requested("1"))).cause == NOT_AWAITED
        assert explain(losing("1").ended(Outcome.UNKNOWN, blind, NOON)).cause == NOT_LOOKED_FOR

    def test_what_kept_the_list_from_being_read_has_not_lost_the_answer(self) -> None:
        bad = Fault("x", "Odd", http_status=502)

        assert explain(stopped(losing("1", bad))).cause != OUTCOMES[Outcome.UNKNOWN].cause
        unread = losing("1", bad).reading_failed(Unread(3, HTML))
        assert explain(stopped(unread)).cause == OUTCOMES[Outcome.UNKNOWN].cause

    def test_who_follows_other_runs_already_is_not_told_to_do_so(self) -> None:
        turned_out = foreign("1").ended(Outcome.CONFLICT, OtherType(OFFLINE, DeployType.ONLINE), NOON)

        for record in (conflict("1", OFFLINE), turned_out):
            assert "adopt" not in explain(record).fix
            assert "ignore" in explain(record).fix
        assert "adopt" in explain(conflict("1", run_of("other"))).fix


class TestAnotherRunThatIsOpen:
    def test_it_is_named_with_what_it_does_and_how_to_go_on(self) -> None:
        """Nothing was created, so nobody has to look for anything of this job's."""
        record = stopped_before("1", OFFLINE)

        assert explain(record).fix == OPEN_BEFORE.fix
        assert OFFLINE.id in message(record)
        assert "nothing was created" in message(record)
        assert "It is an Offline run, and type is Online." in message(record)
        assert "Offline" not in message(stopped_before("1", run_of("other")))

    @pytest.mark.parametrize("choice", [OnActiveRun.FAIL, OnActiveRun.SUPERSEDE])
    def test_what_cannot_be_read_names_the_permission_and_the_choice(self, choice: OnActiveRun) -> None:
        record = begun("1").ended(Outcome.REJECTED, OthersUnreadable(choice, Fault("x", "Odd")), NOON)

        assert explain(record).fix == OTHERS_UNREADABLE.fix
        assert f"on-active-run: {choice}" in message(record)

    def test_what_gives_way_is_named(self) -> None:
        record = succeeded(own("1")).noted(Supersedes((RunId("r-7"), RunId("r-8"))))

        assert "r-7, r-8" in message(record)


class TestARunThatFailed:
    def test_its_stage_is_the_cause(self) -> None:
        found = explain(failed(own("1")))

        assert found.cause.startswith("Stage PROD_CHECK failed")
        assert found.what == "", "the message says it"
        assert "run-ids" not in found.fix

    @pytest.mark.parametrize("where", ["stage", "run"])
    def test_what_the_service_says_of_it_is_known_by_its_words(self, where: str) -> None:
        why, said = (CHILDREN.message, "") if where == "stage" else ("", CHILDREN.message)
        run = run_of("run-1", "Fail", "Success", "Fail", why=why, said=said)

        assert meaning(over(own("1"), run, Outcome.FAILED)) == ENGLISH[Known.HAS_CHILDREN]

    @pytest.mark.parametrize(
        "why",
        [
            "Data source check failed: the endpoint refuses the connection: rm-1.mysql.rds.aliyuncs.com",
            "the broker's certificate is not trusted (kafka broker)",
            "name does not resolve: rm-1.mysql.rds.aliyuncs.com",
            "until-stage: run 1 has no stage X. This action does not know the status: the run is odd.",
            "Throttling.User: NoPermission, HTTP 403",
        ],
    )
    def test_what_it_met_is_not_taken_for_what_this_step_has_met(self, why: str) -> None:
        """Nor for one of our own sentences."""
        assert meaning(failed(own("1"), why)) == meaning(failed(own("1"), "no table"))
        broken = own("1").read(run_of("run-1", "Running", "Success", "Fail", why=why), NOON)
        assert meaning(stopped(broken)) == replace(BROKEN_STAGE, anew="")

    @pytest.mark.parametrize(
        ("record", "first"),
        [
            (failed(named("1")), "Fix what the message names."),
            (failed(named("1"), CHILDREN.message), "Fix what the message names."),
            (over(named("1"), run_of("run-1", "Termination"), Outcome.TERMINATED), "Ask who ended it"),
            (over(named("1"), run_of("run-1", "Cancel"), Outcome.CANCELLED), "Ask who ended it"),
        ],
    )
    def test_one_that_the_user_names_is_not_to_be_run_again(self, record: Record, first: str) -> None:
        """A later attempt would read the same end again."""
        fix = explain(record).fix

        assert fix.startswith(first)
        assert fix.endswith("leave run-ids out, and give object-ids.")
        assert "re-run the job" not in fix.lower()

    @pytest.mark.parametrize("status", ["Termination", "Cancel", "Fail"])
    @pytest.mark.parametrize("description", [f"{MARK} note", "by hand"])
    @pytest.mark.parametrize("deployed", [False, True])
    def test_one_that_this_action_has_abolished_is_not_somebody_elses_doing(
        self, status: str, description: str, deployed: bool
    ) -> None:
        run = run_of("run-1", status, "Success", "Success", *["Success"] * deployed)
        record = over(named("1"), replace(run, description=description), Outcome.TERMINATED)
        ours = status != "Fail" and description != "by hand" and not deployed

        found = explain(record)

        assert (found.cause == WITHDRAWN) is ours
        assert ("Ask who" in found.fix) is (not ours and status != "Fail")
        assert found.fix.endswith("leave run-ids out, and give object-ids.")

    def test_a_run_of_the_job_does_not_lead_to_run_ids(self) -> None:
        assert "run-ids" not in explain(failed(own("1"))).fix


class TestARunThatWasNotSeenToEnd:
    @pytest.mark.parametrize(
        "outcome", [Outcome.SKIPPED, Outcome.CANCELLED, Outcome.TIMED_OUT, Outcome.WAITING]
    )
    def test_how_it_goes_on_is_said_in_one_place(self, outcome: Outcome) -> None:
        """That depends on what became of the others: a plain advice would contradict it."""
        fix = explain(of_each_outcome()[outcome]).fix

        assert "re-run the job" not in fix.casefold()
        assert "How to continue" in fix

    @pytest.mark.parametrize("by", [End.CANCEL, End.TIMEOUT])
    def test_one_whose_end_was_read_once_is_read_again_by_the_job(self, by: End) -> None:
        assert explain(stopped(read(own("1"), "Success"), by)).fix == "Re-run the job."

    @pytest.mark.parametrize("by", [End.CANCEL, End.TIMEOUT])
    def test_one_that_the_user_names_is_not_given_up(self, by: End) -> None:
        assert explain(stopped(read(named("1")), by)) == explain(stopped(read(own("1")), by))

    def test_who_has_cancelled_is_told_apart(self) -> None:
        by_person = over(own("1"), run_of("run-1", "Cancel"), Outcome.CANCELLED)

        assert "in DataWorks" in explain(by_person).cause
        for record in (stopped(own("1"), End.CANCEL), abolished(stopped(read(own("1")), End.CANCEL))):
            assert explain(record).cause.startswith("A person, a newer workflow run")

    @pytest.mark.parametrize(
        ("record", "found"),
        [
            (read(own("1"), "Paused"), UNKNOWN_STATUS),
            (read(own("1"), "Running", "Success", "Fail"), BROKEN_STAGE),
            (undone(CLOSED, refused=False), UNANSWERED),
            (undone(CHILDREN, refused=True), ENGLISH[Known.HAS_CHILDREN]),
            (undone(DENIED, refused=True), ENGLISH[Known.NO_PERMISSION]),
            (undone(HTML, refused=False), ENGLISH[Known.NOT_THE_SERVICE]),
            (undone(CLOSED, refused=False).reading_failed(Unread(3, UNREACHED)), ENGLISH[Known.UNREACHABLE]),
            (own("1").reading_failed(Unread(3, UNREACHED)), ENGLISH[Known.UNREACHABLE]),
        ],
    )
    def test_what_stood_in_its_way_is_told(self, record: Record, found: Advice) -> None:
        assert meaning(stopped(record)) == replace(found, anew="")

    @pytest.mark.parametrize(
        ("record", "found"),
        [
            (undone(CHILDREN, refused=True), ENGLISH[Known.HAS_CHILDREN]),
            (undone(UNREACHED, refused=True), ENGLISH[Known.UNREACHABLE]),
            (undone(HTML, refused=False), ENGLISH[Known.NOT_THE_SERVICE]),
            (undone(CLOSED, refused=False), UNANSWERED),
            (undone(DENIED, refused=True), OUTCOMES[Outcome.WAITING]),
        ],
    )
    def test_so_it_is_where_a_person_is_waited_for(self, record: Record, found: Advice) -> None:
        told = meaning(stopped(record.waits_for(Waits("PROD"))))

        assert (told.what, told.cause, told.fix) == ("", found.cause, found.fix)

    @pytest.mark.parametrize("because", LEFT_TO_PEOPLE)
    def test_why_a_stage_was_left_to_a_person_is_told(self, because: Because) -> None:
        assert explain(waiting(own("1"), because)).fix == LEFT_TO_PEOPLE[because].fix


class TestARunThatWasAbolished:
    @pytest.mark.parametrize(
        ("record", "fix"),
        [
            (refused_at(own("1")), "O&M or Deploy"),
            (lacking(own("1")), "in a new workflow run."),
            (stopped(read(own("1"), "Running", "Success", "Fail")), "begins with a new run."),
            (stopped(read(own("1"), "Paused")), "Report the status"),
        ],
    )
    def test_what_is_to_be_fixed_is_told_without_continuing_it(self, record: Record, fix: str) -> None:
        found = explain(abolished(record))

        assert fix in found.fix
        assert not re.search(r"continue|end the run|run-ids", found.fix)

    def test_that_the_step_failed_is_the_cause_where_it_did(self) -> None:
        gone = abolished(stopped(own("1"), End.CANCEL), End.FAILURE)

        assert explain(gone).cause == "The step failed, and abolish-on names failure."

    def test_one_that_waited_was_not_slow(self) -> None:
        gone = abolished(waiting(own("1"), Because.ADVANCE_FALSE), End.TIMEOUT)

        assert gone.outcome is Outcome.TIMED_OUT
        assert explain(gone).cause.startswith("Until then it waited for a person, because advance: false")
        assert "timeout-minutes" in explain(abolished(stopped(own("1")), End.TIMEOUT)).cause


class TestWhatTheUserHasMistaken:
    NAMED, NO_RUN = RunId("run-1"), Fault("no such pipeline run", "EntityNotExist", "R-1", 404)

    @pytest.mark.parametrize(
        ("record", "found"),
        [
            (named("1").ended(Outcome.FAILED, NotOfWorkspace(NAMED, 1, NO_RUN), NOON), NOT_OF_WORKSPACE),
            (named("1").ended(Outcome.FAILED, NotListed(NAMED, ObjectId("1")), NOON), NOT_OF_OBJECT),
            (
                named("1").ended(Outcome.FAILED, OfOtherObject(NAMED, ObjectId("1"), ObjectId("2")), NOON),
                OF_OTHER_OBJECT,
            ),
            (
                named("1").ended(Outcome.FAILED, NamedOfOtherType(OFFLINE, DeployType.ONLINE), NOON),
                OTHER_TYPE,
            ),
        ],
    )
    def test_it_is_more_particular_than_what_was_answered(self, record: Record, found: Advice) -> None:
        assert meaning(record) == found

    def test_a_mistyped_goal_is_the_cause(self) -> None:
        assert "until-stage is mistyped" in explain(lacking(own("1"))).cause


def test_a_session_that_cannot_be_had_is_not_the_services_failure() -> None:
    sources = [(Symptom.NO_ANSWER, Source.GITHUB), (Symptom.NO_SESSION_WITHIN, Source.STS)]
    for (symptom, source), late in product(sources, (False, True)):
        fault = Fault(symptom=symptom, source=source, detail="30")
        record = stopped(put_off("1", fault)) if late else unsent("1", fault)
        assert not re.search(r"project-id|region|workspace|support|half an hour", whole(explain(record)))


def test_no_advice_is_given_twice() -> None:
    """What to do is said by the advice; a message says what happened."""
    records = [
        *of_each_outcome().values(),
        lacking(own("1")),
        refused_at(own("1")),
        stopped(own("1"), End.CANCEL),
    ]

    for text in map(message, records):
        assert not re.search(r"continue it|look at|[Cc]heck |approve or|[Rr]e-run the job", text), text
