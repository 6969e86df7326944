"""What the SDK does with one call. These tests notice a later version that repeats, redirects or waits."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataworks_deploy.dataworks import service
from dataworks_deploy.dataworks.keys import GivenKey
from dataworks_deploy.dataworks.service import DataWorks
from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.model import (
    AbolishPipelineRun,
    CreatePipelineRun,
    Creation,
    DeployType,
    ExecPipelineRunStage,
    GetPipelineRun,
    ListPipelineRuns,
    ObjectId,
    Operation,
    RunId,
)
from dataworks_deploy.domain.studio.operations import GetNode

from .canned import answer, canned, self_signed
from .conftest import SiteMaker
from .job import KEY, OBJECT, PROJECT
from .machine import on
from .step import Site
from .test_lost_answers import GARBLED
from .test_refusals import DENIALS, THROTTLING

REDIRECT = "redirect:http://127.0.0.1:9/"
MOST_PARALLEL = 100  # see inputs
NONCE = "0123456789abcdef0123456789abcdef"
CREATE = CreatePipelineRun(Creation(int(PROJECT), ObjectId(OBJECT), DeployType.ONLINE), "description", NONCE)


def connect(endpoint: str, protocol: str = "HTTP") -> DataWorks:
    return DataWorks(
        project_id=int(PROJECT),
        region="",
        host=endpoint,
        protocol=protocol,
        keys=GivenKey(KEY.access_key_id, KEY.secret, KEY.token),
        user_agent="dataworks-deploy/test",
        scrub=str,
    )


def create(endpoint: str) -> Any:
    """Create a run at an endpoint, in real time, and return the ending."""
    return asyncio.run(connect(endpoint).call(CREATE))


def call(site: Site, operation: Operation[Any] = CREATE) -> Any:
    """Call the site's service once, on virtual time, and return the ending."""
    with on(site.clock):
        return asyncio.run(connect(site.emulator.endpoint).call(operation))


CALLS: list[Operation[Any]] = [
    ListPipelineRuns(ObjectId(OBJECT)),
    GetPipelineRun(RunId("no-such-run")),
    GetNode(ObjectId(OBJECT)),
    ExecPipelineRunStage(RunId("no-such-run"), "PROD"),
    AbolishPipelineRun(RunId("no-such-run")),
]


def name_of(operation: Operation[Any]) -> str:
    """The name of the operation."""
    return type(operation).__name__


@pytest.mark.parametrize("fault", [*GARBLED, "throttle", "throttle:50"])
def test_one_creation_is_one_request(site_with: SiteMaker, fault: str) -> None:
    site = site_with(f"CreatePipelineRun:*:{fault}")

    ending = call(site)

    assert isinstance(ending, Refused if fault.startswith("throttle") else Unclear)
    assert len(site.truth.of("received")) == 1


@pytest.mark.parametrize("operation", CALLS, ids=name_of)
@pytest.mark.parametrize("fault", ["drop", "throttle:50", REDIRECT])
def test_one_call_is_one_request(site_with: SiteMaker, operation: Operation[Any], fault: str) -> None:
    site = site_with(f"{name_of(operation)}:*:{fault}")

    ending = call(site, operation)

    assert not isinstance(ending, Ok)
    assert len(site.truth.of("received")) == 1


@pytest.mark.parametrize("code", [*DENIALS, *THROTTLING])
def test_a_well_formed_refusal_is_a_refusal(site_with: SiteMaker, code: str) -> None:
    site = site_with(f"CreatePipelineRun:1:error:{code}")

    ending = call(site)

    assert isinstance(ending, Refused)
    assert (ending.why is Refusal.THROTTLED) == (code in THROTTLING)
    assert ending.fault.request_id


