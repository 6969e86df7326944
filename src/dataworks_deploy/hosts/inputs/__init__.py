"""The runner's environment to one frozen value, or every fault in it at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from dataworks_deploy.domain.model import DeployType, ObjectId, RunId
from dataworks_deploy.domain.secrets import Secrets

from .credentials import Key, Role, read_credentials, secrets_of
from .endpoint import REGION, UNSAFE_ENDPOINT, Endpoint, allows_unsafe, parse_endpoint
from .follow import Follow, read_follow
from .ids import E_NOTATION, parse_ids
from .reader import Reader

__all__ = ["DEFAULTS", "Inputs", "Invalid", "Job", "Key", "Role", "parse", "secrets_of"]

INT64_MAX = 2**63 - 1

# Every declared input and its default; action.yml and the README's table are held to this by a test.
DEFAULTS: Mapping[str, str] = {
    "project-id": "",
    "type": "Online",
    "object-ids": "",
    "region": "",
    "endpoint": "",
    "access-key-id": "",
    "access-key-secret": "",
    "security-token": "",
    "role-arn": "",
    "oidc-provider-arn": "",
    "oidc-audience": "sts.aliyuncs.com",
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
    "max-parallel": "1",
    "fail-fast": "true",
    "on-active-run": "fail",
    "on-rerun": "resume",
    "abolish-on": "cancel",
    "run-mode": "Normal",
    "auto-run-until-stage": "",
    "dry-run": "false",
}


@dataclass(frozen=True, slots=True)
class Job:
    """What the runner says of the job: where a run comes from, and which attempt this is."""

    repository: str
    repository_id: str
    workflow_run_id: str
    job: str
    action: str
    attempt: int
    sha: str
    server_url: str

    @property
    def note(self) -> str:
        """The default description: repository, commit and link of the workflow run."""
        if not (self.repository and self.workflow_run_id):
            return ""
        link = f"{self.server_url}/{self.repository}/actions/runs/{self.workflow_run_id}"
        return f"{self.repository}@{self.sha[:12]} {link}"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that the user and the runner have said, checked."""

    project_id: int
    type: DeployType
    object_ids: tuple[ObjectId, ...]
    endpoint: Endpoint
    credentials: Key | Role
    description: str
    follow: Follow
    timeout_seconds: float
    settle_seconds: float
    max_parallel: int
    fail_fast: bool
    on_active_run: str
    on_rerun: str
    abolish_on: frozenset[str]
    dry_run: bool
    job: Job
    run_ids: tuple[RunId, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invalid:
    """The inputs cannot work: every reason, each with its likely cause and the fix."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def parse(environment: Mapping[str, str]) -> Inputs | Invalid:
    """Check all inputs; nothing is called and nothing but the mapping is read."""
    reader = Reader(environment, DEFAULTS, Secrets(secrets_of(environment)).scrub)
    job = _job(reader)
    object_ids, run_ids = _ids(reader)
    inputs = Inputs(
        project_id=_project_id(reader),
        type=DeployType(reader.choice("type", *DeployType)),
        object_ids=object_ids,
        run_ids=run_ids,
        endpoint=_endpoint(reader),
        credentials=read_credentials(reader),
        description=_description(reader, job),
        follow=read_follow(reader, continues=bool(run_ids)),
        timeout_seconds=60 * reader.number("timeout-minutes", 0.01, 6 * 24 * 60, "minutes"),
        settle_seconds=reader.number("settle-seconds", 1, 600, "seconds"),
        max_parallel=reader.whole("max-parallel", 1, 100),
        fail_fast=reader.flag("fail-fast"),
        on_active_run=reader.choice("on-active-run", "fail", "adopt", "ignore"),
        on_rerun=reader.choice("on-rerun", "resume", "redeploy"),
        abolish_on=reader.choices("abolish-on", "cancel", "timeout", "failure", "never"),
        dry_run=reader.flag("dry-run"),
        job=job,
        warnings=tuple(reader.warnings),
    )
    return Invalid(tuple(reader.problems), inputs.warnings) if reader.problems else inputs


def _ids(reader: Reader) -> tuple[tuple[ObjectId, ...], tuple[RunId, ...]]:
    """Objects to deploy, or runs to continue, or both: then one run for each object."""
    given = {
        name: parse_ids(reader.text(name), name, reader.shown)
        for name in ("object-ids", "run-ids")
        if reader.text(name)
    }
    for ids in given.values():
        reader.problems.extend(ids.problems)
        reader.warnings.extend(ids.warnings)
    if not given:
        reader.problems.append(
            "object-ids: is required, unless run-ids continues existing runs. Give the IDs of the nodes or "
            "workflows to deploy."
        )
    objects = given["object-ids"].ids if "object-ids" in given else ()
    runs = given["run-ids"].ids if "run-ids" in given else ()
    if objects and runs and len(objects) != len(runs):
        reader.problems.append(
            f"run-ids: {len(runs)} different runs for {len(objects)} different objects. Give one run for each "
            "object in the same order, or run-ids alone."
        )
    return objects, tuple(RunId(each) for each in runs)


def _job(reader: Reader) -> Job:
    attempt = reader.ambient("GITHUB_RUN_ATTEMPT")
    return Job(
        repository=reader.ambient("GITHUB_REPOSITORY"),
        repository_id=reader.ambient("GITHUB_REPOSITORY_ID"),
        # act gives every run the ID 1: as good as none, or each would take the one before it for its own.
        workflow_run_id="" if reader.ambient("ACT") == "true" else reader.ambient("GITHUB_RUN_ID"),
        job=reader.ambient("GITHUB_JOB"),
        action=reader.ambient("GITHUB_ACTION"),
        attempt=int(attempt) if attempt.isascii() and attempt.isdigit() and len(attempt) < 10 else 1,
        sha=reader.ambient("GITHUB_SHA"),
        server_url=reader.ambient("GITHUB_SERVER_URL") or "https://github.com",
    )


def _project_id(reader: Reader) -> int:
    given = reader.text("project-id")
    if not given:
        reader.problems.append(
            "project-id: is required. It is the number that DataWorks shows under Workspace Details, "
            "not the workspace's name."
        )
    elif E_NOTATION.fullmatch(given):
        reader.problems.append(
            f"project-id: {given} is not a workspace ID, but what becomes of a number that YAML reads as a float: "
            'quote it, as project-id: "12345".'
        )
    elif not (given.isascii() and given.isdigit() and len(given) < 20 and 0 < int(given) <= INT64_MAX):
        reader.problems.append(
            f"project-id: {reader.shown(given)} is not a workspace ID. It is a number, such as 12345, "
            "not the workspace's name."
        )
    else:
        return int(given)
    return 0


def _description(reader: Reader, job: Job) -> str:
    text = reader.text("description") or job.note
    if any("\ud800" <= char <= "\udfff" for char in text):  # what becomes of bytes that are no text
        reader.problems.append(
            f"description: {reader.shown(text)} is not in UTF-8, which is all that the service takes. Write it in "
            "UTF-8, or leave it out."
        )
    return text


def _endpoint(reader: Reader) -> Endpoint:
    given, region = reader.text("endpoint"), reader.text("region")
    if given:
        unsafe = allows_unsafe(reader)
        endpoint = parse_endpoint(given, unsafe=unsafe)
        if endpoint:
            return endpoint
        shown = reader.shown(given.rpartition("@")[2])  # before that may be a password
        reader.problems.append(
            f"endpoint: {shown} is not a host, with a port behind it or http:// before it where that is needed. "
            "Leave out everything else, such as a path or a login."
            if unsafe
            else f"endpoint: {shown} is not a host name of the DataWorks service, such as "
            f"dataworks.cn-shanghai.aliyuncs.com. For an emulator, set {UNSAFE_ENDPOINT}=true in the step's env."
        )
    elif not region:
        reader.problems.append(
            "region: is required (or endpoint). It is the workspace's, such as cn-shanghai."
        )
    elif not REGION.fullmatch(region):
        reader.problems.append(f"region: {reader.shown(region)} is not a region ID, such as cn-shanghai.")
    return Endpoint(region=region)
