"""An independent signer over http.client, a clock that the test moves, and a service on this clock."""

import base64
import hashlib
import hmac
import http.client
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from dataworks_emulator import Emulator, Service, Settings

Headers = dict[str, str]


@dataclass
class Clock:
    """Time that moves only when the test moves it."""

    now: float = 1_750_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds

    async def pause(self, seconds: float, port: int) -> None:
        """Let a client wait without real time."""
        del port
        self.now += seconds


@dataclass
class Signer:
    """Signs by the published description of ACS3-HMAC-SHA256, without the SDK. A test can break any part."""

    port: int
    key: str = "emulator-key-id"
    secret: str = "emulator-key-secret"
    token: str = ""
    date: str = ""
    spoil: dict[str, str] = field(default_factory=dict)

    def __call__(self, action: str, nonce: str = "", **params: str) -> tuple[int, Any]:
        status, body, _ = self.raw(action, nonce, **params)
        return status, json.loads(body)

    def raw(self, action: str, nonce: str = "", **params: str) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(*self.request(action, nonce or uuid.uuid4().hex, params))
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()

    def request(self, action: str, nonce: str, params: dict[str, str]) -> tuple[str, str, bytes, Headers]:
        """Make method, target, body and headers, with the parameters where the SDK puts them."""
        if action.startswith(("Get", "List")):
            return self.placed(action, nonce, "GET", params, {})
        query = {"ProjectId": params["ProjectId"]} if action == "ExecPipelineRunStage" else {}
        return self.placed(action, nonce, "POST", query, {k: v for k, v in params.items() if k not in query})

    def placed(
        self,
        action: str,
        nonce: str,
        method: str,
        query: dict[str, str],
        form: dict[str, str],
        path: str = "/",
    ) -> tuple[str, str, bytes, Headers]:
        """Sign the given request, even if it is not valid."""
        body = urlencode(form).encode()
        headers = {
            "host": f"127.0.0.1:{self.port}",
            "x-acs-action": action,
            "x-acs-version": "2024-05-18",
            "x-acs-date": self.date or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "x-acs-signature-nonce": nonce,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        }
        if body:
            headers["content-type"] = "application/x-www-form-urlencoded"
        if self.token:
            headers["x-acs-security-token"] = self.token
        headers["Authorization"] = self.sign(method, path, query, headers)
        return method, f"{path}?{urlencode(query)}" if query else path, body, headers | self.spoil

    def sign(self, method: str, path: str, query: dict[str, str], headers: Headers) -> str:
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        asked = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(query.items()))
        canonical = f"{method}\n{path}\n{asked}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
        to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac.new(self.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        return f"ACS3-HMAC-SHA256 Credential={self.key},SignedHeaders={names},Signature={signature}"


class Desk:
    """A service on virtual time, with short methods for the requests of the tests."""

    def __init__(self, settings: Settings) -> None:
        self.clock = Clock()
        self.service = Service(settings, self.clock, random.Random(1))
        self.truth = self.service.truth

    def ask(self, action: str, **params: str) -> tuple[int, Any]:
        answer = self.service.call(action, {"ProjectId": "42", **params})
        return answer.status, answer.body

    def create(self, object_id: str = "123", **params: str) -> str:
        status, body = self.ask(
            "CreatePipelineRun", **{"Type": "Online", "ObjectIds": json.dumps([object_id]), **params}
        )
        assert status == 200, body
        return str(body["Id"])

    def run(self, run_id: str) -> dict[str, Any]:
        status, body = self.ask("GetPipelineRun", Id=run_id)
        assert status == 200, body
        pipeline: dict[str, Any] = body["Pipeline"]
        return pipeline

    def stages(self, run_id: str) -> dict[str, str]:
        return {stage["Code"]: stage["Status"] for stage in self.run(run_id)["Stages"]}

    def execute(self, run_id: str, code: str) -> tuple[int, Any]:
        return self.ask("ExecPipelineRunStage", Id=run_id, Code=code)

    def page(self, **params: str) -> dict[str, Any]:
        status, body = self.ask("ListPipelineRuns", **params)
        assert status == 200, body
        page: dict[str, Any] = body["PagingInfo"]
        return page

    def listed(self, **params: str) -> list[str]:
        return [run["Id"] for run in self.page(**params)["PipelineRuns"]]


@dataclass
class Identity:
    """Asks for ID tokens and sessions by plain HTTP, on a clock that the test moves."""

    emulator: Emulator
    clock: Clock

    def http(self, method: str, target: str, body: str = "", **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator.port, timeout=5)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, target, body, named)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def ask(
        self, audience: str = "sts.aliyuncs.com", bearer: str = "emulator-request-token"
    ) -> tuple[int, Any]:
        query = "?api-version=2.0" + (f"&audience={audience}" if audience else "")
        return self.http("GET", f"/id-token{query}", authorization=f"Bearer {bearer}")

    def token(self, audience: str = "sts.aliyuncs.com") -> str:
        status, body = self.ask(audience)
        assert status == 200, body
        return str(body["value"])

    def assume(self, token: str, method: str = "POST", **changed: str) -> tuple[int, Any]:
        account = "acs:ram::1234567890123456"
        params = {
            "Action": "AssumeRoleWithOIDC",
            "Format": "JSON",
            "Version": "2015-04-01",
            "RoleArn": f"{account}:role/deployer",
            "OIDCProviderArn": f"{account}:oidc-provider/github",
            "OIDCToken": token,
            "RoleSessionName": "warehouse-1",
            **changed,
        }
        return self.http(method, "/?" + urlencode({k: v for k, v in params.items() if v}))

    def code(self, token: str, **changed: str) -> tuple[int, str]:
        status, body = self.assume(token, **changed)
        return status, body.get("Code", "OK")

    @staticmethod
    def claims(token: str) -> dict[str, Any]:
        payload = token.split(".")[1]
        read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return read


@pytest.fixture
def identity() -> Iterator[Callable[..., Identity]]:
    """Make an emulator whose clock stands still near the real time, because signers use the real time."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Identity:
            clock = Clock(int(time.time()) + 0.5)
            return Identity(stack.enter_context(Emulator(Settings(**settings), clock, clock.pause)), clock)

        yield start


@pytest.fixture
def desk() -> Callable[..., Any]:
    """Make a service on virtual time. Stages take one second."""
    return lambda **settings: Desk(Settings(**{"stage_seconds": 1.0, **settings}))


@pytest.fixture
def signer() -> type[Signer]:
    return Signer
