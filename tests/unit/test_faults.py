"""The exact text that a person reads about a failed call."""

import pytest

from dataworks_deploy.domain.ending import Fault, Source, Symptom
from dataworks_deploy.render.errors import MOST_WORDS, detailed, name_of, quoted, words_of

HOST = "dataworks.cn-shanghai.aliyuncs.com"
GITHUB = "the job's ID token could not be fetched from GitHub: "
STS = "the role could not be assumed: STS gives no usable answer: "
ENDED = "the role's session has ended and could not be renewed: "
SEEN = {
    Symptom.NAME_UNKNOWN: (HOST, f"the endpoint's name does not resolve: {HOST}"),
    Symptom.CONNECTION_REFUSED: (HOST, f"the endpoint refuses the connection: {HOST}"),
    Symptom.CONNECTION_UNANSWERED: (HOST, f"the endpoint does not answer the connection: {HOST}"),
    Symptom.NOT_TRUSTED: (HOST, f"the endpoint's certificate is not trusted: {HOST}"),
    Symptom.PROXY_ADDRESS: (HOST, f"the proxy's address cannot be used for the endpoint: {HOST}"),
    Symptom.PROXY_REFUSES: (HOST, f"the proxy refuses to connect to the endpoint: {HOST}"),
    Symptom.PROXY_UNREACHABLE: (
        f"proxy:3128 {HOST}",
        f"the proxy cannot be reached (proxy:3128) for the endpoint: {HOST}",
    ),
    Symptom.NAME_UNANSWERED: (HOST, f"temporary failure in name resolution of the endpoint: {HOST}"),
    Symptom.NO_DESCRIPTOR: (HOST, f"the process cannot open more files or connections: {HOST}"),
    Symptom.NO_THREAD: ("", "the container cannot start a thread"),
    Symptom.NO_ANSWER: ("", "no answer in time"),
    Symptom.NO_ANSWER_WITHIN: ("45", "no answer within 45 s"),
    Symptom.CUT_SHORT: ("", "the answer is cut short"),
    Symptom.RESET: ("", "the connection was reset"),
    Symptom.CLOSED: ("", "the connection was closed without a whole answer"),
    Symptom.TLS_FAILED: ("", "TLS failed"),
    Symptom.UNEXPECTED: ("KeyError", "the call failed in an unexpected way (KeyError)"),
    Symptom.GATEWAY: ("", "HTTP status 502 without the service's answer"),
    Symptom.NOT_JSON: ("", "the answer is not the JSON that was expected"),
    Symptom.NEITHER: ("", "the answer has HTTP status 502, and is not a success and not an error"),
    Symptom.WORDLESS: ("", "HTTP status 502"),
    Symptom.NO_RUN_ID: ("", "the answer has no run ID"),
    Symptom.NO_SUCCESS: ("", "the answer does not say Success"),
    Symptom.OTHER_RUN: ("", "the answer is about another run"),
    Symptom.NO_LIST: ("", "the answer has no list"),
    Symptom.NO_FLOWSPEC: ("", "the answer has no FlowSpec"),
    Symptom.RUN_WITHOUT: ("", "the answer holds a run without an ID or a status"),
    Symptom.STAGE_WITHOUT: ("", "the answer holds a stage without a code or a step"),
    Symptom.LIST_UNSTABLE: ("", "the list changed each time that it was read"),
    Symptom.LIST_SHORT: ("3 of 5", "the list of runs shows 3 of 5 runs"),
    Symptom.LIST_ENDLESS: ("1000", "the list has more than 1000 pages"),
    Symptom.LACKING: ("", "what it answers does not hold what was asked for"),
    Symptom.ID_TOKEN_DENIED: (
        "403",
        "it answers with HTTP status 403; the job needs permissions: id-token: write",
    ),
    Symptom.ID_TOKEN_REFUSED: ("503", "it answers with HTTP status 503"),
    Symptom.NOT_AN_ID_TOKEN: ("", "what came is no ID token"),
    Symptom.NO_CODE: ("503", "HTTP status 503 without an answer to the question"),
    Symptom.NO_KEY: ("", "the session has no usable key"),
    Symptom.SESSION_OVER: ("", "the session has ended before it began; check this machine's clock"),
    Symptom.NO_SESSION: ("KeyError", "STS gave no session for the role (KeyError)"),
    Symptom.NO_SESSION_WITHIN: ("30", "STS gave no session for the role within 30 s"),
}
WITH_HOST = [symptom for symptom, (detail, _) in SEEN.items() if HOST in detail]


@pytest.mark.parametrize("symptom", Symptom)
def test_each_symptom_has_words(symptom: Symptom) -> None:
    detail, text = SEEN[symptom]

    assert words_of(Fault(symptom=symptom, detail=detail, http_status=502)) == text


