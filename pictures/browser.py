"""Headless Chromium, on files of this machine and without any network."""

import html
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",  # CI runs as root; nothing but our own page is opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--allow-file-access-from-files",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-device-scale-factor=2",
    "--virtual-time-budget=20000",  # milliseconds of the page's own clock, to draw in; they pass at once
)
LONGEST = 60  # seconds
SEEN = re.compile(r'data-seen="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page's script saw when all was drawn: see page.js."""

    elements: Mapping[str, int]
    handlers: list[str]
    links: list[str]
    rows: list[int]
    charts: list[Mapping[str, Any]]
    errors: list[str]
    headings: list[str]
    text: str
    tooWide: int  # noqa: N815 - as the script calls it
    height: int


def installed() -> str | None:
    """The browser's program, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def look(page: Path, width: int) -> Seen:
    """Open a page in a window of so many pixels. Raises RuntimeError where its script did not come to its end."""
    found = SEEN.search(_chromium(page, f"--window-size={width},800", "--dump-dom"))
    if not found:
        raise RuntimeError(f"the script of {page} did not finish")
    return Seen(**json.loads(html.unescape(found[1])))


def photograph(page: Path, width: int, target: Path) -> None:
    """Take a picture of the whole page, as PNG with two pixels for one."""
    height = look(page, width).height
    _chromium(page, f"--window-size={width},{height}", f"--screenshot={target}")


def _chromium(page: Path, *options: str) -> str:
    program = installed()
    if program is None:
        raise RuntimeError(f"no browser: none of {', '.join(NAMES)} is installed")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [program, *OPTIONS, f"--user-data-dir={profile}", *options, page.as_uri()],
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=True,
        )
    return done.stdout
