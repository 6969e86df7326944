"""The gate: nonces, quotas of the editions, permissions. All on virtual time."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from dataworks_emulator import Denial

Desk = Callable[..., Any]
CREATE = {"ProjectId": "42", "Type": "Online", "ObjectIds": '["1"]'}


def codes(desk: Any, action: str, calls: int, gap: float = 0.0) -> list[str]:
    seen = []
    for _ in range(calls):
        seen.append(desk.ask(action, Id="x")[1].get("Code", "OK"))
        desk.clock.forward(gap)
    return seen


def test_a_nonce_can_be_used_once_in_half_an_hour(desk: Desk) -> None:
    d = desk()
    assert d.service.call("CreatePipelineRun", CREATE, nonce="n").status == 200
    d.clock.forward(1799)
    again = d.service.call("CreatePipelineRun", CREATE, nonce="n")
    assert (again.status, again.body["Code"]) == (400, "SignatureNonceUsed")
    d.clock.forward(2)
    assert d.service.call("CreatePipelineRun", CREATE, nonce="n").status == 200
    assert len(d.truth.runs()) == 2
    assert [event["nonce"] for event in d.truth.of("duplicate_refused")] == ["n"]


@pytest.mark.parametrize(("uses", "second"), [(True, "SignatureNonceUsed"), (False, None)])
def test_whether_a_throttled_request_uses_its_nonce_is_a_setting(
    desk: Desk, *, uses: bool, second: str | None
) -> None:
    d = desk(edition="basic", throttled_uses_nonce=uses)
    for _ in range(5):
        d.service.call("GetProject", {"Id": "42"})
    assert d.service.call("CreatePipelineRun", CREATE, nonce="n").body["Code"] == "Throttling.User"
    d.clock.forward(1)
    assert d.service.call("CreatePipelineRun", CREATE, nonce="n").body.get("Code") == second


def test_basic_has_five_calls_a_second_and_a_hundred_a_day(desk: Desk) -> None:
    d = desk(edition="basic")
    assert codes(d, "GetProject", 7) == ["InvalidParameter"] * 5 + ["Throttling.User"] * 2
    d.clock.forward(1)
    spent = [d.service.call("GetProject", {"Id": "42"}).body.get("Code") for _ in itertools.repeat(None, 5)]
    assert spent == [None] * 5
    d.clock.forward(1)
    assert codes(d, "GetProject", 91, gap=1)[-1] == "Throttling.Api.Risk"
    d.clock.forward(86_400)
    assert codes(d, "GetProject", 1) == ["InvalidParameter"], "a new day"


def test_enterprise_counts_reads_and_writes_separately(desk: Desk) -> None:
    d = desk(edition="enterprise", throttle_status=400, retry_after_ms=250)
    assert codes(d, "GetPipelineRun", 51)[-2:] == ["EntityNotExist", "Throttling.User"]
    assert codes(d, "AbolishPipelineRun", 21)[-2:] == ["EntityNotExist", "Throttling.User"]
    answer = d.service.call("GetPipelineRun", {"ProjectId": "42", "Id": "x"})
    assert (answer.status, answer.headers["x-acs-retry-after"]) == (400, "250")


def test_the_daily_limit_and_its_code_are_settings(desk: Desk) -> None:
    d = desk(day_calls=2, quota_code="Throttling.Resource")
    assert codes(d, "GetPipelineRun", 3)[-1] == "Throttling.Resource"


def test_a_caller_without_permission_is_refused(desk: Desk) -> None:
    d = desk(
        denials=(Denial("reader", "NoPermission", writes_only=True), Denial("nobody", "Forbidden.Access"))
    )

    def code(action: str, caller: str) -> Any:
        return d.service.call(action, CREATE | {"Id": "42"}, caller=caller).body.get("Code")

    assert code("CreatePipelineRun", "reader") == "NoPermission"
    assert code("GetProject", "reader") is None
    assert code("GetProject", "nobody") == "Forbidden.Access"
    assert d.truth.runs() == []
