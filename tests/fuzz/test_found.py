"""Mistakes that the cases have found, one by one."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from dataworks_deploy.domain.ending import Fault, Ok, Refused, Symptom, Unclear

from .answers import BODIES, OBJECT, Answer, bare, plain
from .endings import broken, shown
from .seam import Seam
from .shown import faults
from .texts import KEY_SECRET


@pytest.fixture
def seam(swept: None) -> Iterator[Seam]:
    """The real adapter on an artificial connection."""
    with closing(Seam()) as seam:
        yield seam


@pytest.mark.parametrize("success", [{}, [], [True], {"Success": True}])
def test_a_confirmation_that_is_a_list_or_an_object_does_not_count(seam: Seam, success: object) -> None:
    ending = seam.ask(plain("execute", Success=success))

    assert isinstance(ending, Unclear)
    assert ending.fault.symptom is Symptom.NO_SUCCESS


@pytest.mark.parametrize("space", ["", "\n", "\u000b "])
def test_a_part_of_an_id_is_not_taken_for_the_id(seam: Seam, space: str) -> None:
    """Space in front of it does not count, and made a longer text look short enough."""
    created = seam.ask(plain("create", Id=f"{space}{'x' * 2001}"))

    assert isinstance(created, Unclear)
    assert created.fault.symptom is Symptom.NO_RUN_ID


def test_a_wait_that_is_too_long_for_a_float_becomes_a_day(seam: Seam) -> None:
    answer = plain("create", "429", f"x-acs-retry-after: {'9' * 400}", Code="Throttling.User")

    ending = seam.ask(answer)

    assert isinstance(ending, Refused)
    assert ending.fault.retry_after == 24 * 3600


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (b"[[[1]]]", ()),
        (b'"text"', ()),
        (b"[" * 5000, ()),
        (b"{}", ("Content-Encoding: gzip",)),
        (b"{}", ("Content-Encoding: deflate",)),
    ],
)
def test_an_answer_that_cannot_be_read_says_so(seam: Seam, body: bytes, head: tuple[str, ...]) -> None:
    ending = seam.ask(bare("create", "499", body, *head))

    assert isinstance(ending, Unclear)
    assert ending.fault.symptom is Symptom.NOT_JSON


@pytest.mark.parametrize("status", [500, 599])
@pytest.mark.parametrize("body", [b"[[[1]]]", b'"text"', b"[" * 5000, b"<html>"])
def test_an_error_page_of_a_gateway_is_not_taken_for_another_service(
    seam: Seam, body: bytes, status: int
) -> None:
    ending = seam.ask(bare("create", str(status), body))

    assert isinstance(ending, Unclear)
    assert ending.fault == Fault(symptom=Symptom.GATEWAY, http_status=status)


@pytest.mark.parametrize("length", ["-9223372036854775", "-" + "f" * 40, "f" * 40])
def test_an_answer_with_an_impossible_chunk_length_has_words(seam: Seam, length: str) -> None:
    head = "HTTP/1.1 401 Word\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = Answer("create", f"{head}{length}".encode(), "401", None)

    ending = seam.ask(answer)

    assert isinstance(ending, Unclear)
    assert list(broken(answer, ending)) == []


def test_a_path_of_only_spaces_is_empty(seam: Seam) -> None:
    answer = plain("node", Node={"Id": OBJECT, "Spec": '{"spec": {"nodes": [{"script": {"path": "\\t"}}]}}'})

    ending = seam.ask(answer)

    assert isinstance(ending, Ok)
    assert ending.value.object.path == ""
    assert list(broken(answer, ending)) == []


def test_the_end_of_an_escape_before_a_part_of_a_secret_does_not_count_as_a_leak() -> None:
    """JSON spells the unusual character as two escapes, and the second one ends with f."""
    piece = "\U000527df" + KEY_SECRET[1:]
    assert KEY_SECRET.startswith("f")

    page = shown(Unclear(Fault(piece)))

    assert KEY_SECRET in page.files["outputs"]
    assert list(faults(page, [OBJECT], [piece])) == []
    assert list(faults(page, [OBJECT], [piece, KEY_SECRET])) != []


@pytest.mark.parametrize("operation", ["create", "run"])
def test_an_id_that_is_too_long_is_not_used(seam: Seam, operation: str) -> None:
    """A part of the ID would name another run, or none."""
    run = BODIES["run"]["Pipeline"] | {"Id": "1" * 3000}
    answer = plain("create", Id="1" * 3000) if operation == "create" else plain("run", Pipeline=run)

    ending = seam.ask(answer)

    assert isinstance(ending, Unclear)
    assert list(broken(answer, ending)) == []
