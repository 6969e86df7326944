"""The step's journal: what happens goes to the log at once, and what is known goes to the outputs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dataworks_deploy.adapters.actions import Runner
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.report.harmless import one_line
from dataworks_deploy.report.outputs import outputs


@dataclass
class StepJournal:
    """Writes for people and for later steps. Nothing leaves it with a secret in it."""

    runner: Runner
    secrets: Secrets
    object_ids: Sequence[ObjectId] = ()
    _places: dict[ObjectId, str] = field(init=False)

    def __post_init__(self) -> None:
        total = len(self.object_ids)
        self._places = {each: f"[{n}/{total}] {each}" for n, each in enumerate(self.object_ids, 1)}

    def known(self, results: Sequence[ObjectResult]) -> None:
        """Write the outputs as they would have to be if the step ended now: never as a success."""
        unclear = any(result.outcome is Outcome.UNKNOWN for result in results)
        verdict = Verdict.UNKNOWN if unclear else Verdict.CANCELLED
        self.publish(Report(verdict, tuple(results)))

    def publish(self, report: Report) -> None:
        """Write the outputs."""
        values = {name: self.secrets.scrub(value) for name, value in outputs(report).items()}
        self.runner.outputs(values)

    def tell(self, object_id: ObjectId | None, text: str) -> None:
        """A line for the log."""
        self.runner.info(self._line(object_id, text))

    def warn(self, object_id: ObjectId | None, text: str) -> None:
        """An annotation that does not fail the step."""
        self.runner.warning("DataWorks Deploy", self._line(object_id, text))

    def fail(self, title: str, text: str) -> None:
        """An annotation that says why the step fails."""
        self.runner.error(self._clean(title), self._clean(text))

    def _line(self, object_id: ObjectId | None, text: str) -> str:
        place = self._places.get(object_id, str(object_id)) if object_id else "DataWorks Deploy"
        return f"{place}: {self._clean(text)}"

    def _clean(self, text: str) -> str:
        return one_line(self.secrets.scrub(text))
