"""The DataWorks API through the official SDK: every call ends as one of the three endings, none raises."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import ExtendsParameters, RuntimeOptions

from dataworks_deploy.app.ports import Sending, unheeded
from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refused, Unclear
from dataworks_deploy.domain.model import Creation, Node, ObjectId, Page, Run, RunId

from . import answers, transport
from .credentials import CredentialsError, KeySource, Signer
from .failures import ending_of

T = TypeVar("T")

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
# A creation is given longer: an answer that is waited for costs less than one that has to be looked for.
CREATE_READ_SECONDS = 30.0
TOTAL_SECONDS = 45.0
PAGE_SIZE = 100
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

    async def create(
        self, creation: Creation, description: str, nonce: str, sending: Sending
    ) -> Ending[RunId]:
        """One CreatePipelineRun for one object; `sending` is called right before it may leave, and may raise."""
        # A list of exactly one string: the SDK sends null for anything else that looks like one, and the
        # service ignores all but the first.
        request = models.CreatePipelineRunRequest(
            project_id=creation.project_id,
            type=creation.type.value,
            object_ids=[str(creation.object_id)],
            description=description,
            run_mode=creation.run_mode,
            auto_run_until_stage=creation.auto_run_until_stage or None,
        )
        options = _options(CREATE_READ_SECONDS)
        options.extends_parameters = ExtendsParameters(headers={"x-acs-signature-nonce": nonce})
        return await self._call(
            answers.run_id, self._client.create_pipeline_run_with_options, request, sending, options
        )

    async def page(
        self, object_id: ObjectId | None, number: int, sending: Sending = unheeded
    ) -> Ending[Page]:
        """One page of ListPipelineRuns."""
        request = models.ListPipelineRunsRequest(
            project_id=self._project_id, object_id=object_id, page_number=number, page_size=PAGE_SIZE
        )
        operation = self._client.list_pipeline_runs_with_options
        return await self._read(answers.page, operation, request, sending)

    async def run(self, run_id: RunId, sending: Sending = unheeded) -> Ending[Run]:
        """One GetPipelineRun."""
        request = models.GetPipelineRunRequest(project_id=self._project_id, id=run_id)
        read = partial(answers.pipeline, run_id)
        return await self._read(read, self._client.get_pipeline_run_with_options, request, sending)

    async def node(self, object_id: ObjectId, sending: Sending = unheeded) -> Ending[Node]:
        """One GetNode."""
        request = models.GetNodeRequest(project_id=self._project_id, id=object_id)
        read = partial(answers.node, object_id)
        return await self._read(read, self._client.get_node_with_options, request, sending)

    async def execute(self, run_id: RunId, stage: str, sending: Sending) -> Ending[None]:
        """One ExecPipelineRunStage; `sending` as for a creation."""
        request = models.ExecPipelineRunStageRequest(project_id=self._project_id, id=run_id, code=stage)
        operation = self._client.exec_pipeline_run_stage_with_options
        return await self._call(answers.success, operation, request, sending)

    async def abolish(self, run_id: RunId, sending: Sending = unheeded) -> Ending[None]:
        """One AbolishPipelineRun."""
        request = models.AbolishPipelineRunRequest(project_id=self._project_id, id=run_id)
        operation = self._client.abolish_pipeline_run_with_options
        return await self._call(answers.success, operation, request, sending)

    async def _read(
        self,
        read: Callable[[Any], T],
        operation: Callable[[Any, RuntimeOptions], Any],
        request: object,
        sending: Sending,
    ) -> Ending[T]:
        return await self._call(read, operation, request, sending, reading=True)

    async def _call(
        self,
        read: Callable[[Any], T],
        operation: Callable[[Any, RuntimeOptions], Any],
        request: object,
        sending: Sending,
        options: RuntimeOptions | None = None,
        *,
        reading: bool = False,
    ) -> Ending[T]:
        """Carry a call out in a thread; `read` turns its body into a value or raises ValueError."""
        try:
            await self._keys.ready()  # what fails here fails before anything is sent
        except CredentialsError as error:
            return Refused(error.why, error.fault)
        sending()
        call = asyncio.get_running_loop().run_in_executor(
            self._threads,
            partial(_carry_out, read, operation, request, options or _options(READ_SECONDS), reading=reading),
        )
        try:
            # Not wait_for: that of Python 3.11 may swallow a cancellation.
            async with asyncio.timeout(TOTAL_SECONDS):
                return await call
        except TimeoutError:
            return Unclear(Fault(f"no answer within {TOTAL_SECONDS:.0f} s"))


def _carry_out(
    read: Callable[[Any], T],
    operation: Callable[[Any, RuntimeOptions], Any],
    request: object,
    options: RuntimeOptions,
    *,
    reading: bool,
) -> Ending[T]:
    asked: str | None = None
    try:
        response = operation(request, options)
        asked = answers.request_id(response.body)
        if response.status_code != 200:
            said = f"the answer has HTTP status {response.status_code}, and is neither a success nor an error"
            return Unclear(Fault(said, request_id=asked, http_status=response.status_code))
        return Ok(read(response.body), asked)
    except Exception as error:  # noqa: BLE001 - whatever happens after a request left makes it unclear
        return ending_of(error, asked, reading=reading)


def _options(read_seconds: float) -> RuntimeOptions:
    return RuntimeOptions(
        connect_timeout=int(CONNECT_SECONDS * 1000),
        read_timeout=int(read_seconds * 1000),
        max_idle_conns=THREADS,
    )
