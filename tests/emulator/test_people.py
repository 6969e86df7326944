"""Other people: what a test can do without the client, and from any thread."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dataworks_emulator import Emulator, Settings


def test_somebody_else_can_deploy_execute_and_approve(signer: Any) -> None:
    with Emulator(Settings(stage_seconds=0.0, approval=True)) as emulator:
        run = emulator.deploy_as("alice", "123", "by hand", age=600)
        _, listed = signer(emulator.port)("ListPipelineRuns", ProjectId="42", ObjectId="123")
        (shown,) = listed["PagingInfo"]["PipelineRuns"]
        assert (shown["Id"], shown["Creator"], shown["Description"]) == (run, "alice", "by hand")
        assert shown["ModifyTime"] - shown["CreateTime"] < 1000, "its build ended ten minutes ago as well"
        emulator.execute(run, "PROD_CHECK")
        emulator.approve(run)
        emulator.execute(run, "PROD")
        assert emulator.status(run) == "Success"
        assert [event["who"] for event in emulator.truth.of("stage_executed")] == ["console", "console"]
        assert emulator.truth.posts("ExecPipelineRunStage") == [], "not a call"


def test_others_can_end_a_run_in_two_ways() -> None:
    with Emulator() as emulator:
        one, two = emulator.deploy_as("alice", "1"), emulator.deploy_as("bob", "2", run_type="Offline")
        emulator.terminate(one)
        emulator.cancel(two, "not today")
        assert (emulator.status(one), emulator.status(two)) == ("Termination", "Cancel")
        with pytest.raises(ValueError, match="has ended"):
            emulator.cancel(one)
        with pytest.raises(ValueError, match="does not exist"):
            emulator.status("nothing")


def test_many_threads_can_act_at_once(signer: Any) -> None:
    with Emulator(Settings(stage_seconds=0.0)) as emulator, ThreadPoolExecutor(16) as pool:
        send = signer(emulator.port)

        def create(number: int) -> str:
            emulator.deploy_as("alice", f"other-{number}")
            params = {"ProjectId": "42", "Type": "Online", "ObjectIds": f'["{number}"]'}
            return str(send("CreatePipelineRun", **params)[1]["Id"])

        made = list(pool.map(create, range(64)))
        assert len(set(made)) == 64
        assert len(emulator.truth.runs()) == 128
        assert [event["seq"] for event in emulator.truth.events] == list(
            range(1, len(emulator.truth.events) + 1)
        )
