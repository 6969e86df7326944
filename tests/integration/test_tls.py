"""How the action protects its keys: verified TLS 1.2 or later, a corporate CA, and proxies, on every connection.

One server plays all three: the issuer of ID tokens, STS and the service.
"""

import json
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from dataworks_deploy.dataworks.connections import trust

from .canned import NEVER_OLD_MS, CannedServer, answer, canned, self_signed
from .conftest import SiteMaker
from .ended import Ended
from .role import RoleSite, Sealed
from .trust import Authority, allow, authority, proxying

ALL = answer(
    json.dumps(
        {
            "value": "aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl",
            "Credentials": {
                "AccessKeyId": "STS.session-key-id",
                "AccessKeySecret": "session-secret-of-the-test",
                "SecurityToken": "session-token-of-the-test",
                "Expiration": "2099-01-01T00:00:00Z",
            },
            "Id": "run-1",
            "RequestId": "R-1",
            "Pipeline": {
                "Id": "run-1",
                "Status": "Running",
                "CreateTime": NEVER_OLD_MS,
                "Stages": [],
            },
        }
    ).encode()
)
# Which server is asked first over TLS. The servers after it are never reached.
LINES = ["issuer", "sts", "service"]


@pytest.fixture
def corporate(tmp_path: Path) -> Authority:
    """A private certificate authority."""
    return authority(tmp_path)


@pytest.fixture
def site(site_with: SiteMaker, monkeypatch: pytest.MonkeyPatch) -> RoleSite:
    """A site on a machine without proxies."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    opened = site_with()
    return RoleSite(opened, Sealed(opened.emulator))


def step(site: RoleSite, server: CannedServer, line: str = "all", **variables: str) -> Ended:
    """Run the step with one connection, or all of them, going to the server."""
    url = f"https://{server.endpoint}"
    lines: dict[str, str] = {"NO_PROXY": ""}
    if line in {"issuer", "all"}:
        lines["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{url}/?api-version=2.0"
    if line in {"sts", "all"}:
        lines["INPUT_STS-ENDPOINT"] = url
    inputs = {"endpoint": url} if line in {"service", "all"} else {}
    return site.run(variables=lines | variables, **inputs)


def without_masks(ended: Ended) -> str:
    """Return all that a step shows to people and to later steps."""
    shown = [line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::")]
    return "\n".join([*shown, ended.summary, *ended.outputs.values()])


def test_a_corporate_ca_is_trusted_on_every_connection(site: RoleSite, corporate: Authority) -> None:
    with canned(ALL, tls=corporate.context()) as server:
        ended = step(site, server, SSL_CERT_FILE=str(corporate.ca))

    assert ended.only["run_id"] == "run-1"
    assert [request.split()[0] for request in server.requests] == [b"GET", b"POST", b"POST", b"GET"] or [
        request.split()[0] for request in server.requests
    ] == [b"GET", b"GET", b"POST", b"GET"]


def test_an_old_corporate_ca_is_trusted_if_it_is_named(site: RoleSite, tmp_path: Path) -> None:
    """Python's strict checking would refuse it, and the people who name it cannot replace it."""
    old = authority(tmp_path, old=True)
    with canned(ALL, tls=old.context()) as server:
        strict = ssl.create_default_context(cafile=old.ca)
        strict.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
        host, _, port = server.endpoint.partition(":")
        with socket.create_connection((host, int(port))) as line, pytest.raises(ssl.SSLCertVerificationError):
            strict.wrap_socket(line, server_hostname=host)
        ended = step(site, server, SSL_CERT_FILE=str(old.ca))

    assert ended.only["run_id"] == "run-1"


def test_only_the_public_authorities_are_checked_strictly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert trust().verify_flags & ssl.VerifyFlags.VERIFY_X509_STRICT

    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert not trust().verify_flags & ssl.VerifyFlags.VERIFY_X509_STRICT


@pytest.mark.parametrize("line", LINES)
def test_without_the_corporate_ca_no_connection_sends_anything(
    site: RoleSite, corporate: Authority, line: str
) -> None:
    with canned(ALL, tls=corporate.context()) as server:
        ended = step(site, server, line)

    assert ended.only["outcome"] == "rejected"
    assert "certificate is not trusted" in ended.only["message"]
    assert server.requests == []


def test_a_self_signed_certificate_is_refused(site: RoleSite, tmp_path: Path) -> None:
    with canned(ALL, tls=self_signed(tmp_path)) as server:
        ended = step(site, server, "service")

    assert ended.only["outcome"] == "rejected"
    assert server.requests == []


@pytest.mark.parametrize("line", LINES)
def test_tls_before_1_2_is_refused(site: RoleSite, corporate: Authority, line: str) -> None:
    old = ssl.TLSVersion.TLSv1_1
    with canned(ALL, tls=corporate.context(old)) as server:
        # A client that accepts this version can connect, so it is not the server that refuses.
        careless = ssl.create_default_context(cafile=corporate.ca)
        allow(careless, old)
        host, _, port = server.endpoint.partition(":")
        with careless.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host) as line_:
            assert line_.version() == "TLSv1.1"
        ended = step(site, server, line, SSL_CERT_FILE=str(corporate.ca), OPENSSL_CONF="/nonexistent")

    assert ended.only["run_id"] is None
    assert [request for request in server.requests if request.strip()] == []


