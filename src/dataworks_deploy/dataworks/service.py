"""The DataWorks API through the official SDK. One call is one request, and ends in one of the three endings."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar, assert_never, cast

from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import ExtendsParameters, RuntimeOptions

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.model import (
    PAGE_SIZE,
    AbolishPipelineRun,
    CreatePipelineRun,
    ExecPipelineRunStage,
    GetPipelineRun,
    ListPipelineRuns,
    Operation,
)
from dataworks_deploy.domain.studio.catalog import Kind
from dataworks_deploy.domain.studio.operations import (
    AnyOperation,
    GetFunction,
    GetNode,
    GetResource,
    GetWorkflowDefinition,
    ListFunctions,
    ListNodes,
    ListResources,
    ListWorkflowDefinitions,
    Lookup,
    StudioList,
)

from . import answers, studio, transport
from .answers import ending_of
from .connections import Alarm, NoThreadError
from .keys import KeySource, Signer

T = TypeVar("T")
Send = Callable[[Any, RuntimeOptions], Any]
_Request = tuple[Send, object, Callable[[Any], Any], RuntimeOptions]

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
# A creation may take longer: waiting for its answer costs less than searching for its run.
CREATE_READ_SECONDS = 30.0
TOTAL_SECONDS = 45.0
# Queueing for a thread counts against the call's timeout. So there is one thread for each of max-parallel's 100, and
# some for readings beside them. Threads start when they are needed.
THREADS = 128


class DataWorks:
    """The pipeline runs of one workspace. Calls run in threads, and all share one client."""

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
        """Without a host, the SDK derives one from the region. `scrub` removes secrets from texts before they
        are cut.
        """
        transport.install()
        answers.scrub = scrub
        # Retries stay off: the SDK would repeat a creation with a new nonce.
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
        self._threads = _Threads(THREADS, thread_name_prefix="call")

    @property
    def host(self) -> str:
        """The host that calls go to."""
        return str(self._client._endpoint)  # noqa: SLF001 - the SDK shows it nowhere else

    async def ready(self) -> Refused | None:
        """Wait for a valid key. A refusal says why there is none: nothing was sent, and nothing may be."""
        if not self._threads.reserve():
            return _NO_THREAD
        return await self._keys.ready()

    async def call(self, operation: Operation[T]) -> Ending[T]:
        """Send the operation once, now, with the key that `ready` waited for. Raises nothing for network errors."""
        # Every operation belongs to this closed union, whatever its answer is.
        send, request, read, options = self._request(cast("AnyOperation", operation))
        work = partial(_carry_out, send, request, options, read, reading=operation.reads)
        call = _Call(work)
        done = asyncio.get_running_loop().run_in_executor(self._threads, call)
        try:
            # Not `wait_for`: in Python 3.11 it may swallow a cancellation.
            async with asyncio.timeout(TOTAL_SECONDS):
                return cast("Ending[T]", await done)
        except TimeoutError:
            if call.withdraw():  # it was still waiting for a thread
                return _NO_THREAD
            return Unclear(Fault(symptom=Symptom.NO_ANSWER_WITHIN, detail=f"{TOTAL_SECONDS:.0f}"))

    def _request(self, operation: AnyOperation) -> _Request:
        """The SDK function, its request, how to read the answer, and the options."""
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
            case GetNode() | GetWorkflowDefinition() | GetResource() | GetFunction():
                return self._lookup(operation)
            case ListNodes() | ListWorkflowDefinitions() | ListResources() | ListFunctions():
                return self._list(operation)
            case ExecPipelineRunStage(run_id, stage):
                request = models.ExecPipelineRunStageRequest(project_id=project, id=run_id, code=stage)
                return self._client.exec_pipeline_run_stage_with_options, request, answers.success, options
            case AbolishPipelineRun(run_id):
                request = models.AbolishPipelineRunRequest(project_id=project, id=run_id)
                return self._client.abolish_pipeline_run_with_options, request, answers.success, options
            case _ as never:
                assert_never(never)

    def _lookup(self, operation: Lookup) -> _Request:
        given: dict[str, Any] = {"project_id": self._project_id, "id": operation.object_id}
        kind, send, request = self._lookup_of(operation, given)
        return send, request, partial(studio.described, kind, operation.object_id), _options(READ_SECONDS)

    def _lookup_of(self, operation: Lookup, given: dict[str, Any]) -> tuple[Kind, Send, object]:
        match operation:
            case GetNode():
                return Kind.NODE, self._client.get_node_with_options, models.GetNodeRequest(**given)
            case GetWorkflowDefinition():
                # Only the scripts show whether a workflow has changed.
                request = models.GetWorkflowDefinitionRequest(**given, include_script_content=True)
                return Kind.WORKFLOW, self._client.get_workflow_definition_with_options, request
            case GetResource():
                return (
                    Kind.RESOURCE,
                    self._client.get_resource_with_options,
                    models.GetResourceRequest(**given),
                )
            case GetFunction():
                return (
                    Kind.FUNCTION,
                    self._client.get_function_with_options,
                    models.GetFunctionRequest(**given),
                )
            case _ as never:
                assert_never(never)

    def _list(self, operation: StudioList) -> _Request:
        given: dict[str, Any] = {
            "project_id": self._project_id,
            "name": operation.name or None,
            "page_number": operation.number,
            "page_size": PAGE_SIZE,
        }
        kind, send, request = self._list_of(operation, given)
        return send, request, partial(studio.page, kind), _options(READ_SECONDS)

    def _list_of(self, operation: StudioList, given: dict[str, Any]) -> tuple[Kind, Send, object]:
        match operation:
            case ListNodes():
                return Kind.NODE, self._client.list_nodes_with_options, models.ListNodesRequest(**given)
            case ListWorkflowDefinitions(type=kind):
                request = models.ListWorkflowDefinitionsRequest(**given, type=kind)
                return Kind.WORKFLOW, self._client.list_workflow_definitions_with_options, request
            case ListResources():
                return (
                    Kind.RESOURCE,
                    self._client.list_resources_with_options,
                    models.ListResourcesRequest(**given),
                )
            case ListFunctions():
                return (
                    Kind.FUNCTION,
                    self._client.list_functions_with_options,
                    models.ListFunctionsRequest(**given),
                )
            case _ as never:
                assert_never(never)

    def _creation(self, operation: CreatePipelineRun) -> _Request:
        creation = operation.creation
        # A list of exactly one string. For anything that only looks like a list, the SDK sends null. The service
        # ignores all items but the first.
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


_NO_THREAD = Refused(Refusal.UNREACHABLE, Fault(symptom=Symptom.NO_THREAD))


class _Call:
    """A call on its way to a thread. It begins at most once, and never after `withdraw`."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work, self._first = work, threading.Lock()

    def __call__(self) -> Any:
        return self._work() if self.withdraw() else _NO_THREAD

    def withdraw(self) -> bool:
        """Keep the call from beginning. False if it has already begun."""
        return self._first.acquire(blocking=False)


