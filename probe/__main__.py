"""Tries the claims on the live service, with the user's own key and object: `make probe`."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from .claims import Finding, Verdict, examine
from .sandbox import TERMINAL, Sandbox
from .service import BudgetSpentError, Key, Service
from .trial import Trial

MOST_CALLS = 43
CLEARING_CALLS = 11
PLAN = """This tries on the live service what the action leans on, with your key, and costs API calls: {most} at most.

  workspace {project}, object {object}, at {host}

It creates up to three pipeline runs for that object and abolishes all of them, also when you press Ctrl-C. It executes
no stage, so nothing reaches production: it asks for one of a run that does not exist, and of one that has ended. It
also reads the list of the workspace's runs, its list of nodes, some of these nodes and their runs. Take an object that
nobody needs, and let nobody work on it meanwhile.
"""

UNTRIED = "Not tried: throttling and quotas, keys that are wrong or may too little, and what a faulty network brings."


def main(
    arguments: list[str],
    environment: dict[str, str],
    ask: Callable[[str], str] = input,
    pause: Callable[[float], object] = time.sleep,
) -> int:
    """0: nothing speaks against any claim. 1: one fails, it broke off, or a run is left. 2: nothing was tried."""
    given = _parse(arguments)
    host = given.endpoint or f"dataworks.{given.region}.aliyuncs.com"
    key = _key(environment)
    if key is None or not (given.endpoint or given.region):
        _say("Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and give a region.")
        return 2
    most = MOST_CALLS + CLEARING_CALLS
    _say(PLAN.format(most=most, project=given.project_id, object=given.object_id, host=host))
    if not given.yes and not _agrees(given.object_id, ask):
        _say("Nothing was done.")
        return 2
    service = Service(host, key, MOST_CALLS)
    sandbox = Sandbox(service, given.project_id, given.object_id, pause)
    return _check(sandbox) or _carry_out(sandbox, given.region or "a custom endpoint")


def _agrees(object_id: str, ask: Callable[[str], str]) -> bool:
    try:
        return ask("Type the object's ID to go on: ").strip() == object_id
    except (EOFError, KeyboardInterrupt):
        return False


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="probe", description=__doc__)
    parser.add_argument("--project-id", required=True, help="the workspace's ID")
    parser.add_argument("--object-id", required=True, help="an object that nobody needs")
    parser.add_argument("--region", default="", help="such as cn-shanghai")
    parser.add_argument(
        "--endpoint", default="", help="in place of dataworks.REGION.aliyuncs.com; http://… for an emulator"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args(arguments)


def _key(environment: dict[str, str]) -> Key | None:
    parts = ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")
    key_id, secret, token = (environment.get(f"ALIBABA_CLOUD_{part}", "").strip() for part in parts)
    return Key(key_id, secret, token) if key_id and secret else None


def _check(sandbox: Sandbox) -> int:
    """2 where the object is in use, or its runs cannot be listed."""
    found = sandbox.listed()
    if found.status != 200 or "PipelineRuns" not in found.paging:
        _say(f"Nothing was created: the object's runs cannot be listed ({found}).")
        return 2
    active = [row for row in found.rows if row.get("Status") not in TERMINAL]
    if active:
        _say(f"Nothing was created: {len(active)} runs of this object are active. End them first.")
        return 2
    return 0


def _carry_out(sandbox: Sandbox, where: str) -> int:
    trial, whole = Trial(sandbox), False
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        trial.run()
        whole = True
    except KeyboardInterrupt:
        _say("Interrupted: abolishing what was created.")
    except BudgetSpentError:
        _say("No call is left: abolishing what was created.")
    except Exception as error:  # noqa: BLE001 - a text could quote the key
        _say(f"Failed ({type(error).__name__}): abolishing what was created.")
    finally:
        left = _clear(sandbox)
    findings = examine(trial)
    _report(findings, sandbox, where)
    bad = left or not whole or any(finding.verdict is Verdict.FAILS for finding in findings)
    return int(bool(bad))


def _clear(sandbox: Sandbox) -> bool:
    """Abolish everything, undisturbed; whether something is left that the user has to look at."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sandbox.service.allow(CLEARING_CALLS)
    left = sandbox.clear()
    for run_id in sorted(left):
        _say(f"Look at run {run_id} in DataWorks: it could not be shown to have ended.")
    if sandbox.lost:
        _say(
            f"Look for a run whose description begins with {sandbox.mark(1)[:-3]}: a creation had no answer."
        )
    _say(f"{len(sandbox.made)} runs created, {len(left)} left, {sandbox.service.calls} calls.\n")
    return bool(left or sandbox.lost)


def _report(findings: list[Finding], sandbox: Sandbox, where: str) -> None:
    answers = [answer for answer in sandbox.service.answers if answer.request_id]
    lines = ["To report, paste from here on. It holds no IDs but RequestIds.\n"]
    lines += [f"Probe of DataWorks, {where}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n"]
    lines += ["| claim | verdict | seen |", "| --- | --- | --- |"]
    lines += [f"| {each.claim.sentence} | {each.verdict} | {each.seen} |" for each in findings]
    lines += [
        "",
        UNTRIED,
        "",
        "RequestIds:",
        *(f"- {answer.action} {answer}: {answer.request_id}" for answer in answers),
    ]
    text = "\n".join(lines)
    for hidden in (sandbox.project, sandbox.object_id, *sandbox.made):
        text = text.replace(hidden, "…")
    _say(text)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
    os.environ.pop("DEBUG", None)  # with DEBUG=sdk the SDK prints every header, the token among them
    sys.exit(main(sys.argv[1:], dict(os.environ)))
