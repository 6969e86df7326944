"""What a fault does to one call: whether and when it is carried out, and what goes back over the wire."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from dataworks_emulator.answers import Refusal, Response, error_of_status, refusal
from dataworks_emulator.faults import Fault
from dataworks_emulator.gate import throttled
from dataworks_emulator.request import Request
from dataworks_emulator.settings import WRITES, Settings

STALE_SECONDS = 5.0
HTML = "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>Bad gateway</h1></body></html>\n"
HOSTILE = (
    "hostile\r\n::set-output name=outcome::succeeded\n::add-mask::e\n::error::taken over%0A::warning::again\n"
    "##[command]rm -rf /\n##vso[task.complete]\n::stop-commands::x\n"
    "</details><script>alert(1)</script> <img src=x onerror=alert(1)> [link](javascript:alert(1)) "
    "| cell | ` ``` `\n"
    "\x1b[31mred\x1b[0m \u202egnp.exe\u202c \u2066isolate\u2069 @everyone"
)
PAGES = ("PipelineRuns", "PipelineRunItems", "Nodes", "WorkflowDefinitions")


class Carrier(Protocol):
    """What is needed of the service to carry a call out, now or later."""

    @property
    def settings(self) -> Settings:
        """The settings of the service."""

    def admit(self, request: Request, *, fenced: bool = True) -> Response:
        """Pass the gate and carry the operation out."""

    def pass_gate(self, request: Request, *, fenced: bool = True) -> None:
        """Pass the gate alone, or be refused."""

    def operate(self, request: Request) -> Response:
        """Carry out what has passed the gate."""

    def use_nonce(self, request: Request) -> None:
        """Register the nonce of a request that goes no further."""

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Have something done once that time has passed."""

    def settle(self) -> None:
        """Do what has become due."""

    def request_id(self) -> str:
        """Draw the ID of one answer."""

    def hide_run(self, run_id: str, seconds: float) -> None:
        """Keep a run out of the lists for that long."""


@dataclass
class Delivery:
    """How one call is to be answered.

    `how` is `answer`, or what happens instead: `drop`, `reset`, `refuse`, `truncate`, `drip`. The answer goes
    out `delay` seconds after the request came in; ask for `response()` only then: it may not exist before.
    """

    request: Request
    fault: Fault | None
    answer: Callable[[], Response]
    how: str = "answer"
    delay: float = 0.0

    def response(self) -> Response:
        """Return the answer as it stands when the delay is over."""
        return self.answer()


def deliver(service: Carrier, request: Request, fault: Fault | None) -> Delivery:
    """Apply the fault, if there is one, to the call."""
    latency = service.settings.latency_ms / 1000
    if fault is None:
        return _answer(request, None, service.admit(request), latency)
    if fault.kind == "delay" and not fault.commit:
        return _delayed(service, request, fault, latency)
    if fault.kind == "late":
        _carry_out_late(service, request, fault)
        return _answer(request, fault, Response(0), latency, "drop")
    response = _respond(service, request, fault)
    delay = latency + (fault.number if fault.kind == "delay" else 0.0)
    how = {"drip": "drip", "drop": "drop", "reset": "reset", "refuse": "refuse", "truncate": "truncate"}
    return _answer(request, fault, response, delay, how.get(fault.kind, "answer"))


def _answer(
    request: Request, fault: Fault | None, response: Response, delay: float, how: str = "answer"
) -> Delivery:
    return Delivery(request, fault, lambda: response, how, delay)


def _delayed(service: Carrier, request: Request, fault: Fault, latency: float) -> Delivery:
    # The request is held up in front of the gate: its nonce is still unused while it is under way.
    done: list[Response] = []
    service.later(fault.number, lambda: done.append(service.admit(request)))

    def answer() -> Response:
        service.settle()
        if not done:
            raise RuntimeError("the answer was asked for before the delay was over")
        return done[0]

    return Delivery(request, fault, answer, delay=latency + fault.number)


def _carry_out_late(service: Carrier, request: Request, fault: Fault) -> None:
    # The request got through the gate, so its nonce is used from now on, and waits behind it.
    try:
        service.pass_gate(request)
    except Refusal:
        return
    service.later(fault.number, lambda: service.operate(request))


def _respond(service: Carrier, request: Request, fault: Fault) -> Response:
    if fault.kind in TWISTS:
        return TWISTS[fault.kind](service, request, fault)
    real = service.admit(request) if fault.commit else None
    canned = CANNED.get(fault.kind)
    if canned is not None:
        return canned(service, request, fault, real)
    return real or Response(200, {"RequestId": service.request_id()})


# Faults that change what is carried out, or what a good answer says.


def _drip(service: Carrier, request: Request, fault: Fault) -> Response:
    del fault
    return service.admit(request)


def _lag(service: Carrier, request: Request, fault: Fault) -> Response:
    response = service.admit(request)
    if response.status == 200 and request.action == "CreatePipelineRun":
        service.hide_run(response.body["Id"], fault.number)
    return response


def _cut_description(service: Carrier, request: Request, fault: Fault) -> Response:
    kept = int(fault.number) if fault.value else 0
    described = request.params.get("Description", "")[:kept]
    return service.admit(replace(request, params={**request.params, "Description": described}))


def _duplicate(service: Carrier, request: Request, fault: Fault) -> Response:
    # The client gets the answer to the second delivery: the harder case, a refusal where the fence is up.
    service.admit(request)
    return service.admit(request, fenced=fault.kind == "duplicate")


def _stale(service: Carrier, request: Request, fault: Fault) -> Response:
    del fault
    return service.admit(replace(request, age=STALE_SECONDS))


def _short_page(service: Carrier, request: Request, fault: Fault) -> Response:
    del fault
    response = service.admit(request)
    page = response.body.get("PagingInfo")
    if page is None:
        return response
    # Half of the rows are gone, and the total says so even of an empty list.
    rows = {name: page[name][: len(page[name]) // 2] for name in PAGES if name in page}
    total = max(int(page["TotalCount"]), 1)
    return replace(response, body=response.body | {"PagingInfo": page | rows | {"TotalCount": total}})


def _garbled_page(service: Carrier, request: Request, fault: Fault) -> Response:
    del fault
    response = service.admit(request)
    return (
        replace(response, body=response.body | {"PagingInfo": None}) if response.status == 200 else response
    )


TWISTS: dict[str, Callable[[Carrier, Request, Fault], Response]] = {
    "drip": _drip,
    "lag": _lag,
    "no-description": _cut_description,
    "cut-description": _cut_description,
    "duplicate": _duplicate,
    "twice": _duplicate,
    "stale": _stale,
    "short-page": _short_page,
    "garbled-page": _garbled_page,
}

# Faults that put another answer in the place of the real one. `real` is None where nothing was carried out.


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
    del real
    return refusal(fault.value, request.params.get("Id", "object")).response(service.request_id())


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
    # A write that was carried out must not be answered with a refusal: 500 leaves it open.
    made = refusal("InvalidParameter" if real is None else "InternalError.System")
    made.message = HOSTILE
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
}
