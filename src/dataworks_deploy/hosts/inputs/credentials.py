"""Who makes the calls, and where they go: an access key or a role, and the hosts that may receive a signed request."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.problem import BrokenKey, HalfKey, HalfRole, KeyFault, NotAnStsEndpoint, Slip
from dataworks_deploy.hosts import Source

from .reader import Reader

UNSAFE_ENDPOINT = "DATAWORKS_ALLOW_UNSAFE_ENDPOINT"
# Region names begin with a place. Otherwise `dataworks.oss-cn-shanghai.aliyuncs.com` would pass: a bucket of the object
# store, which anybody may own.
_REGION = r"(?:cn|ap|us|eu|me|na|sa|af|rus)-[a-z0-9]{1,16}(?:-[a-z0-9]{1,16}){0,4}"
REGION = re.compile(_REGION)
# Public, older public and VPC names of the service (docs of API version 2024-05-18, "Endpoints").
SHARED = "dataworks.aliyuncs.com"  # for all regions without a name of their own
_SERVICE = re.compile(
    rf"{re.escape(SHARED)}|dataworks(?:-public|-vpc)?\.(?P<region>{_REGION})\.aliyuncs\.com"
)


@frozen
class Endpoint:
    """Where calls go: a region from which the SDK derives the host, or a host. Only an unsafe endpoint has a port."""

    region: str = ""
    host: str = ""
    protocol: str = "HTTPS"


def parse_endpoint(text: str, *, unsafe: bool) -> Endpoint | None:
    """The endpoint in the text, or None if it is not allowed.

    Allowed is a bare host name of the service, with or without `https://`. `unsafe`, for emulators, allows any host,
    port and `http://`.
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
    """The host of the Security Token Service in the text, or None if it is not allowed.

    Allowed are `sts.aliyuncs.com`, and the public and VPC names of a region (docs of STS 2015-04-01, "Endpoints").
    """
    host = text.removeprefix("https://").lower()
    return host if _STS.fullmatch(host) and host != "sts-vpc.aliyuncs.com" else text if unsafe else None


def allows_unsafe(reader: Reader) -> bool:
    """Whether the environment allows any host, for an emulator."""
    return reader.ambient(UNSAFE_ENDPOINT).casefold() == "true"


_PARTS = ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")
_ROLE = re.compile(r"acs:ram::\d{1,20}:role/[\w.-]{1,64}", re.ASCII)
_PROVIDER = re.compile(r"acs:ram::\d{1,20}:oidc-provider/[\w.-]{1,128}", re.ASCII)
_SESSION = re.compile(r"[\w.@-]{2,64}", re.ASCII)
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


@frozen
class Key:
    """An access key: a permanent one, or one from STS with a token. Never shown, not even by repr."""

    id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        return "Key(...)"


@frozen
class Role:
    """A role to assume with AssumeRoleWithOIDC. Its sessions last `session_seconds` and are renewed in time."""

    role_arn: str
    provider_arn: str
    audience: str
    session_name: str
    session_seconds: int
    sts_endpoint: str


def read_credentials(reader: Reader) -> Key | Role:
    """Read the set of credentials that is given. For an incomplete one, report what is missing."""
    if reader.text("role-arn") or reader.text("oidc-provider-arn"):
        return _read_role(reader)
    return _read_key(reader)


def secrets_of(source: Source) -> tuple[str, ...]:
    """Everything given that must never be shown, whether it is used or not."""
    inputs = (source.given(_input(part)) for part in _PARTS[1:])
    ambient = (source.ambient.get(f"ALIBABA_CLOUD_{part}", "") for part in _PARTS[1:])
    # Upper and lower case, because both are read.
    proxies = (value for name, value in source.ambient.items() if name.lower().endswith("_proxy"))
    logins = (secret for proxy in proxies for secret in _login(proxy))
    return (*inputs, *ambient, source.identity.token, *logins)


def _input(part: str) -> str:
    """The input that holds this part of the key."""
    return part.lower().replace("_", "-")


def _login(proxy: str) -> Iterator[str]:
    """Login and password in a proxy's address, as written and decoded. They may contain characters that end a host
    name.

    If there are a name and a password, the name is no secret: outputs may have to contain that word.
    """
    login = _SCHEME.sub("", proxy.rpartition("@")[0].strip(), count=1)
    name, _, password = login.partition(":")
    for secret in (login, password or name):
        yield from (secret, unquote(secret))


def _read_role(reader: Reader) -> Role:
    role = Role(
        role_arn=reader.text("role-arn"),
        provider_arn=reader.text("oidc-provider-arn"),
        audience=reader.text("oidc-audience"),
        session_name=reader.text("role-session-name") or reader.source.job.session,
        session_seconds=reader.whole("role-session-seconds", 900, 43200),
        sts_endpoint=_sts_endpoint(reader),
    )
    reader.problems.extend(_role_faults(reader, role))
    return role


def _sts_endpoint(reader: Reader) -> str:
    given, unsafe = reader.text("sts-endpoint"), allows_unsafe(reader)
    endpoint = parse_sts(given, unsafe=unsafe)
    if endpoint is None:
        reader.problems.append(NotAnStsEndpoint(reader.shown(given.rpartition("@")[2])))
    return endpoint or ""


def _role_faults(reader: Reader, role: Role) -> Iterator[HalfRole | Slip]:
    if not role.role_arn:
        yield HalfRole("role-arn")
    elif not _ROLE.fullmatch(role.role_arn):
        yield Slip.NOT_A_ROLE
    if not role.provider_arn:
        yield HalfRole("oidc-provider-arn")
    elif not _PROVIDER.fullmatch(role.provider_arn):
        yield Slip.NOT_A_PROVIDER
    if not _SESSION.fullmatch(role.session_name):
        yield Slip.NOT_A_SESSION_NAME
    if any(reader.text(_input(part)) for part in _PARTS):
        yield Slip.KEY_AND_ROLE
    yield from _identity_faults(reader)


def _identity_faults(reader: Reader) -> Iterator[Slip]:
    identity = reader.source.identity
    if not (identity.url and identity.token):
        yield Slip.NO_IDENTITY
    elif not (identity.url.startswith("https://") or allows_unsafe(reader)):
        yield Slip.IDENTITY_ELSEWHERE


def _read_key(reader: Reader) -> Key:
    """Read the key from the inputs alone, or from the environment alone: parts of two keys never fit together."""
    inputs = [reader.text(_input(part)) for part in _PARTS]
    ambient = [reader.ambient(f"ALIBABA_CLOUD_{part}") for part in _PARTS]
    key = Key(*(inputs if any(inputs) else ambient))
    reader.problems.extend(_key_faults(key))
    return key


def _key_faults(key: Key) -> Iterator[KeyFault | Slip]:
    if not (key.id or key.secret or key.token):
        yield Slip.NO_KEY
    elif not (key.id and key.secret):
        yield HalfKey("access-key-secret" if key.id else "access-key-id")
    for part, value in (("id", key.id), ("secret", key.secret), ("token", key.token)):
        # An error of the HTTP library would quote a value that a header cannot hold.
        if not (value.isascii() and (value.isprintable() or not value) and " " not in value):
            yield BrokenKey(part)
