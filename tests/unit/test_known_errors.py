"""Every known error is recognised by an answer or a symptom, has one meaning, and is explained."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault, Refusal, Source, Symptom
from dataworks_deploy.domain.error import Known, may_be_spent, refusal_of, row_in, row_of
from dataworks_deploy.render.errors import (
    ASK,
    ENGLISH,
    GO_ON,
    Advice,
    advice,
    advice_in,
    ask,
    ask_all,
    words_of,
)
from dataworks_emulator.answers import ERRORS, RARE_ERRORS, STS_ERRORS

SEVERAL = (
    "look one of their RequestIds up in OpenAPI Diagnose (api.alibabacloud.com/troubleshoot), or give it to "
)
ONE = SEVERAL.replace("one of their RequestIds", "its RequestId R-1")
SUPPORT = "Alibaba Cloud support."


def whole(found: Advice | None) -> str:
    assert found
    return f"{found.what} {found.cause} {found.fix}"


def samples(known: Known) -> list[Fault]:
    """One fault for each sign of this row."""
    row = known.value
    source = row.source or Source.DATAWORKS
    return [
        *(Fault(f"said {each} of it", source=source) for each in row.words),
        *(Fault("x", code, source=source) for code in row.codes),
        *(Fault("x", f"{code}.More", source=source) for code in row.codes),
        *(Fault("x", "Odd", http_status=status, source=source) for status in row.statuses),
        *(Fault(symptom=symptom, source=source) for symptom in row.symptoms),
    ]


@pytest.mark.parametrize("known", Known)
def test_each_row_can_be_reached(known: Known) -> None:
    """No row is hidden completely by other rows, and no particular row is hidden at all."""
    row = known.value
    reached = [row_of(fault) is known for fault in samples(known)]

    particular = not row.statuses and len(row.symptoms) < len(Symptom)
    assert all(reached) if particular else any(reached)
    assert reached


def test_each_row_has_words_and_no_row_repeats_another() -> None:
    assert [*ENGLISH] == [*Known]
    assert len({*ENGLISH.values()}) == len(Known) - 1, "408 and 429 are told alike"
    for found in ENGLISH.values():
        for text in (found.what, found.cause, found.fix.replace(f"If it looks right, {ASK}", "")):
            assert text.isascii()
            assert text.rstrip().endswith((".", ASK, GO_ON)), text


def test_every_row_about_an_open_run_also_says_what_to_do_if_it_was_abolished() -> None:
    for known, found in ENGLISH.items():
        about_one = re.search(r"continue (it|the run)\b|end the run", found.fix)
        assert bool(found.anew) is bool(about_one), known
        assert "run-ids" not in found.anew


ANSWERS: list[tuple[Fault, Known, Refusal]] = [
    (Fault("未找到发布对象: [[123]]", "5801489541076353033"), Known.NESTED_LIST, Refusal.INNER),
    (Fault("未找到发布对象: 123", "5801489541076353033"), Known.NO_OBJECT, Refusal.INNER),
    (Fault("WorkflowDefinition只允许作为整体发布, 123", "1"), Known.ONLY_WHOLE, Refusal.INNER),
    (Fault("流水线不是正在运行", "5801489541076353034"), Known.NOT_RUNNING, Refusal.NOT_RUNNING),
    (Fault("阶段不允许执行: PROD", "1"), Known.STAGE_NOT_NOW, Refusal.OTHER),
    (
        Fault("can not exported multiple nodes into the same output", "1"),
        Known.OUTPUT_TAKEN,
        Refusal.OTHER,
    ),
    (Fault("节点存在子节点,导致任务删除或下线失败", "1"), Known.HAS_CHILDREN, Refusal.OTHER),
    (Fault("上游节点未发布", "1"), Known.UPSTREAM_MISSING, Refusal.OTHER),
    (Fault("slow down", "9990020002"), Known.THROTTLED, Refusal.THROTTLED),
    (Fault("x", "Throttling"), Known.THROTTLED, Refusal.THROTTLED),
    (Fault("x", "Throttling.User"), Known.THROTTLED, Refusal.THROTTLED),
    (Fault("x", "ServiceUnavailable.Throttling"), Known.THROTTLED, Refusal.THROTTLED),
    (Fault("x", "Throttling.Api.Risk", http_status=429), Known.DAY_SPENT, Refusal.QUOTA_SPENT),
    (Fault("x", "Throttling.Resource", http_status=429), Known.EDITION_SPENT, Refusal.THROTTLED),
    (Fault("Your request is too frequent", "Odd"), Known.TOO_FREQUENT, Refusal.THROTTLED),
    (Fault("x", "9990040001"), Known.THROTTLED, Refusal.THROTTLED),
    (Fault("x", "9990040003"), Known.THROTTLED, Refusal.THROTTLED),
    (
        Fault("您被限制访问,请过几分钟后重试", "Forbidden.Access", http_status=403),
        Known.KEPT_OUT,
        Refusal.THROTTLED,
    ),
    (Fault("未找到节点: 123", "5801488441564725286"), Known.NO_NODE, Refusal.OTHER),
    (Fault("x", "403030", http_status=403), Known.NOT_AUTHORIZED, Refusal.DENIED),
    (Fault("x", "InternalError.UserId.Missing", http_status=500), Known.NO_MEMBER, Refusal.DENIED),
    (Fault("x", "Forbidden.Wkbench.ProjectNoPermission", http_status=500), Known.NO_MEMBER, Refusal.DENIED),
    (Fault("x", "Invalid.Wkbench.Parameter", http_status=500), Known.WRONG_WORKSPACE, Refusal.DENIED),
    (Fault("x", "InvalidPageSize", http_status=400), Known.PAGE_SIZE, Refusal.OTHER),
    (Fault("x", "Odd", http_status=429), Known.BUSY, Refusal.THROTTLED),
    (Fault("x", "NoPermission", http_status=429), Known.NO_PERMISSION, Refusal.THROTTLED),
    (Fault("流水线不是正在运行", "1", http_status=429), Known.NOT_RUNNING, Refusal.THROTTLED),
    (Fault("x", "Odd", http_status=408), Known.LATE, Refusal.OTHER),
    (Fault("x", "SignatureNonceUsed", http_status=403), Known.NONCE_USED, Refusal.NONCE_USED),
    (Fault("x", "InvalidSecurityToken.Expired", http_status=403), Known.TOKEN_NOT_ACCEPTED, Refusal.EXPIRED),
    (Fault("x", "ResourceNotAuthorized.Api"), Known.NOT_AUTHORIZED, Refusal.DENIED),
    (Fault("x", "Forbidden.RAM"), Known.NO_POLICY, Refusal.DENIED),
    (Fault("x", "NoPermission"), Known.NO_PERMISSION, Refusal.DENIED),
    (Fault("x", "Forbidden.Access"), Known.NO_ACCESS, Refusal.DENIED),
    (Fault("x", "Forbidden.Not.Server"), Known.OTHER_REGION, Refusal.DENIED),
    (Fault("x", "Forbidden.Odd", http_status=400), Known.DENIED, Refusal.DENIED),
    (Fault("x", "InvalidAccessKeyId.NotFound", http_status=404), Known.NO_ACCESS_KEY, Refusal.DENIED),
    (Fault("x", "SignatureDoesNotMatch"), Known.WRONG_SIGNATURE, Refusal.DENIED),
    (Fault("x", "EntityNotExist", http_status=404), Known.NOT_FOUND, Refusal.OTHER),
    (Fault("x", "EntityNotExist", http_status=403), Known.NOT_FOUND, Refusal.DENIED),
    (Fault("x", "9990010001"), Known.NOT_ACTIVATED, Refusal.OTHER),
    (Fault("x", "InternalError.System", http_status=500), Known.FAILED_INSIDE, Refusal.OTHER),
    (Fault("x", "Odd", http_status=401), Known.DENIED, Refusal.DENIED),
    (Fault("x", "Odd", http_status=404), Known.UNKNOWN_THING, Refusal.OTHER),
    (Fault("x", "Odd", http_status=451), Known.REFUSED, Refusal.OTHER),
    (Fault("x", "Odd", http_status=502), Known.FAILED, Refusal.OTHER),
]


@pytest.mark.parametrize(("fault", "known", "why"), ANSWERS)
def test_an_answer_is_recognised_and_has_one_meaning(fault: Fault, known: Known, why: Refusal) -> None:
    assert (row_of(fault), refusal_of(fault)) == (known, why)


@pytest.mark.parametrize(
    ("fault", "may_be"),
    [
        (Fault("x", "Throttling.Resource"), True),
        (Fault("Your request is too frequent", "Odd"), True),
        (Fault("x", "Throttling.Api.Risk"), False),
        (Fault("x", "Throttling.User"), False),
        (Fault("x", "NoPermission"), False),
    ],
)
def test_a_possibly_used_up_quota_is_distinguished_from_a_surely_used_up_one(
    fault: Fault, *, may_be: bool
) -> None:
    assert may_be_spent(fault) is may_be


@pytest.mark.parametrize("code", ["Odd", "Throttlingless", "NoPermissionX", ""])
def test_a_code_that_only_begins_like_a_known_one_is_not_recognised(code: str) -> None:
    assert row_of(Fault("x", code)) is None
    assert refusal_of(Fault("x", code)) is Refusal.OTHER


OUR_OWN = {"unreadable", "own-failure", "UnsupportedHTTPMethod"}  # no official client meets them


@pytest.mark.parametrize("name", [*ERRORS, *sorted({*RARE_ERRORS} - OUR_OWN)])
def test_each_error_of_the_emulator_is_recognised_by_more_than_its_status(name: str) -> None:
    status, code, message = (ERRORS | RARE_ERRORS)[name]
    said = message.replace("{detail}", "123")

    assert row_of(Fault(said, code)) or (name == "RequestTimeout" and row_of(Fault(said, code, None, status)))


@pytest.mark.parametrize("name", STS_ERRORS)
def test_each_error_of_sts_has_advice(name: str) -> None:
    status, code, message = STS_ERRORS[name]

    assert advice(Fault(message, code, http_status=status, source=Source.STS))


SEEN = [
    (Symptom.NOT_TRUSTED, Source.DATAWORKS, Known.NOT_TRUSTED),
    (Symptom.NOT_TRUSTED, Source.GITHUB, Known.NOT_TRUSTED),
    (Symptom.PROXY_REFUSES, Source.STS, Known.PROXY_REFUSES),
    (Symptom.NAME_UNKNOWN, Source.DATAWORKS, Known.NAME_UNKNOWN),
    (Symptom.NAME_UNKNOWN, Source.STS, Known.NO_SESSION),
    (Symptom.CONNECTION_REFUSED, Source.DATAWORKS, Known.UNREACHABLE),
    (Symptom.CONNECTION_REFUSED, Source.GITHUB, Known.NO_ID_TOKEN),
    (Symptom.NOT_JSON, Source.DATAWORKS, Known.NOT_THE_SERVICE),
    (Symptom.NOT_JSON, Source.STS, Known.NO_SESSION),
    (Symptom.ID_TOKEN_DENIED, Source.GITHUB, Known.ID_TOKEN_DENIED),
    (Symptom.ID_TOKEN_REFUSED, Source.GITHUB, Known.NO_ID_TOKEN),
    (Symptom.NO_SESSION_WITHIN, Source.STS, Known.NO_SESSION),
    (Symptom.NO_ANSWER, Source.DATAWORKS, None),
    (Symptom.NO_RUN_ID, Source.DATAWORKS, None),
]


@pytest.mark.parametrize("renewal", [False, True])
@pytest.mark.parametrize(("symptom", "source", "known"), SEEN)
def test_a_symptom_is_recognised_together_with_its_source(
    symptom: Symptom, source: Source, known: Known | None, renewal: bool
) -> None:
    assert row_of(Fault(symptom=symptom, source=source, renewal=renewal)) is known


@pytest.mark.parametrize(
    ("fault", "known"),
    [
        (Fault("x", "Throttling.User"), Known.STS_THROTTLES),
        (Fault("x", "Odd", http_status=429), Known.STS_THROTTLES),
        (Fault("x", "AuthenticationFail.NoPermission", http_status=401), Known.NOT_TRUSTED_BY_ROLE),
        (Fault("x", "EntityNotExist.Role", http_status=404), Known.NO_ROLE),
        (Fault("x", "Odd", http_status=403), Known.STS_REFUSES),
        (Fault("x", "Odd", http_status=200), Known.STS_REFUSES),
    ],
)
def test_an_answer_of_sts_is_not_taken_for_one_of_the_service(fault: Fault, known: Known) -> None:
    said = Fault(fault.message, fault.code, http_status=fault.http_status, source=Source.STS)

    assert row_of(said) is known
    assert row_of(fault) is not Known.STS_REFUSES


@pytest.mark.parametrize(
    ("symptom", "source"),
    [(each, source) for each, source, _ in SEEN if source is not Source.DATAWORKS],
)
def test_a_session_that_cannot_be_fetched_is_not_blamed_on_dataworks(
    symptom: Symptom, source: Source
) -> None:
    found = whole(advice(Fault(symptom=symptom, source=source)))

    assert not re.search(r"project-id|region|workspace|support|half an hour", found)


@given(st.sampled_from(Symptom), st.sampled_from(Source))
def test_words_of_the_service_are_never_taken_for_a_symptom(symptom: Symptom, source: Source) -> None:
    """For example, a stage may fail because of its own connection."""
    ours = words_of(Fault(symptom=symptom, detail="rm-1.mysql.rds.aliyuncs.com", source=source))

    assert row_of(Fault(f"it failed: {ours}")) is None
    assert row_in(f"it failed: {ours}") is None
    assert advice_in(ours) is None


def test_the_message_of_a_stage_is_recognised_by_the_words_of_the_service() -> None:
    text = "Run r ended as Fail at stage OfflineCheck: 节点存在子节点,导致任务删除或下线失败"

    assert row_in(text) is Known.HAS_CHILDREN
    assert advice_in(text) == ENGLISH[Known.HAS_CHILDREN]


def test_the_advice_to_ask_support_names_the_request_id() -> None:
    known, unknown = Fault("x", request_id="R-1"), Fault("x")

    assert ask(known) == ask_all([known]) == f"{ONE}{SUPPORT}"
    assert ask(unknown) == ask(None) == ask_all([None, unknown]) == f"ask {SUPPORT}"
    assert ask_all([unknown, known]) == f"{SEVERAL}{SUPPORT}"
