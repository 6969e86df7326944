"""Lines of the log that say how an object ended, and how the step ended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault, Source, Symptom
from dataworks_deploy.domain.event import CreationPutOff, OthersUnread, StillUnderWay
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import Verdict
from dataworks_deploy.domain.reason import AnotherFailed
from dataworks_deploy.domain.record import Record
from dataworks_deploy.render.events import line as line_of
from dataworks_deploy.render.reasons import said as reason_of
from dataworks_deploy.render.report import Report
from dataworks_deploy.render.step import counted, ended, more_failed, title, told, verdict

from .records import (
    begun,
    called,
    created,
    failed,
    orders,
    own,
    planned,
    read,
    resumed,
    stopped,
    succeeded,
    unstarted,
)
from .values import drawn

LATE = "The deadline (timeout-minutes) passed"
NEEDS = "Not started: {} comes before this object and did not succeed."
BEFORE = "Run run-1 ended as Fail at stage PROD_CHECK: "


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (unstarted("1"), "skipped: Not started: another object did not succeed."),
        (stopped(begun("1")), f"timed out after 60 s: {LATE} before this step created a run."),
        (
            stopped(read(own("1"))),
            f"timed out after 60 s: {LATE} before the step saw run run-1 end.",
        ),
        (succeeded(own("1"), 9.6), "succeeded after 10 s, run run-1"),
        (created(own("1")), "created after 1 s, run run-1"),
        (created(resumed("1")), "left open after 1 s, run run-1"),
        (
            Record(ObjectId("2")).kept_back(orders(failed(own("1")))),
            f"skipped: {NEEDS.format('dwd_orders_di (1)')}",
        ),
        (Record(ObjectId("2")).kept_back(failed(own("1"))), f"skipped: {NEEDS.format('1')}"),
        (planned("1"), "planned: Would create a run for object 1."),
    ],
)
def test_an_end_is_one_line(record: Record, line: str) -> None:
    assert ended(record) == line


@pytest.mark.parametrize(
    ("why", "shown"),
    [
        ("It broke. Do this, and then that.", "It broke."),
        ("no table dw.orders in 1.5", "no table dw.orders in 1.5"),
        ("失败。 原因", "失败。"),
        ("x" * (200 - len(BEFORE)), "x" * (200 - len(BEFORE))),
        ("x" * 200, "x" * (199 - len(BEFORE)) + "…"),
    ],
)
def test_the_line_of_a_failure_is_one_sentence_because_an_annotation_has_the_whole_text(
    why: str, shown: str
) -> None:
    assert ended(failed(own("1"), why)).partition(": ")[2] == f"{BEFORE}{shown}"


@pytest.mark.parametrize(
    ("fault", "said", "then"),
    [
        (
            Fault(symptom=Symptom.CONNECTION_REFUSED, detail="a.b"),
            "could not be sent (the endpoint refuses the connection: a.b), ",
            "Could not be sent (the endpoint refuses the connection: a.b), and was not tried again: ",
        ),
        (
            Fault("x", "Odd", source=Source.STS),
            "could not be sent (Odd: the role could not be assumed: x), ",
            "Could not be sent (Odd: the role could not be assumed: x), and was not tried again: ",
        ),
        (
            Fault("x", "Throttling.User", http_status=400),
            "refused for now (Throttling.User: x), ",
            "Refused for now (Throttling.User: x), and not sent again: ",
        ),
        (
            Fault(symptom=Symptom.WORDLESS, http_status=429),
            "refused for now (HTTP status 429), ",
            "Refused for now (HTTP status 429), and not sent again: ",
        ),
    ],
)
def test_only_what_was_sent_was_refused(fault: Fault, said: str, then: str) -> None:
    assert line_of(CreationPutOff(fault, 2)) == f"{said}trying again in 2 s"
    assert reason_of(AnotherFailed(fault)) == f"{then}another object failed."


@pytest.mark.parametrize(
    ("records", "calls", "line"),
    [
        ([failed(own("1"))], 1, "0 of 1 object succeeded, 1 API call"),
        (
            [succeeded(own("1")), failed(own("2")), unstarted("3")],
            2,
            "1 of 3 objects succeeded, 1 not started, 2 API calls",
        ),
        ([created(resumed("1"))], 1, "1 of 1 object left open, 1 API call"),
        ([planned("1"), planned("2")], 2, "2 of 2 objects planned, 2 API calls"),
        ([created(own("1")), succeeded(own("2"))], 1200, "2 of 2 objects ended as asked, 1,200 API calls"),
    ],
)
def test_the_last_line_names_what_it_counts(records: list[Record], calls: int, line: str) -> None:
    assert counted(Report(Verdict.FAILED, tuple(records), calls)) == f"failed: {line}"


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([created(resumed("1"))] * 2, "left open"),
        ([created(resumed("1")), created(own("2"))], "created"),
        ([created(own("1"))], "created"),
        ([], "created"),
    ],
)
def test_a_step_that_only_continued_runs_is_not_called_created(records: list[Record], said: str) -> None:
    assert verdict(Report(Verdict.CREATED, tuple(records))) == said


def test_an_object_with_a_name_is_called_by_its_name_and_id() -> None:
    record = orders(failed(own("7567482277219412494")))
    under_way = StillUnderWay((read(orders(own("1"))), own("2")), 7)

    assert title(record) == "Object dwd_orders_di (7567482277219412494): failed"
    assert more_failed([record, failed(own("2"))])[1] == (
        "They are in the log: dwd_orders_di (7567482277219412494) (failed), 2 (failed)"
    )
    assert line_of(under_way) == "still running: dwd_orders_di (1) Running, 2 created; 7 API calls so far"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "1"),
        (" \t ", "1"),
        ("x" * 80, f"{'x' * 80} (1)"),
        ("x" * 200, f"{'x' * 79}… (1)"),
        ("订单_日", "订单_日 (1)"),
        ("a\r\n::error::b\u202e", "a / ::error::b\ufffd (1)"),
        ("##[error]x", "# #[error]x (1)"),
    ],
)
def test_a_name_is_one_short_harmless_line(name: str, shown: str) -> None:
    assert title(called(failed(own("1")), name)) == f"Object {shown}: failed"


@given(drawn(Record, st.text(max_size=400)))
def test_an_annotation_has_what_happened_and_the_fix_and_no_more_than_600_characters(record: Record) -> None:
    found = told(record)
    said = found.annotation

    assert sum(map(len, said)) <= 600
    assert found.is_long == (said != found.lines)
    assert [each for each in said if each.startswith("Fix: ")] == [
        each for each in found.lines if each.startswith("Fix: ")
    ]
    assert said[0][:100] == found.lines[0][:100]


@pytest.mark.parametrize(
    ("fault", "is_allowed"),
    [
        (Fault("no", "Forbidden.RAM", None, 403), False),
        (Fault(symptom=Symptom.CONNECTION_REFUSED), True),
        (Fault(symptom=Symptom.ID_TOKEN_DENIED, source=Source.GITHUB), True),
    ],
)
def test_only_a_missing_permission_is_advised_to_be_added(fault: Fault, is_allowed: bool) -> None:
    said = line_of(OthersUnread(fault))

    assert ("Allow dataworks:ListPipelineRuns" not in said) is is_allowed
    assert "The step goes on." in said
