"""The emulator inside a test: the server in its own thread, and actions that other people take in the console."""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from dataworks_emulator.routes import ID_TOKEN_PATH
from dataworks_emulator.runs import Order
from dataworks_emulator.server import Pause, Server, sleep
from dataworks_emulator.service import Service
from dataworks_emulator.settings import Credential, Settings
from dataworks_emulator.signature import Verifier
from dataworks_emulator.truth import Truth
from dataworks_emulator.workspace import Edit

START_SECONDS = 10.0


class Emulator:
    """Runs the emulated service in a `with` block. Any thread may call its methods."""

    def __init__(
        self,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
        pause: Pause = sleep,
    ) -> None:
        """Build the service with a clock, and with a way to wait. It listens only inside the block."""
        self.settings = settings or Settings()
        self.truth = Truth(self.settings.truth_log)
        self._clock, self._pause, self._lock = clock, pause, threading.RLock()
        self.service = Service(self.settings, clock, random.Random(self.settings.seed), self.truth)  # noqa: S311
        self._verifier = Verifier(self.settings.credentials, clock())
        self.service.sts.on_session = self._verifier.accept
        self.truth.before_reading(self._settle)
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._listening = threading.Event()
        self._failure: OSError | RuntimeError | None = None
        self._thread = threading.Thread(target=self._run, name="dataworks-emulator", daemon=True)

    @property
    def endpoint(self) -> str:
        """Return `host:port`, as the SDK's configuration expects it."""
        return f"{self.settings.host}:{self.port}"

    @property
    def id_token_url(self) -> str:
        """Return the value that the runner would give ACTIONS_ID_TOKEN_REQUEST_URL."""
        return f"http://{self.endpoint}{ID_TOKEN_PATH}?api-version=2.0"

    def __enter__(self) -> Self:
        """Start listening."""
        self._thread.start()
        if not self._listening.wait(START_SECONDS):
            raise RuntimeError("the emulator did not start in time")
        if self._failure is not None:
            self._thread.join()
            self.truth.close()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all connections and stop. The truth can still be read."""
        del kind, trace
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._settle()
        self.truth.close()
        if self._failure is not None and error is None:
            raise self._failure

    async def serve(self, stop: asyncio.Event, listening: Callable[[], object]) -> None:
        """Serve on the running loop until told to stop. It starts no thread; the command line uses this."""
        server = Server(self.service, self._verifier, self._lock, self._pause)
        self.port = await server.start(self.settings.host, self.settings.port)
        listening()
        try:
            await stop.wait()
        finally:
            await server.close()
        if server.broken is not None:
            raise RuntimeError("the emulator itself has failed while it served") from server.broken

    def deploy_as(
        self,
        creator: str,
        object_id: str,
        description: str = "",
        *,
        run_type: str = "Online",
        project: str = "",
        age: float = 0.0,
    ) -> str:
        """Create a run as somebody else, `age` seconds ago, and return its ID.

        Without a project, every project sees the run.
        """
        with self._lock:
            order = Order(project, object_id, run_type, description, creator, who=creator)
            run = self.service.runs.open(order, self._clock() - age)
            self.service.settle()
            return run.id

    def approve(self, run_id: str) -> None:
        """Give the approval that a run waits for."""
        with self._lock:
            self.service.runs.approve(run_id, self._clock())

    def terminate(self, run_id: str, message: str = "") -> None:
        """End a run with the status `Termination`."""
        with self._lock:
            self.service.runs.stop(run_id, "Termination", self._clock(), message)

    def cancel(self, run_id: str, message: str = "") -> None:
        """End a run with the status `Cancel`."""
        with self._lock:
            self.service.runs.stop(run_id, "Cancel", self._clock(), message)

    def execute(self, run_id: str, code: str) -> None:
        """Execute a stage as a person does in the console. It counts as no call, and no limit applies."""
        with self._lock:
            self.service.runs.execute(run_id, code, self._clock(), "console")

    def edit(self, object_id: str, **changes: Any) -> None:
        """Edit a draft in Data Studio: `name`, `path`, `script`, `owner`, and other fields of `Draft`."""
        with self._lock:
            self.service.edit(Edit(("", 0), object_id, changes))

    def remove(self, object_id: str) -> None:
        """Delete a draft in Data Studio. Production does not change."""
        with self._lock:
            self.service.edit(Edit(("", 0), object_id, removes=True))

    def status(self, run_id: str) -> str:
        """Return the present status of a run."""
        with self._lock:
            run = self.service.runs.find(run_id, "", self._clock())
            if run is None:
                raise ValueError(f"run {run_id} does not exist")
            return run.status

    def fault(self, action: str, call: int | str, spec: str) -> None:
        """Add a fault: `fault("CreatePipelineRun", 1, "commit+drop")`; `call` may be "2-4" or "*"."""
        with self._lock:
            self.service.schedule.add(f"{action}:{call}:{spec}")

    def accept(self, credential: Credential) -> None:
        """Accept one more access key, or a new secret or token for a known one."""
        with self._lock:
            self._verifier.accept(credential)

    def _settle(self) -> None:
        with self._lock:
            self.service.settle()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve_in_thread())
        except (OSError, RuntimeError) as failure:
            self._failure = failure
            self._listening.set()

    async def _serve_in_thread(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await self.serve(self._stop, self._listening.set)
