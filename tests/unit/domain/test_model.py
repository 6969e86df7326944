"""What the stages of a run show: whether somebody has executed one, and what has changed so far."""

import pytest

from dataworks_deploy.domain.model import Run, RunId, Stage

SIMPLE = ("BUILD:Build", "PROD_CHECK:Check", "PROD:Deploy")
STANDARD = ("BUILD:Build", "DEV_CHECK:Check", "DEV:Deploy", "PROD_CHECK:Check", "PROD:Deploy")
OFFLINE = ("OfflineCheck:Check", "PROD_CHECK:Check", "PROD:Offline")
BOTH = ("BUILD:Build", "PROD:Deploy", "CLEAN:Delete")


def run_of(stages: tuple[str, ...], begun: int) -> Run:
    """A run of which so many stages have started. The service lists its stages in any order."""
    rows = [
        Stage(code, code, step, kind, "Success" if step < begun else "Running" if step == begun else "Init")
        for step, (code, kind) in enumerate((each.split(":") for each in stages), start=1)
    ]
    return Run(RunId("r"), "Running", stages=tuple(reversed(rows)))


@pytest.mark.parametrize(
    ("stages", "production"),
    [(SIMPLE, {"PROD"}), (STANDARD, {"PROD"}), (OFFLINE, {"PROD"}), (BOTH, {"PROD", "CLEAN"}), ((), set())],
)
def test_the_last_stage_of_each_type_changes_production(
    stages: tuple[str, ...], production: set[str]
) -> None:
    assert run_of(stages, 0).production == production


@pytest.mark.parametrize(
    ("stages", "advanced", "develops", "deploys"),
    [
        (SIMPLE, 2, None, 3),
        (STANDARD, 2, 3, 5),
        (OFFLINE, 2, None, 3),  # the first check runs by itself
        (BOTH, 2, None, 2),
        (("PROD:Deploy",), 1, None, 1),
    ],
)
def test_the_started_stages_show_what_has_happened(
    stages: tuple[str, ...], advanced: int, develops: int | None, deploys: int
) -> None:
    for begun in range(len(stages) + 1):
        run = run_of(stages, begun)

        assert run.advanced is (begun >= advanced)
        assert run.develops is (develops is not None and begun >= develops)
        assert run.deploying is (begun >= deploys)