@pytest.mark.parametrize(
    ("name", "holds", "said"),
    [
        ("SSL_CERT_FILE", None, "cannot be read in the action's container (No such file or directory)"),
        ("SSL_CERT_FILE", b"no certificate", "holds no certificate in PEM"),
        ("SSL_CERT_FILE", b"\x30\x82\x01\x0a", "holds no certificate in PEM"),
        ("SSL_CERT_DIR", None, "is not a folder in the action's container"),
    ],
)
def test_authorities_that_cannot_be_used_are_reported(
    site: RoleSite, tmp_path: Path, name: str, holds: bytes | None, said: str
) -> None:
    """OpenSSL would ignore them silently, and the advice for an untrusted certificate is to name them."""
    at = tmp_path / "named.pem"
    if holds is not None:
        at.write_bytes(holds)

    ended = site.run(variables={name: str(at)})

    assert ended.only["outcome"] == "created"
    (warning,) = ended.warnings
    assert f"{name}: {at} {said}" in warning


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_every_connection_uses_the_proxy_and_tls_goes_through_it(
    site: RoleSite, corporate: Authority, name: str
) -> None:
    with proxying() as proxy, canned(ALL, tls=corporate.context()) as server:
        ended = step(site, server, SSL_CERT_FILE=str(corporate.ca), **{name: proxy.url})

    assert ended.only["run_id"] == "run-1"
    assert proxy.targets == [server.endpoint] * 4


def test_behind_a_proxy_tls_is_verified_too(site: RoleSite, corporate: Authority) -> None:
    with proxying() as proxy, canned(ALL, tls=corporate.context()) as server:
        ended = step(site, server, HTTPS_PROXY=proxy.url)

    assert ended.only["outcome"] == "rejected"
    assert server.endpoint in proxy.targets
    assert server.requests == []


@pytest.mark.parametrize("without", ["127.0.0.0/8", "x.org,*.0.0.1"])
def test_the_no_proxy_variable_applies_to_every_connection(
    site: RoleSite, corporate: Authority, without: str
) -> None:
    with proxying() as proxy, canned(ALL, tls=corporate.context()) as server:
        ended = step(site, server, SSL_CERT_FILE=str(corporate.ca), HTTPS_PROXY=proxy.url, NO_PROXY=without)

    assert ended.only["run_id"] == "run-1"
    assert proxy.targets == []


@pytest.mark.parametrize("at", ["127.0.0.1:9", "proxy..invalid:3128"])
def test_a_proxy_that_cannot_be_reached_is_named(site: RoleSite, corporate: Authority, at: str) -> None:
    with canned(ALL, tls=corporate.context()) as server:
        ended = step(site, server, "service", HTTPS_PROXY=f"http://jane:tell-nobody@{at}")

    assert ended.only["outcome"] == "rejected"
    assert f"the proxy cannot be reached ({at})" in ended.only["message"]
    assert "HTTPS_PROXY" in ended.errors[0]
    assert "tell-nobody" not in without_masks(ended)


@pytest.mark.parametrize(
    "address",
    [
        "socks5://{}@127.0.0.1:9",
        "ftp://{}@127.0.0.1:9",
        "{}@127.0.0.1:9",
        "http://{}@127.0.0.1:99999",
        "http://{}@",
        "http://{}/more@127.0.0.1:9",
        "http://jane:12345#{}@127.0.0.1:9",
        "http://jane:12345/{}@127.0.0.1:9",
        "http://jane:12345?{}@127.0.0.1:9",
        "http://jane:12345\\{}@127.0.0.1:9",
        "http://[jane:{}@127.0.0.1:9",
        "http://{}秘密@127.0.0.1:9",
    ],
)
def test_with_an_unusable_proxy_address_nothing_is_sent_and_the_address_is_not_shown(
    site: RoleSite, corporate: Authority, address: str
) -> None:
    with canned(ALL, tls=corporate.context()) as server:
        ended = step(site, server, HTTPS_PROXY=address.format("jane:tell-nobody"))

    assert ended.only["outcome"] == "rejected"
    assert "the proxy's address cannot be used" in ended.only["message"]
    assert "HTTPS_PROXY" in ended.errors[0]
    shown = without_masks(ended)
    assert [part for part in ("jane", "12345", "tell-nobody", "秘密") if part in shown] == []
    assert server.requests == []


@pytest.mark.parametrize("location", ["http://[", "socks5://jane@x/"])
def test_a_broken_redirect_is_not_reported_as_a_wrong_proxy_address(
    site: RoleSite, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    """The library reads the redirect, and raises its error after the request was sent."""
    with canned(answer(b"", "307 Temporary Redirect", Location=location)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.endpoint}")
        ended = site.site.run(endpoint="http://dataworks.invalid", settle_seconds="1")

    assert ended.only["outcome"] == "unknown"
    assert b"CreatePipelineRun" in proxy.requests[0]


def test_an_issuer_address_without_https_is_refused(site_with: SiteMaker) -> None:
    opened: Any = site_with()
    site = RoleSite(opened, Sealed(opened.emulator))

    ended = site.run(
        variables={"DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "false", "INPUT_STS-ENDPOINT": ""},
        endpoint="",
        region="cn-shanghai",
    )

    assert ended.outcome == "invalid"
    assert any("https://" in error for error in ended.errors)
    assert opened.truth.of("received") == []
