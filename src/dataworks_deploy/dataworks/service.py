"""The DataWorks API through the official SDK: a call is one request, and ends as one of the three endings."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar, assert_never, cast

from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import ExtendsParameters, RuntimeOptions

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refused, Symptom, Unclear
from dataworks_deploy.domain.operation import (
    PAGE_SIZE,
    AbolishPipelineRun,
    AnyOperation,
    CreatePipelineRun,
    ExecPipelineRunStage,
    GetNode,
    GetPipelineRun,
    GetWorkflowDefinition,
    ListPipelineRuns,
    Operation,
)

from . import answers, transport
from .failures import ending_of
from .keys import KeySource, Signer

T = TypeVar("T")
Send = Callable[[Any, RuntimeOptions], Any]
_Request = tuple[Send, object, Callable[[Any], Any], RuntimeOptions]

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
# A creation is given longer: an answer that is waited for costs less than one that has to be looked for.
CREATE_READ_SECONDS = 30.0
TOTAL_SECONDS = 45.0
# A call that waits for a thread loses of its time. One for each of max-parallel's 100, and some for readings beside
# them; they start as they are needed.
THREADS = 128


class DataWorks:
    """The pipeline runs of one workspace. Calls run in threads; one client serves them all."""

    def __init__(
        self,
        *,
        project_id: int,
        region: str,
        host: str,
        protocol: str,
        keys: KeySource,
        user_agent: str,
        scrub: Callable[[str], str],
    ) -> None:
        """Without a host the SDK derives one from the region. `scrub` takes secrets out of answers."""
        transport.install(scrub)
        # Retries stay off: the SDK would repeat a creation under a fresh nonce.
        self._client: Any = Client(
            Config(
                credential=Signer(keys),
                region_id=region or "cn-hangzhou",
                endpoint=host or None,
                protocol=protocol,
                user_agent=user_agent,
                max_idle_conns=THREADS,
            )
        )
        self._project_id = project_id
        self._keys = keys
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="call")

    @property
    def host(self) -> str:
        """The host that calls go to."""
        return str(self._client._endpoint)  # noqa: SLF001 - the SDK shows it nowhere else

    async def ready(self) -> Refused | None:
        """Wait for a valid key. A refusal says why there is none; nothing has been sent for it, and nothing will be."""
        return await self._keys.ready()

    async def call(self, operation: Operation[T]) -> Ending[T]:
        """Send the operation now, once, with the key that `ready` has waited for. Raises nothing for the wire."""
        # An operation is one of the closed union, whatever its answer is.
        send, request, read, options = self._request(cast("AnyOperation", operation))
        work = partial(_carry_out, send, request, options, read, reading=operation.reads)
        call = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            # Not wait_for: that of Python 3.11 may swallow a cancellation.
            async with asyncio.timeout(TOTAL_SECONDS):
                return await call
        except TimeoutError:
            return Unclear(Fault(symptom=Symptom.NO_ANSWER_WITHIN, detail=f"{TOTAL_SECONDS:.0f}"))

    def _request(self, operation: AnyOperation) -> _Request:
        """How the SDK sends an operation, and how its answer is read."""
        project, options = self._project_id, _options(READ_SECONDS)
        request: Any
        match operation:
            case CreatePipelineRun():
                return self._creation(operation)
            case ListPipelineRuns(object_id, number):
                request = models.ListPipelineRunsRequest(
                    project_id=project, object_id=object_id, page_number=number, page_size=PAGE_SIZE
                )
                return self._client.list_pipeline_runs_with_options, request, answers.page, options
            case GetPipelineRun(run_id):
                request = models.GetPipelineRunRequest(project_id=project, id=run_id)
                read = partial(answers.pipeline, run_id)
                return self._client.get_pipeline_run_with_options, request, read, options
            case GetNode(object_id):
                request = models.GetNodeRequest(project_id=project, id=object_id)
                return self._client.get_node_with_options, request, partial(answers.node, object_id), options
            case GetWorkflowDefinition(object_id):
                request = models.GetWorkflowDefinitionRequest(project_id=project, id=object_id)
                send = self._client.get_workflow_definition_with_options
                return send, request, partial(answers.workflow, object_id), options
            case ExecPipelineRunStage(run_id, stage):
                request = models.ExecPipelineRunStageRequest(project_id=project, id=run_id, code=stage)
                return self._client.exec_pipeline_run_stage_with_options, request, answers.success, options
            case AbolishPipelineRun(run_id):
                request = models.AbolishPipelineRunRequest(project_id=project, id=run_id)
                return self._client.abolish_pipeline_run_with_options, request, answers.success, options
            case _ as never:
                assert_never(never)

    def _creation(self, operation: CreatePipelineRun) -> _Request:
        creation = operation.creation
        # A list of exactly one string: the SDK sends null for anything else that looks like one, and the
        # service ignores all but the first.
        request = models.CreatePipelineRunRequest(
            project_id=creation.project_id,
            type=creation.type.value,
            object_ids=[str(creation.object_id)],
            description=operation.description,
            run_mode=creation.run_mode,
            auto_run_until_stage=creation.auto_run_until_stage or None,
        )
        options = _options(CREATE_READ_SECONDS)
        options.extends_parameters = ExtendsParameters(headers={"x-acs-signature-nonce": operation.nonce})
        return self._client.create_pipeline_run_with_options, request, answers.run_id, options


def _carry_out(
    send: Send, request: object, options: RuntimeOptions, read: Callable[[Any], T], *, reading: bool
) -> Ending[T]:
    """One call in a thread; `read` turns its body into a value or raises GarbledAnswerError."""
    asked: str | None = None
    try:
        response = send(request, options)
        asked = answers.request_id(response.body)
        if response.status_code != 200:
            return Unclear(Fault(symptom=Symptom.NEITHER, request_id=asked, http_status=response.status_code))
        return Ok(read(response.body), asked)
    except Exception as error:  # noqa: BLE001 - whatever happens after a request left makes it unclear
        return ending_of(error, asked, reading=reading)


def _options(read_seconds: float) -> RuntimeOptions:
    return RuntimeOptions(
        connect_timeout=int(CONNECT_SECONDS * 1000),
        read_timeout=int(read_seconds * 1000),
        max_idle_conns=THREADS,
    )
