"""Every place names what has ended the work: a used-up quota, or an approval that is missing."""

import pytest

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.event import PersonNeeded
from dataworks_deploy.domain.model import RunId, Stage
from dataworks_deploy.domain.outcome import Outcome, Verdict
from dataworks_deploy.domain.reason import Because, LostSight, ObjectUnreadable
from dataworks_deploy.domain.record import Record, Undone, Unread
from dataworks_deploy.render.advice import APPROVE, IF_IT_WAITS, SLOW_STAGE, explain
from dataworks_deploy.render.events import line
from dataworks_deploy.render.reasons import message
from dataworks_deploy.render.report import Report
from dataworks_deploy.render.step import attention, counted, ended, title, told, verdict
from dataworks_deploy.render.summary import summary

from .records import (
    abolished,
    at,
    created,
    failed,
    named,
    own,
    put_off,
    read,
    refused,
    refused_at,
    stopped,
    succeeded,
    unknown,
    unstarted,
    waiting,
)

DAY = Fault("The daily quota of API calls has been used up.", "Throttling.Api.Risk", "R-1", 429)
EDITION = Fault("The quota of the edition has been used up.", "Throttling.Resource", "R-1", 429)
UP = "the day's API calls are used up"
REFUSED = Fault("阶段不允许执行: APPROVAL", "5801489541076353037", "R-1", 400)


def lost(name: str = "1", fault: Fault = DAY) -> Record:
    """An object whose run can no longer be read."""
    return read(own(name)).ended(Outcome.TIMED_OUT, LostSight(RunId(f"run-{name}"), fault), at(7))


def page(*records: Record, over: Verdict = Verdict.TIMED_OUT) -> str:
    """The whole job summary."""
    return summary(Report(over, records))


class TestAUsedUpQuota:
    def test_verdict_title_message_and_log_name_the_used_up_quota(self) -> None:
        report = Report(Verdict.TIMED_OUT, (lost(), unstarted("2")))

        assert verdict(report) == UP
        assert counted(report).startswith(f"{UP}: 0 of 2 objects succeeded")
        assert title(lost()) == f"Object 1: {UP}"
        assert message(lost()).startswith(
            "The day's API calls are used up. Run run-1 cannot be read (Throttling"
        )
        assert ended(lost()) == f"{UP} after 7 s, run run-1: The day's API calls are used up."
        assert page(*report.records).startswith(f"## ⚠️ DataWorks Deploy: {UP}\n")
        assert f"not finished: {UP}" in "\n".join(attention(report.records))

    def test_no_text_says_that_the_time_was_over(self) -> None:
        for text in (page(lost()), "\n".join(told(lost()).lines)):
            assert "timed out" not in text
            assert "timeout-minutes" not in text
        assert "\n".join(told(lost()).lines).lower().count("api calls are used up") == 1, "said once"

    def test_a_refused_creation_keeps_its_outcome(self) -> None:
        record = refused("1", DAY)

        assert title(record) == f"Object 1: rejected: {UP}"
        assert verdict(Report(Verdict.FAILED, (record, unstarted("2")))) == f"failed: {UP}"
        assert "Wait for the next day" in explain(record).fix

    @pytest.mark.parametrize(
        ("record", "words"),
        [
            (lost(fault=EDITION), "the edition's API calls are used up"),
            (
                lost(fault=Fault("Your request is too frequent", "Odd", "R-1", 400)),
                "takes no more API calls now",
            ),
            (refused_at(own("1"), DAY), UP),
            (
                named("1").ended(
                    Outcome.TIMED_OUT, ObjectUnreadable(RunId("run-1"), own("1").object_id, DAY), at(1)
                ),
                UP,
            ),
        ],
    )
    def test_each_kind_of_quota_is_named_whichever_call_it_refuses(self, record: Record, words: str) -> None:
        assert words in title(record)
        assert words in message(record).replace("The ", "the ")

    @pytest.mark.parametrize(
        "record",
        [
            stopped(put_off("1", EDITION)),
            stopped(read(own("1")).reading_failed(Unread(3, DAY))),
            unknown("1", DAY),
            lost(fault=Fault("x", "NoPermission", "R-1", 403)),
        ],
    )
    def test_an_object_that_ended_for_another_reason_is_not_called_used_up(self, record: Record) -> None:
        assert "used up" not in title(record)

    def test_a_step_with_other_failures_too_is_not_called_used_up(self) -> None:
        assert verdict(Report(Verdict.FAILED, (lost(), failed(own("2"))))) == "failed"
        assert verdict(Report(Verdict.TIMED_OUT, (lost(), stopped(own("2"))))) == "timed out"
        assert verdict(Report(Verdict.CANCELLED, (lost(),))) == "cancelled"
        assert verdict(Report(Verdict.TIMED_OUT, (lost(), succeeded(own("2")), created(own("3"))))) == UP


