"""The server: accepts connections, calls the service behind a lock, and sends answers, or what a fault makes of
them.
"""

import asyncio
import contextlib
import threading
import traceback
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from dataworks_emulator import wire
from dataworks_emulator.answers import Refusal, Response, refusal
from dataworks_emulator.delivery import Delivery
from dataworks_emulator.faults import CONNECT
from dataworks_emulator.incoming import Incoming, MalformedRequest
from dataworks_emulator.routes import misdirected, quoted, route, wrong_version
from dataworks_emulator.service import Service
from dataworks_emulator.settings import ASSUME_ROLE, GET_ID_TOKEN
from dataworks_emulator.signature import Verifier, WireRequest, claimed_key

T = TypeVar("T")
# What the log says if no answer was sent.
ENDINGS = {"drop": "dropped", "reset": "reset", "refuse": "refused", "truncate": "truncated"}
UNSENT = {"drop", "reset", "refuse"}


class Pause(Protocol):
    """How an answer is delayed."""

    async def __call__(self, seconds: float, port: int) -> None:
        """Let the client at that port wait so many seconds."""


async def sleep(seconds: float, port: int) -> None:
    """See Pause."""
    del port
    await asyncio.sleep(seconds)


class Server:
    """Serves one service on one address. All users of the service share the lock."""

    def __init__(
        self, service: Service, verifier: Verifier, lock: threading.RLock, pause: Pause = sleep
    ) -> None:
        """Prepare. It does not listen yet."""
        self._service, self._verifier, self._lock, self._pause = service, verifier, lock, pause
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections = 0
        self.broken: Exception | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port."""
        self._server = await asyncio.start_server(self._accept, host, port, backlog=512)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Stop listening, and end all open connections."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        if self._service.schedule.find(CONNECT, self._connections) is not None:
            wire.reset(writer)
            return
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming = Incoming(reader, writer, self._service.settings.receive_seconds)
        try:
            while await self._exchange(incoming, writer):
                pass
        except asyncio.CancelledError:
            # Abort: data that is still buffered may never be read.
            writer.transport.abort()
            raise
        except (ConnectionError, TimeoutError):
            pass  # The client has gone. The log has the answer that it missed.
        except MalformedRequest as malformed:
            await self._dismiss(incoming, writer, malformed.refusal)
        except Exception as broken:  # noqa: BLE001  # kept, and raised when the emulator is closed
            # Otherwise its answer would look like a fault, and nobody would notice the emulator's own error.
            self.broken = self.broken or broken
            traceback.print_exception(broken)
            await self._dismiss(incoming, writer, refusal("own-failure", type(broken).__name__))
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _dismiss(self, incoming: Incoming, writer: asyncio.StreamWriter, refused: Refusal) -> None:
        answer = refused.response(self._locked(self._service.request_id))
        with contextlib.suppress(ConnectionError):
            await wire.write_answer(writer, answer, keep_alive=False)
            await incoming.linger()

    async def _exchange(self, incoming: Incoming, writer: asyncio.StreamWriter) -> bool:
        received = await incoming.request()
        if received is None:
            return False
        delivery = self._deliver(received)
        if delivery.delay:
            await self._pause(delivery.delay, _port_of(writer))
        response = self._locked(delivery.response)
        # Record it before sending: a client with its answer finds it in the log.
        with self._lock:
            how = ENDINGS.get(delivery.how, str(response.status))
            request_id = None if delivery.how in UNSENT else response.request_id
            self._service.answered(delivery.request, how, request_id)
            self._settle_later()
        try:
            return await self._send(writer, delivery, response, received)
        except ConnectionError:
            with self._lock:
                self._service.answered(delivery.request, "client gone")
            raise

    def _settle_later(self) -> None:
        # Late operations happen when somebody uses the service. This does so in time for a log file.
        due = self._service.next_due()
        if due is not None:
            asyncio.get_running_loop().call_later(max(due - self._service.now(), 0), self._settle)

    def _settle(self) -> None:
        with self._lock:
            self._service.settle()

    def _deliver(self, received: WireRequest) -> Delivery:
        try:
            action, params = route(received)
        except ValueError:
            raise MalformedRequest("it has too many fields", status=413) from None
        with self._lock:
            return self._service.deliver(
                action,
                params,
                claimed_key(received),
                received.headers.get("x-acs-signature-nonce", ""),
                self._objection(received, action, params),
                quoted(received),
            )

    def _objection(self, received: WireRequest, action: str, params: dict[str, str]) -> Refusal | None:
        if action == GET_ID_TOKEN:
            bearer = received.headers.get("authorization", "")
            return self._service.id_tokens.objection(bearer) or misdirected(received, action)
        try:
            # For STS, the ID token replaces a signature.
            if action != ASSUME_ROLE:
                self._verifier.check(received, self._service.now())
        except Refusal as refused:
            return refused
        return misdirected(received, action) or wrong_version(received, action, params)

    async def _send(
        self, writer: asyncio.StreamWriter, delivery: Delivery, response: Response, received: WireRequest
    ) -> bool:
        how = delivery.how
        keep = how not in ENDINGS and not received.closes
        if how in ("reset", "refuse"):
            wire.reset(writer)
        elif how == "truncate":
            await wire.write_truncated(writer, response)
        elif how == "drip" and delivery.fault is not None:
            pause = partial(self._pause, port=_port_of(writer))
            await wire.write_dripping(
                writer, response, delivery.fault.number, self._service.now, pause, keep_alive=keep
            )
        elif how != "drop":
            await wire.write_answer(writer, response, keep_alive=keep)
        return keep

    def _locked(self, make: Callable[[], T]) -> T:
        with self._lock:
            return make()


def _port_of(writer: asyncio.StreamWriter) -> int:
    port: int = writer.get_extra_info("peername")[1]
    return port
