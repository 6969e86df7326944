"""The real adapter and its SDKs on an artificial connection: every connection is one end of a pair of sockets.

The other end already has the answer, so nothing waits. Everything above the socket is real: the SDK, the session
with its limits, urllib3, and the reading of HTTP. Only the timer that would cut off a call does not run.
"""

import asyncio
import os
import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from urllib3.util import connection

from dataworks_deploy.dataworks import answers, connections, transport
from dataworks_deploy.dataworks.keys import Exchange, GivenKey, Session
from dataworks_deploy.dataworks.service import DataWorks
from dataworks_deploy.domain.ending import Ending, Ok, Refused
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
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.domain.studio.operations import GetNode, GetWorkflowDefinition, ListNodes

from .answers import IDENTITY, OBJECT, RUN, Answer
from .texts import KEY_SECRET, SECRETS, TOKEN

PROJECT = 10001
NOW = 1_780_000_000.0
SESSION_SECONDS = 3600
# The addresses of the servers, which do not exist.
PLACES = {"service": "127.0.0.1:9", "issuer": "127.0.0.1:10", "sts": "127.0.0.1:11"}
OPERATIONS: dict[str, Operation[Any]] = {
    "create": CreatePipelineRun(Creation(PROJECT, ObjectId(OBJECT), DeployType.ONLINE), "by a test", "nonce"),
    "run": GetPipelineRun(RunId(RUN)),
    "page": ListPipelineRuns(ObjectId(OBJECT)),
    "execute": ExecPipelineRunStage(RunId(RUN), "PROD"),
    "abolish": AbolishPipelineRun(RunId(RUN)),
    "node": GetNode(ObjectId(OBJECT)),
    "workflow": GetWorkflowDefinition(ObjectId(OBJECT)),
    "nodes": ListNodes("load"),
}


class _AtOnce(Executor):
    """Does the work at once in the caller's thread, because there is only one call at a time."""

    def submit(self, work: Any, /, *args: Any, **options: Any) -> Future[Any]:
        """See Executor."""
        done: Future[Any] = Future()
        done.set_result(work(*args, **options))
        return done


@dataclass(frozen=True)
class Identity:
    """The result of an exchange: the token that it took as the job's, and the session."""

    token: str
    session: Session


class Seam:
    """A client of a service, an issuer and an STS that give one answer to everything."""

    def __init__(self, **places: str) -> None:
        """`places` are endpoints in place of PLACES."""
        self._places = PLACES | places
        self._secrets = self.secrets = Secrets(
            SECRETS
        )  # the second one also has the secrets of the last call
        self._service = DataWorks(
            project_id=PROJECT,
            region="cn-shanghai",
            host=self._places["service"],
            protocol="HTTP",
            keys=GivenKey("LTAI-fuzz", KEY_SECRET, TOKEN),
            user_agent="fuzz",
            scrub=self._secrets.scrub,
        )
        self._service._threads = _AtOnce()  # type: ignore[assignment]
        self._loop = asyncio.new_event_loop()

    def ask(self, answer: Answer) -> Ending[Any]:
        """The ending of this answer."""
        with _answering({self._places[voice]: raw for voice, raw in answer.voices.items()}):
            return self.call(answer.operation)

    def call(self, operation: str) -> Ending[Any]:
        """Make one call on the current connection."""
        if operation in IDENTITY:
            self.secrets = Secrets(SECRETS)
            return self._exchange(self.secrets)
        # This is global in the process, and another seam or an exchange may have changed it.
        transport.install()
        self.secrets = self._secrets
        answers.scrub = self._secrets.scrub
        return self._loop.run_until_complete(self._service.call(OPERATIONS[operation]))

    def _exchange(self, secrets: Secrets) -> Ending[Identity]:
        """Make an exchange. Its ending is that of the call that waits for it, and what it receives is secret."""
        learned: list[str] = []

        def learn(values: tuple[str, ...]) -> None:
            learned.extend(values)
            secrets.add(values)

        transport.install()
        answers.scrub = secrets.scrub
        role, provider = "acs:ram::1:role/deployer", "acs:ram::1:oidc-provider/github"
        sts = f"http://{self._places['sts']}"
        exchange = Exchange(role, provider, "sts.aliyuncs.com", "fuzz", SESSION_SECONDS, sts, learn)
        with _job(f"http://{self._places['issuer']}/token?api-version=2.0"):
            session = exchange.session(NOW)
        return session if isinstance(session, Refused) else Ok(Identity(learned[0], session))

    def close(self) -> None:
        """Close the loop."""
        self._loop.close()


class _Unwound(connections.Alarm):
    """The timer that would cut off a call. Nothing waits here, and a thread would cost more than the call."""

    def start(self) -> None:
        """See Alarm."""


@contextmanager
def _job(issuer: str) -> Iterator[None]:
    """A job with `id-token: write`. The package that gets a token reads the environment of the process."""
    names = {"ACTIONS_ID_TOKEN_REQUEST_URL": issuer, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": TOKEN}
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ.update(names)
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]
        os.environ.update(kept)


@contextmanager
def _answering(raws: Mapping[str, bytes]) -> Iterator[None]:
    far_ends: list[socket.socket] = []

    def connect(address: tuple[str, int], *_which: Any, **_options: Any) -> socket.socket:
        near, far = socket.socketpair()
        far_ends.append(far)
        far.sendall(raws["{}:{}".format(*address)])
        far.shutdown(socket.SHUT_WR)
        return near

    kept = connection.create_connection, connections.Alarm
    connection.create_connection, connections.Alarm = connect, _Unwound  # type: ignore[misc]
    try:
        yield
    finally:
        connection.create_connection, connections.Alarm = kept  # type: ignore[misc]
        for far in far_ends:
            far.close()