def test_each_operation_makes_the_call_of_its_name_and_reads_the_answer(site_with: SiteMaker) -> None:
    """All operations use the same run, one after another."""
    site = site_with(stage_seconds=0.0, known_objects=(OBJECT,))
    created = call(site)
    assert isinstance(created, Ok)
    run = created.value

    page = call(site, ListPipelineRuns(ObjectId(OBJECT)))
    whole = call(site, ListPipelineRuns(None, 2))
    shown = call(site, GetPipelineRun(run))
    node = call(site, GetNode(ObjectId(OBJECT)))
    done = [call(site, each) for each in (ExecPipelineRunStage(run, "PROD_CHECK"), AbolishPipelineRun(run))]

    assert ([each.id for each in page.value.runs], page.value.total) == ([run], 1)
    assert (whole.value.runs, whole.value.total) == ((), 1)
    assert (shown.value.id, shown.value.description) == (run, "description")
    assert node.value.object.path
    assert [each.value for each in done] == [None, None]
    asked = [event["action"] for event in site.truth.of("received")]
    assert asked == [name_of(CREATE), *map(name_of, (CALLS[0], *CALLS))]


def test_a_given_key_is_ready_without_any_request(site_with: SiteMaker) -> None:
    site = site_with()

    assert asyncio.run(connect(site.emulator.endpoint).ready()) is None
    assert site.truth.of("received") == []


@pytest.fixture
def no_new_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function after which the machine starts no more threads."""

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    return lambda: monkeypatch.setattr(threading.Thread, "start", start)


NO_THREAD = Refused(Refusal.UNREACHABLE, Fault(symptom=Symptom.NO_THREAD))


def test_without_a_thread_nothing_is_sent_and_with_one_thread_the_calls_take_turns(
    site_with: SiteMaker, no_new_threads: Callable[[], None]
) -> None:
    site = site_with()
    poor, one = connect(site.emulator.endpoint), connect(site.emulator.endpoint)
    assert asyncio.run(one.ready()) is None
    no_new_threads()

    async def calls() -> Any:
        return await asyncio.gather(one.call(CREATE), one.call(CALLS[0]))

    assert asyncio.run(poor.ready()) == NO_THREAD
    assert site.truth.of("received") == []
    with on(site.clock):
        assert [type(each) for each in asyncio.run(calls())] == [Ok, Ok]


def test_a_call_that_gets_no_thread_in_time_was_not_sent(
    site_with: SiteMaker, no_new_threads: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_with()
    only, busy = connect(site.emulator.endpoint), threading.Event()
    assert asyncio.run(only.ready()) is None
    no_new_threads()
    monkeypatch.setattr(service, "TOTAL_SECONDS", 0.05)
    only._threads.submit(busy.wait)

    assert asyncio.run(only.call(CREATE)) == NO_THREAD
    busy.set()
    only._threads.shutdown(wait=True)
    assert site.truth.of("received") == []


def test_the_request_has_the_given_nonce(site_with: SiteMaker) -> None:
    site = site_with()

    assert isinstance(call(site), Ok)

    assert site.nonces == [NONCE]


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary", "308 Permanent"])
def test_no_redirect_is_followed(status: str) -> None:
    elsewhere = answer(b'{"Id":"stolen","RequestId":"R"}')
    with canned(elsewhere) as other:
        redirect = answer(b'{"Id":"x","RequestId":"R"}', status, Location=f"http://{other.endpoint}/")
        with canned(redirect) as server:
            ending = create(server.endpoint)

    assert isinstance(ending, Unclear)
    assert ending.fault == Fault(symptom=Symptom.NEITHER, request_id="R", http_status=int(status[:3]))
    assert len(server.requests) == 1
    assert other.requests == [], "a redirected request takes the token to another host"


@pytest.fixture
def closed() -> Iterator[str]:
    """An address where nothing listens. It is reserved, so that no other process gets it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def test_a_request_that_cannot_be_sent_is_refused_and_names_the_host(closed: str, tmp_path: Path) -> None:
    with canned(answer(b'{"Id":"x"}'), tls=self_signed(tmp_path)) as server:
        for host, protocol, symptom in (
            (closed, "HTTP", Symptom.CONNECTION_REFUSED),
            ("dataworks.invalid", "HTTP", Symptom.NAME_UNKNOWN),
            (server.endpoint, "HTTPS", Symptom.NOT_TRUSTED),
        ):
            ending = asyncio.run(connect(host, protocol).call(CREATE))

            assert ending == Refused(Refusal.UNREACHABLE, Fault(symptom=symptom, detail=host))
            assert ending.fault.unsent
    assert server.requests == []


