"""The inputs that say who calls: an access key, or a role that the job's GitHub identity may assume."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from .endpoint import UNSAFE_ENDPOINT, allows_unsafe
from .reader import Reader

_PARTS = ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")
_ROLE = re.compile(r"acs:ram::\d{1,20}:role/[\w.-]{1,64}", re.ASCII)
_PROVIDER = re.compile(r"acs:ram::\d{1,20}:oidc-provider/[\w.-]{1,128}", re.ASCII)
_SESSION = re.compile(r"[\w.@-]{2,64}", re.ASCII)
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
STS_ENDPOINT = "DATAWORKS_STS_ENDPOINT"


@dataclass(frozen=True, slots=True)
class Key:
    """An access key, static or (with a token) from STS. Never shown, not even by repr."""

    id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        return "Key(...)"


@dataclass(frozen=True, slots=True)
class Role:
    """A role to assume by AssumeRoleWithOIDC, for sessions of `session_seconds` that are renewed in time."""

    role_arn: str
    provider_arn: str
    audience: str
    session_name: str
    session_seconds: int
    sts_endpoint: str


def read_credentials(reader: Reader) -> Key | Role:
    """Read the one set that is given whole; say of any other what is missing."""
    if reader.text("role-arn") or reader.text("oidc-provider-arn"):
        return _read_role(reader)
    return _read_key(reader)


def secrets_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Everything in the environment that must never be shown, whether it is used or not."""
    inputs = (f"INPUT_{name.replace('_', '-')}" for name in _PARTS[1:])
    ambient = (f"ALIBABA_CLOUD_{name}" for name in _PARTS[1:])
    keys = (environment.get(name, "") for name in (*inputs, *ambient, "ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
    # In whatever case: so are they read.
    proxies = (value for name, value in environment.items() if name.lower().endswith("_proxy"))
    return (*keys, *(secret for proxy in proxies for secret in _login(proxy)))


def _login(proxy: str) -> Iterator[str]:
    """Login and password in a proxy's address, as they stand there and decoded; they may hold what ends a host.

    Of a name and a password the name is no secret: it may be a word that outputs have to hold.
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
        session_name=reader.text("role-session-name") or _session_name(reader),
        session_seconds=reader.whole("role-session-seconds", 900, 43200),
        sts_endpoint=(allows_unsafe(reader) and reader.ambient(STS_ENDPOINT)) or "sts.aliyuncs.com",
    )
    reader.problems.extend(_role_faults(reader, role))
    return role


def _role_faults(reader: Reader, role: Role) -> Iterator[str]:
    if not role.role_arn:
        yield "role-arn: is empty while oidc-provider-arn is given. A role is assumed with both of them."
    elif not _ROLE.fullmatch(role.role_arn):
        yield "role-arn: is not the ARN of a RAM role, such as acs:ram::1234567890123456:role/deployer."
    if not role.provider_arn:
        yield "oidc-provider-arn: is empty while role-arn is given. A role is assumed with both of them."
    elif not _PROVIDER.fullmatch(role.provider_arn):
        yield (
            "oidc-provider-arn: is not the ARN of an OIDC provider, such as "
            "acs:ram::1234567890123456:oidc-provider/github."
        )
    if not _SESSION.fullmatch(role.session_name):
        yield "role-session-name: must have 2 to 64 characters of A-Z, a-z, 0-9, _, ., @ and -."
    if reader.text("access-key-id") or reader.text("access-key-secret") or reader.text("security-token"):
        yield "access-key-id: is given beside role-arn. Give an access key or a role, not both."
    yield from _identity_faults(reader)


def _identity_faults(reader: Reader) -> Iterator[str]:
    url = reader.ambient("ACTIONS_ID_TOKEN_REQUEST_URL")
    if not (url and reader.ambient("ACTIONS_ID_TOKEN_REQUEST_TOKEN")):
        yield (
            "role-arn: the job has no identity to assume the role with. Add `permissions: id-token: write` to "
            "the job; a pull request from a fork never gets one."
        )
    elif not (url.startswith("https://") or allows_unsafe(reader)):
        yield "role-arn: ACTIONS_ID_TOKEN_REQUEST_URL is not GitHub's, which begins with https://."
    if reader.ambient(STS_ENDPOINT) and not allows_unsafe(reader):
        yield f"{STS_ENDPOINT}: is for emulators, and needs {UNSAFE_ENDPOINT}=true in the step's env."


def _session_name(reader: Reader) -> str:
    """Repository and workflow run, so that ActionTrail shows where a call comes from."""
    repository = re.sub(r"[^\w.-]", "-", reader.ambient("GITHUB_REPOSITORY"), flags=re.ASCII)
    run = reader.ambient("GITHUB_RUN_ID")
    return f"github-{repository[-36:]}-{run}"[:64].rstrip("-")


def _read_key(reader: Reader) -> Key:
    """A set is taken whole from the inputs or whole from the environment: halves of two sets never fit."""
    inputs = [reader.text(part.lower().replace("_", "-")) for part in _PARTS]
    ambient = [reader.ambient(f"ALIBABA_CLOUD_{part}") for part in _PARTS]
    key = Key(*(inputs if any(inputs) else ambient))
    reader.problems.extend(_key_faults(key))
    return key


def _key_faults(key: Key) -> Iterator[str]:
    if not (key.id or key.secret or key.token):
        yield (
            "access-key-id: no credentials. Set role-arn and oidc-provider-arn, or access-key-id and "
            "access-key-secret from secrets, or run an action before this one that exports "
            "ALIBABA_CLOUD_ACCESS_KEY_ID and its companions. A secret that does not exist arrives empty, as do "
            "all secrets in a pull request from a fork."
        )
    elif not (key.id and key.secret):
        missing = "access-key-secret" if key.id else "access-key-id"
        yield (
            f"{missing}: is empty while other parts of the credentials are set. Take the whole set from one "
            "place, and check that the secret exists under that name."
        )
    for name, value in (("id", key.id), ("secret", key.secret), ("token", key.token)):
        # The HTTP library's error would quote a value that cannot stand in a header.
        if not (value.isascii() and (value.isprintable() or not value) and " " not in value):
            yield (
                f"credentials: the key's {name} holds a blank, a line end or another character that no key "
                "has. Copy it again into the secret."
            )
