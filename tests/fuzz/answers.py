"""Answers to all calls of the step: good ones, damaged in their values, their JSON, their bytes or their HTTP."""

import gzip
import json
import random
from dataclasses import dataclass
from typing import Any

from .texts import ID_TOKEN, SESSION_SECRET, SESSION_TOKEN, WORDS, spoilt, text, value

RUN = "b1f6ba0b-6c51-4d0c-b0d1-0c8f2c6a5b11"
OBJECT = "7567482277219400001"
WORKFLOW = "7567482277219400002"
STAGE = {"Code": "PROD", "Name": "Deploy", "Type": "Deploy", "Step": 3, "Status": "Init", "Detail": {}}
PIPELINE = {
    "Id": RUN, "Status": "Running", "Message": "", "Description": "[dwd1:AAAAAAAAAAAAAAAAAAAAAAAAAA:g1] by hand",
    "Creator": "1234", "CreateTime": 1780000000000, "ModifyTime": 1780000001000, "ProjectId": 10001,
    "Stages": [STAGE | {"Code": "BUILD", "Type": "Build", "Step": 1, "Status": "Success"}, STAGE],
}  # fmt: skip
SPEC = {
    "version": "1.1.0", "kind": "Node",
    "spec": {"nodes": [{"id": OBJECT, "name": "load", "script": {"path": "sales/daily/load"}}]},
    "metadata": {"uuid": OBJECT, "container": {"type": "CycleWorkflow", "uuid": WORKFLOW}},
}  # fmt: skip
FLOW = {
    "version": "1.1.0", "kind": "CycleWorkflow",
    "spec": {"workflows": [{"id": OBJECT, "name": "sales", "script": {"path": "sales"}, "nodes": []}]},
}  # fmt: skip
LISTED = {
    "Id": OBJECT, "Name": "load", "Owner": "1234", "ModifyTime": 1780000000000, "TaskId": 700000000001,
    "Script": {"Path": "sales/daily/load"}, "Inputs": {"NodeOutputs": [{"Data": "sales_root"}]},
    "Outputs": {"NodeOutputs": [{"Data": "sales.load"}]},
}  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {
    "create": {"RequestId": "0A1B-2C", "Id": RUN},
    "run": {"RequestId": "0A1B-2C", "Pipeline": PIPELINE},
    "page": {
        "RequestId": "0A1B-2C",
        "PagingInfo": {"PageNumber": 1, "PageSize": 100, "TotalCount": 1, "PipelineRuns": [PIPELINE]},
    },
    "execute": {"RequestId": "0A1B-2C", "Success": True},
    "abolish": {"RequestId": "0A1B-2C", "Success": True},
    "node": {"RequestId": "0A1B-2C", "Node": {"Id": OBJECT, "Spec": json.dumps(SPEC)}},
    "workflow": {
        "RequestId": "0A1B-2C",
        "WorkflowDefinition": {
            "Id": OBJECT,
            "Name": "sales",
            "WorkflowId": 700000000001,
            "Spec": json.dumps(FLOW),
        },
    },
    "nodes": {
        "RequestId": "0A1B-2C",
        "PagingInfo": {"PageNumber": "1", "PageSize": "100", "TotalCount": "1", "Nodes": [LISTED]},
    },
    "token": {"value": ID_TOKEN},  # of GitHub
    "session": {  # of STS
        "RequestId": "0A1B-2C",
        "Credentials": {
            "AccessKeyId": "STS.fuzz",
            "AccessKeySecret": SESSION_SECRET,
            "SecurityToken": SESSION_TOKEN,
            "Expiration": "2099-01-01T00:00:00Z",
        },
    },
}
# A session of a role needs two answers. The other one of the two is always good.
IDENTITY = {"token": "issuer", "session": "sts"}
ERROR = {
    "RequestId": "0A1B-2C",
    "Code": "NoPermission",
    "Message": "not allowed",
    "HostId": "x",
    "Recommend": "",
}
QUOTING = f"the token {ID_TOKEN} is not trusted"
STATUSES = (400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504)
ODD_STATUSES = (
    "100", "204", "206", "301", "304", "307", "418", "499", "599", "600", "999", "000", "20", "-1", "x", "",
)  # fmt: skip
ODD_HEADERS = (
    "Content-Length: -1", "Content-Length: 99999999", "Content-Length: 3", "Content-Length: x", "", ":",
    "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Content-Encoding: gzip", "Content-Encoding: x",
    "Content-Encoding: deflate", "Content-Type: text/html", "Content-Type: application/json; charset=utf-16",
    "Location: http://127.0.0.1:9/", "x-acs-retry-after: 9e99", "x-acs-retry-after: \u0661", "x-acs-request-id: A",
    "X-Acs-Retry-After: NaN", "Set-Cookie: a=b", " folded: x", "Connection: keep-alive", "x: \xff\x00",
)  # fmt: skip
WAITS = ("50", "2000", "0", "x", "1e5", "-5", "9" * 18, "9" * 400, "9" * 5000)


@dataclass(frozen=True)
class Answer:
    """One answer. `body` is what a correct HTTP client gets, or None if the HTTP is damaged."""

    operation: str
    raw: bytes
    status: str
    body: bytes | None

    @property
    def voices(self) -> dict[str, bytes]:
        """The answers of all servers that the operation calls."""
        if self.operation not in IDENTITY:
            return {"service": self.raw}
        good = {voice: plain(operation).raw for operation, voice in IDENTITY.items()}
        return good | {IDENTITY[self.operation]: self.raw}


