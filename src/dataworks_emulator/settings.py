"""All settings: what the emulated service knows, how it behaves, and what goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WRITES = frozenset({"CreatePipelineRun", "ExecPipelineRunStage", "AbolishPipelineRun"})
# The emulator's name for requesting an ID token, which is not an API action, and the action of STS.
GET_ID_TOKEN, ASSUME_ROLE = "GetIdToken", "AssumeRoleWithOIDC"
IDENTITY = frozenset({GET_ID_TOKEN, ASSUME_ROLE})


@dataclass(frozen=True)
class Credential:
    """One access key. `expires_after` counts seconds from the start of the service."""

    access_key_id: str
    secret: str
    token: str = ""
    expires_after: float | None = None


@dataclass(frozen=True)
class Denial:
    """A caller without a permission. Every call, or only writing ones, gets this error code."""

    access_key_id: str
    code: str = "NoPermission"
    writes_only: bool = False


@dataclass(frozen=True)
class Role:
    """A role and whom it trusts: subject and issuer of the ID token, with `*` and `?` as in a policy."""

    arn: str
    subject: str = "*"
    issuer: str = "*"


@dataclass(frozen=True)
class Failure:
    """A stage that fails, by object and stage code. `*` means all."""

    object_id: str
    stage: str
    message: str = ""

    def hits(self, object_id: str, stage: str) -> bool:
        """Tell whether this failure affects that stage of that object."""
        return self.object_id in ("*", object_id) and self.stage in ("*", stage)


@dataclass(frozen=True)
class Settings:
    """All settings. The defaults suit tests: no limits, any object, any workspace, short stages, no faults."""

    # The server.
    host: str = "127.0.0.1"
    port: int = 0
    latency_ms: float = 0.0
    receive_seconds: float = 30.0
    truth_log: str | None = None
    seed: int | None = None

    # Who may make calls.
    credentials: tuple[Credential, ...] = (Credential("emulator-key-id", "emulator-key-secret"),)
    denials: tuple[Denial, ...] = ()
    nonce_fence: bool = True
    throttled_uses_nonce: bool = True

    # Who may get a session: the ID tokens of the job, and what STS requires of them. An empty list means any role or
    # any provider. `sts_seconds` is how long a session lasts, whatever was requested.
    id_token_request_token: str = "emulator-request-token"  # noqa: S105
    id_token_key: str = "emulator-id-token-key"  # noqa: S105
    id_token_seconds: int = 300
    id_token_claims: Mapping[str, str] = field(default_factory=dict)
    sts_audience: str = "sts.aliyuncs.com"
    sts_issuer: str = "https://token.actions.githubusercontent.com"
    sts_seconds: float | None = None
    sts_max_seconds: int = 43200
    roles: tuple[Role, ...] = ()
    oidc_providers: tuple[str, ...] = ()

    # Limits: basic, standard, professional, enterprise or unlimited.
    edition: str = "unlimited"
    day_calls: int | None = None
    throttle_status: int = 429
    retry_after_ms: int | None = None
    quota_code: str = "Throttling.Api.Risk"

    # Which objects exist. Empty means any workspace, any object.
    projects: tuple[str, ...] = ()
    known_objects: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    inner_nodes: Mapping[str, str] = field(default_factory=dict)
    inner_refusal: str = "no-object"
    upstreams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    # Or a workspace from a file, or the content of such a file (see workspace_file.py). Then only these objects exist.
    workspace: str | Mapping[str, Any] = ""
    flowspec: str = "2.0.0"
    list_drift: int = 0
    draft_lag: float = 0.0
    page_rows: int = 100
    inner_listed: bool = True

    # How a run proceeds.
    stages: str = "simple"
    init_seconds: float = 0.0
    stage_seconds: float = 0.2
    stage_overrides: Mapping[str, float] = field(default_factory=dict)
    offline_check_runs: bool = False
    approval: bool = False
    approval_status: str = "Init"
    approval_exec: str = "refuse"
    approve_after: float | None = None
    failures: tuple[Failure, ...] = ()
    abolish_status: str = "Termination"
    abolish_during_deploy: str = "refuse"

    # How runs are shown.
    oldest_first: bool = False
    list_lag: float = 0.0
    get_lag: float = 0.0
    string_counts: bool = False
    shuffle_stages: bool = False
    show_descriptions: bool = True
    odd_stage: str = ""
    odd_status: str = ""

    # Faults: "ACTION:CALLS:SPEC" with N, N-M or * for CALLS, or drawn from (seed, action, call number).
    faults: tuple[str, ...] = ()
    fault_seed: int | None = None
    fault_rate: float = 0.0
    fault_kinds: tuple[str, ...] = ()
    fault_without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a misspelt choice at once: tests must not silently run with something else."""
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(f"{name} is {value!r}; choose one of {', '.join(map(str, allowed))}")
        flags = (self.projects, self.known_objects, self.workflows, self.inner_nodes, self.upstreams)
        if self.workspace and any(flags):
            raise ValueError(
                "workspace says what there is: name no projects, objects, workflows or upstreams beside it"
            )


CHOICES: dict[str, tuple[object, ...]] = {
    "edition": ("basic", "standard", "professional", "enterprise", "unlimited"),
    "throttle_status": (400, 429),
    "quota_code": ("Throttling.Api.Risk", "Throttling.Resource"),
    "inner_refusal": ("no-object", "whole-workflow"),
    "flowspec": ("2.0.0", "1.1.0"),
    "stages": ("simple", "standard"),
    "approval_status": ("Init", "Running"),
    "approval_exec": ("refuse", "stay", "run"),
    "abolish_status": ("Termination", "Cancel", "Fail"),
    "abolish_during_deploy": ("refuse", "ignore", "stop"),
}
