"""Which of the three services on the port a request is for, and whether its form is right.

The API, STS, and the issuer of ID tokens share the port. Methods and places are those of the official SDK. A GET has
its parameters in the query, a POST in the body. Only ExecPipelineRunStage has the workspace in the query.
"""

from dataclasses import dataclass

from dataworks_emulator.answers import Refusal, refusal
from dataworks_emulator.settings import ASSUME_ROLE, GET_ID_TOKEN
from dataworks_emulator.signature import WireRequest

ID_TOKEN_PATH = "/id-token"  # noqa: S105  # a path
VERSIONS = {ASSUME_ROLE: "2015-04-01"}
API_VERSION = "2024-05-18"


@dataclass(frozen=True)
class Form:
    """The form of a writing operation: a POST with these parameters in the query and in the body."""

    query: frozenset[str]
    body: frozenset[str]


FORMS = {
    "CreatePipelineRun": Form(
        frozenset(),
        frozenset({"ProjectId", "Type", "ObjectIds", "Description", "RunMode", "AutoRunUntilStage"}),
    ),
    "ExecPipelineRunStage": Form(frozenset({"ProjectId"}), frozenset({"Id", "Code"})),
    "AbolishPipelineRun": Form(frozenset(), frozenset({"ProjectId", "Id"})),
}


def route(received: WireRequest) -> tuple[str, dict[str, str]]:
    """Return the action and the parameters of a request, from the query and the body. Raises ValueError for too
    many.
    """
    params = dict([*received.asked, *received.form])
    if received.path == ID_TOKEN_PATH:
        return GET_ID_TOKEN, params
    action = received.headers.get("x-acs-action", "")
    # Requests to STS use the older style, with everything in the query. Requests to the API do not.
    return (ASSUME_ROLE if not action and params.get("Action") == ASSUME_ROLE else action), params


def misdirected(received: WireRequest, action: str) -> Refusal | None:
    """Refuse a path, a method or a place of a parameter that the SDK does not use for this action."""
    if received.path != (ID_TOKEN_PATH if action == GET_ID_TOKEN else "/"):
        return refusal("InvalidAction.NotFound")
    form = FORMS.get(action)
    allowed = ("GET", "POST") if action == ASSUME_ROLE else ("POST",) if form else ("GET",)
    if received.method not in allowed:
        return refusal("UnsupportedHTTPMethod")
    if action == ASSUME_ROLE:
        return None
    if form is None:
        return _astray(received.form, "query") if received.form else None
    return _astray([pair for pair in received.asked if pair[0] in form.body], "body") or _astray(
        [pair for pair in received.form if pair[0] in form.query], "query"
    )


def wrong_version(received: WireRequest, action: str, params: dict[str, str]) -> Refusal | None:
    """Refuse a version that the service of this action does not have."""
    version = received.headers.get("x-acs-version", "")
    if action in VERSIONS:
        version = version or params.get("Version", "")
    return None if version == VERSIONS.get(action, API_VERSION) else refusal("InvalidVersion")


def quoted(received: WireRequest) -> str:
    """Return the request as text, with all its secrets: the fault `echo` shows it."""
    headers = " ".join(f"[{name}: {value}]" for name, value in received.headers.items())
    target = f"{received.path}?{received.query}" if received.query else received.path
    return f"{received.method} {target} {headers} {received.body.decode('utf-8', 'replace')}"


def _astray(pairs: list[tuple[str, str]], place: str) -> Refusal | None:
    return refusal("misplaced", f"{pairs[0][0][:80]} belongs in the {place}") if pairs else None
