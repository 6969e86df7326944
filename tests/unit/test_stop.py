"""A request to stop is remembered, and reported once."""

import asyncio
import signal
from collections.abc import Iterator

import pytest

from dataworks_deploy.hosts.stop import Stop

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def _own_handlers() -> Iterator[None]:
    """pytest restores its own handlers after the test."""
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_remembered(number: signal.Signals) -> None:
    stop = Stop()
    assert not stop.requested

    signal.raise_signal(number)

    assert stop.requested


def test_a_later_listener_is_told_at_once() -> None:
    told: list[str] = []
    stop = Stop()
    signal.raise_signal(signal.SIGTERM)

    stop.on_request(lambda: told.append("stop"))

    assert told == ["stop"]


def test_an_earlier_listener_is_told_about_the_first_signal_only() -> None:
    told: list[str] = []
    stop = Stop()
    stop.on_request(lambda: told.append("stop"))
    assert told == []

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        signal.raise_signal(number)

    assert told == ["stop"]


def test_a_signal_after_the_end_does_no_harm() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    stop = Stop()
    stop.on_request(lambda: loop.call_soon_threadsafe(lambda: None))

    signal.raise_signal(signal.SIGTERM)

    assert stop.requested
