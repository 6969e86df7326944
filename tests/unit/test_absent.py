"""Packages that the SDK imports without using them: none is loaded, and none can be used by mistake."""

import subprocess
import sys

from dataworks_deploy.absent import ABSENT, GUESSES, is_absent

from ..integration.job import ROOT

START = (
    "import sys; from dataworks_deploy.absent import leave_out; leave_out(); "
    "from dataworks_deploy import main, post; "
)


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in another process, after what the entry scripts begin with."""
    return subprocess.run(
        [sys.executable, "-I", "-c", START + code],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def test_nothing_of_an_absent_package_is_loaded() -> None:
    loaded = "print(*(name for name, module in sys.modules.items() if getattr(module, '__file__', None)))"

    modules = python(loaded).stdout.split()

    assert "darabonba.core" in modules
    assert [name for name in modules if is_absent(name) or name.partition(".")[0] == GUESSES] == []


def test_the_sdk_still_imports_all_of_them() -> None:
    """Remove a package from the list when the SDK no longer imports it."""
    asked = python("print(*sys.modules)").stdout.split()

    assert {*ABSENT} <= {*asked}


def test_using_an_absent_package_says_why_it_is_left_out() -> None:
    done = python("import aiohttp; aiohttp.ClientSession()")

    assert done.returncode == 1
    assert "AbsentError: aiohttp.ClientSession is left out: dataworks_deploy.absent says why" in done.stderr


def test_requests_reads_utf_8_where_it_would_guess_an_encoding() -> None:
    """A guess takes seconds for a long text, and it may be wrong."""
    answer = "answer = requests.Response(); answer._content = '节点'.encode()"

    done = python(f"import requests; {answer}; print(ascii(answer.text), answer.apparent_encoding)")

    assert (done.stdout.strip(), done.stderr) == (f"{'节点'!a} utf-8", "")
