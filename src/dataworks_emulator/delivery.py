"""What a fault does to one call: whether and when it is carried out, and which answer is sent."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dataworks_emulator.answers import Refusal, Response
from dataworks_emulator.canned import CANNED
from dataworks_emulator.carrier import Carrier
from dataworks_emulator.faults import Fault
from dataworks_emulator.request import Request

STALE_SECONDS = 5.0
PAGES = ("PipelineRuns", "PipelineRunItems", "Nodes", "WorkflowDefinitions", "Resources", "Functions")


@dataclass
class Delivery:
    """How to answer one call.

    `how` is `answer`, or what happens instead: `drop`, `reset`, `refuse`, `truncate`, `drip`. The answer is sent
    `delay` seconds after the request arrived. Call `response()` only then: before, the answer may not exist.
    """

    request: Request
    fault: Fault | None
    answer: Callable[[], Response]
    how: str = "answer"
    delay: float = 0.0

    def response(self) -> Response:
        """Return the answer as it is after the delay."""
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
    # The request waits before the gate, so its nonce stays unused meanwhile.
    done: list[Response] = []
    service.later(fault.number, lambda: done.append(service.admit(request)))

    def answer() -> Response:
        service.settle()
        if not done:
            raise RuntimeError("the answer was asked for before the delay was over")
        return done[0]

    return Delivery(request, fault, answer, delay=latency + fault.number)


def _carry_out_late(service: Carrier, request: Request, fault: Fault) -> None:
    # The request waits after the gate, so its nonce is used from now on.
    try:
        service.pass_gate(request)
    except Refusal:
        return
    service.later(fault.number, lambda: service.operate(request))


def _respond(service: Carrier, request: Request, fault: Fault) -> Response:
    if fault.kind in TWISTS:
        return TWISTS[fault.kind](service, request, fault)
    real = service.admit(request) if fault.commit else None
    if fault.kind in CANNED:
        return CANNED[fault.kind](service, request, fault, real)
    return real or Response(200, {"RequestId": service.request_id()})


# Faults that change what is carried out, or the content of a successful answer.


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


def _foreign_id(service: Carrier, request: Request, fault: Fault) -> Response:
    try:
        if not fault.commit:
            service.pass_gate(request)
        response = (
            service.admit(request) if fault.commit else Response(200, {"RequestId": service.request_id()})
        )
        if response.status != 200 or request.action != "CreatePipelineRun":
            return response
        return replace(response, body=response.body | {"Id": service.foreign_run(request)})
    except Refusal as refused:
        return refused.response(service.request_id())


def _duplicate(service: Carrier, request: Request, fault: Fault) -> Response:
    # The client gets the answer to the second delivery. That is the harder case: with the fence, it is a refusal.
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
    # Half of the rows are missing. The total shows it, even for an empty list.
    rows = {name: page[name][: len(page[name]) // 2] for name in PAGES if name in page}
    counted = page["TotalCount"]
    total = type(counted)(max(int(counted), 1))
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
    "foreign-id": _foreign_id,
    "duplicate": _duplicate,
    "twice": _duplicate,
    "stale": _stale,
    "short-page": _short_page,
    "garbled-page": _garbled_page,
}
