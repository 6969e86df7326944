"""A private certificate authority, servers with its certificates, and a proxy on the way to them."""

import contextlib
import datetime
import ipaddress
import selectors
import socket
import socketserver
import ssl
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit, urlunsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .canned import length, read_head

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Authority:
    """The files of an authority: its own certificate, and the key and certificate of a server."""

    ca: Path
    server: Path

    def context(self, only: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        """Return the TLS settings of the server: all good versions, or only this one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        if only:
            allow(context, only)
        return context


def allow(context: ssl.SSLContext, only: ssl.TLSVersion) -> None:
    """Let one side use only this version, however old it is."""
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = only
        context.minimum_version = only


def authority(folder: Path, hosts: Sequence[str] = ("127.0.0.1",), *, old: bool = False) -> Authority:
    """Make an authority and a certificate for the hosts: addresses, or names.

    Like those of many companies, an old one has not all that Python's strict checking (the default from 3.13) needs.
    """
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    named = x509.SubjectAlternativeName([_alternative_name(host) for host in hosts])
    signed = [
        _certificate(ca_key, "Corporate CA", ca_key, [] if old else [SIGNS_CERTIFICATES], strict=not old),
        _certificate(key, "server", ca_key, [named], strict=not old),
    ]
    ca_file, server_file = folder / "ca.pem", folder / "server.pem"
    ca_file.write_bytes(signed[0].public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    server_file.write_bytes(signed[1].public_bytes(serialization.Encoding.PEM) + private)
    return Authority(ca_file, server_file)


def _certificate(
    key: Key, name: str, ca_key: Key, extensions: Sequence[x509.ExtensionType], *, strict: bool
) -> x509.Certificate:
    """Make a certificate that the authority signs. It may be the authority's own."""
    subject, issuer = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, "Corporate CA")
    )
    public, ca_public = key.public_key(), ca_key.public_key()
    now, ca = datetime.datetime.now(datetime.UTC), key is ca_key
    made = x509.CertificateBuilder(issuer, subject, public, 1 if ca else 2, now - DAY, now + DAY)
    made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if strict:
        identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        of_authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_public)
        made = made.add_extension(identifier, critical=False).add_extension(of_authority, critical=False)
    for extension in extensions:
        made = made.add_extension(extension, critical=ca)
    return made.sign(ca_key, hashes.SHA256())


DAY = datetime.timedelta(days=1)
SIGNS_CERTIFICATES = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def _alternative_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


class Proxy(socketserver.ThreadingTCPServer):
    """Answers CONNECT, forwards one plain request per connection, and keeps the targets."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        """Take any free port."""
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.targets: list[str] = []

    @property
    def url(self) -> str:
        """The value for HTTPS_PROXY or HTTP_PROXY."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Tunnel(socketserver.StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        head = read_head(self.rfile)
        if not head:
            return
        method, target, version = head.partition(b"\r\n")[0].decode().split()
        url = urlsplit(target if method != "CONNECT" else f"//{target}")
        self.server.targets.append(url.netloc)
        with socket.create_connection((url.hostname, url.port)) as far, contextlib.suppress(OSError):
            if method == "CONNECT":
                self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                line = f"{method} {urlunsplit(('', '', url.path or '/', url.query, ''))} {version}\r\n"
                rest = head.partition(b"\r\n")[2] + b"Connection: close\r\n\r\n"
                far.sendall(line.encode() + rest + self.rfile.read(length(head)))
            with selectors.DefaultSelector() as ready:  # select itself takes no descriptor above 1,023
                ready.register(self.connection, selectors.EVENT_READ, far)
                ready.register(far, selectors.EVENT_READ, self.connection)
                _pump(ready)


def _pump(ready: selectors.BaseSelector) -> None:
    """Forward the bytes of each side to the other, until one side ends."""
    while True:
        for key, _ in ready.select(10):
            data = cast("socket.socket", key.fileobj).recv(65536)
            if not data:
                return
            key.data.sendall(data)


@contextlib.contextmanager
def proxying() -> Iterator[Proxy]:
    """Run a proxy."""
    with Proxy() as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
