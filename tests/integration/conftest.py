"""A site for each test: a service with the faults that the test asks for."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from darabonba.core import DaraCore

from .step import Site, open_site


class SiteMaker(Protocol):
    """Opens a site; its service ends with the test."""

    def __call__(self, *faults: str, **settings: Any) -> Site:
        """Give the faults as the emulator takes them, and its settings by name."""


@pytest.fixture(autouse=True)
def _closed_connections() -> Iterator[None]:
    """The SDK keeps a session for each host for as long as the process lives, which here sees many hosts."""
    yield
    while DaraCore._sessions:
        DaraCore._sessions.popitem()[1].close()


@pytest.fixture
def site_with(tmp_path: Path) -> Iterator[SiteMaker]:
    """Make sites with faults and settings."""
    with ExitStack() as stack:

        def make(*faults: str, **settings: Any) -> Site:
            folder = tmp_path / f"site-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            return stack.enter_context(open_site(folder, *faults, **settings))

        yield make


@pytest.fixture
def site(site_with: SiteMaker) -> Site:
    """A site where nothing goes wrong."""
    return site_with()