class _Threads(ThreadPoolExecutor):
    """Threads that start when they are needed. If no more can start, calls wait for the existing ones."""

    def reserve(self) -> bool:
        """Whether there is a thread to make a call, and one to end late calls."""
        try:
            Alarm.ready()
            return bool(self._threads) or bool(self.submit(int))
        except (NoThreadError, RuntimeError):
            return False

    def _adjust_thread_count(self) -> None:
        try:
            super()._adjust_thread_count()
        except RuntimeError:
            if not self._threads:
                # Remove the call: it must not wait for a thread that may start later.
                self._work_queue.get_nowait().future.cancel()
                raise


def _carry_out(
    send: Send, request: object, options: RuntimeOptions, read: Callable[[Any], T], *, reading: bool
) -> Ending[T]:
    """Make one call in a thread. `read` turns the body into a value, or raises GarbledAnswerError."""
    asked: str | None = None
    try:
        response = send(request, options)
        asked = answers.request_id(response.body)
        if response.status_code != 200:
            return Unclear(Fault(symptom=Symptom.NEITHER, request_id=asked, http_status=response.status_code))
        return Ok(read(response.body), asked)
    except Exception as error:  # noqa: BLE001 - a failure after a request left makes its end unclear
        return ending_of(error, asked, reading=reading)


def _options(read_seconds: float) -> RuntimeOptions:
    return RuntimeOptions(
        connect_timeout=int(CONNECT_SECONDS * 1000),
        read_timeout=int(read_seconds * 1000),
        max_idle_conns=THREADS,
    )
