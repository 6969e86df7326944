"""The HTTP session under every package that makes calls: no redirects, no repeats, bounded in time and size.

The SDK's own session would follow a 307 and post a creation again at another host, wait for ever on an answer
that drips, read an answer of any length, and pass by NO_PROXY.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.request import getproxies

from actions_toolkit import oidc_utils
from darabonba import core
from requests import PreparedRequest, Response, Session
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ReadTimeout
from requests.utils import should_bypass_proxies
from Tea import core as tea

MOST_BYTES = 8 * 1024 * 1024  # a page of 100 runs with all their stages is some 200 kB
TOTAL_SECONDS = 40.0
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
_CHUNK = 64 * 1024


class BoundedSession(Session):
    """Sends each request once and reads at most `MOST_BYTES` within `TOTAL_SECONDS`.

    `scrub` takes secrets out of every answer before anybody reads it: a service may quote the request, and a text
    that is cut later could end in the middle of a secret, where it would not be recognised any more.
    """

    scrub: ClassVar[Callable[[str], str]] = staticmethod(str)

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no .netrc; the callers pass the proxies of the environment themselves

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """Send without following redirects. Raises requests' errors, as the SDK expects."""
        began = time.monotonic()
        if should_bypass_proxies(request.url or "", no_proxy=None):
            options["proxies"] = {}
        response = super().send(request, **{**options, "allow_redirects": False, "stream": True})
        body = bytearray()
        try:
            # read1 returns with what has come; to read a chunk whole would wait for one that drips.
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise RequestsConnectionError(f"the answer is longer than {MOST_BYTES} bytes")
                if time.monotonic() - began > TOTAL_SECONDS:
                    raise ReadTimeout(f"the answer took longer than {TOTAL_SECONDS:.0f} s")
        except BaseException:
            response.close()  # a connection with an unread answer on it cannot be used again
            raise
        text = body.decode("utf-8", "surrogateescape")
        # Where `content` keeps what has been read.
        response._content = type(self).scrub(text).encode("utf-8", "surrogateescape")  # noqa: SLF001
        return response


_opening = threading.Lock()
_open_session = core.DaraCore._get_session  # noqa: SLF001 - the SDK opens its sessions nowhere else


def _one_session(*which: Any, **options: Any) -> Session:
    """The session for a host. The SDK keeps one for each, but calls that start together would open one each."""
    with _opening:
        session: Session = _open_session(*which, **options)
        return session


class BoundedRequests:
    """Stands where a package expects the module `requests`, for the one function that it uses."""

    @staticmethod
    def get(url: str, headers: Mapping[str, str]) -> Response:
        """As requests.get, within bounds."""
        return BoundedSession().get(
            url, headers=dict(headers), proxies=getproxies(), timeout=(CONNECT_SECONDS, READ_SECONDS)
        )


def install(scrub: Callable[[str], str]) -> None:
    """Make every session that the packages open from now on a bounded one that scrubs the answers."""
    BoundedSession.scrub = staticmethod(scrub)
    core.Session = BoundedSession
    core.DaraCore._get_session = staticmethod(_one_session)  # noqa: SLF001
    tea.Session = BoundedSession
    oidc_utils.requests = BoundedRequests
