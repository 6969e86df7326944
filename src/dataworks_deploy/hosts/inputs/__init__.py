"""Turns the inputs from a host into one frozen value, or reports all their faults at once."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.model import (
    AbolishOn,
    DeployType,
    Language,
    ObjectId,
    OnActiveRun,
    OnRerun,
    Order,
    RunId,
    Upstream,
)
from dataworks_deploy.domain.problem import (
    BeyondJobLimit,
    Doubt,
    NotAnEndpoint,
    NotAProject,
    NotARegion,
    NoTarget,
    NotUtf8,
    Problem,
    Slip,
    TargetFault,
    UnusedProxy,
)
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.domain.studio.request import Request
from dataworks_deploy.hosts import Job, Source

from .credentials import (
    REGION,
    SHARED,
    Endpoint,
    Key,
    Role,
    allows_unsafe,
    parse_endpoint,
    read_credentials,
    secrets_of,
)
from .ids import E_NOTATION
from .objects import read_objects
from .reader import Follow, Reader, is_text, read_follow

__all__ = ["DEFAULTS", "Inputs", "Invalid", "Key", "Role", "parse", "secrets_of"]

INT64_MAX = 2**63 - 1

# Every declared input and its default. A test checks that action.yml and the README's table agree.
DEFAULTS: Mapping[str, str] = {
    "project-id": "",
    "type": "Online",
    "object-ids": "",
    "objects": "",
    "objects-file": "",
    "allow-empty": "false",
    "max-objects": "100",
    "preflight": "true",
    "order": "dependencies",
    "upstream": "warn",
    "only-changed": "false",
    "region": "",
    "endpoint": "",
    "access-key-id": "",
    "access-key-secret": "",
    "security-token": "",
    "role-arn": "",
    "oidc-provider-arn": "",
    "oidc-audience": "sts.aliyuncs.com",
    "sts-endpoint": "sts.aliyuncs.com",
    "role-session-name": "",
    "role-session-seconds": "3600",
    "description": "",
    "wait": "true",
    "advance": "true",
    "until-stage": "",
    "run-ids": "",
    "timeout-minutes": "30",
    "poll-seconds": "auto",
    "settle-seconds": "60",
    "max-parallel": "auto",
    "fail-fast": "true",
    "on-active-run": "warn",
    "on-approval": "wait",
    "on-rerun": "resume",
    "abolish-on": "cancel",
    "run-mode": "Normal",
    "auto-run-until-stage": "",
    "dry-run": "false",
    "summary-file": "",
    "language": "en",
}


@frozen
class Inputs:
    """Everything that the user and the host have given, checked.

    `max_parallel` is None if it depends on the order.
    """

    project_id: int
    type: DeployType
    request: Request
    preflight: bool
    order: Order
    upstream: Upstream
    only_changed: bool
    endpoint: Endpoint
    credentials: Key | Role
    description: str
    follow: Follow
    timeout_seconds: float
    settle_seconds: float
    max_parallel: int | None
    fail_fast: bool
    on_active_run: OnActiveRun
    on_rerun: OnRerun
    abolish_on: frozenset[AbolishOn]
    dry_run: bool
    summary_file: str
    language: Language
    job: Job
    run_ids: tuple[RunId, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def object_ids(self) -> tuple[ObjectId, ...]:
        """The IDs in `object-ids`."""
        return self.request.ids


@frozen
class Invalid:
    """The inputs cannot work. `problems` has every reason."""

    problems: tuple[Problem, ...]
    doubts: tuple[Doubt, ...] = ()
    summary_file: str = ""
    language: Language = Language.ENGLISH


def parse(source: Source, *, files: bool = True) -> Inputs | Invalid:
    """Check all inputs. It reads only the source, and makes no call. Without `files`, it opens no file.

    In the post step, later steps of the job may have removed the files.
    """
    reader = Reader(source, DEFAULTS, Secrets(secrets_of(source)).scrub, files=files)
    reader.problems.extend(source.faults)
    reader.doubts.extend(_of_environment(source))
    type_ = reader.choice("type", DeployType, _CONSOLE)
    request, run_ids = read_objects(reader, offline=type_ is DeployType.OFFLINE)
    preflight, order = reader.flag("preflight"), reader.choice("order", Order)
    only_changed = _only_changed(reader, type_)
    inputs = Inputs(
        project_id=_project_id(reader),
        type=type_,
        request=request,
        preflight=preflight,
        order=order,
        upstream=_upstream(reader, type_, order, preflight=preflight or only_changed),
        only_changed=only_changed,
        run_ids=run_ids,
        endpoint=_endpoint(reader),
        credentials=read_credentials(reader),
        description=_description(reader),
        follow=read_follow(reader, continues=bool(run_ids)),
        timeout_seconds=60 * _timeout_minutes(reader),
        settle_seconds=reader.number("settle-seconds", 1, 600, "seconds"),
        max_parallel=None
        if reader.is_auto("max-parallel")
        else reader.whole("max-parallel", 1, 100, or_auto=True),
        fail_fast=reader.flag("fail-fast"),
        on_active_run=reader.choice("on-active-run", OnActiveRun),
        on_rerun=reader.choice("on-rerun", OnRerun),
        abolish_on=reader.choices("abolish-on", AbolishOn, none="never"),
        dry_run=reader.flag("dry-run"),
        summary_file=_summary_file(reader),
        language=reader.choice("language", Language, _CHINESE),
        job=source.job,
        doubts=tuple(reader.doubts),
    )
    if reader.problems:
        return Invalid(tuple(reader.problems), inputs.doubts, inputs.summary_file, inputs.language)
    return inputs


# Other names of the languages.
_CHINESE = {"zh-CN": Language.CHINESE, "zh_CN": Language.CHINESE, "中文": Language.CHINESE}
# The console's words, for people who use it in Chinese.
_CONSOLE = {"上线": DeployType.ONLINE, "发布": DeployType.ONLINE, "下线": DeployType.OFFLINE}


def _only_changed(reader: Reader, type_: DeployType) -> bool:
    only_changed = reader.flag("only-changed")
    if only_changed and type_ is DeployType.OFFLINE:
        reader.problems.append(Slip.CHANGES_OFFLINE)
    return only_changed


def _upstream(reader: Reader, type_: DeployType, order: Order, *, preflight: bool) -> Upstream:
    upstream = reader.choice("upstream", Upstream)
    if upstream is not Upstream.WARN and not preflight:
        reader.problems.append(Slip.UPSTREAM_UNREAD)
    if upstream is Upstream.INCLUDE and order is Order.GIVEN:
        reader.problems.append(Slip.UPSTREAM_UNORDERED)
    if upstream is Upstream.INCLUDE and type_ is DeployType.OFFLINE:
        reader.problems.append(Slip.UPSTREAM_OFFLINE)
    return upstream


def _of_environment(source: Source) -> Iterator[UnusedProxy]:
    """Other tools use ALL_PROXY for every host, but the packages of the SDK ignore it."""
    for name in ("ALL_PROXY", "all_proxy"):
        if source.ambient.get(name, "").strip() and not source.ambient.get("HTTPS_PROXY", "").strip():
            yield UnusedProxy(name)


def _summary_file(reader: Reader) -> str:
    path = reader.text("summary-file") if reader.files else ""
    why = reader.source.target_fault(path) if path else None
    listed = reader.text("objects-file")
    if path and listed and PurePosixPath(path) == PurePosixPath(listed):
        why = why or TargetFault.IS_READ
    if why:
        reader.problems.append(NoTarget("summary-file", reader.shown(path), why))
        return ""
    return path


def _timeout_minutes(reader: Reader) -> float:
    minutes, limit = reader.number("timeout-minutes", 0.01, 6 * 24 * 60, "minutes"), reader.source.job_minutes
    if limit is not None and minutes > limit:
        reader.doubts.append(BeyondJobLimit(limit))
    return minutes


def _project_id(reader: Reader) -> int:
    given = reader.text("project-id")
    if not given:
        reader.problems.append(Slip.NO_PROJECT)
    elif E_NOTATION.fullmatch(given):
        reader.problems.append(NotAProject(given, is_float=True))
    elif not (given.isascii() and given.isdigit() and len(given) < 20 and 0 < int(given) <= INT64_MAX):
        reader.problems.append(NotAProject(reader.shown(given)))
    else:
        return int(given)
    return 0


def _description(reader: Reader) -> str:
    text = reader.text("description") or reader.source.job.note
    if not is_text(text):
        reader.problems.append(NotUtf8("description", reader.shown(text)))
    return text


def _endpoint(reader: Reader) -> Endpoint:
    given, region = reader.text("endpoint"), reader.text("region").lower()
    if given:
        unsafe = allows_unsafe(reader)
        endpoint = parse_endpoint(given, unsafe=unsafe)
        if endpoint:
            # All regions share this name, so it does not show which region the workspace is in.
            shared = endpoint.host == SHARED and REGION.fullmatch(region)
            return replace(endpoint, region=region) if shared else endpoint
        shown = reader.shown(given.rpartition("@")[2])  # a password may stand before that
        reader.problems.append(NotAnEndpoint(shown, unsafe))
    elif not region:
        reader.problems.append(Slip.NO_REGION)
    elif not REGION.fullmatch(region):
        reader.problems.append(NotARegion(reader.shown(reader.text("region"))))
    return Endpoint(region=region)
