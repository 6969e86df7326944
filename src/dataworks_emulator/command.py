"""The flags of the command line, and the settings that they make."""

import argparse
from collections.abc import Sequence
from typing import Any

from dataworks_emulator.faults import parse_fault, parse_rule
from dataworks_emulator.settings import CHOICES, Credential, Denial, Failure, Role, Settings

NAME = "python -m dataworks_emulator"


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
    group.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    group.add_argument("--port", type=int, help="port; 0, the default, takes a free one")
    group.add_argument("--latency-ms", type=float, help="wait this long before every answer")
    group.add_argument("--truth-log", metavar="FILE", help="append what really happened, as JSON lines")
    group.add_argument("--seed", type=int, help="draw IDs and shuffles from this seed")


def _callers(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("callers and limits")
    _many(group, "--access-key", "credentials", _credential, "ID:SECRET[:TOKEN[:SECONDS]]", "an access key")
    _many(group, "--deny", "denials", _denial, "ID[:CODE[:write]]", "a key without permission")
    group.add_argument("--no-nonce-fence", dest="nonce_fence", action="store_const", const=False)
    group.add_argument(
        "--throttled-keeps-nonce", dest="throttled_uses_nonce", action="store_const", const=False
    )
    _choice(group, "edition")
    group.add_argument("--day-calls", type=int, metavar="N", help="calls a day, instead of the edition's")
    _choice(group, "throttle_status", int)
    group.add_argument("--retry-after-ms", type=int, help="send x-acs-retry-after with a throttled answer")
    _choice(group, "quota_code")


def _identity(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("ID tokens and STS")
    group.add_argument("--id-token-request-token", metavar="TOKEN", help="what allows to ask for an ID token")
    group.add_argument("--id-token-key", metavar="KEY", help="what ID tokens are signed with")
    group.add_argument("--id-token-seconds", type=int, help="until an ID token expires (default 300)")
    _many(group, "--id-token-claim", "id_token_claims", _pair, "NAME:VALUE", "a claim, in place of GitHub's")
    group.add_argument("--sts-audience", help="audience that STS wants (default sts.aliyuncs.com)")
    group.add_argument("--sts-issuer", metavar="URL", help="issuer that STS trusts (default GitHub)")
    group.add_argument("--sts-seconds", type=float, help="how long a session lasts, whatever was asked for")
    group.add_argument("--sts-max-seconds", type=int, help="the most that may be asked for (default 43200)")
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
    _choice(group, "inner_refusal")
    _many(group, "--upstream", "upstreams", _pair, "NODE:UPSTREAM", "what a node depends on")


def _runs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("runs")
    _choice(group, "stages")
    group.add_argument("--init-seconds", type=float, help="how long a run stays Init")
    group.add_argument("--stage-seconds", type=float, help="how long a stage runs (default 0.2)")
    _many(group, "--stage", "stage_overrides", _stage_seconds, "CODE:SECONDS", "how long this stage runs")
    group.add_argument("--approval", action="store_const", const=True, help="a stage waits for a person")
    _choice(group, "approval_status")
    _choice(group, "approval_exec")
    group.add_argument("--approve-after", type=float, metavar="SECONDS", help="approve by itself")
    _many(group, "--fail", "failures", _failure, "OBJECT:STAGE[:MESSAGE]", "a stage that fails; * is any")
    _choice(group, "abolish_status")
    _choice(group, "abolish_during_deploy")


def _shown(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how runs are shown")
    group.add_argument("--list-lag", type=float, metavar="SECONDS", help="until a new run is listed")
    group.add_argument("--get-lag", type=float, metavar="SECONDS", help="until a new run can be read")
    for flag in ("oldest-first", "string-counts", "shuffle-stages"):
        group.add_argument(f"--{flag}", action="store_const", const=True)
    group.add_argument("--odd-stage", metavar="CODE", help="add a stage of a type never seen before")
    group.add_argument("--odd-status", metavar="WORD", help="show this word for Running")


def _faults(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("faults")
    _many(group, "--fault", "faults", _rule, "ACTION:N[-M|*]:SPEC", "what goes wrong with which call")
    group.add_argument("--fault-seed", type=int, help="draw faults from this seed")
    group.add_argument("--fault-rate", type=float, help="how many calls get one, 0 to 1")
    _many(group, "--fault-kind", "fault_kinds", _kind, "SPEC", "draw from these only")
    _many(group, "--fault-without", "fault_without", str, "KIND", "a kind never drawn")


def _many(group: Any, flag: str, dest: str, kind: Any, metavar: str, text: str) -> None:
    group.add_argument(
        flag, dest=dest, type=kind, metavar=metavar, action="append", help=f"{text}; repeatable"
    )


def _choice(group: Any, name: str, kind: Any = str) -> None:
    group.add_argument(f"--{name.replace('_', '-')}", type=kind, choices=CHOICES[name])


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