class TestAMissingApproval:
    ASKED = read(own("1"), "Running", "Success").execution_failed(Undone("PROD", REFUSED, refused=True))

    @pytest.mark.parametrize("record", [waiting(own("1")), waiting(ASKED)])
    def test_the_texts_name_the_approval_with_its_stage_and_how_to_go_on(self, record: Record) -> None:
        found = explain(record)

        assert title(record) == "Object 1: waiting for approval"
        assert verdict(Report(Verdict.TIMED_OUT, (record, succeeded(own("2"))))) == "waiting for approval"
        assert message(record).startswith(
            "Stage PROD of run run-1 waits for approval in DataWorks, and the deadline"
        )
        assert found.fix == f"{APPROVE} See How to continue in the job summary."
        assert "Open the run in DataWorks and approve" in found.fix
        assert not any("before it" in text for text in told(record).lines)

    def test_the_log_names_the_approval_too(self) -> None:
        stage = Stage("APPROVAL", "", 3, "Check", "Init")

        assert line(PersonNeeded(RunId("r"), stage, Because.NO_CALL_MOVES_IT, 3)) == (
            "stage APPROVAL (Check Init) of run r waits for approval in DataWorks. 3 executions did not start it. "
            "Approve it there, in the run's details."
        )
        odd = Stage("CANARY", "", 3, "Canary", "Init")
        assert "waits for a person, because its type is not known here. Approve or execute it" in line(
            PersonNeeded(RunId("r"), odd, Because.NO_CALL_MOVES_IT)
        )
        assert "waits for a person, because advance: false" in line(
            PersonNeeded(RunId("r"), stage, Because.ADVANCE_FALSE)
        )

    def test_a_stage_that_was_left_to_a_person_by_an_input_is_not_called_an_approval(self) -> None:
        record = waiting(own("1"), Because.ADVANCE_FALSE)

        assert title(record) == "Object 1: waiting"
        assert "approval" not in message(record)

    def test_a_check_that_runs_until_the_deadline_may_be_an_approval(self) -> None:
        record = stopped(read(own("1"), "Running", "Success", "Running"))

        assert "Stage PROD_CHECK is still Running and may wait for approval in DataWorks." in message(record)
        assert explain(record).cause == SLOW_STAGE
        assert explain(record).fix.startswith(IF_IT_WAITS)

    def test_a_deployment_that_runs_until_the_deadline_is_called_slow(self) -> None:
        record = stopped(read(own("1"), "Running", "Success", "Success", "Running"))

        assert "approval" not in message(record)
        assert explain(record).cause == SLOW_STAGE

    @pytest.mark.parametrize(
        "record",
        [
            stopped(read(own("1"), "Running", "Running")),
            stopped(read(own("1"), "Running", "Success", "Success")),
            stopped(read(own("1"), "Running", "Success", "Running").at_stage("PROD")),
            abolished(stopped(read(own("1"), "Running", "Success"))),
        ],
    )
    def test_a_stage_that_runs_by_itself_or_has_not_begun_is_not_called_an_approval(
        self, record: Record
    ) -> None:
        assert "approv" not in " ".join(told(record).lines)


LINK = "https://api.aliyun.com/troubleshoot?q=NoPermission&requestId=R-1"


def test_the_link_to_the_services_explanation_of_an_error_is_shown() -> None:
    """It is an address in the annotation and a link in the summary, for one object and for each of several."""
    one, two = (refused(n, Fault("No.", "NoPermission", "R-1", 403, recommend=LINK + n)) for n in "12")

    assert told(one).lines[-1] == f"See also: {LINK}1"
    assert f"- See also: [Alibaba Cloud on this error]({LINK}1)\n" in page(one)
    both = page(one, two)
    assert f"[Alibaba Cloud on this error]({LINK}2)\n" in both
    assert "See also" not in page(refused("1"))
    assert not any("See also" in each for each in told(refused("1")).lines)


def test_a_link_in_which_a_secret_was_hidden_is_not_shown() -> None:
    assert "[Alibaba" not in page(
        refused("1", Fault("No.", "NoPermission", "R-1", 403, recommend="https://aliyun.com/***"))
    )
