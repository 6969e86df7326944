"""The command-line flags, and the settings that they make."""

import argparse
from collections.abc import Sequence
from typing import Any

from dataworks_emulator.faults import parse_fault, parse_rule
from dataworks_emulator.settings import CHOICES, Credential, Denial, Failure, Role, Settings

NAME = "python -m dataworks_emulator"
DEFAULTS = Settings()


def parse(arguments: Sequence[str]) -> Settings:
    """Turn the arguments into settings, or end with a usage error."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    kept: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for name in ("stage_overrides", "inner_nodes", "id_token_claims"):
        kept[name] = dict(kept.get(name, ()))
    ups: dict[str, tuple[str, ...]] = {}
    for node, upstream in kept.pop("upstreams", ()):
        ups[node] = (*ups.get(node, ()), upstream)
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    try:
        return Settings(**kept, upstreams=ups)
    except ValueError as wrong:
        parser.error(str(wrong))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        NAME, description="Emulates the DataWorks deployment API on this machine."
    )
    for add in (_server, _callers, _identity, _objects, _runs, _shown, _faults):
        add(parser)
    return parser


def _server(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("server")
    _one(group, "host", "ADDRESS", "address to listen on; 0.0.0.0 to be reached from containers")
    _one(group, "port", "PORT", "port to listen on; 0 takes a free one", int)
    _one(group, "latency_ms", "MS", "wait so many milliseconds before every answer", float)
    _one(group, "receive_seconds", "SECONDS", "how long a request may take to arrive", float)
    _one(group, "truth_log", "FILE", "append what really happened, as JSON lines")
    _one(group, "seed", "N", "draw IDs and shuffles from this seed; without one they differ each time", int)


def _callers(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("callers and limits")
    key = DEFAULTS.credentials[0]
    _many(
        *(group, "--access-key", "credentials", _credential, "ID:SECRET[:TOKEN[:SECONDS]]"),
        "an access key, its STS token, and when that ends, in seconds from the start "
        f"(default {key.access_key_id}:{key.secret})",
    )
    _many(
        *(group, "--deny", "denials", _denial, "ID[:CODE[:write]]"),
        "refuse the calls of this key, or only those that write, with an error of this code "
        f"(default {Denial('').code})",
    )
    _switch(
        group, "--no-nonce-fence", "nonce_fence", "carry out a request whose signature nonce was used before"
    )
    _switch(
        *(group, "--throttled-keeps-nonce", "throttled_uses_nonce"),
        "leave the nonce of a throttled request unused: sent again as it is, it is carried out "
        "(default: its nonce is used, and it is refused with SignatureNonceUsed)",
    )
    _choice(group, "edition", "whose limits hold; basic: 5 calls a second, 100 a day")
    _one(group, "day_calls", "N", "calls a day, in place of the edition's", int)
    _choice(group, "throttle_status", "HTTP status of a throttled answer", int)
    _one(
        group, "retry_after_ms", "MS", "send x-acs-retry-after, in milliseconds, with a throttled answer", int
    )
    _choice(group, "quota_code", "error code once the day's calls are used up")


def _identity(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("ID tokens and STS")
    _one(group, "id_token_request_token", "TOKEN", "what allows to ask for an ID token")
    _one(group, "id_token_key", "KEY", "what ID tokens are signed with")
    _one(group, "id_token_seconds", "SECONDS", "how long an ID token lasts", int)
    _many(group, "--id-token-claim", "id_token_claims", _pair, "NAME:VALUE", "a claim, in place of GitHub's")
    _one(group, "sts_audience", "AUDIENCE", "audience that STS wants")
    _one(group, "sts_issuer", "URL", "issuer that STS trusts")
    _one(
        group, "sts_seconds", "SECONDS", "how long a session lasts (default: as long as was asked for)", float
    )
    _one(group, "sts_max_seconds", "SECONDS", "the longest session that may be asked for", int)
    _many(
        group, "--role", "roles", _role, "ARN[=SUBJECT[=ISSUER]]", "a role and whom it trusts (default: any)"
    )
    _many(group, "--oidc-provider", "oidc_providers", str, "ARN", "a known provider (default: any)")


def _objects(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("objects")
    _many(group, "--project", "projects", str, "ID", "a known workspace (default: any)")
    _many(group, "--known-object", "known_objects", str, "ID", "a known object (default: any)")
    _many(group, "--workflow", "workflows", str, "ID", "an object that is a workflow")
    _many(group, "--inner-node", "inner_nodes", _pair, "NODE:WORKFLOW", "a node inside a workflow")
    _choice(group, "inner_refusal", "as what a node inside a workflow is refused")
    _many(group, "--upstream", "upstreams", _pair, "NODE:UPSTREAM", "what a node depends on")
    _one(group, "workspace", "FILE", "what there is, as JSON, in place of the flags above")
    _choice(group, "flowspec", "version of the FlowSpecs; 1.1.0 has the dependencies in spec.flow")


def _runs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("runs")
    _choice(group, "stages", "the stages of a run; standard mode has DEV_CHECK and DEV as well")
    _one(group, "init_seconds", "SECONDS", "how long a run stays Init", float)
    _one(group, "stage_seconds", "SECONDS", "how long a stage runs", float)
    _many(group, "--stage", "stage_overrides", _stage_seconds, "CODE:SECONDS", "how long this stage runs")
    _switch(group, "--offline-check-runs", "offline_check_runs", "OfflineCheck runs without being executed")
    _switch(group, "--approval", "approval", "add a stage that waits for a person, before the last one")
    _choice(group, "approval_status", "status of that stage while it waits")
    _choice(
        group, "approval_exec", "what a call that executes it does: is refused, changes nothing, starts it"
    )
    _one(group, "approve_after", "SECONDS", "approve by itself after so long (default: never)", float)
    _many(group, "--fail", "failures", _failure, "OBJECT:STAGE[:MESSAGE]", "a stage that fails; * is any")
    _choice(group, "abolish_status", "status of a run that was abolished")
    _choice(
        *(group, "abolish_during_deploy"),
        "what an abolish does while the run deploys: is refused, changes nothing, stops it",
    )


def _shown(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how it is shown")
    _one(
        group,
        "list_drift",
        "N",
        "move so many objects to another place after each page of a list of them",
        int,
    )
    _one(group, "draft_lag", "SECONDS", "how long lists of objects show them as they were before", float)
    _one(group, "page_rows", "N", "rows that a page of such a list has at most", int)
    _switch(
        group, "--hide-inner-nodes", "inner_listed", "list nodes inside workflows only with their ContainerId"
    )
    _one(group, "list_lag", "SECONDS", "how long a new run is missing from lists", float)
    _one(group, "get_lag", "SECONDS", "how long a new run cannot be read", float)
    _switch(group, "--oldest-first", "oldest_first", "list the oldest run first (default: the newest)")
    _switch(group, "--string-counts", "string_counts", "write the counts of a list as strings")
    _switch(group, "--shuffle-stages", "shuffle_stages", "give the stages of a run in any order")
    _switch(group, "--no-descriptions", "show_descriptions", "show runs without their descriptions")
    _one(group, "odd_stage", "CODE", "add a stage of a type never seen before")
    _one(group, "odd_status", "WORD", "show this word for Running")


def _faults(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("faults")
    _many(
        *(group, "--fault", "faults", _rule, "ACTION:CALLS:SPEC"),
        "what goes wrong with which calls of an action: N, N-M or *, counted from 1",
    )
    _one(group, "fault_seed", "N", "draw faults from this seed (default: none are drawn)", int)
    _one(group, "fault_rate", "RATE", "which part of the calls gets one, from 0 to 1", float)
    _many(group, "--fault-kind", "fault_kinds", _kind, "SPEC", "draw from these only")
    _many(group, "--fault-without", "fault_without", str, "KIND", "a kind never drawn")


def _one(group: Any, name: str, metavar: str, text: str, kind: Any = str) -> None:
    """Add a flag that sets the field of this name. Its help shows the default, if there is one."""
    group.add_argument(_flag(name), type=kind, metavar=metavar, help=text + _default(name))


def _choice(group: Any, name: str, text: str, kind: Any = str) -> None:
    group.add_argument(_flag(name), type=kind, choices=CHOICES[name], help=text + _default(name))


def _switch(group: Any, flag: str, name: str, text: str) -> None:
    """Add a flag without a value. It sets the field to the opposite of its default."""
    turned = not getattr(DEFAULTS, name)
    group.add_argument(flag, dest=name, action="store_const", const=turned, help=text)


def _many(group: Any, flag: str, dest: str, kind: Any, metavar: str, text: str) -> None:
    group.add_argument(
        flag, dest=dest, type=kind, metavar=metavar, action="append", help=f"{text}; repeatable"
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _default(name: str) -> str:
    value = getattr(DEFAULTS, name)
    shown = f"{value:g}" if isinstance(value, float) else value
    return "" if value is None or value == "" else f" (default {shown})"


def _credential(text: str) -> Credential:
    key, secret, token, seconds = [*text.split(":", 3), "", "", ""][:4]
    if not key or not secret:
        raise argparse.ArgumentTypeError("write ID:SECRET[:TOKEN[:SECONDS]]")
    return Credential(key, secret, token, float(seconds) if seconds else None)


def _role(text: str) -> Role:
    arn, subject, issuer = [*text.split("=", 2), "", ""][:3]
    return Role(arn, subject or "*", issuer or "*")


def _denial(text: str) -> Denial:
    key, code, scope = [*text.split(":", 2), "", ""][:3]
    return Denial(key, code or "NoPermission", scope == "write")


def _pair(text: str) -> tuple[str, str]:
    left, colon, right = text.partition(":")
    if not colon or not left or not right:
        raise argparse.ArgumentTypeError(f"{text!r} is not two words with a colon between them")
    return left, right


def _stage_seconds(text: str) -> tuple[str, float]:
    code, seconds = _pair(text)
    return code, float(seconds)


def _failure(text: str) -> Failure:
    object_id, stage = _pair(text)
    stage, _, message = stage.partition(":")
    return Failure(object_id, stage, message)


def _rule(text: str) -> str:
    try:
        parse_rule(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None
    return text


def _kind(text: str) -> str:
    try:
        parse_fault(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None
    return text
