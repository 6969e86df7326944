"""Fixtures for all tests here: a network, a service on it, and a runner with a hostile working directory."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from .docker import network
from .emulator import Emulator, emulator
from .runner import Runner, make_runner


@dataclass(frozen=True)
class Key:
    """An access key that no other test has, so that any trace of it is a leak from this test."""

    id: str
    secret: str
    token: str


@pytest.fixture(scope="session")
def network_name() -> Iterator[str]:
    """A network of this test session."""
    with network() as name:
        yield name


@pytest.fixture
def key() -> Key:
    """The one access key that the service knows."""
    return Key(*(f"{part}-{secrets.token_hex(12)}" for part in ("key", "secret", "token")))


@pytest.fixture
def runner(tmp_path: Path, network_name: str) -> Runner:
    """A runner with a fresh job."""
    folder = tmp_path / "runner"
    folder.mkdir()
    return make_runner(folder, network_name)


@pytest.fixture
def start_emulator(tmp_path: Path, network_name: str, key: Key) -> Iterator[Callable[..., Emulator]]:
    """Start the service with some flags. It ends with the test."""
    folder = tmp_path / "truth"
    folder.mkdir()
    with ExitStack() as stack:

        def start(*flags: str) -> Emulator:
            access_key = f"{key.id}:{key.secret}:{key.token}"
            return stack.enter_context(emulator(folder, network_name, "--access-key", access_key, *flags))

        yield start


@pytest.fixture
def service(start_emulator: Callable[..., Emulator]) -> Emulator:
    """The service without faults."""
    return start_emulator()


@pytest.fixture
def access(service: Emulator, key: Key) -> dict[str, str]:
    """The inputs that every step needs: the service, a workspace in it, and the key to it."""
    return access_to(service, key)


def access_to(service: Emulator, key: Key) -> dict[str, str]:
    """Make those inputs for a service that a test has started itself."""
    return {
        "project-id": "10001",
        "endpoint": service.endpoint,
        "access-key-id": key.id,
        "access-key-secret": key.secret,
        "security-token": key.token,
    }
