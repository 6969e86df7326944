"""What was proven and noted is counted once, about the code that was played, however often it was broken off."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dataworks_deploy.engine.deploy import Deployment

from .draw import draw
from .naive import NAIVE
from .notes import ROOT, Batch, Notes
from .prove import batches, explain, fails, main, prove
from .schedule import Schedule
from .tally import NAMES, Tally, table, tally_of
from .wire import Wire

BATCHES = [Batch(0, 2), Batch(2, 2), Batch(4, 2)]


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    """Notes about this code."""
    return Notes(tmp_path / "notes", "this")


def counts(tally: Tally) -> dict[str, object]:
    """All but the time that it took."""
    return asdict(tally) | {"cpu": 0.0}


def test_what_is_noted_is_not_played_again_and_adds_up(notes: Notes) -> None:
    notes.add(BATCHES[0], tally_of(range(2)), 5.0)
    notes.add(BATCHES[2], tally_of(range(4, 6)), 7.0)

    tally, seconds = prove(BATCHES, notes, jobs=1)

    assert counts(tally) == counts(tally_of(range(6)))
    assert tally.cpu > 0
    assert seconds > 12
    before = list(notes.read())
    assert [batch for batch, _, _ in before] == [BATCHES[0], BATCHES[2], BATCHES[1]]
    again, same = prove(BATCHES, notes, jobs=1)
    assert again == tally
    assert same == pytest.approx(seconds)
    assert list(notes.read()) == before


def test_a_line_that_was_cut_off_costs_its_batch_alone(notes: Notes, tmp_path: Path) -> None:
    for batch in BATCHES:
        notes.add(batch, Tally(schedules=2), 1.0)
    file = tmp_path / "notes"
    file.write_text(file.read_text()[:-9])

    notes.add(BATCHES[2], Tally(schedules=2), 1.0)

    assert [batch for batch, _, _ in notes.read()] == BATCHES


def test_notes_of_other_code_another_policy_or_a_shorter_batch_do_not_count(
    notes: Notes, tmp_path: Path
) -> None:
    Notes(tmp_path / "notes", "other").add(Batch(0, 4), Tally(schedules=1000), 1.0)
    notes.add(Batch(0, 4, "blind retry"), Tally(schedules=1000), 1.0)
    notes.add(Batch(0, 2), Tally(schedules=1000), 1.0)

    assert prove([Batch(0, 4)], notes, jobs=1)[0].schedules == 4


class Unplayable(Deployment):
    """Something fails beside the step."""

    def __init__(self, wire: Wire, *rest: Any) -> None:
        super().__init__(wire, *rest)
        wire.time.at(wire.time.now + 0.01, self._fail)

    def _fail(self) -> None:
        raise LookupError("by a test")


class Unjudgeable(Deployment):
    """Leaves behind what no judge can read."""

    def __init__(self, wire: Wire, *rest: Any) -> None:
        super().__init__(wire, *rest)
        wire.time.at(wire.time.now + 7200.0, lambda: wire.sent.append(None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("deployment", "error"), [(Unplayable, "LookupError"), (Unjudgeable, "AttributeError")]
)
def test_what_cannot_be_played_or_judged_is_broken_and_named(
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


def test_one_failure_does_not_stand_for_another() -> None:
    impossible = Schedule(1, inputs=(("timeout-minutes", "soon"),))

    assert fails(impossible, {"I1", "ImpossibleError"})
    assert not fails(impossible, {"I1", "I2"})
    assert "I1" in explain(first_failing("I1"), NAIVE["blind retry"]).splitlines()[1]


def first_failing(name: str) -> int:
    """The first seed with which whoever retries blindly breaks this."""
    return next(seed for seed in range(100) if fails(draw(seed), {name}, NAIVE["blind retry"]))


def test_a_seed_is_told_with_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    seed = str(first_failing("I1"))

    assert main(["--seed", seed]) == 0
    assert capsys.readouterr().out.startswith("no invariant is broken\n\nSchedule(")
    assert main(["--seed", seed, "--policy", "blind retry"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("I1 ")
    assert f"\nSchedule(seed={seed}, " in told


def test_batches_are_all_seeds() -> None:
    seeds = [seed for batch in batches(1100, "") for seed in range(batch.first, batch.first + batch.count)]

    assert seeds == list(range(1100))


@pytest.mark.long
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_proof_that_is_broken_off_keeps_what_is_done(tmp_path: Path, sent: signal.Signals) -> None:
    file = tmp_path / "notes"
    command = [sys.executable, "-m", "tests.simulation.prove", "100000", "--jobs", "2", "--resume", str(file)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True
    ) as proof:
        while not file.exists():
            time.sleep(0.1)
        proof.send_signal(sent)
        said, _ = proof.communicate(timeout=20)

    assert proof.returncode == 130
    assert said.endswith("interrupted; what is noted is kept\n")
    lines = [json.loads(line) for line in file.read_text().splitlines() if line]
    assert lines
    assert all(line["tally"]["schedules"] == 250 for line in lines)
