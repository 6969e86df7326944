"""The advice to a person about how an object ended: it fits what is known, and is given once."""

import re
from dataclasses import replace
from itertools import product

import pytest

from dataworks_deploy.domain.ending import Fault, Source, Symptom
from dataworks_deploy.domain.error import Known
from dataworks_deploy.domain.model import DeployType, Node, ObjectId, OnActiveRun, Run, RunId, Stage
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reason import (
    Because,
    Inside,
    NamedOfOtherType,
    NotListed,
    NotOfWorkspace,
    NotSuperseded,
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
    """The whole text of the advice."""
    return f"{found.what} {found.cause} {found.fix}"


def undone(fault: Fault, *, refused: bool) -> Record:
    """An object whose stage was not executed, as far as the step knows."""
    return read(own("1"), "Running", "Success").execution_failed(Undone("PROD", fault, refused))


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_advice(outcome: Outcome) -> None:
    found = OUTCOMES[outcome]

    assert found.what
    assert bool(found.fix) is (outcome not in {Outcome.SUCCEEDED, Outcome.PLANNED, Outcome.UNCHANGED})
    assert explain(of_each_outcome()[outcome]).fix or not found.fix


def test_advice_about_an_open_run_also_says_what_to_do_if_it_was_abolished() -> None:
    for found in PARTICULAR:
        speaks = re.search(r"continue (it|the run)\b|end the (older )?run", found.fix)
        assert bool(found.anew) is bool(speaks) or found in LEFT_TO_PEOPLE.values(), found
        assert "run-ids" not in found.anew


class TestARefusedCreation:
    def test_a_re_run_sends_a_refused_creation_again(self) -> None:
        """A re-run that only read the list has sent no creation. Its message says what to look for first."""
        for record, anew in ((refused("1"), True), (blind("1"), False)):
            assert "Add it to the workspace" in explain(record).fix
            assert (START_ANEW in explain(record).fix) is anew

    def test_after_any_other_refusal_the_advice_is_to_re_run_the_job_once(self) -> None:
        odd = Fault("x", "Odd")

        assert is_unsent(unsent("1", CLOSED))
        assert not is_unsent(refused("1", odd))
        for record in (unsent("1", CLOSED), refused("1", odd), stopped(put_off("1", SLOW))):
            assert explain(record).fix.lower().count("re-run the job") == 1, "said once"

    def test_an_unreachable_service_is_named_once(self) -> None:
        """The message already has the action's own words for it."""
        assert explain(unsent("1", NO_HOST)) == replace(ENGLISH[Known.NAME_UNKNOWN], what="")

    @pytest.mark.parametrize(
        ("request_id", "wanted"), [("R-1", "look its RequestId R-1 up"), (None, "ask Alibaba Cloud support")]
    )
    def test_for_an_unknown_error_the_advice_is_to_ask_support(
        self, request_id: str | None, wanted: str
    ) -> None:
        assert wanted in explain(refused("1", Fault("奇怪的错误", "Odd.Code", request_id, 409))).fix

    def test_the_advice_for_an_inner_node_needs_its_workflow(self) -> None:
        inner = refused("1", Fault("未找到发布对象: 1", "1"))

        assert meaning(inner) != INNER
        assert INNER.fix in meaning(inner.noted(Inside(Node("a/b", "w")))).fix
        assert INNER.fix not in meaning(inner.noted(Inside(Node("a/b")))).fix


class TestAnAnswerThatWasLost:
    def test_the_first_advice_is_to_look_for_the_run(self) -> None:
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
    def test_the_answer_that_came_instead_is_explained_too(self, fault: Fault, cause: str, fix: str) -> None:
        found = explain(unknown("1", fault))

        assert found.cause.startswith(OUTCOMES[Outcome.UNKNOWN].cause)
        assert found.cause.endswith(cause)
        assert fix in found.fix

    def test_the_advice_to_look_for_the_run_is_given_once(self) -> None:
        found = explain(unknown("1", Fault("x", "SignatureNonceUsed", "R-1", 400)))

        assert "has sent it" in found.cause
        assert found.fix == OUTCOMES[Outcome.UNKNOWN].fix

    def test_without_a_look_at_the_list_the_advice_does_not_say_that_no_run_was_seen(self) -> None:
        blind = replace(lost("1"), unread=DENIED, never_read=True)

        assert explain(stopped(requested("1"))).cause == NOT_AWAITED
        assert explain(losing("1").ended(Outcome.UNKNOWN, blind, NOON)).cause == NOT_LOOKED_FOR

    def test_an_error_of_the_list_is_not_the_cause_of_the_lost_answer(self) -> None:
        bad = Fault("x", "Odd", http_status=502)

        assert explain(stopped(losing("1", bad))).cause != OUTCOMES[Outcome.UNKNOWN].cause
        unread = losing("1", bad).reading_failed(Unread(3, HTML))
        assert explain(stopped(unread)).cause == OUTCOMES[Outcome.UNKNOWN].cause

    def test_adopting_is_not_advised_for_a_run_of_the_opposite_type(self) -> None:
        turned_out = foreign("1").ended(Outcome.CONFLICT, OtherType(OFFLINE, DeployType.ONLINE), NOON)

        for record in (conflict("1", OFFLINE), turned_out):
            assert "adopt" not in explain(record).fix
            assert "ignore" in explain(record).fix
        assert "adopt" in explain(conflict("1", run_of("other"))).fix

    def test_a_run_without_a_description_is_not_called_somebody_elses(self) -> None:
        """The message says that it may be this job's own."""
        nameless, other = conflict("1", run_of("x")), conflict("1", replace(run_of("x"), description="mine"))

        assert "it may be this job's own" in message(nameless)
        assert "A run without a description" in explain(nameless).cause
        assert "If this job created it, continue it with run-ids." in explain(nameless).fix
        assert "it may be this job's own" not in message(other)
        assert "Somebody else's run" in explain(other).cause
        assert "If this job created it" not in explain(other).fix

    def test_a_run_without_a_description_that_does_the_opposite_is_not_this_jobs(self) -> None:
        assert "it may be this job's own" not in message(conflict("1", OFFLINE))
        assert "Somebody else's run" in explain(conflict("1", OFFLINE)).cause


class TestAnotherRunThatIsOpen:
    def test_the_open_run_is_named_with_its_type_and_how_to_go_on(self) -> None:
        """Nothing was created, so nobody has to look for a run of this job."""
        record = stopped_before("1", OFFLINE)

        assert explain(record).fix == OPEN_BEFORE.fix
        assert OFFLINE.id in message(record)
        assert "nothing was created" in message(record)
        assert "It is an Offline run, and type is Online." in message(record)
        assert "Offline" not in message(stopped_before("1", run_of("other")))

    @pytest.mark.parametrize("choice", [OnActiveRun.FAIL, OnActiveRun.SUPERSEDE])
    def test_if_open_runs_cannot_be_read_the_advice_names_the_permission_and_the_input(
        self, choice: OnActiveRun
    ) -> None:
        record = begun("1").ended(Outcome.REJECTED, OthersUnreadable(choice, Fault("x", "Odd")), NOON)

        assert explain(record).fix == OTHERS_UNREADABLE.fix
        assert f"on-active-run: {choice}" in message(record)

    def test_runs_that_are_superseded_are_named(self) -> None:
        record = succeeded(own("1")).noted(Supersedes((RunId("r-7"), RunId("r-8"))))

        assert "r-7, r-8" in message(record)
        assert "not ended: r-8." in message(record.noted(NotSuperseded((RunId("r-8"),))))
        assert "not ended: r-8 (" in message(record.noted(NotSuperseded((RunId("r-8"),), SLOW)))


class TestARunThatFailed:
    def test_the_failed_stage_is_the_cause(self) -> None:
        found = explain(failed(own("1")))

        assert found.cause.startswith("Stage PROD_CHECK failed")
        assert found.what == "", "the message says it"
        assert "run-ids" not in found.fix

    @pytest.mark.parametrize("where", ["stage", "run"])
    def test_a_known_error_is_recognised_by_the_words_of_the_service(self, where: str) -> None:
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
    def test_an_error_of_the_run_is_not_taken_for_an_error_of_this_step(self, why: str) -> None:
        """And not for one of the action's own sentences."""
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
    def test_for_a_run_that_the_user_names_a_re_run_is_not_advised(self, record: Record, first: str) -> None:
        """A re-run would only read the same end again."""
        fix = explain(record).fix

        assert fix.startswith(first)
        assert fix.endswith("leave run-ids out, and give object-ids.")
        assert "re-run the job" not in fix.lower()

    @pytest.mark.parametrize("status", ["Termination", "Cancel", "Fail"])
    @pytest.mark.parametrize("description", [f"{MARK} note", "by hand"])
    @pytest.mark.parametrize("deployed", [False, True])
    def test_a_run_that_this_action_abolished_is_not_blamed_on_somebody_else(
        self, status: str, description: str, deployed: bool
    ) -> None:
        run = run_of("run-1", status, "Success", "Success", *["Success"] * deployed)
        record = over(named("1"), replace(run, description=description), Outcome.TERMINATED)
        ours = status != "Fail" and description != "by hand" and not deployed

        found = explain(record)

        assert (found.cause == WITHDRAWN) is ours
        assert ("Ask who" in found.fix) is (not ours and status != "Fail")
        assert found.fix.endswith("leave run-ids out, and give object-ids.")

    def test_for_a_run_of_this_job_the_advice_does_not_mention_run_ids(self) -> None:
        assert "run-ids" not in explain(failed(own("1"))).fix


class TestARunThatWasNotSeenToEnd:
    @pytest.mark.parametrize(
        "outcome", [Outcome.SKIPPED, Outcome.CANCELLED, Outcome.TIMED_OUT, Outcome.WAITING]
    )
    def test_only_one_section_says_how_to_continue(self, outcome: Outcome) -> None:
        """The way to continue depends on the other objects, so a simple advice could contradict it."""
        fix = explain(of_each_outcome()[outcome]).fix

        assert "re-run the job" not in fix.casefold()
        assert "How to continue" in fix

    @pytest.mark.parametrize("by", [End.CANCEL, End.TIMEOUT])
    def test_after_only_one_reading_of_the_end_the_advice_is_to_re_run_the_job(self, by: End) -> None:
        assert explain(stopped(read(own("1"), "Success"), by)).fix == "Re-run the job."

    @pytest.mark.parametrize("by", [End.CANCEL, End.TIMEOUT])
    def test_a_run_that_the_user_names_gets_the_same_advice_as_an_own_run(self, by: End) -> None:
        assert explain(stopped(read(named("1")), by)) == explain(stopped(read(own("1")), by))

    def test_a_cancelled_run_and_a_cancelled_step_have_different_causes(self) -> None:
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
    def test_the_obstacle_is_named(self, record: Record, found: Advice) -> None:
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
    def test_the_obstacle_is_named_for_a_waiting_stage_too(self, record: Record, found: Advice) -> None:
        told = meaning(stopped(record.waits_for(Waits("PROD"))))

        assert (told.what, told.cause, told.fix) == ("", found.cause, found.fix)

    @pytest.mark.parametrize("because", LEFT_TO_PEOPLE)
    def test_the_advice_fits_why_a_stage_was_left_to_a_person(self, because: Because) -> None:
        assert explain(waiting(own("1"), because)).fix == LEFT_TO_PEOPLE[because].fix


def test_not_only_people_kill_a_step() -> None:
    killed = explain(read(own("1")).left_by_a_kill())

    assert killed.cause == (
        "Most likely the job was cancelled, the memory ran out, or the runner or its machine stopped."
    )
    assert killed.fix == "See How to continue in the job summary."


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
    def test_for_an_abolished_run_the_advice_names_the_fix_and_not_how_to_continue(
        self, record: Record, fix: str
    ) -> None:
        found = explain(abolished(record))

        assert fix in found.fix
        assert not re.search(r"continue|end the run|run-ids", found.fix)

    def test_if_the_failure_of_the_step_abolished_the_run_it_is_the_cause(self) -> None:
        gone = abolished(stopped(own("1"), End.CANCEL), End.FAILURE)

        assert explain(gone).cause == "The step failed, and abolish-on names failure."

    def test_a_waiting_run_is_not_called_slow(self) -> None:
        gone = abolished(waiting(own("1"), Because.ADVANCE_FALSE), End.TIMEOUT)

        assert gone.outcome is Outcome.TIMED_OUT
        assert explain(gone).cause.startswith("Until then it waited for a person, because advance: false")
        assert "timeout-minutes" in explain(abolished(stopped(own("1")), End.TIMEOUT)).cause


class TestAMistakeInTheInputs:
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
    def test_the_advice_is_about_the_mistake_and_not_about_the_answer(
        self, record: Record, found: Advice
    ) -> None:
        assert meaning(record) == found

    def test_a_mistyped_until_stage_is_the_cause(self) -> None:
        assert "until-stage is mistyped" in explain(lacking(own("1"))).cause


def test_a_session_that_cannot_be_fetched_is_not_blamed_on_dataworks() -> None:
    sources = [(Symptom.NO_ANSWER, Source.GITHUB), (Symptom.NO_SESSION_WITHIN, Source.STS)]
    for (symptom, source), late in product(sources, (False, True)):
        fault = Fault(symptom=symptom, source=source, detail="30")
        record = stopped(put_off("1", fault)) if late else unsent("1", fault)
        assert not re.search(r"project-id|region|workspace|support|half an hour", whole(explain(record)))


def test_no_advice_is_given_twice() -> None:
    """The advice says what to do. A message says what happened."""
    records = [
        *of_each_outcome().values(),
        lacking(own("1")),
        refused_at(own("1")),
        stopped(own("1"), End.CANCEL),
    ]

    for text in map(message, records):
        assert not re.search(r"continue it|look at|[Cc]heck |approve or|[Rr]e-run the job", text), text
