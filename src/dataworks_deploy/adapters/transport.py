"""The HTTP session under the SDK: no redirects, no repeats, bounded in time and size.

The SDK's own session would follow a 307 and post a creation again at another host, wait for ever on an answer
that drips, and read an answer of any length.
"""

import threading
import time
from typing import Any

from darabonba import core
from requests import PreparedRequest, Response, Session
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ReadTimeout

MOST_BYTES = 8 * 1024 * 1024  # a page of 100 runs with all their stages is some 200 kB
TOTAL_SECONDS = 40.0
_CHUNK = 64 * 1024


class BoundedSession(Session):
    """Sends each request once and reads at most `MOST_BYTES` within `TOTAL_SECONDS`."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no .netrc; the SDK itself passes the proxies of the environment

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """Send without following redirects. Raises requests' errors, as the SDK expects."""
        began = time.monotonic()
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
        response._content = bytes(body)  # noqa: SLF001 - where `content` keeps what has been read
        return response


_opening = threading.Lock()
_open_session = core.DaraCore._get_session  # noqa: SLF001 - the SDK opens its sessions nowhere else


def _one_session(*which: Any, **options: Any) -> Session:
    """The session for a host. The SDK keeps one for each, but calls that start together would open one each."""
    with _opening:
        session: Session = _open_session(*which, **options)
        return session


def install() -> None:
    """Make every session that the SDK opens from now on a bounded one."""
    core.Session = BoundedSession
    core.DaraCore._get_session = staticmethod(_one_session)  # noqa: SLF001
