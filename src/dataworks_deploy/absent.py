"""Packages and modules that the SDK imports at its start, but uses only for what the action never does.

Importing them takes half of the time before the first call, and a third of the memory. So an empty module replaces
each, here as in the image, which does not contain them: the tests test what is shipped. Names can be imported from such
a module, but not used.
"""

import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

# Where else the SDK finds credentials. The action gives it keys, or a role with an ID token (`oidc`).
_PROVIDERS = (
    "cli_profile",
    "cloud_sso",
    "default",
    "ecs_ram_role",
    "env",
    "external",
    "oauth",
    "profile",
    "ram_role_arn",
    "rsa_key_pair",
    "static_ak",
    "static_sts",
    "uri",
)
# Module → what the SDK uses it for. Nothing in a package that is absent is there either.
ABSENT = {
    "aiofiles": "reads credential files in asynchronous calls",
    "aiohttp": "makes asynchronous calls",
    "cryptography": "signs with RSA key pairs",
    "urllib3.http2": "speaks HTTP/2, which needs another package",
    "websocket": "makes WebSocket calls",
    **{f"alibabacloud_credentials.provider.{each}": "finds credentials elsewhere" for each in _PROVIDERS},
}

# A package that requests works without, and warns about it. It guesses the encoding of an answer that names none, which
# takes long for a long answer. Without it, requests reads UTF-8, as the service writes.
GUESSES = "charset_normalizer"

_BEGINNINGS = tuple(f"{each}." for each in ABSENT)


def is_absent(module: str) -> bool:
    """Whether this module is left out, or lies in a package that is."""
    return f"{module}.".startswith(_BEGINNINGS)


class AbsentError(RuntimeError):
    """Something was used that is left out on purpose."""


class _Absent:
    """Replaces a class or a function of an absent package."""

    def __init__(self, *_: object, **__: object) -> None:
        kind = type(self)
        raise AbsentError(f"{kind.__module__}.{kind.__name__} is left out: {__name__} says why")


class _Finder(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] == GUESSES:
            raise ModuleNotFoundError(fullname, name=fullname)
        if not is_absent(fullname):
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        def stand_in(name: str) -> type[_Absent]:
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (_Absent,), {"__module__": module.__name__})

        module.__dict__["__getattr__"] = stand_in


def leave_out() -> None:
    """From now on, import empty modules instead of the absent packages."""
    warnings.filterwarnings("ignore", "Unable to find ")
    sys.meta_path.insert(0, _Finder())
