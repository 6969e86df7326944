"""When a session of a role is renewed, on a clock that the test sets. The exchange itself is real."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from dataworks_deploy.dataworks import keys, transport
from dataworks_deploy.dataworks.keys import AssumedRole, Exchange
from dataworks_deploy.domain.ending import Refusal, Refused, Symptom
from dataworks_emulator import Emulator, Settings

from .clock import EPOCH as START
from .role import PROVIDER, ROLE, identity


class SetClock:
    """Time stands still until the test moves it. `wrong` is the error of the time of day, in seconds."""

    def __init__(self, wrong: float = 0.0) -> None:
        self.passed, self.wrong = 0.0, wrong

    def monotonic(self) -> float:
        return self.passed

    def utc(self) -> datetime:
        return datetime.fromtimestamp(START + self.passed + self.wrong, UTC)


class Job:
    """A role whose key is used again and again while time passes."""

    def __init__(self, emulator: Emulator, clock: SetClock, asked: int) -> None:
        self.clock, self.truth, self.emulator = clock, emulator.truth, emulator
        exchange = Exchange(
            role_arn=ROLE,
            provider_arn=PROVIDER,
            audience="sts.aliyuncs.com",
            session_name="job",
            session_seconds=asked,
            sts_endpoint=f"http://{emulator.endpoint}",
            learn=lambda _: None,
        )
        self.role = AssumedRole(exchange, clock)
        self.used: list[tuple[float, str]] = []

    @property
    def exchanges(self) -> int:
        """How often STS was asked."""
        return len(self.truth.posts("AssumeRoleWithOIDC"))

    async def call(self) -> None:
        """Use the key, as each call does, and check that its session has not ended for the service."""
        assert await self.role.ready() is None
        used = self.role.key().id
        (session,) = self.truth.of("assumed", access_key_id=used)
        assert START + self.clock.passed < session["expires"], "used behind its end"
        self.used.append((self.clock.passed, used))
        await self.settle()

    def asked(self) -> threading.Event:
        """An event that is set when STS is asked again."""
        event = threading.Event()

        def look(entry: dict[str, Any]) -> None:
            if (entry["event"], entry.get("action")) == ("received", "AssumeRoleWithOIDC"):
                event.set()

        self.truth.on_event(look)
        return event

    async def settle(self) -> None:
        """Wait until a renewal in the background has ended."""
        renewal = self.role._renewal
        if renewal:
            await asyncio.wait_for(renewal.done.wait(), 60)

    async def call_for(self, seconds: float, every: float) -> None:
        """Make calls while this time passes."""
        until = self.clock.passed + seconds
        while self.clock.passed < until:
            await self.call()
            self.clock.passed += every


@pytest.fixture
def job_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make jobs on emulators with settings."""
    opened: list[Emulator] = []

    def make(*faults: str, asked: int = 3600, wrong: float = 0.0, **settings: Any) -> Job:
        clock = SetClock(wrong)
        emulator = Emulator(Settings(faults=faults, **settings), lambda: START + clock.passed)
        opened.append(emulator.__enter__())
        for name, value in identity(emulator).items():
            monkeypatch.setenv(name, value)
        transport.install()
        return Job(emulator, clock, asked)

    yield make
    for emulator in opened:
        emulator.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("seconds", "every"),
    [(3600, 60), (900, 10), (901, 10), (8, 0.1)],
)
def test_each_session_is_renewed_once_whatever_its_length(
    job_with: Any, seconds: float, every: float
) -> None:
    """The credentials package would renew a session of 900 s or less with every call."""
    job = job_with(sts_seconds=seconds, asked=max(900, int(seconds)))

    asyncio.run(job.call_for(5 * seconds, every))

    assert 6 <= job.exchanges <= 8
    assert len(job.used) > 15 * job.exchanges


@pytest.mark.parametrize("wrong", [-800.0, 1700.0])
def test_a_wrong_clock_does_not_make_a_session_longer(job_with: Any, wrong: float) -> None:
    job = job_with(asked=1800, wrong=wrong)

    asyncio.run(job.call_for(4 * 1800, 30))

    assert job.exchanges >= 5


def test_calls_that_start_together_share_one_exchange(job_with: Any) -> None:
    job = job_with()

    async def together() -> None:
        await asyncio.gather(*(job.call() for _ in range(32)))
        job.clock.passed = 3590
        await asyncio.gather(*(job.call() for _ in range(32)))

    asyncio.run(together())

    assert job.exchanges == 2


def test_calls_do_not_wait_for_an_early_renewal(job_with: Any) -> None:
    job = job_with("AssumeRoleWithOIDC:2:delay:60")

    async def calls() -> None:
        await job.call()
        first = job.role.key()
        job.clock.passed = 3000
        asked = job.asked()
        await job.role.ready()
        assert await asyncio.to_thread(asked.wait, 60)
        await job.role.ready()
        assert job.role.key() == first

    asyncio.run(calls())

    assert job.exchanges == 2


@pytest.mark.parametrize("fault", ["drop", "throttle"])
def test_a_failed_renewal_is_tried_again_after_a_pause(job_with: Any, fault: str) -> None:
    job = job_with(f"AssumeRoleWithOIDC:2-4:{fault}")

    asyncio.run(job.call_for(3500, 1))

    assert job.exchanges == 5
    times = [post["time"] - START for post in job.truth.posts("AssumeRoleWithOIDC")]
    assert times[1] >= 2700
    assert all(20 <= later - sooner < 30 for sooner, later in pairwise(times[1:]))
    assert len({key for _, key in job.used}) == 2


@pytest.mark.parametrize(
    ("action", "fault"),
    [("AssumeRoleWithOIDC", "error:AuthenticationFail.NoPermission"), ("GetIdToken", "drop")],
)
def test_a_session_that_cannot_be_renewed_is_used_to_its_end_and_no_longer(
    job_with: Any, action: str, fault: str
) -> None:
    job = job_with(f"{action}:2-999:{fault}", asked=900)

    async def calls() -> Refused | None:
        await job.call_for(870, 30)
        job.clock.passed = 901
        refused: Refused | None = await job.role.ready()
        return refused

    refused = asyncio.run(calls())

    assert refused
    assert refused.why is Refusal.EXPIRED
    assert refused.fault.renewal


@pytest.mark.parametrize("before", [0, 1])
def test_an_exchange_that_never_ends_does_not_stop_later_ones(
    job_with: Any, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    job = job_with(f"AssumeRoleWithOIDC:{before + 1}:delay:600")

    async def calls() -> Refused | None:
        await job.call_for(before, 1)
        job.clock.passed = 4000
        asked = job.asked()
        with monkeypatch.context() as hurried:
            hurried.setattr(keys, "RENEWAL_SECONDS", 0)
            refused: Refused | None = await job.role.ready()
        assert await asyncio.to_thread(asked.wait, 60)
        await job.call()
        return refused

    refused = asyncio.run(calls())

    assert refused
    assert refused.why is (Refusal.EXPIRED if before else Refusal.UNREACHABLE)
    assert (refused.fault.symptom, refused.fault.renewal) == (Symptom.NO_SESSION_WITHIN, bool(before))
    assert job.exchanges == before + 2