@pytest.mark.parametrize(
    ("proxy", "symptom", "detail"),
    [
        ("http://jane:tell-nobody@127.0.0.1:9", Symptom.PROXY_UNREACHABLE, "127.0.0.1:9 dataworks.invalid"),
        (
            "http://jane:tell-nobody@proxy.invalid",
            Symptom.PROXY_UNREACHABLE,
            "proxy.invalid:80 dataworks.invalid",
        ),
        ("socks5://jane:tell-nobody@127.0.0.1:9", Symptom.PROXY_ADDRESS, "dataworks.invalid"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_reported_without_its_login(
    monkeypatch: pytest.MonkeyPatch, proxy: str, symptom: Symptom, detail: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "")

    ending = asyncio.run(connect("dataworks.invalid").call(CREATE))

    assert ending == Refused(Refusal.UNREACHABLE, Fault(symptom=symptom, detail=detail))
    assert ending.fault.unsent


@pytest.mark.parametrize(
    ("said", "kept"),
    [('"R"', "R"), ("7", "7"), ("null", None), ("true", None), ("{}", None), ('["R"]', None), ('""', None)],
)
@pytest.mark.parametrize("status", ["200 OK"])
def test_an_answer_without_a_run_keeps_a_valid_request_id(status: str, said: str, kept: str | None) -> None:
    with canned(answer(b'{"RequestId":%s}' % said.encode(), status)) as server:
        ending = create(server.endpoint)

    assert isinstance(ending, Unclear)
    assert (ending.fault.request_id, ending.fault.http_status) == (kept, int(status[:3]))


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
    with canned(head.ljust(1_000_000), times=100) as server:
        ending = create(server.endpoint)

    assert isinstance(ending, Unclear)
    assert server.sent < 40_000_000, "8 MB are read; the rest is what the sockets hold"


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize(
    "body", [b"{}", b"", b"[]", b'{"RequestId":"R"}', b'"Id"', b"\xff\xfe", b"[" * 100_000]
)
@pytest.mark.parametrize("status", ["200 OK", "400 Bad", "429 Slow"])
def test_a_body_that_is_no_answer_is_not_taken_for_one(status: str, body: bytes) -> None:
    with canned(answer(body, status)) as server:
        ending = create(server.endpoint)

    assert isinstance(ending, Unclear)


def test_a_dripping_answer_is_cut_off_at_the_time_limit(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:1:drip:60")

    ending = call(site)

    assert isinstance(ending, Unclear)
    assert 40 <= site.clock.monotonic() < 40.5


def test_a_request_is_not_sent_after_its_time_limit(
    monkeypatch: pytest.MonkeyPatch, time_is_over: Callable[[], object]
) -> None:
    """This happens if the host name resolves only then."""
    find = socket.getaddrinfo

    def find_late(*which: Any) -> Any:
        time_is_over()
        return find(*which)

    monkeypatch.setattr(socket, "getaddrinfo", find_late)
    with canned(answer(b'{"Id":"run-1","RequestId":"R"}')) as server:
        ending = create(server.endpoint)

    assert isinstance(ending, Unclear)
    assert server.requests == []


def test_the_step_does_not_wait_for_a_call_that_cannot_be_cut_off(
    site_with: SiteMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataworks_deploy.dataworks.transport.TOTAL_SECONDS", 100)
    site = site_with("CreatePipelineRun:1:drip:60")

    ending = call(site)

    assert isinstance(ending, Unclear)
    assert ending.fault == Fault(symptom=Symptom.NO_ANSWER_WITHIN, detail="45")
    assert 45 <= site.clock.monotonic() < 45.5


def test_slow_answers_to_the_greatest_number_of_parallel_calls_all_count(site_with: SiteMaker) -> None:
    """No call waits for a thread while its time runs out."""
    site = site_with(latency_ms=25_000)
    creations = [
        replace(
            CREATE, creation=replace(CREATE.creation, object_id=ObjectId(f"{number}")), nonce=f"{number:032}"
        )
        for number in range(MOST_PARALLEL)
    ]

    async def together() -> list[Any]:
        service = connect(site.emulator.endpoint)
        return await asyncio.gather(*map(service.call, creations))

    with on(site.clock):
        endings = asyncio.run(together())

    assert {type(ending) for ending in endings} == {Ok}
    assert len(site.truth.runs()) == MOST_PARALLEL
