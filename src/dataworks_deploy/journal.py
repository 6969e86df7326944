"""The step's journal: what happens goes to the log at once, and what is known goes to the outputs."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.domain.problem import Unwritten
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.domain.spans import Span
from dataworks_deploy.hosts.host import Content, Host, Level, Surface, TooLongError
from dataworks_deploy.render.problems import said
from dataworks_deploy.report.about import About
from dataworks_deploy.report.harmless import one_line
from dataworks_deploy.report.lines import ended
from dataworks_deploy.report.outputs import outputs
from dataworks_deploy.report.state import STATE, saved
from dataworks_deploy.report.summary import summary

FOREIGN = ("run_id", "request_id", "status", "stage", "message", "odd")
SUMMARY = "Job summary"


@dataclass
class StepJournal:
    """Writes for people and for later steps. Nothing leaves it with a secret in it.

    `names` are the objects in the order given, or the runs where runs are given alone; `about` is what the summary
    says of the step as a whole; `grouped` that objects come one after another; `abolishes` that the post step ends what
    a killed step leaves.
    """

    runner: Host
    secrets: Secrets
    names: Sequence[str] = ()
    about: About = field(default_factory=About)
    grouped: bool = False
    abolishes: bool = True
    _places: dict[str, str] = field(init=False)
    _annotated: Counter[Level] = field(default_factory=Counter)
    _inside: ObjectId | None = None  # whose group is open
    _over: set[ObjectId] = field(default_factory=set)
    _unwritten: dict[str, str] = field(default_factory=dict)  # what of the runner's files, and why
    _told: set[str] = field(default_factory=set)  # of which this was said
    # Results are written again and again; most have not changed since.
    _clean_results: dict[ObjectId, tuple[ObjectResult, ObjectResult]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        total = len(self.names)
        self._places = {each: f"[{n}/{total}] {each}" for n, each in enumerate(self.names, 1)}

    def learn(self, values: tuple[str, ...]) -> None:
        """Keep more secrets out of everything that is written from now on."""
        self.secrets.add(values)
        self._clean_results.clear()
        self.runner.mask(self.secrets.masks)

    def known(self, results: Sequence[ObjectResult], calls: int) -> None:
        """Write the outputs as they would have to be if the step ended now: never as a success."""
        self._write(self._scrubbed(Report(_so_far(results), tuple(results), calls)), over=not self.abolishes)
        self._tell_unwritten()

    def draw(self, results: Sequence[ObjectResult], calls: int, now: datetime) -> None:
        """Write the summary that is left where the step is killed."""
        self._draw(self._scrubbed(Report(_so_far(results), tuple(results), calls, as_of=now)))
        self._tell_unwritten()

    def publish(self, report: Report, *, over: bool) -> Report:
        """Write what the step ends with, and return what people are told; `over` leaves nothing to the post step."""
        self._leave()
        clean = self._scrubbed(report)
        self._write(clean, over=over)
        told = self._outdated(clean) if self.broken and not report.problems else clean
        self._draw(told)
        # Problems are what kept a step from starting.
        so = "nothing was started" if report.problems else "the step fails; the log says which runs there are"
        for what, why in self._unwritten.items():
            if what == SUMMARY:
                self.caution(what, why)
            else:
                self.fail(what, f"{why} So {so}.")
        return told

    def _outdated(self, report: Report) -> Report:
        """The report for people where later steps do not get theirs: the step fails by that alone."""
        verdict = report.verdict if report.verdict.exit_status else Verdict.FAILED
        why = (
            f"{what}: {self.secrets.scrub(why)}" for what, why in self._unwritten.items() if what != SUMMARY
        )
        problems = tuple(
            f"{each} So the step fails, and what later steps read is older than this page." for each in why
        )
        return replace(report, verdict=verdict, problems=problems)

    @property
    def broken(self) -> bool:
        """Whether later steps and the post step lack what they have to know; the summary is for people."""
        return bool(self._unwritten.keys() - {SUMMARY})

    def _write(self, report: Report, *, over: bool) -> None:
        self._put("Outputs", Surface.OUTPUTS, lambda: outputs(report))
        # Nothing at all takes no room: a disk that is full by now leaves no older state to the post step.
        self._put("State", Surface.STATE, lambda: {} if over else {STATE: saved(report.results)})

    def _draw(self, report: Report) -> None:
        self._put(SUMMARY, Surface.SUMMARY, lambda: summary(report, self.about))

    def _put(self, what: str, surface: Surface, made: Callable[[], Content]) -> None:
        """Write one report. Where that cannot be done the work goes on: the log still says everything."""
        if surface not in self.runner.surfaces:
            return
        try:
            self.runner.write(surface, made())
            self._unwritten.pop(what, None)
        except OSError as error:
            why = None if isinstance(error, TooLongError) else error.strerror
            self._unwritten[what] = said(Unwritten(str(error.filename), why))

    def _tell_unwritten(self) -> None:
        """Once each: the next writing may succeed, and the last one counts."""
        for what, why in self._unwritten.items():
            if what not in self._told:
                self._told.add(what)
                self.tell(None, why)

    def _scrubbed(self, report: Report) -> Report:
        """Scrub before anything is encoded: JSON and Markdown write some characters of a secret otherwise."""
        problems = tuple(self.secrets.scrub(problem) for problem in report.problems)
        return replace(report, results=tuple(map(self._scrub, report.results)), problems=problems)

    def _scrub(self, result: ObjectResult) -> ObjectResult:
        before, clean = self._clean_results.get(result.object_id, (None, result))
        if before is not result:
            texts = {name: getattr(result, name) for name in FOREIGN}
            new: dict[str, Any] = {name: text and self.secrets.scrub(text) for name, text in texts.items()}
            if result.fault:
                new["fault"] = self._scrub_fault(result.fault)
            new["spans"] = tuple(map(self._scrub_span, result.spans))
            clean = replace(result, url=self.about.url, **new)
            self._clean_results[result.object_id] = (result, clean)
        return clean

    def _scrub_fault(self, fault: Fault) -> Fault:
        scrub = self.secrets.scrub
        request_id = fault.request_id and scrub(fault.request_id)
        return replace(fault, message=scrub(fault.message), code=scrub(fault.code), request_id=request_id)

    def _scrub_span(self, span: Span) -> Span:
        code = self.secrets.scrub(span.code)
        # Nearly all are as they were, and of a thousand objects the copies are a megabyte.
        return span if code == span.code else replace(span, code=code)

    def tell(self, object_id: ObjectId | None, text: str) -> None:
        """A line for the log, at once: in the object's group, or where several are under way behind its name."""
        if self.grouped and object_id and object_id not in self._over:
            self._enter(object_id)
            self.runner.info(f"| {self._clean(text)}")
        else:
            self.runner.info(self._line(object_id, text))

    def ended(self, result: ObjectResult) -> None:
        """A line that stands outside of the object's group, which is over: folded logs show it."""
        self._leave()
        self._over.add(result.object_id)
        self.runner.info(self._line(result.object_id, ended(result)))

    @property
    def debugs(self) -> bool:
        """Whether anybody reads details."""
        return self.runner.debugs

    def debug(self, text: str) -> None:
        """A detail, where anybody reads those."""
        if self.debugs:
            self.runner.debug(self._clean(text))

    def _enter(self, object_id: ObjectId) -> None:
        if self._inside != object_id:
            self._leave()
            self._inside = object_id
            self.runner.group(self._place(object_id))

    def _leave(self) -> None:
        if self._inside:
            self._inside = None
            self.runner.endgroup()

    def warn(self, object_id: ObjectId | None, text: str) -> None:
        """An annotation that does not fail the step."""
        self._annotate(
            Level.WARNING,
            "DataWorks Deploy",
            self._line(object_id, text) if object_id else self._clean(text),
        )

    def caution(self, title: str, text: str) -> None:
        """The same under a title of its own."""
        self._annotate(Level.WARNING, title, self._clean(text))

    def remark(self, title: str, text: str) -> None:
        """An annotation of something worth knowing."""
        self._annotate(Level.NOTICE, title, self._clean(text))

    def fail(self, title: str, *lines: str) -> None:
        """An annotation that says why the step fails."""
        self._annotate(Level.ERROR, title, "\n".join(map(self._clean, lines)))

    @property
    def errors_left(self) -> int:
        """How many more errors the runner shows."""
        return max(1, self.runner.limits.annotations - self._annotated[Level.ERROR])

    def _annotate(self, level: Level, title: str, text: str) -> None:
        """What the runner would not show any more goes to the log."""
        self._annotated[level] += 1
        if self._annotated[level] <= self.runner.limits.annotations:
            self.runner.annotate(level, self._clean(title), text)
        else:
            self.runner.info(f"{level}: {self._clean(title)}: {text.replace(chr(10), ' ')}")

    def _line(self, object_id: ObjectId | None, text: str) -> str:
        return f"{self._place(object_id)}: {self._clean(text)}"

    def _place(self, object_id: ObjectId | None) -> str:
        place = self._places.get(object_id, f"object {object_id}") if object_id else "DataWorks Deploy"
        return self._clean(place)

    def _clean(self, text: str) -> str:
        return one_line(self.secrets.scrub(text))


def _so_far(results: Sequence[ObjectResult]) -> Verdict:
    """What is to be said of a step that ends now, before its time."""
    unclear = any(result.outcome is Outcome.UNKNOWN for result in results)
    return Verdict.UNKNOWN if unclear else Verdict.CANCELLED
