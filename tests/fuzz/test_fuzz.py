"""A short run of the cases, checks that the artificial connection acts like real HTTP, and checks of the judges."""

import random
import signal
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

import pytest

from dataworks_deploy.dataworks.keys import Session
from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.model import ObjectId, RunId
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.flowspec import Described

from ..integration.canned import canned
from . import answers, endings, plans
from .answers import BODIES, QUOTING, RUN, Answer, plain
from .cases import WALL_SECONDS, execute
from .seam import Identity, Seam
from .shown import Page, faults
from .texts import ID_TOKEN, KEY_SECRET, SESSION_SECRET, SESSION_TOKEN

SMOKE, MANY, SAMPLE = 400, 5_000, 120
SESSION = Session("STS.fuzz", SESSION_SECRET, SESSION_TOKEN, 3600.0)
ENDED = BODIES["session"]["Credentials"] | {"Expiration": "2001-01-01T00:00:00Z"}


@pytest.fixture
def seam(swept: None) -> Iterator[Seam]:
    """The real adapter on an artificial connection."""
    with closing(Seam()) as seam:
        yield seam


@pytest.mark.parametrize("cases", [SMOKE, pytest.param(MANY, marks=pytest.mark.long)])
def test_no_case_finds_a_mistake(seam: Seam, cases: int) -> None:
    assert {seed: wrong for seed in range(cases) if (wrong := execute(seed, seam)[1])} == {}


def lying(path: str, workflow: str | None = None) -> Described:
    """A node at this path."""
    inside = ObjectId(workflow) if workflow else None
    return Described(StudioObject(ObjectId(answers.OBJECT), Kind.NODE, path=path, workflow=inside))


def run_out() -> None:
    """Let the alarm ring now, and once more in case the first one comes before the wait that it must end."""
    signal.setitimer(signal.ITIMER_REAL, 1e-6, 1)


class Looping(Seam):
    """A client that never ends."""

    def ask(self, answer: Answer) -> Ending[Any]:
        """See Seam."""
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= WALL_SECONDS, "it is set"
        run_out()
        while True:
            pass


class Silence(socketserver.BaseRequestHandler):
    """Reads a call, and does not answer."""

    def handle(self) -> None:
        """See BaseRequestHandler."""
        self.request.recv(65536)
        run_out()
        while self.request.recv(65536):
            pass


class Waiting(Seam):
    """A client of a server that does not answer."""

    def ask(self, answer: Answer) -> Ending[Any]:
        """See Seam."""
        with socketserver.TCPServer(("127.0.0.1", 0), Silence) as server:
            threading.Thread(target=server.handle_request, daemon=True).start()
            place = f"127.0.0.1:{server.server_address[1]}"
            with closing(Seam(service=place, issuer=place)) as silent:
                return silent.call(answer.operation)


@pytest.mark.parametrize("stuck", [Looping, Waiting])
def test_a_case_that_does_not_end_is_stopped_and_reported(stuck: type[Seam]) -> None:
    timer = signal.getitimer(signal.ITIMER_REAL)
    with closing(stuck()) as seam:
        for seed in (1, 3):
            kind, (wrong,) = execute(seed, seam)

            assert kind == "answers"
            assert wrong.endswith("HangError: it does not end within 20 s\n")
            assert "in ask\n" in wrong, "where it hung is told"
    assert timer[0] - 2 < signal.getitimer(signal.ITIMER_REAL)[0] <= timer[0], "the test's own limit goes on"


def test_the_artificial_connection_gives_the_same_ending_as_real_http(seam: Seam) -> None:
    seen = set()
    for seed in range(SAMPLE):
        answer = answers.drawn(random.Random(seed))
        # A new server for each call, because the SDK could reuse a connection that is being closed.
        with ExitStack() as stack:
            servers = {voice: stack.enter_context(canned(raw)) for voice, raw in answer.voices.items()}
            places = {voice: server.endpoint for voice, server in servers.items()}
            ending = stack.enter_context(closing(Seam(**places))).call(answer.operation)
        assert seam.ask(answer) == ending, seed
        seen |= {answer.operation, type(ending).__name__}
    assert seen == {*BODIES, "Ok", "Refused", "Unclear"}


