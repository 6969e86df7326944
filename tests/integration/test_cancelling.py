"""A call that is cancelled ends, also where its answer comes at the same time: else a stopped step would go on."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from dataworks_deploy.adapters import transport
from dataworks_deploy.adapters.clock import SystemClock
from dataworks_deploy.adapters.credentials import AssumedRole
from dataworks_deploy.adapters.exchange import Exchange

from .canned import CannedServer, canned
from .test_sdk import connect, create
from .test_tls import ALL


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CannedServer]:
    """One for all: the service, STS, and the issuer of ID tokens."""
    with canned(ALL) as serving:
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"http://{serving.endpoint}/?a=b")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token")
        yield serving


def creating(server: CannedServer) -> Callable[[], Awaitable[object]]:
    service = connect(server.endpoint)
    return lambda: create(service)


def assuming(server: CannedServer) -> Callable[[], Awaitable[object]]:
    transport.install(str)
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
    return role.ready


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("waiting", [creating, assuming])
def test_a_cancellation_beside_the_answer_is_not_swallowed(
    server: CannedServer, waiting: Callable[[CannedServer], Callable[[], Awaitable[object]]], turns: int
) -> None:
    async def work(call: Callable[[], Awaitable[object]]) -> None:
        await call()
        await asyncio.Event().wait()

    async def cancel() -> bool:
        task = asyncio.create_task(work(waiting(server)))
        await asyncio.sleep(0)
        time.sleep(0.3)  # noqa: ASYNC251 - the answer comes, and nobody has looked at it yet
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        return task.cancelled()

    assert asyncio.run(cancel())
    assert server.requests
