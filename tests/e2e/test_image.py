"""How the image starts."""

from collections.abc import Callable

import pytest

from dataworks_deploy.absent import GUESSES, is_absent

from .conftest import Key, access_to
from .docker import PYTHON, docker, eventually, in_image
from .emulator import Emulator
from .runner import Runner

pytestmark = pytest.mark.docker

HOME = "/opt/dataworks-deploy"
SCRIPT = f"{HOME}/entrypoint.py"


@pytest.mark.parametrize(
    ("entrypoint", "options"),
    [("", ["-I", "-u"]), (SCRIPT, ["-Iu"])],
    ids=["main step", "post step"],
)
def test_python_is_the_first_process_and_the_only_one(
    runner: Runner, start_emulator: Callable[..., Emulator], key: Key, entrypoint: str, options: list[str]
) -> None:
    service = start_emulator("--latency-ms", "8000")
    inputs = {**access_to(service, key), "object-ids": "7567482277219412494"}

    with runner.step(inputs, entrypoint) as step:
        eventually(lambda: service.truth("received"), "a call is under way")
        look = "import glob; print(open('/proc/1/cmdline').read(), *glob.glob('/proc/[0-9]*'))"
        command, *processes = docker("exec", step.container, PYTHON, "-I", "-c", look).split()

    assert command.split("\0") == [PYTHON, *options, SCRIPT, ""]
    # The second process is the Python of this request.
    assert len(processes) == 2


def test_the_first_request_needs_few_modules_and_no_absent_one() -> None:
    """Start-up time and memory depend on the imported modules. So this test keeps both small on any machine."""
    inputs = {
        "PROJECT-ID": "10001",
        "OBJECT-IDS": "7567482277219412494",
        "ENDPOINT": "http://127.0.0.1:9",
        "ACCESS-KEY-ID": "key",
        "ACCESS-KEY-SECRET": "secret",
        "PREFLIGHT": "false",
    }
    variables = {f"INPUT_{name}": value for name, value in inputs.items()}
    variables["DATAWORKS_ALLOW_UNSAFE_ENDPOINT"] = "true"

    told = in_image(AT_FIRST_CONNECTION, *(f"--env={name}={value}" for name, value in variables.items()))

    modules = told.partition("imported:")[2].split()
    assert "requests" in modules, told
    left_out = {
        GUESSES,
        "github",
        "jwt",
        "nacl",
        "pydoc",
        "unittest",
        "multiprocessing",
        "ctypes",
        "sqlite3",
    }
    assert [name for name in modules if is_absent(name) or name.partition(".")[0] in left_out] == []
    assert len([name for name in modules if ".models._" in name and "dataworks" in name]) <= MOST_MODELS
    assert len(modules) <= MOST_MODULES


MOST_MODULES = 520
MOST_MODELS = 60
# Only modules from files, without the stand-ins of absent packages.
AT_FIRST_CONNECTION = f"""
import os, sys

def tell(event, _):
    if event == "socket.connect":
        modules = [name for name, module in sys.modules.items() if getattr(module, "__file__", None)]
        print("imported:", *modules, flush=True)
        os._exit(0)

sys.addaudithook(tell)
exec(compile(open("{SCRIPT}").read(), "{SCRIPT}", "exec"), {{"__name__": "__main__"}})
"""
