"""The service through the official SDK, with answers as they came: nothing of the action reads them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import ExtendsParameters, RuntimeOptions

VERSION = "2024-05-18"
WRITES = frozenset({"CreatePipelineRun", "ExecPipelineRunStage", "AbolishPipelineRun"})
# What of a writing call stands in the query, and not in the body, as the SDK's own methods have it.
IN_QUERY = {"ExecPipelineRunStage": {"ProjectId"}}
TIMEOUT_MS = 15_000


class BudgetSpentError(Exception):
    """No call is left of those that the user was told of."""


@dataclass(frozen=True)
class Key:
    """An access key. Its text is shown nowhere."""

    id: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """One answer. `status` is that of HTTP, 0 where none came; times in seconds of the local epoch."""

    action: str
    status: int
    body: Mapping[str, Any]
    sent: float
    came: float

    @property
    def code(self) -> str:
        """The API's code of an error."""
        return str(self.body.get("Code") or "")

    @property
    def message(self) -> str:
        """The API's words of an error. They are not to be shown."""
        return str(self.body.get("Message") or "")

    @property
    def request_id(self) -> str:
        """The RequestId in the body, if there is one."""
        return str(self.body.get("RequestId") or "")

    @property
    def run(self) -> Mapping[str, Any]:
        """The run of a GetPipelineRun."""
        found = self.body.get("Pipeline")
        return found if isinstance(found, Mapping) else {}

    @property
    def node(self) -> Mapping[str, Any]:
        """The node of a GetNode."""
        found = self.body.get("Node")
        return found if isinstance(found, Mapping) else {}

    @property
    def paging(self) -> Mapping[str, Any]:
        """The page of a list."""
        found = self.body.get("PagingInfo")
        return found if isinstance(found, Mapping) else {}

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The runs or items of a list."""
        lists = [value for value in self.paging.values() if isinstance(value, list)]
        return lists[0] if lists else []

    @property
    def refused(self) -> bool:
        """Whether it is a refusal as the action believes it: a status 4xx with a code and a RequestId."""
        return 400 <= self.status < 500 and bool(self.code and self.request_id)

    def __str__(self) -> str:
        """What may be shown to anybody: a message could quote IDs, or the request with its token."""
        return f"HTTP {self.status} {self.code}".strip() if self.status else "no answer"


class Service:
    """Makes calls one by one, never repeats any, and makes no more than it may."""

    def __init__(self, endpoint: str, key: Key, most: int) -> None:
        """`endpoint` is a host name; with `http://` in front of it the emulator's."""
        protocol = "HTTP" if endpoint.startswith("http://") else "HTTPS"
        config = Config(
            access_key_id=key.id,
            access_key_secret=key.secret,
            security_token=key.token or None,
            endpoint=endpoint.removeprefix("http://"),
            protocol=protocol,
            user_agent="dataworks-deploy-probe",
        )
        self._client, self._protocol, self._most = Client(config), protocol, most
        self.answers: list[Answer] = []
        self.calls = 0

    def allow(self, more: int) -> None:
        """Allow so many more calls."""
        self._most += more

    def call(self, action: str, nonce: str = "", **parameters: str) -> Answer:
        """Make one call. Whatever goes wrong is an answer too. Raises BudgetSpentError."""
        if self.calls >= self._most:
            raise BudgetSpentError
        self.calls += 1
        sent = time.time()
        status, body = self._carry_out(action, nonce, parameters)
        answer = Answer(action, status, body if isinstance(body, Mapping) else {}, sent, time.time())
        self.answers.append(answer)
        return answer

    def _carry_out(self, action: str, nonce: str, parameters: dict[str, str]) -> tuple[int, Any]:
        writes = action in WRITES
        params = Params(
            action=action,
            version=VERSION,
            protocol=self._protocol,
            pathname="/",
            method="POST" if writes else "GET",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        query = set(parameters) if not writes else IN_QUERY.get(action, set())
        request = OpenApiRequest(
            query={name: value for name, value in parameters.items() if name in query},
            body={name: value for name, value in parameters.items() if name not in query} or None,
        )
        options = RuntimeOptions(connect_timeout=TIMEOUT_MS, read_timeout=TIMEOUT_MS)
        if nonce:
            options.extends_parameters = ExtendsParameters(headers={"x-acs-signature-nonce": nonce})
        try:
            made = self._client.call_api(params, request, options)
        except Exception as error:  # noqa: BLE001 - its text may quote the key: only the answer in it is kept
            return _status(error), getattr(error, "data", None)
        return made["statusCode"], made["body"]


def _status(error: Exception) -> int:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else 0
