"""A short run of the cases, a line that is faithful to real HTTP, and judges that find what is wrong."""

import random
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Unclear
from dataworks_deploy.domain.model import RunId

from ..integration.canned import canned
from . import answers, endings
from .answers import RUN, Answer, plain
from .cases import execute
from .seam import Seam
from .shown import Page, faults
from .texts import KEY_SECRET

SMOKE, MANY, SAMPLE = 400, 10_000, 120


@pytest.fixture
def seam() -> Iterator[Seam]:
    """The real adapter on a line of its own."""
    with closing(Seam()) as seam:
        yield seam


@pytest.mark.parametrize("cases", [SMOKE, pytest.param(MANY, marks=pytest.mark.long)])
def test_all_cases_hold(seam: Seam, cases: int) -> None:
    assert {seed: wrong for seed in range(cases) if (wrong := execute(seed, seam)[1])} == {}


def test_the_line_ends_as_real_http_does(seam: Seam) -> None:
    kinds = set()
    for seed in range(SAMPLE):
        answer = answers.drawn(random.Random(seed))
        # A server each: to one that it knows the SDK may keep a connection, which is being closed.
        with canned(answer.raw) as server, closing(Seam(server.endpoint)) as http:
            ending = http.call(answer.operation)
        assert seam.ask(answer.operation, answer.raw) == ending, seed
        kinds.add(type(ending).__name__)
    assert kinds == {"Ok", "Refused", "Unclear"}


@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        (plain("create"), Ok(RunId("another"))),
        (plain("create"), Ok(RunId(""))),
        (plain("create", "500"), Ok(RunId(RUN))),
        (plain("run"), Ok(RunId(RUN))),
        (plain("page"), Ok(None)),
        (plain("execute", Success=False), Ok(None)),
        (plain("create", "503"), Refused(Refusal.OTHER, Fault("x", "X", "A"))),
        (plain("create", "400", RequestId=None), Refused(Refusal.OTHER, Fault("x", "X"))),
        (plain("create"), Refused(Refusal.UNREACHABLE, Fault("x"))),
        (plain("create"), Unclear(Fault("\ud83d"))),
        (plain("create"), Unclear(Fault("failed in an unexpected way"))),
    ],
)
def test_an_ending_that_is_not_proven_is_found(answer: Answer, ending: Ending[Any]) -> None:
    assert list(endings.broken(answer, ending)) != []


@pytest.mark.parametrize("line", ["::set-env name=A::b", "x ##[add-path]b", KEY_SECRET, "x" * 70_000])
def test_a_line_that_should_not_be_there_is_found(line: str) -> None:
    page = endings.shown(Unclear(Fault("lost")))
    assert list(faults(page, [answers.OBJECT], [])) == []

    with page.recorded():
        page.info(line)

    assert list(faults(page, [answers.OBJECT], [])) != []


def test_outputs_that_do_not_fit_are_found() -> None:
    page: Page = endings.shown(Unclear(Fault("lost")))

    assert list(faults(page, ["another"], [])) != []
