"""Everything that a step has to say, as a value: what all renderers are given."""

from dataclasses import dataclass
from datetime import datetime

from dataworks_deploy.domain.outcome import Verdict
from dataworks_deploy.domain.record import Record


@dataclass(frozen=True, slots=True)
class Report:
    """One record per object, in the order given. `problems` are what kept the step from its work, in words.

    `as_of` is the moment of a report that is not the end: it is read only where the step was killed before it. `url` is
    the workspace's page in the console.
    """

    verdict: Verdict
    records: tuple[Record, ...] = ()
    api_calls: int = 0
    problems: tuple[str, ...] = ()
    as_of: datetime | None = None
    url: str | None = None
