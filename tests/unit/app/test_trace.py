"""Each call is told to who debugs: what it was, how it ended, how long it took."""

import asyncio
from typing import Any

import pytest
from dataworks_deploy.app.trace import Traced

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Unclear
from dataworks_deploy.domain.model import Creation, DeployType, Node, RunId

from .world import OBJECT, Scripted, page_of, refused, run_of

CREATION = Creation(10001, OBJECT, DeployType.ONLINE)


def test_every_call_is_passed_on_and_told_with_its_number() -> None:
    script = Scripted(
        create=[Ok(RunId("r"), "R-9")], page=[page_of()], run=[Ok(run_of("r"))], node=[Ok(Node())],
        execute=[refused(Refusal.DENIED)], abolish=[Unclear(Fault("reset"))],
    )  # fmt: skip
    script.service.delay = 0.25
    traced, leaving = Traced(script.service, script.clock, script.notes), list[float]()

    def sending() -> None:
        leaving.append(script.time.now)

    async def work() -> list[Ending[Any]]:
        return [
            await traced.create(CREATION, "text", "nonce-1", sending),
            await traced.page(OBJECT, 2, sending),
            await traced.page(None, 1, sending),
            await traced.run(RunId("r"), sending),
            await traced.node(OBJECT, sending),
            await traced.execute(RunId("r"), "PROD", sending),
            await traced.abolish(RunId("r"), sending),
        ]

    endings = script.play(work())

    assert leaving == [when for when, _, _ in script.service.calls]
    assert [name for _, name, _ in script.service.calls] == [
        "create", "page", "page", "run", "node", "execute", "abolish",
    ]  # fmt: skip
    assert [what for _, _, what in script.service.calls] == [
        (CREATION, "text", "nonce-1"), (OBJECT, 2), (None, 1), (RunId("r"),), (OBJECT,), (RunId("r"), "PROD"),
        (RunId("r"),),
    ]  # fmt: skip
    assert endings == [script.service.answers[name][0] for _, name, _ in script.service.calls]
    assert script.notes.debugged == [
        f"call 1, CreatePipelineRun of object {OBJECT} under nonce nonce-1: ok, RequestId R-9 (250 ms)",
        f"call 2, ListPipelineRuns of object {OBJECT}, page 2: ok, RequestId none (250 ms)",
        "call 3, ListPipelineRuns of the workspace, page 1: ok, RequestId none (250 ms)",
        "call 4, GetPipelineRun r: ok, RequestId none (250 ms)",
        f"call 5, GetNode {OBJECT}: ok, RequestId none (250 ms)",
        "call 6, ExecPipelineRunStage PROD of run r: refused as DENIED: DENIED: no, HTTP status 400, RequestId R-1 (250 ms)",  # noqa: E501
        "call 7, AbolishPipelineRun r: unclear: reset, RequestId none (250 ms)",
    ]


def test_a_call_that_is_given_up_is_told_as_well() -> None:
    script = Scripted(run=[Ok(run_of("r"))])
    script.service.delay = 60.0
    traced = Traced(script.service, script.clock, script.notes)

    async def work() -> None:
        async with asyncio.timeout(2):
            await traced.run(RunId("r"))

    with pytest.raises(TimeoutError):
        script.play(work())

    assert script.notes.debugged == ["call 1, GetPipelineRun r: given up (2000 ms)"]
