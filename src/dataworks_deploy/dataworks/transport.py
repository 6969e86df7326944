"""The HTTP session under every package that makes calls: no redirects, no repeats, bounded in time and size.

The SDK's own session would follow a 307 and post a creation again at another host, wait for ever on an answer
that drips, read an answer of any length, and pass by NO_PROXY.
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

from .line import Deadline, Line

MOST_BYTES = 8 * 1024 * 1024  # a page of 100 runs with all their stages is some 200 kB
TOTAL_SECONDS = 40.0
# An ID token and a session are short, and a call waits for them.
BRIEF_SECONDS = 12.0
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
_CHUNK = 64 * 1024


class BoundedSession(Session):
    """Sends each request once and reads at most `MOST_BYTES` within `seconds`."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no .netrc, no authorities of other variables than the documented ones
        for scheme in ("http://", "https://"):
            self.mount(scheme, Line())

    @property
    def seconds(self) -> float:
        """How long a whole call may take."""
        return TOTAL_SECONDS

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """Send without following redirects. Raises requests' errors, as the SDK expects."""
        options |= {"allow_redirects": False, "stream": True, "verify": True}
        options["proxies"] = _proxies(request.url or "")
        with Deadline(self.seconds) as deadline:
            try:
                response = super().send(request, **options)
                body = self._read(response)
            finally:
                if deadline.over:  # also where what a cut connection has left looks like a whole answer
                    raise ReadTimeout
        response._content = body  # noqa: SLF001 - where `content` keeps what has been read
        return response

    def get_redirect_target(self, resp: Response) -> str | None:  # noqa: ARG002 - requests calls it so
        """Nowhere: requests would read such an answer whole to look where it leads, also where nobody follows."""
        return None

    def _read(self, response: Response) -> bytes:
        began, body = time.monotonic(), bytearray()
        try:
            # read1 returns with what has come; to read a chunk whole would wait for one that drips.
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise RequestsConnectionError
                if time.monotonic() - began > self.seconds:
                    raise ReadTimeout
        except BaseException:
            response.close()  # a connection with an unread answer on it cannot be used again
            raise
        return bytes(body)


class BriefSession(BoundedSession):
    """For what stands between a call and its key."""

    @property
    def seconds(self) -> float:
        """How long a whole call may take."""
        return BRIEF_SECONDS


def _proxies(url: str) -> dict[str, str]:
    """HTTPS_PROXY and HTTP_PROXY, unless NO_PROXY has the host; the packages do not look at the latter.

    There `*.example.com` means what `.example.com` does, as other tools have it.
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
    """The session for a host. The SDK keeps one for each, but calls that start together would open one each."""
    with _opening:
        session: Session = _open_session(*which, **options)
        return session


def _line(_scheme: str, _tls_min_version: str | None = None, pool_size: int | None = None, **_: Any) -> Line:
    """Stands where the packages make an adapter of their own for each host."""
    return Line(pool_size)


class BoundedRequests:
    """Stands where a package expects the module `requests`, for the one function that it uses."""

    @staticmethod
    def get(url: str, headers: Mapping[str, str]) -> Response:
        """As requests.get, within bounds."""
        with BriefSession() as session:
            return session.get(url, headers=dict(headers), timeout=(CONNECT_SECONDS, READ_SECONDS))


def install() -> None:
    """Make every session that the packages open from now on a bounded one."""
    silence()
    core.Session = BoundedSession
    core.DaraCore._get_session = staticmethod(_one_session)  # noqa: SLF001
    core.DaraCore.get_adapter = tea.TeaCore.get_adapter = staticmethod(_line)
    tea.Session = BriefSession
    oidc_utils.requests = BoundedRequests


def silence() -> None:
    """Keep the packages from saying anything by themselves.

    Some log what they send, or the error that quotes it, and a thread's last words go to stderr.
    """
    logging.disable(logging.CRITICAL)
    threading.excepthook = lambda _: None
