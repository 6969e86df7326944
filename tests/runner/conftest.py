"""Fixtures for all tests here: a runner, a service with the real host names, and repositories that use the action."""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .act import ACT, Act
from .alone import alone
from .places import ROOT, checkout, commit, runner_image
from .service import Service, service

WORKFLOWS = Path(__file__).with_name("workflows")


@pytest.fixture(scope="session")
def image() -> str:
    """The image of the runner's jobs."""
    if not ACT.is_file():
        pytest.skip("act is not there: `make runner` builds it, and needs Go for that")
    return runner_image()


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the action."""
    folder = checkout(tmp_path_factory.mktemp("action"))
    shutil.copytree(WORKFLOWS, folder / ".github" / "workflows", dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of a user who has copied all examples."""
    folder = tmp_path_factory.mktemp("user")
    shutil.copytree(ROOT / "examples", folder / ".github" / "workflows")
    (folder / "dataworks").mkdir()
    for name, ids in LISTS.items():
        (folder / "dataworks" / f"{name}.txt").write_text(
            "".join(f"{each}  # dwd_{name}\n" for each in ids), "utf-8"
        )
    return commit(folder)


# The objects of examples/workspace.json.
WAREHOUSE = json.loads((ROOT / "examples" / "workspace.json").read_text("utf-8"))
NAMES = {
    each["name"]: each["id"]
    for kind in ("nodes", "workflows", "resources", "functions")
    for each in WAREHOUSE[kind]
}
LISTS = {
    "objects": ["7567482277219412494", "7567482277219412495"],
    "sales": ["7567482277219412501"],
    "finance": ["7567482277219412502", "7567482277219412503"],
    "logistics": ["7567482277219412504"],
}


@pytest.fixture
def start(image: str, action: Path, tmp_path: Path) -> Iterator[Callable[..., Act]]:
    """Start the service with some flags, and give a runner. Both end with the test."""
    key = (f"key-{secrets.token_hex(12)}", f"secret-{secrets.token_hex(12)}")
    folders = {name: tmp_path / name for name in ("truth", "home")}
    for folder in folders.values():
        folder.mkdir()
    for name, more in {"workspace": {}, "deployed": {"production": True}}.items():
        (folders["truth"] / f"{name}.json").write_text(json.dumps(WAREHOUSE | more), "utf-8")
    with alone() as network, ExitStack() as stack:

        def runner(*flags: str) -> Act:
            serving: Service = stack.enter_context(
                service(folders["truth"], network, image, "--access-key", ":".join(key), *flags)
            )
            names = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
            return Act(image, action, folders["home"], serving, dict(zip(names, key, strict=True)))

        yield runner
