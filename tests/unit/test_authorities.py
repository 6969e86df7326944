"""Authorities that a variable names and nobody can be trusted for: OpenSSL says nothing of it."""

from pathlib import Path

import certifi
import pytest

from dataworks_deploy.dataworks.line import unusable
from dataworks_deploy.domain.authorities import Flaw, UnusableAuthorities


@pytest.mark.parametrize("holds", [b"no certificate", b"\x30\x82\x01\x0a"])
def test_a_file_without_a_certificate_is_named(tmp_path: Path, holds: bytes) -> None:
    file = tmp_path / "named.pem"
    file.write_bytes(holds)

    found = [*unusable({"SSL_CERT_FILE": str(file)})]

    assert found == [UnusableAuthorities("SSL_CERT_FILE", str(file), Flaw.NO_CERTIFICATE)]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    at = str(tmp_path / "nowhere")

    found = [*unusable({"SSL_CERT_FILE": at, "SSL_CERT_DIR": at})]

    assert found == [
        UnusableAuthorities("SSL_CERT_FILE", at, Flaw.NOT_READABLE, "No such file or directory"),
        UnusableAuthorities("SSL_CERT_DIR", at, Flaw.NO_FOLDER),
    ]


def test_what_can_be_used_is_not_named(tmp_path: Path) -> None:
    folders = f"/nowhere:{tmp_path}"

    assert [*unusable({})] == []
    assert [*unusable({"SSL_CERT_FILE": certifi.where(), "SSL_CERT_DIR": folders})] == []
