"""Every played schedule is counted once, and one that cannot be played counts as broken."""

from typing import Any

import pytest

from dataworks_deploy.engine.deploy import Deployment

from .draw import draw
from .naive import NAIVE
from .prove import explain, fails, main, prove
from .schedule import Schedule
from .tally import NAMES, Tally, table, tally_of
from .wire import Wire


def test_batches_add_up_to_all_seeds() -> None:
    tally, seconds = prove(5, jobs=2, batch=2)

    assert tally.schedules == 5
    assert tally.failed == []
    assert seconds > 0 < tally.cpu


class Unplayable(Deployment):
    """Something outside of the step fails."""

    def __init__(self, wire: Wire, *rest: Any) -> None:
        super().__init__(wire, *rest)
        wire.time.at(wire.time.now + 0.01, self._fail)

    def _fail(self) -> None:
        raise LookupError("by a test")


class Unjudgeable(Deployment):
    """Leaves something that no judge can read."""

    def __init__(self, wire: Wire, *rest: Any) -> None:
        super().__init__(wire, *rest)
        wire.time.at(wire.time.now + 7200.0, lambda: wire.sent.append(None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("deployment", "error"), [(Unplayable, "LookupError"), (Unjudgeable, "AttributeError")]
)
def test_a_schedule_that_cannot_be_played_or_judged_is_broken_and_named(
    deployment: type[Deployment], error: str
) -> None:
    tally = tally_of(range(3), deployment)

    assert tally.schedules == 3
    assert tally.failed == [0, 1, 2]
    assert tally.broken == {error: 3}
    head, _, rest = table(tally, 1.0).partition("because of an error:\n")
    assert head.count("        0         0") == len(NAMES)
    assert rest.split()[:2] == [error, "3"]
    assert "Seeds that failed: 0, 1, 2\n" in rest
    good = table(tally_of(range(1)), 1.0)
    assert "because of an error" not in good
    assert "failed" not in good
    many = table(Tally(failed=[*range(25, 0, -1)]), 1.0)
    assert "Seeds that failed: 1, 2, 3," in many
    assert "19, 20 and 5 more\n" in many
    told = explain(2, deployment).splitlines()
    assert told[0] == "seed 2"
    assert told[1].startswith(f"{error} ")
    assert any(line.startswith("Schedule(seed=2") for line in told)


def test_one_failure_is_not_taken_for_another() -> None:
    impossible = Schedule(1, inputs=(("timeout-minutes", "soon"),))

    assert fails(impossible, {"I1", "ImpossibleError"})
    assert not fails(impossible, {"I1", "I2"})
    assert "I1" in explain(first_failing("I1"), NAIVE["blind retry"]).splitlines()[1]


def first_failing(name: str) -> int:
    """The first seed with which the blind retry breaks this invariant."""
    return next(seed for seed in range(100) if fails(draw(seed), {name}, NAIVE["blind retry"]))


def test_a_seed_is_shown_with_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    seed = str(first_failing("I1"))

    assert main(["--seed", seed]) == 0
    assert capsys.readouterr().out.startswith("no invariant is broken\n\nSchedule(")
    assert main(["--seed", seed, "--policy", "blind retry"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("I1 ")
    assert f"\nSchedule(seed={seed}, " in told
