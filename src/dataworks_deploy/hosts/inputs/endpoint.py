"""Which hosts may receive a signed request: the DataWorks service, and nobody else."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from .reader import Reader

UNSAFE_ENDPOINT = "DATAWORKS_ALLOW_UNSAFE_ENDPOINT"
# Regions begin with a place. Without that rule `dataworks.oss-cn-shanghai.aliyuncs.com` would pass: a bucket of the
# object store, which anybody may own.
_REGION = r"(?:cn|ap|us|eu|me|na|sa|af|rus)-[a-z0-9]{1,16}(?:-[a-z0-9]{1,16}){0,4}"
REGION = re.compile(_REGION)
# Public, older public and VPC names of the service: docs of API version 2024-05-18, "Endpoints".
SHARED = "dataworks.aliyuncs.com"  # of all regions without a service of their own
_SERVICE = re.compile(
    rf"{re.escape(SHARED)}|dataworks(?:-public|-vpc)?\.(?P<region>{_REGION})\.aliyuncs\.com"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where calls go: a region from which the SDK derives the host, or a host, with a port only if unsafe."""

    region: str = ""
    host: str = ""
    protocol: str = "HTTPS"


def parse_endpoint(text: str, *, unsafe: bool) -> Endpoint | None:
    """The endpoint that the text names, or None where it is not allowed.

    Allowed is a bare host name of the service, optionally with `https://` before it. `unsafe` (for emulators)
    allows any host, port and `http://`.
    """
    bare = text.removeprefix("https://")
    service = _SERVICE.fullmatch(bare)
    if service:
        return Endpoint(region=service["region"] or "", host=bare)
    if not unsafe:
        return None
    return _any_host(text)


def _any_host(text: str) -> Endpoint | None:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        return None
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if not (plain and parts.hostname and parts.scheme in {"http", "https"}):
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host = f"{name}:{port}" if port else name
    return Endpoint(host=host, protocol=parts.scheme.upper())


_STS = re.compile(rf"sts(?:-vpc)?\.(?:{_REGION}\.)?aliyuncs\.com")


def parse_sts(text: str, *, unsafe: bool) -> str | None:
    """The host of the Security Token Service that the text names, or None where it is not allowed.

    Allowed are `sts.aliyuncs.com`, and the public and VPC names of a region (docs of STS 2015-04-01, "Endpoints").
    """
    host = text.removeprefix("https://").lower()
    return host if _STS.fullmatch(host) and host != "sts-vpc.aliyuncs.com" else text if unsafe else None


def allows_unsafe(reader: Reader) -> bool:
    """Whether the environment lifts the rule on hosts, for an emulator."""
    return reader.ambient(UNSAFE_ENDPOINT).casefold() == "true"
