"""The action from a checkout (`uses: ./`): the runner builds it, uses its outputs, and sees its failures."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .act import Act, Ran
from .conftest import LISTS

pytestmark = [pytest.mark.runner, pytest.mark.timeout(900)]

Start = Callable[..., Act]
IDS = LISTS["objects"]


def post_step_is_idle(ran: Ran) -> bool:
    """Return whether the post step ran and had nothing to do, because act gives it no state."""
    return ran.ends("./", stage="Post") == ["success"] and ran.printed("./", stage="Post") == []


def test_outputs_reach_later_steps_and_jobs(start: Start, action: Path) -> None:
    act = start()

    ran = act.run(action, "outputs.yml")

    runs = act.service.emulator.runs()
    assert ran.exit_code == 0, ran.log
    assert ran.printed("By expression") == [f"{IDS[1]} succeeded 2"]
    assert ran.printed("In another job") == runs[IDS[0]]
    assert json.loads(ran.outputs("dataworks")["run-ids"]) == [runs[object_id][0] for object_id in IDS]
    assert post_step_is_idle(ran), ran.log


def test_a_failed_deployment_fails_the_job_and_is_shown_in_annotation_and_summary(
    start: Start, action: Path
) -> None:
    act = start("--fail", f"{IDS[0]}:PROD:no such engine")

    ran = act.run(action, "failure.yml")

    (run_id,) = act.service.emulator.runs()[IDS[0]]
    assert ran.exit_code == 1, ran.log
    assert ran.ends("./") == ["failure"]
    assert ran.printed("After a failure") == [f"failed {run_id}"]
    assert ran.printed("After a success only") == ran.printed("In another job") == []
    assert any("no such engine" in e["arg"] for e in ran.of(command="error", stepID=["dataworks"])), ran.log
    (summary,) = [e["content"] for e in ran.of(command="summary", stepID=["dataworks"])]
    assert "no such engine" in summary
    assert run_id in summary
    assert post_step_is_idle(ran), ran.log