@pytest.mark.parametrize("symptom", WITH_HOST)
def test_a_host_that_is_not_known_is_left_out(symptom: Symptom) -> None:
    detail, text = SEEN[symptom]

    seen = words_of(Fault(symptom=symptom, detail=detail.replace(HOST, "")))

    assert seen == text.removesuffix(f": {HOST}")


def test_a_proxy_without_a_known_host_is_still_named_as_a_proxy() -> None:
    seen = words_of(Fault(symptom=Symptom.PROXY_UNREACHABLE, detail=f" {HOST}"))

    assert seen == f"the proxy cannot be reached (its host) for the endpoint: {HOST}"


@pytest.mark.parametrize(("source", "before"), [(Source.GITHUB, GITHUB), (Source.STS, STS)])
def test_the_source_that_gives_no_session_is_named_first(source: Source, before: str) -> None:
    fault = Fault(symptom=Symptom.NAME_UNKNOWN, detail=HOST, source=source)

    assert words_of(fault) == name_of(fault) == f"{before}the endpoint's name does not resolve: {HOST}"


@pytest.mark.parametrize("symptom", [Symptom.NO_SESSION, Symptom.NO_SESSION_WITHIN])
def test_a_missing_session_is_reported_once(symptom: Symptom) -> None:
    detail, text = SEEN[symptom]

    assert words_of(Fault(symptom=symptom, detail=detail, source=Source.STS)) == text


SAID = [
    (Fault("no", "Odd", "R-1", 400), "Odd: no"),
    (Fault("no"), "no"),
    (Fault("", "Odd"), "Odd: "),
    (Fault(code="Odd", http_status=400, symptom=Symptom.WORDLESS), "Odd: HTTP status 400"),
    (Fault("no", "Odd", source=Source.STS), "Odd: the role could not be assumed: no"),
    (
        Fault(
            "The role not exists.", "EntityNotExist.Role", detail="S-1", http_status=404, source=Source.STS
        ),
        (
            "EntityNotExist.Role: the role could not be assumed (RequestId S-1 of STS): The role not exists.; check "
            "role-arn"
        ),
    ),
    (
        Fault("slow down", "Odd", http_status=429, source=Source.STS),
        "Odd: the role could not be assumed: slow down; STS refuses so many sessions at once",
    ),
    (
        Fault("slow down", "Throttling.User", detail="S-1", source=Source.STS, renewal=True),
        (
            f"Throttling.User: {ENDED}the role could not be assumed (RequestId S-1 of STS): slow down; STS "
            "refuses so many sessions at once"
        ),
    ),
    (
        Fault(symptom=Symptom.NO_ANSWER, source=Source.GITHUB, renewal=True),
        f"{ENDED}{GITHUB}no answer in time",
    ),
    (
        Fault(symptom=Symptom.NO_SESSION_WITHIN, detail="30", source=Source.STS, renewal=True),
        f"{ENDED}STS gave no session for the role within 30 s",
    ),
]


@pytest.mark.parametrize(("fault", "text"), SAID)
def test_an_error_is_shown_in_the_words_of_its_source(fault: Fault, text: str) -> None:
    assert words_of(fault) == text


@pytest.mark.parametrize("code", ["", "Odd"])
@pytest.mark.parametrize(("more", "cut"), [(0, False), (1, True)])
def test_a_long_text_is_cut(code: str, more: int, cut: bool) -> None:
    before = f"{code}: " if code else ""

    found = words_of(Fault("x" * (MOST_WORDS - len(before) + more), code))

    assert len(found) == MOST_WORDS == 400
    assert found.endswith("…") is cut


def test_a_quotation_ends_without_its_full_stop() -> None:
    assert quoted(Fault("未找到。 .", "Odd")) == "Odd: 未找到"


@pytest.mark.parametrize(
    ("fault", "name", "details"),
    [
        (Fault("No. ", "Odd", "R-1", 400), "Odd", "Odd: No, HTTP status 400, RequestId R-1"),
        (Fault("HTTP status 502.", http_status=502), "HTTP status 502", "HTTP status 502"),
        (
            Fault(symptom=Symptom.NO_RUN_ID, request_id="R-1", http_status=200),
            "HTTP status 200",
            "the answer has no run ID, HTTP status 200, RequestId R-1",
        ),
        (Fault(symptom=Symptom.RESET), "the connection was reset", "the connection was reset"),
        (
            Fault("no", "Odd", http_status=403, source=Source.STS, renewal=True),
            "Odd",
            f"Odd: {ENDED}the role could not be assumed: no",
        ),
    ],
)
def test_an_error_has_a_name_and_details(fault: Fault, name: str, details: str) -> None:
    assert (name_of(fault), detailed(fault)) == (name, details)
