"""What steps leave behind, and what the job summary says of how to go on with it."""

import re

from dataworks_deploy.app.wording import no_such_stage

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.hosts.inputs import DEFAULTS
from dataworks_deploy.render.about import About
from dataworks_deploy.render.summary import summary

from ..witness.markdown import fences


def variables(given: dict[str, str]) -> dict[str, str]:
    """The runner's variables of a step with these inputs."""
    least = {"project-id": "1", "region": "cn-shanghai", "object-ids": "1", "access-key-id": "i"}
    least |= {"access-key-secret": "s"}
    return {f"INPUT_{name.upper()}": value for name, value in {**DEFAULTS, **least, **given}.items()}


def continued(*results: ObjectResult) -> list[tuple[str, str]]:
    """The blocks of inputs to copy."""
    page = summary(Report(Verdict.TIMED_OUT, results))
    return [block for block in fences(page) if block[0] == "yaml"]


def left(name: str, **fields: object) -> ObjectResult:
    """An object whose run was left open, if the fields do not say otherwise."""
    given = {"outcome": Outcome.TIMED_OUT, "run_id": f"run-{name}", "status": "Running", **fields}
    return ObjectResult(ObjectId(name), **given)  # type: ignore[arg-type]


def unstarted(name: str, **fields: object) -> ObjectResult:
    """An object whose turn did not come, if the fields do not say otherwise."""
    return left(name, **{"outcome": Outcome.SKIPPED, "run_id": None, "status": None, **fields})


def going_on(*results: ObjectResult, verdict: Verdict = Verdict.FAILED, **about: bool) -> str:
    """What the page says of how to go on, without the inputs to copy."""
    page = summary(Report(verdict, results), About(**about))  # type: ignore[arg-type]
    return re.sub(r"(?s)```yaml.*?```", "", page.partition("### How to continue")[2]).partition("###")[0]


LACKING = left("1", outcome=Outcome.FAILED, message=" ".join(no_such_stage("run-1", "PRD", ["PROD"])))
