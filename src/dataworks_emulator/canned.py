"""Fixed answers: what a fault sends instead of the real answer (None if the operation was not carried out)."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dataworks_emulator.answers import Response, error_of_status, refusal
from dataworks_emulator.carrier import Carrier
from dataworks_emulator.faults import Fault
from dataworks_emulator.gate import throttled
from dataworks_emulator.request import Request
from dataworks_emulator.settings import WRITES

HTML = "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>Bad gateway</h1></body></html>\n"
HOSTILE = (
    "hostile\r\n::set-output name=outcome::succeeded\n::add-mask::e\n::error::taken over%0A::warning::again\n"
    "##[command]rm -rf /\n##vso[task.complete]\n::stop-commands::x\n"
    "</details><script>alert(1)</script> <img src=x onerror=alert(1)> [link](javascript:alert(1)) "
    "| cell | ` ``` `\n"
    "\x1b[31mred\x1b[0m \u202egnp.exe\u202c \u2066isolate\u2069 @everyone"
)

# The gateway finds these errors before it checks the nonce.
OF_THE_SIGNATURE = (
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidSecurityToken",
    "InvalidTimeStamp",
    "SignatureDoesNotMatch",
)


def _json(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    del service, request, real
    return Response(200, raw=fault.value.encode())


def _empty(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    del service, request, fault, real
    return Response(200, raw=b"")


def _html(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    del service, request, real
    status = int(fault.number) if fault.value else 200
    page = HTML.replace("{status}", str(status)).encode()
    return Response(status, headers={"Content-Type": "text/html; charset=utf-8"}, raw=page)


def _status(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    del request, real
    return error_of_status(int(fault.number)).response(service.request_id())


def _error(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    made = refusal(fault.value, request.params.get("Id", "object"))
    if real is None and made.status < 500 and not made.code.startswith(OF_THE_SIGNATURE):
        service.use_nonce(request)
    return made.response(service.request_id())


def _throttle(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    if real is None and service.settings.throttled_uses_nonce:
        service.use_nonce(request)
    if fault.kind == "quota":
        made = refusal(service.settings.quota_code, status=service.settings.throttle_status)
    else:
        made = throttled(service.settings, int(fault.number) if fault.value else None)
    return made.response(service.request_id())


def _redirect(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    del service, request, real
    return Response(307, headers={"Location": fault.value}, raw=b"")


def _huge(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    del service, request, real
    frame = len(json.dumps({"Padding": ""}))
    return Response(200, {"Padding": "x" * max(int(fault.number) - frame, 0)})


def _hostile(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    del fault
    if real is not None and request.action not in WRITES and real.status == 200:
        return replace(real, body=_with_hostile_messages(real.body))
    # A write that was carried out must not get a refusal. A 500 leaves its end unclear.
    made = refusal("InvalidParameter" if real is None else "InternalError.System")
    made.message = HOSTILE
    return made.response(service.request_id())


def _echo(service: Carrier, request: Request, fault: Fault, real: Response | None) -> Response:
    del fault
    made = refusal("InvalidParameter" if real is None else "InternalError.System", "request")
    made.message += f" Received: {request.sent or json.dumps(dict(request.params))}"
    if real is not None:
        made.message += f" Would have answered: {real.content().decode('utf-8', 'replace')}"
    return made.response(service.request_id())


def _with_hostile_messages(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_hostile_messages(each) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _with_hostile_messages(each) for key, each in value.items()}
    return changed | {"Message": HOSTILE} if "Status" in changed else changed


CANNED: dict[str, Callable[[Carrier, Request, Fault, Response | None], Response]] = {
    "json": _json,
    "empty": _empty,
    "html": _html,
    "status": _status,
    "error": _error,
    "throttle": _throttle,
    "quota": _throttle,
    "redirect": _redirect,
    "huge": _huge,
    "hostile": _hostile,
    "echo": _echo,
}