def plain(operation: str, status: str = "200", *head: str, **changes: Any) -> Answer:
    """A good answer with other fields, and more lines in its head."""
    body = json.dumps((BODIES[operation] if status == "200" else _error(operation)) | changes).encode()
    return bare(operation, status, body, *head)


def _error(operation: str) -> dict[str, Any]:
    return ERROR | ({"Message": QUOTING} if operation == "session" else {})


def bare(operation: str, status: str, body: bytes, *head: str) -> Answer:
    """An answer of these bytes."""
    lines = [f"HTTP/1.1 {status} Word", *head, f"Content-Length: {len(body)}", "", ""]
    return Answer(operation, "\r\n".join(lines).encode() + body, status, body)


def drawn(rng: random.Random) -> Answer:
    """The answer of a seed."""
    operation = rng.choice((*BODIES, "create"))
    status, content = _content(rng, operation)
    body = _encoded(rng, content)
    head = [f"HTTP/1.1 {status} Word", "Content-Type: application/json;charset=utf-8"]
    sent, framed = _framed(rng, body, head)
    raw = "\r\n".join([*head, "", ""]).encode("utf-8", "surrogatepass") + sent
    if rng.random() < 0.05:
        at = rng.randrange(len(raw))
        raw = raw[:at] + rng.choice((b"", rng.randbytes(3), b"\r\n\r\n", raw[at + 1 :])) + raw[at + 1 :]
        framed = False
    return Answer(operation, raw, status, body if framed else None)


def _content(rng: random.Random, operation: str) -> tuple[str, Any]:
    if rng.random() < 0.6:
        status, content = "200", json.loads(json.dumps(BODIES[operation]))
    else:
        status, content = str(rng.choice(STATUSES)), _error(operation) | {"Code": rng.choice(WORDS)}
    if rng.random() < 0.08:
        status = rng.choice((*ODD_STATUSES, *map(str, STATUSES)))
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        content = _mutated(rng, content)
    return status, content


def _mutated(rng: random.Random, content: Any, depth: int = 0) -> Any:
    """The value with another value somewhere inside."""
    if isinstance(content, str) and content.startswith("{") and rng.random() < 0.9:
        return _inner(rng, content)
    if not isinstance(content, dict | list) or not content or rng.random() < 0.06 or depth > 8:
        return value(rng)
    if isinstance(content, list):
        at = rng.randrange(len(content))
        return rng.choice(
            (content * 2, [*content[:at], _mutated(rng, content[at], depth + 1), *content[at + 1 :]])
        )
    key = rng.choice(list(content))
    match rng.randrange(8):
        case 0:
            return {name: each for name, each in content.items() if name != key}
        case 1:
            return {(spoilt(rng, name) if name == key else name): each for name, each in content.items()}
        case 2:
            return content | {
                rng.choice((text(rng), "Id", "Code", "Success", "RequestId", "requestId")): value(rng)
            }
        case _:
            return content | {key: _mutated(rng, content[key], depth + 1)}


def _inner(rng: random.Random, written: str) -> str:
    """The same for JSON inside a text, such as a FlowSpec."""
    try:
        content = json.loads(written)
    except (ValueError, RecursionError):
        return spoilt(rng, written)
    return _encoded(rng, _mutated(rng, content)).decode("utf-8", "surrogateescape")


def _encoded(rng: random.Random, content: Any) -> bytes:
    """The JSON as bytes, which may no longer be valid JSON."""
    written = json.dumps(content, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.05 and written.startswith("{"):
        twice = rng.choice(("Id", "Code", "Success", "RequestId"))
        written = f'{{"{twice}": {json.dumps(text(rng))}, {written[1:]}'
    body = written.encode("utf-8", "surrogatepass")
    match rng.randrange(24):
        case 0:
            return body[: rng.randint(0, len(body))]
        case 1:
            return spoilt(rng, written).encode("utf-8", "surrogatepass")
        case 2:
            return rng.choice(
                (b"\xef\xbb\xbf" + body, written.encode("utf-16", "surrogatepass"), body + body, b"")
            )
        case 3:
            return text(rng).encode("utf-8", "surrogatepass")
        case 4:
            return b"[" * 100_000 if rng.random() < 0.02 else b'{"Id":' * 900 + b"1"
        case _:
            return body


def _framed(rng: random.Random, body: bytes, head: list[str]) -> tuple[bytes, bool]:
    """The body as it is sent, and whether a client gets all of it."""
    match rng.randrange(20):
        case 0:
            head += ["Transfer-Encoding: chunked"]
            return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n", True
        case 1:
            head += ["Content-Encoding: gzip", f"Content-Length: {len(packed := gzip.compress(body, 1))}"]
            return packed, True
        case 2:
            head += [rng.choice(ODD_HEADERS) for _ in range(rng.choice((1, 2)))]
            return body, False
        case 3:
            head += [f"x-acs-retry-after: {rng.choice(WAITS)}", f"Content-Length: {len(body)}"]
            return body, True
        case _:
            head += [f"Content-Length: {len(body)}"]
            return body, True
