"""Which of the three services on the port a request is for: the API, STS, or the issuer of ID tokens."""

from urllib.parse import parse_qsl

from dataworks_emulator.answers import Refusal, refusal
from dataworks_emulator.settings import ASSUME_ROLE, GET_ID_TOKEN
from dataworks_emulator.signature import WireRequest

ID_TOKEN_PATH = "/id-token"  # noqa: S105  # a path
VERSIONS = {ASSUME_ROLE: "2015-04-01"}
API_VERSION = "2024-05-18"


def route(received: WireRequest) -> tuple[str, dict[str, str]]:
    """Return the action and the parameters of a request, from wherever they stand."""
    params = dict(parse_qsl(received.query, keep_blank_values=True))
    params |= dict(parse_qsl(received.body.decode("utf-8", "replace"), keep_blank_values=True))
    if received.path == ID_TOKEN_PATH:
        return GET_ID_TOKEN, params
    action = received.headers.get("x-acs-action", "")
    # STS is asked in the older style, with everything in the query; the API is not.
    return (ASSUME_ROLE if not action and params.get("Action") == ASSUME_ROLE else action), params


def wrong_version(received: WireRequest, action: str, params: dict[str, str]) -> Refusal | None:
    """Refuse a version that the service of that action does not have."""
    version = received.headers.get("x-acs-version", "")
    if action in VERSIONS:
        version = version or params.get("Version", "")
    return None if version == VERSIONS.get(action, API_VERSION) else refusal("InvalidVersion")


def quoted(received: WireRequest) -> str:
    """Return the request as text, with all that is secret in it: an echo shows it."""
    headers = " ".join(f"[{name}: {value}]" for name, value in received.headers.items())
    target = f"{received.path}?{received.query}" if received.query else received.path
    return f"{received.method} {target} {headers} {received.body.decode('utf-8', 'replace')}"
