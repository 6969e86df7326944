"""A cancelled call ends, even if its answer comes at the same time. Otherwise a cancelled step would go on."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest

from dataworks_deploy.dataworks import transport
from dataworks_deploy.dataworks.keys import AssumedRole, Exchange
from dataworks_deploy.hosts.here import SystemClock

from .canned import CannedServer, canned
from .test_sdk import CREATE, connect
from .test_tls import ALL

# A call, and a function that waits for the end of its thread. By then the thread has handed over the answer.
Waiting = tuple[Callable[[], Awaitable[object]], Callable[[], object]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CannedServer]:
    """One server for all three: the service, STS and the issuer of ID tokens."""
    with canned(ALL) as serving:
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"http://{serving.endpoint}/?a=b")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token")
        yield serving


def creating(server: CannedServer) -> Waiting:
    service = connect(server.endpoint)
    return lambda: service.call(CREATE), service._threads.shutdown


def assuming(server: CannedServer) -> Waiting:
    transport.install()
    exchange = Exchange(
        role_arn="acs:ram::1:role/deploy",
        provider_arn="acs:ram::1:oidc-provider/github",
        audience="sts.aliyuncs.com",
        session_name="test",
        session_seconds=3600,
        sts_endpoint=f"http://{server.endpoint}",
        learn=lambda _: None,
    )
    role = AssumedRole(exchange, SystemClock())

    def answered() -> None:
        for thread in threading.enumerate():
            if thread.name == "renewal":
                thread.join()

    return role.ready, answered


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("waiting", [creating, assuming])
def test_a_cancellation_together_with_the_answer_is_not_lost(
    server: CannedServer, waiting: Callable[[CannedServer], Waiting], turns: int
) -> None:
    async def work(call: Callable[[], Awaitable[object]]) -> None:
        await call()
        await asyncio.Event().wait()

    async def cancel() -> bool:
        call, answered = waiting(server)
        task = asyncio.create_task(work(call))
        await asyncio.sleep(0)
        answered()  # the task has not seen the answer yet
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        return task.cancelled()

    assert asyncio.run(cancel())
    assert server.requests
