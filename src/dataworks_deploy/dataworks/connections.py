"""The connections of every call: which certificates to trust, and how to end a call from outside.

A socket's time limit applies to each read alone. An answer whose headers arrive byte by byte would never exceed it.
"""

import heapq
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, Self

import certifi
from requests import PreparedRequest
from requests.adapters import DEFAULT_POOLSIZE, HTTPAdapter
from requests.exceptions import InvalidProxyURL
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import LocationParseError, NameResolutionError, NewConnectionError
from urllib3.util import parse_url

_POOL_SIZE = 4 * DEFAULT_POOLSIZE


class NoThreadError(Exception):
    """The container cannot start a thread, so nothing was sent."""


class Alarm:
    """Like threading.Timer, but one thread serves all alarms. With one thread for each call, a container soon has too
    many.
    """

    _waiting = threading.Condition()
    _due: ClassVar[list[tuple[float, int, "Alarm"]]] = []
    _numbers = itertools.count()
    _thread: ClassVar[threading.Thread | None] = None

    def __init__(self, seconds: float, ring: Callable[[], object]) -> None:
        self._seconds, self._then = seconds, ring
        self._cancelled = False

    @classmethod
    def ready(cls) -> None:
        """Start the alarm thread if it does not run yet. Raises NoThreadError."""
        with cls._waiting:
            if cls._thread is None:
                thread = threading.Thread(target=cls._watch, name="alarm", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    raise NoThreadError from None
                cls._thread = thread

    def start(self) -> None:
        """Ring after so many seconds. Raises NoThreadError."""
        self.ready()
        with self._waiting:
            heapq.heappush(self._due, (time.monotonic() + self._seconds, next(self._numbers), self))
            self._waiting.notify()

    def cancel(self) -> None:
        """Do not ring any more."""
        self._cancelled = True

    def ring(self) -> None:
        """Do what is due now, unless it was cancelled."""
        if not self._cancelled:
            self._then()

    @classmethod
    def _watch(cls) -> None:
        while True:
            with cls._waiting:
                while not cls._due or (left := cls._due[0][0] - time.monotonic()) > 0:
                    cls._waiting.wait(left if cls._due else None)
                _, _, alarm = heapq.heappop(cls._due)
            alarm.ring()


class Deadline:
    """Ends the connection that the calling thread uses in a `with` block, after so many seconds."""

    _current = threading.local()

    def __init__(self, seconds: float) -> None:
        self._alarm = Alarm(seconds, self._cut)
        self._connection: Any = None
        self._left: list[socket.socket] = []
        self.over = False

    def __enter__(self) -> Self:
        self._alarm.start()
        self._current.deadline = self
        return self

    def __exit__(self, *_: object) -> None:
        self._alarm.cancel()
        self._current.deadline = None
        for line in self._left:
            line.close()

    def _cut(self) -> None:
        self.over = True
        if self._connection:
            self._connection.cut()
        for line in self._left:
            _break_off(line)

    @classmethod
    def covers(cls, connection: Any) -> None:
        """Remember the connection as the one that this thread's call uses."""
        deadline: Deadline | None = getattr(cls._current, "deadline", None)
        if deadline:
            deadline._connection = connection  # noqa: SLF001 - it is the same class
            if deadline.over:  # too late: there was nothing to end before
                connection.cut()

    @classmethod
    def takes(cls, line: socket.socket) -> None:
        """Keep the socket of a closed connection until this thread's call ends: a last answer may still be read from
        it.
        """
        deadline: Deadline | None = getattr(cls._current, "deadline", None)
        if not deadline:
            line.close()
            return
        deadline._left.append(line)  # noqa: SLF001 - it is the same class
        if deadline.over:
            _break_off(line)


def _break_off(line: socket.socket) -> None:
    """End the connection: the reader then sees the end of the answer."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


class _Cuttable(HTTPConnection):
    """A connection that another thread can end."""

    _line: socket.socket | None = None
    _stood = False  # whether the connection was made; stays true until the next attempt

    def connect(self) -> None:
        self._stood = False
        super().connect()
        self._stood = True

    @property
    def has_connected_to_proxy(self) -> bool:
        """Whether a request may have left through a proxy.

        urllib3 closes the connection when an answer is missing, and then forgets this. It would report that the proxy
        was not reached.
        """
        return self._stood or super().has_connected_to_proxy

    def _new_conn(self) -> socket.socket:
        try:
            made: socket.socket = super()._new_conn()
        except LocationParseError as error:  # a part of the name is empty or too long
            raise NameResolutionError(self.host, self, socket.gaierror()) from error
        try:
            # TLS takes over the socket. A second handle on the connection stays valid.
            self._line = made.dup()
        except OSError as error:  # no second handle is left, and nothing was sent on the first
            made.close()
            raise NewConnectionError(self, "no descriptor") from error
        Deadline.covers(self)
        return made

    def request(self, *what: Any, **options: Any) -> None:
        Deadline.covers(self)
        super().request(*what, **options)

    def cut(self) -> None:
        """End the connection, whatever it is doing."""
        if self._line:
            _break_off(self._line)

    def close(self) -> None:
        line, self._line = self._line, None
        if line:
            Deadline.takes(line)
        super().close()


class _CuttableTls(_Cuttable, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Cuttable


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _CuttableTls


class Connections(HTTPAdapter):
    """Opens connections. TLS is always verified, even if a caller says otherwise, and also through a proxy."""

    def __init__(self, pool_size: int | None = None) -> None:
        super().__init__(pool_maxsize=pool_size or _POOL_SIZE)
        self._trust: ssl.SSLContext | None = None
        self._opening = threading.Lock()

    def init_poolmanager(self, *which: Any, **options: Any) -> None:
        """Create the pools for direct connections."""
        super().init_poolmanager(*which, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Create the pools for connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: Any,
        proxies: dict[str, str] | None = None,
        cert: Any = None,
    ) -> Any:
        """Choose the pool for a request. Raises InvalidProxyURL; then nothing has left.

        For a bad proxy address, the libraries raise the same errors as for an unreadable answer.
        """
        proxy = select_proxy(request.url or "", proxies)
        try:
            if proxy and _is_torn(proxy):
                raise InvalidProxyURL
            self.request_url(request, proxies)  # runs later, and parses the address again, its own way
            return super().get_connection_with_tls_context(request, verify, proxies, cert)
        except Exception as error:  # whatever the error is: its text could contain a login
            if not proxy:
                raise
            raise InvalidProxyURL(request=request) from error

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, *_which: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the host of a request, and which certificates to trust there."""
        host, _ = super().build_connection_pool_key_attributes(request, True, None)  # noqa: FBT003 - their signature
        if host["scheme"] != "https":
            return host, {}
        with self._opening:
            self._trust = self._trust or trust()
        return host, {"ssl_context": self._trust, "cert_reqs": "CERT_REQUIRED"}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Do nothing: otherwise requests would load its own authorities for each connection."""


def _is_torn(proxy: str) -> bool:
    """Whether a character in the login ends the host early. Then the beginning of the login would count as the host."""
    at = parse_url(proxy)
    return any("@" in part for part in (at.path, at.query, at.fragment) if part)


def trust() -> ssl.SSLContext:
    """The public authorities and those of the system. SSL_CERT_FILE and SSL_CERT_DIR replace the system's.

    Certificates must follow RFC 5280 strictly, as from Python 3.13 on. Many private authorities do not, and their users
    cannot reissue them. So with the variables, a valid chain, date and name are enough.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    if _named():
        context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
    else:
        context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    return context


def _named() -> bool:
    """Whether one of the two variables names authorities."""
    at = ssl.get_default_verify_paths()
    return at.cafile not in {None, at.openssl_cafile} or at.capath not in {None, at.openssl_capath}
