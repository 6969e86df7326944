"""Reads the outputs by the runner's rules, without code of the action."""

import json
from datetime import UTC, datetime
from typing import Any

from ..witness.command_files import parse
from .actor import Attempt
from .virtual import EPOCH

Results = list[dict[str, Any]]


def read_results(attempt: Attempt, broken: list[tuple[str, str]]) -> Results:
    """Check I6: the outputs can be parsed, even those of a killed step."""
    text = attempt.runner.output_file
    if not text:
        broken.append(("I6", f"{attempt.caller} left no outputs"))
        return []
    outputs = parse(text)
    try:
        results: Results = json.loads(outputs["results"])
    except ValueError as error:
        broken.append(("I6", f"{attempt.caller}: results are no JSON: {error}"))
        return []
    return results


def moment_of(text: str, attempt: Attempt) -> float:
    """The virtual time of a date in the outputs, which is in whole seconds of the step's own clock."""
    when = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return when.timestamp() - EPOCH - attempt.step.skew
