"""The HTTP session of every package that makes calls: no redirects, no retries, limited time and size.

The SDK's own session would follow a 307 and send a creation again to another host. It would wait for ever for an answer
that arrives byte by byte. It would also read an answer of any length, and ignore NO_PROXY.
"""

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from actions_toolkit import oidc_utils
from darabonba import core
from requests import PreparedRequest, Response, Session
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ReadTimeout
from requests.utils import should_bypass_proxies
from Tea import core as tea

from .connections import Connections, Deadline

MOST_BYTES = 8 * 1024 * 1024  # a page of 100 runs with all their stages takes about 200 kB
TOTAL_SECONDS = 40.0
# An ID token and a session are short, and a call waits for them.
BRIEF_SECONDS = 12.0
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
_CHUNK = 64 * 1024


class BoundedSession(Session):
    """Sends each request once, and reads at most `MOST_BYTES` within `seconds`."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no .netrc, and no authorities from undocumented variables
        for scheme in ("http://", "https://"):
            self.mount(scheme, Connections())

    @property
    def seconds(self) -> float:
        """The time limit for a whole call."""
        return TOTAL_SECONDS

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """Send without following redirects. Raises the errors of requests, as the SDK expects."""
        options |= {"allow_redirects": False, "stream": True, "verify": True}
        options["proxies"] = _proxies(request.url or "")
        with Deadline(self.seconds) as deadline:
            try:
                response = super().send(request, **options)
                body = self._read(response)
            finally:
                if deadline.over:  # even if the rest of an ended connection looks like a complete answer
                    raise ReadTimeout
        response._content = body  # noqa: SLF001 - `content` caches the body here
        return response

    def get_redirect_target(self, resp: Response) -> str | None:  # noqa: ARG002 - requests calls it with this name
        """None: to find the target, requests would read the whole answer, even if nobody follows it."""
        return None

    def _read(self, response: Response) -> bytes:
        began, body = time.monotonic(), bytearray()
        try:
            # read1 returns what has arrived. Reading a whole chunk would wait for a slow one.
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise RequestsConnectionError
                if time.monotonic() - began > self.seconds:
                    raise ReadTimeout
        except BaseException:
            response.close()  # a connection with an unread answer cannot be used again
            raise
        return bytes(body)


class BriefSession(BoundedSession):
    """For the requests that a key needs."""

    @property
    def seconds(self) -> float:
        """The time limit for a whole call."""
        return BRIEF_SECONDS


def _proxies(url: str) -> dict[str, str]:
    """HTTPS_PROXY and HTTP_PROXY, unless NO_PROXY contains the host: the packages ignore NO_PROXY.

    In NO_PROXY, `*.example.com` means the same as `.example.com`, as in other tools.
    """
    proxies, host = getproxies(), urlsplit(url).hostname or ""
    named = (name.strip() for name in proxies.get("no", "").lower().split(","))
    if any(name.startswith("*.") and f".{host}".endswith(name[1:]) for name in named):
        return {}
    if should_bypass_proxies(url, no_proxy=None):
        return {}
    return {scheme: proxy for scheme, proxy in proxies.items() if scheme in {"http", "https"}}


_opening = threading.Lock()
_open_session = core.DaraCore._get_session  # noqa: SLF001 - the SDK opens its sessions nowhere else


def _one_session(*which: Any, **options: Any) -> Session:
    """The session for a host. The SDK keeps one for each host, but calls that start together would each open one."""
    with _opening:
        session: Session = _open_session(*which, **options)
        return session


def _connections(
    _scheme: str, _tls_min_version: str | None = None, pool_size: int | None = None, **_: Any
) -> Connections:
    """Replaces the packages' own adapter for each host."""
    return Connections(pool_size)


class BoundedRequests:
    """Replaces the module `requests` in a package that uses only this function of it."""

    @staticmethod
    def get(url: str, headers: Mapping[str, str]) -> Response:
        """Like requests.get, with limits."""
        with BriefSession() as session:
            return session.get(url, headers=dict(headers), timeout=(CONNECT_SECONDS, READ_SECONDS))


def install() -> None:
    """Replace every session that the packages open from now on with a limited one."""
    silence()
    core.Session = BoundedSession
    core.DaraCore._get_session = staticmethod(_one_session)  # noqa: SLF001
    core.DaraCore.get_adapter = tea.TeaCore.get_adapter = staticmethod(_connections)
    tea.Session = BriefSession
    oidc_utils.requests = BoundedRequests


def silence() -> None:
    """Stop all output of the packages.

    Some log what they send, or an error that quotes it. Unhandled errors in threads go to stderr.
    """
    logging.disable(logging.CRITICAL)
    threading.excepthook = lambda _: None
