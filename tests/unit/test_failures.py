"""What the service says about a refusal, however long it is."""

import time

import pytest
from darabonba.exceptions import ResponseException

from dataworks_deploy.dataworks.answers import MOST_TEXT, ending_of
from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Symptom, Unclear


def refusal(message: str) -> ResponseException:
    """Make what the SDK raises for a signature that is not accepted."""
    return ResponseException(
        status_code=400,
        code="SignatureDoesNotMatch",
        message=message,
        data={"Code": "SignatureDoesNotMatch", "Message": message, "RequestId": "R-1"},
    )


@pytest.mark.parametrize("name", ["RequestId", "requestId"])
@pytest.mark.parametrize("value", ["", None, [], {}, {"x": 1}, False, True, 7, 0.5])
def test_a_request_id_that_is_not_a_text_proves_nothing(name: str, value: object) -> None:
    """The SDK makes the texts `[]`, `{}` and `False` from these values."""
    error = refusal("No match")
    error.data = {"Code": "Throttling.User", name: value}
    error.request_id = f"{value}"

    ending = ending_of(error)

    assert isinstance(ending, Unclear)
    assert ending.fault.request_id is None


@pytest.mark.parametrize("reading", [False, True])
@pytest.mark.parametrize(
    "code",
    [
        "Forbidden.Not.Server",
        "Forbidden.Wkbench.ProjectNoPermission",
        "InternalError.UserId.Missing",
        "Invalid.Wkbench.Parameter",
        "InternalError.System",
    ],
)
def test_for_a_reading_a_denial_counts_even_as_a_server_failure(code: str, *, reading: bool) -> None:
    """A reading changes nothing. A creation may have been carried out."""
    error = refusal("elsewhere")
    error.status_code, error.data = 500, {"Code": code, "RequestId": "R-1"}

    ending = ending_of(error, reading=reading)

    assert isinstance(ending, Refused) is (reading and code != "InternalError.System")


@pytest.mark.parametrize("reading", [False, True])
@pytest.mark.parametrize("words", ["Your request is too frequent", "您被限制访问,请过几分钟后重试"])
def test_words_in_a_server_failure_prove_nothing(words: str, *, reading: bool) -> None:
    """With status 400 they are a normal refusal."""
    error = refusal(words)
    error.data = {"Code": "Odd", "Message": words, "RequestId": "R-1"}

    assert isinstance(ending_of(error, reading=reading), Refused)
    error.status_code = 500
    assert isinstance(ending_of(error, reading=reading), Unclear)


TROUBLESHOOT = "https://api.aliyun.com/troubleshoot?q=NoPermission&product=dataworks-public&requestId=R-1"


@pytest.mark.parametrize(
    "link",
    [
        TROUBLESHOOT,
        "https://aliyun.com",
        "https://api.alibabacloud.com/x/y?q=%E4#a",
        "https://help.aliyun.com/",
    ],
)
def test_a_link_of_the_vendors_is_kept(link: str) -> None:
    error = refusal("x")
    for name in ("Recommend", "recommend"):
        error.data = {"Code": "Odd", "RequestId": "R-1", name: link}
        assert ending_of(error).fault.recommend == link


@pytest.mark.parametrize(
    "link",
    [
        "http://api.aliyun.com/x",
        "https://aliyun.com.example/x",
        "https://notaliyun.com/x",
        "https://aliyun.com@example.com/x",
        "https://example.com/https://api.aliyun.com",
        "https://aliyun.com:8443/x",
        "https://api.aliyun.com/x y",
        "https://api.aliyun.com/x)[y](https://example.com",
        "https://api.aliyun.com/<script>",
        "https://api.aliyun.com/" + "x" * 500,
        "https://api.aliyun.com/x\n",
        "javascript:alert(1)",
        "",
        None,
        7,
        [TROUBLESHOOT],
    ],
)
def test_other_links_are_dropped(link: object) -> None:
    error = refusal("x")
    error.data = {"Code": "Odd", "RequestId": "R-1", "Recommend": link}

    assert ending_of(error).fault.recommend == ""


@pytest.mark.parametrize(
    ("value", "code"), [(9990020002, "9990020002"), ("T", "T"), ({}, ""), (True, ""), (None, "")]
)
def test_a_code_is_a_text_or_a_number(value: object, code: str) -> None:
    error = refusal("No match")
    error.data = {"code": value, "requestId": "R-1"}
    error.code = f"{value}"

    assert ending_of(error).fault.code == code


@pytest.mark.parametrize("message", [None, "", [], {}, 0])
def test_an_error_without_a_message_is_wordless(message: object) -> None:
    error = refusal("")
    error.data = {"Code": "Odd", "Message": message, "RequestId": "R-1"}

    fault = Fault("", "Odd", "R-1", 400, symptom=Symptom.WORDLESS)

    assert ending_of(error) == Refused(Refusal.OTHER, fault)


def test_a_message_with_only_the_signed_text_becomes_empty() -> None:
    fault = ending_of(refusal("Server String to sign is:GET")).fault

    assert (fault.message, fault.symptom) == ("", None)


@pytest.mark.parametrize("between", [". ", ";  ", ",\n", " "])
def test_the_signed_text_is_left_out(between: str) -> None:
    ending = ending_of(refusal(f"No match{between}Server String to sign is:GET\nx-acs-security-token:t"))

    assert ending.fault.message == "No match" + "." * between.startswith(".")


@pytest.mark.parametrize("filling", [" ", ";", "server ", "server string ", "server string to\n"])
def test_a_long_message_is_cut_before_it_is_searched(filling: str) -> None:
    """Searching all of it would take quadratic time, and delay every other call."""
    began = time.thread_time()

    message = ending_of(refusal(filling * 64_000 + "x")).fault.message

    assert time.thread_time() - began < 2
    assert len(message) <= MOST_TEXT
