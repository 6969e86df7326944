"""Runs with the image's own Python, in its pruned file system. Anything missing there fails the build.

It imports every module of the remaining packages. It also makes every call, with everything that it sends and reads, to
a port where nobody listens.
"""

import importlib
import re
import sys
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from dataworks_deploy import absent

absent.leave_out()

from alibabacloud_dataworks_public20240518 import models  # noqa: E402 - not before the above
from alibabacloud_dataworks_public20240518.client import Client  # noqa: E402
from alibabacloud_tea_openapi.utils_models import Config  # noqa: E402
from darabonba.exceptions import UnretryableException  # noqa: E402
from darabonba.model import DaraModel  # noqa: E402
from darabonba.runtime import RuntimeOptions  # noqa: E402

from dataworks_deploy.dataworks.connections import trust  # noqa: E402
from dataworks_deploy.dataworks.keys import GivenKey, Signer  # noqa: E402

NOBODY = "127.0.0.1:9"


def import_all() -> int:
    """Import every module of the packages, and return their number."""
    site = Path(absent.__file__).parents[1]
    modules = [path.relative_to(site).with_suffix("").parts for path in site.rglob("*.py")]
    wrong = [fault for parts in modules if (fault := _fault(".".join(parts).removesuffix(".__init__")))]
    if wrong:
        raise ImportError("\n".join(["these modules cannot be imported:", *wrong]))
    return len(modules)


def _fault(module: str) -> str:
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - report all of them together
        return f"{module}: {type(error).__name__}: {error}"
    return ""


def build_all() -> dict[str, Any]:
    """Build every model with all its fields, and convert it to a map and back. Returns the models by name."""
    kinds = {name: each for name, each in vars(models).items() if isinstance(each, type)}
    built = {name: _full(kind) for name, kind in kinds.items()}
    for name, model in built.items():
        model.validate()
        again = kinds[name]().from_map(model.to_map())
        if again.to_map() != model.to_map():
            raise ValueError(f"{name} does not come back from its map")
    return built


def _full(kind: Any) -> Any:
    """A value of this type with all its fields. The types are those in the models."""
    if get_origin(kind) in {list, dict}:
        *_, item = get_args(kind) or (Any,)
        return [_full(item)] if get_origin(kind) is list else {"key": _full(item)}
    if kind is Any:
        return "anything"
    if not issubclass(kind, DaraModel):
        return kind(1)
    hints = get_type_hints(kind.__init__)
    return kind(**{name: _full(hint) for name, hint in hints.items()})


def call_all(built: dict[str, Any]) -> int:
    """Make every call, up to the connection, which is refused. Returns their number."""
    client = Client(
        Config(protocol="HTTP", endpoint=NOBODY, credential=Signer(GivenKey("key", "secret", "")))
    )
    calls = [name for name in built if name.endswith("Request") and not name.endswith("ShrinkRequest")]
    for name in calls:
        words = re.findall("[A-Z][a-z0-9]*", name.removesuffix("Request"))
        call = getattr(client, f"{'_'.join(words).lower()}_with_options")
        try:
            call(built[name], RuntimeOptions())
        except UnretryableException as error:
            if "refused" not in str(error):
                raise
        else:
            raise ValueError(f"somebody has answered {name} at {NOBODY}")
    return len(calls)


if __name__ == "__main__":
    imported, built = import_all(), build_all()
    called, trusted = call_all(built), trust().cert_store_stats()["x509_ca"]
    sys.stdout.write(f"{imported} modules, {len(built)} models, {called} calls, {trusted} authorities\n")
    sys.exit(0 if imported and built and called and trusted else "something of this is missing altogether")
