"""Faults: how they are written and drawn, and how they change the service. All on virtual time."""

from collections.abc import Callable
from typing import Any

import pytest

from dataworks_emulator import Settings
from dataworks_emulator.faults import KINDS, Schedule

Desk = Callable[..., Any]
CREATE = {"ProjectId": "42", "Type": "Online", "ObjectIds": '["1"]', "Description": "[mark] text"}
LIST = {"ProjectId": "42"}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("drop", r"write ACTION:CALLS:SPEC with N, N-M or \* for CALLS"),
        ("CreatePipelineRun:3-*:drop", "is not N, N-M or"),
        ("CreatePipelineRun:one:drop", "is not N, N-M or"),
        ("CreatePipelineRun:1:explode", "no such kind"),
        ("CreatePipelineRun:1:delay", "needs a value"),
        ("CreatePipelineRun:1:drop:3", "takes no value"),
        ("CreatePipelineRun:1:delay:soon", "is not a number"),
        ("CreatePipelineRun:1:commit+refuse", "takes no commit"),
        ("CreatePipelineRun:1:error:Nope", "unknown error"),
    ],
)
def test_an_invalid_fault_is_refused_at_the_start(rule: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Schedule(Settings(faults=(rule,)))


def test_rules_name_one_call_a_range_or_all() -> None:
    rules = ("A:1:drop", "A:3-4:commit+json:{}", "B:*:status:500")
    schedule = Schedule(Settings(faults=rules))
    assert [str(schedule.find("A", n)) for n in range(1, 6)] == [
        "drop",
        "None",
        *["commit+json:{}"] * 2,
        "None",
    ]
    assert str(schedule.find("B", 999)) == "status:500"
    schedule.add("B:2:drop")
    assert str(schedule.find("B", 2)) == "drop", "a later rule stands before the older ones"


def test_a_drawn_fault_depends_only_on_seed_action_and_number() -> None:
    one, same, other = (Schedule(Settings(fault_seed=seed, fault_rate=0.3)) for seed in (1, 1, 2))
    calls = [
        (action, number) for action in ("CreatePipelineRun", "GetPipelineRun") for number in range(1, 200)
    ]
    drawn = [one.find(*call) for call in calls]
    assert [same.find(*call) for call in reversed(calls)] == drawn[::-1]
    assert [other.find(*call) for call in calls] != drawn
    assert 0.2 < sum(fault is not None for fault in drawn) / len(drawn) < 0.4


def test_all_kinds_of_faults_are_drawn_by_default() -> None:
    def kinds(**settings: Any) -> set[str]:
        schedule = Schedule(Settings(fault_seed=5, fault_rate=1.0, **settings))
        actions = ("CreatePipelineRun", "ListPipelineRuns", "AssumeRoleWithOIDC")
        return {f.kind for a in actions for n in range(1, 999) if (f := schedule.find(a, n)) is not None}

    assert kinds() == KINDS.keys()
    assert kinds(fault_kinds=("drop", "commit+drop", "late:1"), fault_without=("late",)) == {"drop"}
    with pytest.raises(ValueError, match="no such fault"):
        kinds(fault_without=("dorp",))


@pytest.mark.parametrize(
    "kind", ["drop", "reset", "truncate", "empty", "html", "json:{}", "status:500", "hostile"]
)
def test_the_phase_decides_whether_the_operation_is_carried_out(desk: Desk, kind: str) -> None:
    d = desk(faults=(f"CreatePipelineRun:1:{kind}", f"CreatePipelineRun:2:commit+{kind}"))
    d.service.deliver("CreatePipelineRun", CREATE, nonce="n")
    assert d.truth.runs() == []
    d.service.deliver("CreatePipelineRun", CREATE, nonce="n")
    assert len(d.truth.runs()) == 1, "the first one did not use the nonce up"
    third = d.service.deliver("CreatePipelineRun", CREATE, nonce="n")
    assert third.response().body["Code"] == "SignatureNonceUsed", "the second one did"
    assert [event["fault"] for event in d.truth.posts("CreatePipelineRun")] == [kind, f"commit+{kind}", None]


@pytest.mark.parametrize("uses", [True, False])
def test_a_throttling_fault_uses_the_nonce_as_real_throttling_does(desk: Desk, *, uses: bool) -> None:
    d = desk(throttled_uses_nonce=uses, faults=("CreatePipelineRun:1:throttle:250",))
    first = d.service.deliver("CreatePipelineRun", CREATE, nonce="n").response()
    assert (first.body["Code"], first.headers["x-acs-retry-after"]) == ("Throttling.User", "250")
    second = d.service.deliver("CreatePipelineRun", CREATE, nonce="n").response()
    assert second.status == (400 if uses else 200)


@pytest.mark.parametrize(
    ("code", "second"),
    [
        ("InvalidAccessKeyId.NotFound", 200),
        ("InvalidSecurityToken.Expired", 200),
        ("InvalidTimeStamp.Expired", 200),
        ("SignatureDoesNotMatch", 200),
        ("IncompleteSignature", 200),
        ("NoPermission", 400),
        ("InternalError", 200),
    ],
)
def test_a_request_refused_for_its_signature_has_not_used_its_nonce(
    desk: Desk, code: str, second: int
) -> None:
    d = desk(faults=(f"CreatePipelineRun:1:error:{code}",))
    first = d.service.deliver("CreatePipelineRun", CREATE, nonce="n").response()
    assert first.body["Code"] == code
    assert d.service.deliver("CreatePipelineRun", CREATE, nonce="n").response().status == second


def test_the_fault_late_uses_the_nonce_at_once_and_creates_the_run_later(desk: Desk) -> None:
    d = desk(faults=("CreatePipelineRun:1:late:5",))
    assert d.service.deliver("CreatePipelineRun", CREATE, nonce="n").how == "drop"
    retry = d.service.deliver("CreatePipelineRun", CREATE, nonce="n").response()
    assert retry.body["Code"] == "SignatureNonceUsed"
    assert d.truth.runs() == []
    d.clock.forward(100)
    assert [event["time"] for event in d.truth.runs()] == [1_750_000_005.0], "at its time, whenever looked at"


def test_a_request_that_is_delayed_before_the_gate_finds_its_nonce_used(desk: Desk) -> None:
    d = desk(faults=("CreatePipelineRun:1:delay:5",))
    held = d.service.deliver("CreatePipelineRun", CREATE, nonce="n")
    assert held.delay == 5.0
    with pytest.raises(RuntimeError, match="before the delay was over"):
        held.response()
    assert d.service.deliver("CreatePipelineRun", CREATE, nonce="n").response().status == 200
    d.clock.forward(5)
    assert held.response().body["Code"] == "SignatureNonceUsed"
    assert len(d.truth.runs()) == 1


def test_the_check_of_nonces_stops_the_fault_duplicate_but_not_the_fault_twice(desk: Desk) -> None:
    d = desk(faults=("CreatePipelineRun:1:duplicate", "CreatePipelineRun:2:twice"))
    answer = d.service.deliver("CreatePipelineRun", CREATE, nonce="n").response()
    assert answer.body["Code"] == "SignatureNonceUsed", "the client gets the answer to the second delivery"
    assert len(d.truth.runs()) == 1
    assert d.service.deliver("CreatePipelineRun", CREATE, nonce="m").response().status == 200
    assert len(d.truth.runs(nonce="m")) == 2


def test_descriptions_can_be_lost_or_cut(desk: Desk) -> None:
    d = desk(faults=("CreatePipelineRun:1:no-description", "CreatePipelineRun:2:cut-description:3"))
    for _ in range(3):
        d.service.deliver("CreatePipelineRun", CREATE)
    assert [run["description"] for run in d.truth.runs()] == ["", "[ma", "[mark] text"]


@pytest.mark.parametrize(("fault", "ours"), [("foreign-id", 0), ("commit+foreign-id", 1)])
def test_a_creation_can_be_answered_with_somebody_elses_run(desk: Desk, fault: str, ours: int) -> None:
    d = desk(faults=(f"CreatePipelineRun:1-2:{fault}",))
    answer = d.service.deliver("CreatePipelineRun", CREATE, nonce="n").response()
    *mine, theirs = d.truth.runs()
    assert (answer.status, answer.body["Id"], len(mine)) == (200, theirs["run_id"], ours)
    assert (theirs["who"], theirs["description"]) == ("somebody", "by hand")
    shown = d.run(theirs["run_id"])
    assert (d.clock() - shown["CreateTime"] / 1000, shown["Description"]) == (7200, "by hand")
    again = d.service.deliver("CreatePipelineRun", CREATE, nonce="n").response()
    assert again.body["Code"] == "SignatureNonceUsed"


def test_one_run_can_appear_later_than_the_others(desk: Desk) -> None:
    d = desk(faults=("CreatePipelineRun:1:lag:9",))
    hidden, seen = (d.service.deliver("CreatePipelineRun", CREATE).response().body["Id"] for _ in range(2))
    assert d.listed() == [seen]
    d.clock.forward(9)
    assert set(d.listed()) == {seen, hidden}


def test_pages_can_be_short_damaged_or_stale(desk: Desk) -> None:
    kinds = ("short-page", "garbled-page", "stale", "stale")
    d = desk(faults=tuple(f"ListPipelineRuns:{n}:{kind}" for n, kind in enumerate(kinds, start=1)))
    run = d.create()

    def page() -> Any:
        return d.service.deliver("ListPipelineRuns", LIST).response().body["PagingInfo"]

    short = page()
    assert (len(short["PipelineRuns"]), short["TotalCount"]) == (0, 1)
    assert page() is None
    assert page()["PipelineRuns"] == [], "five seconds ago there was none"
    d.clock.forward(5.5)
    old = page()["PipelineRuns"][0]
    assert (old["Id"], old["Stages"][0]["Status"]) == (run, "Running"), "its build has ended since"


def test_hostile_texts_come_in_errors_and_in_good_answers(desk: Desk) -> None:
    d = desk(faults=("GetPipelineRun:1:hostile", "GetPipelineRun:2:commit+hostile"))
    asked = {"ProjectId": "42", "Id": d.create()}
    refused, shown = (d.service.deliver("GetPipelineRun", asked).response() for _ in range(2))
    assert refused.status == 400
    for message in (refused.body["Message"], shown.body["Pipeline"]["Stages"][0]["Message"]):
        assert "\r\n::set-output" in message
        assert "\u202e" in message
    assert shown.status == 200


def test_a_fault_can_send_a_body_without_meaning(desk: Desk) -> None:
    kinds = ("json:[]", "empty", "html:502", "huge:5000", "redirect:http://127.0.0.1:9/", "quota")
    d = desk(faults=tuple(f"GetProject:{n}:{kind}" for n, kind in enumerate(kinds, start=1)))
    answers = [d.service.deliver("GetProject", {"Id": "42"}).response() for _ in kinds]
    assert [answer.status for answer in answers] == [200, 200, 502, 200, 307, 429]
    assert [len(answer.content()) for answer in answers[:2]] == [2, 0]
    assert len(answers[3].content()) == 5000
    assert answers[2].content().startswith(b"<!DOCTYPE html>")
    assert answers[4].headers["Location"] == "http://127.0.0.1:9/"
    assert answers[5].body["Code"] == "Throttling.Api.Risk"
