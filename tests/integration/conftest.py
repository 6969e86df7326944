"""A site for each test: a service with the faults that the test asks for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest
from darabonba.core import DaraCore
from Tea.core import TeaCore

from dataworks_deploy.dataworks import connections, transport

from .clock import VirtualClock
from .step import Site, open_site


class SiteMaker(Protocol):
    """Opens a site. Its service ends with the test."""

    def __call__(self, *faults: str, **settings: Any) -> Site:
        """Give the faults as the emulator takes them, and its settings by name."""


@pytest.fixture(autouse=True)
def _closed_connections() -> Iterator[None]:
    """The packages keep one session per host until the process ends, and this process meets many hosts."""
    yield
    for sessions in (DaraCore._sessions, TeaCore._sessions):
        while sessions:
            sessions.popitem()[1].close()


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


@pytest.fixture
def time_is_over(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """End the time of every open call when the test says so, and never by itself."""
    under_way: list[Callable[[], object]] = []
    clock = VirtualClock()

    class Timer:
        """Takes the place of Alarm."""

        ready = staticmethod(lambda: None)

        def __init__(self, seconds: float, act: Callable[[], object]) -> None:
            self._act = act

        def start(self) -> None:
            under_way.append(self._act)

        def cancel(self) -> None:
            under_way.remove(self._act)

    def over() -> None:
        clock.forward(transport.TOTAL_SECONDS + 1)
        for act in under_way:
            act()

    monkeypatch.setattr(connections, "Alarm", Timer)
    monkeypatch.setattr(transport, "time", SimpleNamespace(monotonic=clock.monotonic))
    return over