@pytest.mark.parametrize("operation", BODIES)
def test_a_good_answer_is_accepted(seam: Seam, operation: str) -> None:
    ending = seam.ask(plain(operation))

    assert isinstance(ending, Ok)
    assert list(endings.broken(plain(operation), ending)) == []


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
        (plain("node"), Ok(None)),
        (plain("node"), Ok(lying("another/path"))),
        (plain("node"), Ok(lying("", "7567482277219400003"))),
        (plain("node"), Ok(lying("", answers.OBJECT))),
        (plain("workflow", WorkflowDefinition={"Id": "1"}), Ok(None)),
        (plain("token"), Ok(None)),
        (plain("token"), Ok(Identity("another", SESSION))),
        (plain("session"), Ok(Identity(ID_TOKEN, replace(SESSION, secret="another")))),
        (plain("session"), Ok(Identity(ID_TOKEN, replace(SESSION, seconds=7200.0)))),
        (plain("session", Credentials=ENDED), Ok(Identity(ID_TOKEN, SESSION))),
        (plain("session", "403"), Ok(Identity(ID_TOKEN, SESSION))),
        (plain("session", "403"), Refused(Refusal.THROTTLED, Fault("x", "X"))),
        (plain("session", "429"), Refused(Refusal.THROTTLED, Fault("x", "X"))),
        (plain("session", "429"), Refused(Refusal.DENIED, Fault("x", "X"))),
        (plain("session", "403", Code=""), Refused(Refusal.DENIED, Fault("x", "X"))),
        (plain("session", "503"), Refused(Refusal.DENIED, Fault("x", "X"))),
        (plain("session", "403"), Refused(Refusal.DENIED, Fault(QUOTING, "X"))),
        (plain("token", "429"), Refused(Refusal.DENIED, Fault("x"))),
        (plain("token", "503"), Refused(Refusal.UNREACHABLE, Fault(symptom=Symptom.UNEXPECTED))),
        (plain("create"), Unclear(Fault("\ud83d"))),
        (plain("create"), Unclear(Fault(symptom=Symptom.UNEXPECTED))),
    ],
)
def test_the_judges_find_an_ending_that_the_answer_does_not_prove(
    answer: Answer, ending: Ending[Any]
) -> None:
    assert list(endings.broken(answer, ending)) != []


@pytest.mark.parametrize("line", ["::set-env name=A::b", "x ##[add-path]b", KEY_SECRET, "x" * 70_000])
def test_the_judges_find_a_forbidden_line(line: str) -> None:
    page = endings.shown(Unclear(Fault("lost")))
    assert list(faults(page, [answers.OBJECT], [])) == []

    with page.recorded():
        page.info(line)

    assert list(faults(page, [answers.OBJECT], [])) != []


def test_the_judges_find_outputs_that_do_not_fit_the_objects() -> None:
    page: Page = endings.shown(Unclear(Fault("lost")))

    assert list(faults(page, ["another"], [])) != []


def test_the_judges_find_a_plan_that_names_something_else_or_does_not_fit_its_schema() -> None:
    plan = plans.drawn(random.Random(2))
    page = plans.shown(plan)
    first, *others = plan.objects
    renamed = replace(plan, objects=(replace(first, object=replace(first.object, name="x")), *others))
    spoilt = Page()
    spoilt.files = page.files | {"outputs": page.files["outputs"].replace('"level":1', '"level":0')}

    assert list(plans.misread(plan, page)) == []
    assert list(plans.misread(plan, plans.shown(renamed))) == ["the output plan has other objects or names"]
    assert "the plan does not fit the schema" in " ".join(plans.misread(plan, spoilt))
