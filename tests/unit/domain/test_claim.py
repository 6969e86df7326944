"""Whose run it is, from what it shows."""

from dataclasses import replace

import pytest

from dataworks_deploy.domain.model import Run, RunId
from dataworks_deploy.domain.reconcile import DAY_MS, FENCE_MS, Claim, Mark, Shows, undescribed

MINUTE, NOW = 60_000, 1_780_000_000_000
MARK = Mark("A" * 26, 2)
RUN = Run(RunId("r"), "Running", created_ms=NOW)
PROVEN, NEW = Claim(MARK), Claim(MARK, NOW)


@pytest.mark.parametrize("age", [0, 9 * MINUTE, 10 * MINUTE, 10 * MINUTE + 1, 300 * MINUTE, NOW])
@pytest.mark.parametrize(
    ("description", "shows"),
    [
        (f"{MARK} note", Shows.OURS),
        (str(Mark(MARK.intent, 1)), Shows.OURS),
        ("", Shows.NOTHING),
        (str(MARK)[:12], Shows.NOTHING),
        (str(MARK)[:-1], Shows.NOTHING),
        ("by hand", Shows.OTHER),
        (f"see {MARK}", Shows.OTHER),
        (str(Mark("B" * 26, 2)), Shows.OTHER),
    ],
)
def test_the_mark_decides_and_without_a_description_the_age(description: str, shows: Shows, age: int) -> None:
    run = replace(RUN, description=description, created_ms=NOW - age)
    older = shows is Shows.NOTHING and 10 * MINUTE < age < NOW  # a time of 0 is unknown

    assert PROVEN.weigh(run) is shows
    assert NEW.weigh(run) is (Shows.OTHER if older else shows)


def test_a_run_without_a_description_may_be_ours_unless_it_has_failed() -> None:
    old = replace(RUN, id=RunId("old"), created_ms=NOW - MINUTE)
    others = [
        replace(RUN, id=RunId("a"), description="by hand"),
        *(replace(RUN, id=RunId(status), status=status) for status in ("Fail", "Termination", "Cancel")),
        *(replace(RUN, id=RunId(status), status=status) for status in ("Success", "Init")),
    ]

    assert [run.id for run in undescribed([RUN, old, *others], NOW)] == ["r", "Success", "Init"]
    assert undescribed([old], NOW - MINUTE) == (old,)
    assert FENCE_MS == 40 * MINUTE < DAY_MS
