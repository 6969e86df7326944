"""The step's journal: events go to the log at once, and results go to the reports that the host accepts."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock

from dataworks_deploy.domain.event import Event, ObjectsChosen
from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import Kind, Verdict, row_of, so_far
from dataworks_deploy.domain.problem import Unwritten
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.secrets import Secrets, scrubbed
from dataworks_deploy.domain.studio.plan import Plan
from dataworks_deploy.hosts import Content, Host, Level, Surface, TooLongError
from dataworks_deploy.render import preview, step
from dataworks_deploy.render.events import line
from dataworks_deploy.render.language import word
from dataworks_deploy.render.markup import COMMENT, one_line
from dataworks_deploy.render.outputs import outputs, plan_forms
from dataworks_deploy.render.problems import said
from dataworks_deploy.render.report import About, Report
from dataworks_deploy.render.state import saved
from dataworks_deploy.render.step import ended
from dataworks_deploy.render.summary import summary
from dataworks_deploy.render.texts import called

TITLES = {
    Surface.OUTPUTS: step.OUTPUTS,
    Surface.STATE: step.STATE,
    Surface.SUMMARY: step.SUMMARY,
    Surface.REPORT: "summary-file",
}
FOR_PEOPLE = frozenset({Surface.SUMMARY, Surface.REPORT})


@dataclass
class StepJournal:
    """Writes for people and for later steps. It removes every secret from what it writes.

    `names` are the objects in the order given, or the runs if only runs are given, as far as known before there are
    records. `about` is what the summary says about the whole step. `grouped`: objects run one after another, so each
    gets a group in the log. `abolishes`: the post step ends the runs that a killed step leaves. `called` are the names
    of the objects, learnt from the records.
    """

    host: Host
    secrets: Secrets
    names: Sequence[str] = ()
    about: About = field(default_factory=About)
    grouped: bool = False
    abolishes: bool = True
    called: dict[ObjectId, str] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)
    _plan: Plan | None = None
    _clean_plan: Plan | None = None
    _previewed: bool = False
    _looked_at: dict[ObjectId, Record] = field(default_factory=dict)  # by a dry run
    _plan_forms: tuple[str, ...] = ()
    _annotated: Counter[Level] = field(default_factory=Counter)
    _inside: ObjectId | None = None  # the object whose group is open
    _over: set[ObjectId] = field(default_factory=set)
    _forming: RLock = field(default_factory=RLock)  # secrets are learnt in another thread
    _unwritten: dict[Surface, str] = field(default_factory=dict)  # failed reports, and why
    _told: set[Surface] = field(default_factory=set)  # those of them that the log names
    # Records are written many times. Most have not changed since the last time.
    _clean_records: dict[ObjectId, tuple[Record, Record]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.about = scrubbed(self.about, self.secrets.scrub)
        self._number(self.names)

    def _number(self, names: Sequence[str]) -> None:
        """Number the objects: these are all of them."""
        self._places = {each: f"[{number}/{len(names)}]" for number, each in enumerate(names, 1)}

    def learn(self, values: tuple[str, ...]) -> None:
        """Keep these secrets out of everything that is written from now on."""
        self.secrets.add(values)
        self._clean_records.clear()
        with self._forming:
            if self._plan:
                self._form_plan(self._plan)
        self.host.mask(self.secrets.masks)

    def _form_plan(self, plan: Plan) -> Plan:
        """Keep the plan for the outputs and the summary, and return it without secrets."""
        with self._forming:
            self._plan, self._clean_plan = plan, scrubbed(plan, self.secrets.scrub)
            self._plan_forms = plan_forms(self._clean_plan)
            return self._clean_plan

    def chosen(self, plan: Plan, at_once: int) -> None:
        """Show the work to do: the order of the objects, and how many run at once."""
        self._form_plan(plan)
        names = [each.object.id for each in plan.objects]
        self._number(names)
        # People watch a single object live. Several in a row get a group each, which can be folded.
        self.grouped = at_once == 1 and len(names) > 1
        levels = max((each.level for each in plan.objects), default=0)
        self.tell(None, ObjectsChosen(len(names), levels, at_once, len(plan.unchanged)))

    def previewed(self, plan: Plan) -> None:
        """Show the result of a dry run."""
        self._leave()
        self._previewed = True
        # Names get cut, so secrets must be removed before.
        records = {object_id: self._clean_record(each) for object_id, each in self._looked_at.items()}
        for text in preview.log_lines(self._form_plan(plan), records):
            self.say(None, text)

    # ---- the reports

    def known(self, records: Sequence[Record], calls: int) -> None:
        """Write the outputs as if the step ended now, never as a success."""
        self._write(self._report(records, calls), over=not self.abolishes)
        self._tell_unwritten()

    def draw(self, records: Sequence[Record], calls: int, now: datetime) -> None:
        """Write the summary that a killed step leaves."""
        self._draw(self._report(records, calls, now))
        self._tell_unwritten()

    def _report(self, records: Sequence[Record], calls: int, now: datetime | None = None) -> Report:
        """The report of a step that is killed now."""
        verdict = so_far(each.outcome for each in records)
        return self._clean_report(Report(verdict, tuple(records), calls, as_of=now))

    def publish(self, report: Report, *, over: bool) -> Report:
        """Write the final reports, and return what people are told. `over`: nothing is left for the post step."""
        self._leave()
        looked_after = not over and Surface.STATE in self.host.surfaces
        clean = self._clean_report(replace(report, post_step=looked_after))
        self._write(clean, over=over)
        told = self._outdated(clean) if self.broken and not report.problems else clean
        self._draw(told)
        # A report with problems is of a step that started nothing.
        so = step.NOTHING_STARTED if report.problems else step.STEP_FAILS
        for surface, why in self._unwritten.items():
            if surface in FOR_PEOPLE:
                self.caution(TITLES[surface], why)
            else:
                self.fail(TITLES[surface], step.unwritten(why, so))
        return told

    def _outdated(self, report: Report) -> Report:
        """The report for people if later steps do not get theirs. That alone makes the step fail."""
        verdict = report.verdict if report.verdict.exit_status else Verdict.FAILED
        problems = tuple(
            step.outdated(TITLES[surface], self.secrets.scrub(why))
            for surface, why in self._unwritten.items()
            if surface not in FOR_PEOPLE
        )
        return replace(report, verdict=verdict, problems=problems)

    @property
    def leaves_to_the_post_step(self) -> bool:
        """Whether a post step ends the runs of a killed step. Not every host has post steps."""
        return self.abolishes and Surface.STATE in self.host.surfaces

    @property
    def broken(self) -> bool:
        """Whether later steps and the post step miss what they must know."""
        return bool(self._unwritten.keys() - FOR_PEOPLE)

    def _write(self, report: Report, *, over: bool) -> None:
        self._put(Surface.OUTPUTS, lambda: outputs(report))
        # An empty state needs no space. So even a full disk keeps no older state for the post step.
        self._put(Surface.STATE, lambda: {} if over else saved(report.records))

    def _draw(self, report: Report) -> None:
        self._put(Surface.SUMMARY, lambda: summary(report, self.about))
        self._put(Surface.REPORT, lambda: summary(report, self.about, COMMENT))

    def _put(self, surface: Surface, made: Callable[[], Content]) -> None:
        """Write one report. If that fails, the work continues: the log still has everything."""
        if surface not in self.host.surfaces:
            return
        try:
            self.host.write(surface, made())
            self._unwritten.pop(surface, None)
        except OSError as error:
            why = None if isinstance(error, TooLongError) else error.strerror
            self._unwritten[surface] = said(Unwritten(str(error.filename), why))

    def _tell_unwritten(self) -> None:
        """Report each failure once. The next write may succeed, and the last one counts."""
        for surface, why in self._unwritten.items():
            if surface not in self._told:
                self._told.add(surface)
                self.say(None, why)

    def _clean_report(self, report: Report) -> Report:
        objects = [each.object_id for each in report.records]
        # The selected objects are known only after the inputs.
        if objects and objects != [*self._places]:
            self._number(objects)
        problems = tuple(map(self.secrets.scrub, report.problems))
        records = tuple(map(self._clean_record, report.records))
        return replace(
            report,
            records=records,
            problems=problems,
            url=self.about.url,
            plan=self._plan_forms,
            preview=self._clean_plan if self._previewed else None,
            order=self._plan.order if self._plan else (),
        )

    def _clean_record(self, record: Record) -> Record:
        before, clean = self._clean_records.get(record.object_id, (None, record))
        if before is not record:
            if record.name:
                self.called[record.object_id] = record.name
            # Data Studio's part is read once, and has more text than all the rest.
            read_before = before is not None and before.studio is record.studio
            studio = clean.studio if read_before else scrubbed(record.studio, self.secrets.scrub)
            rest = scrubbed(replace(record, studio=None), self.secrets.scrub)
            # The object ID comes from the user and identifies the record, so it stays as it is.
            clean = replace(rest, object_id=record.object_id, studio=studio)
            self._clean_records[record.object_id] = (record, clean)
        return clean

    # ---- the log

    @property
    def debugs(self) -> bool:
        """Whether debug logging is on."""
        return self.host.debugs

    def tell(self, object_id: ObjectId | None, event: Event) -> None:
        """Write an event to the log."""
        self.say(object_id, line(self._hidden(event)))

    def warn(self, object_id: ObjectId | None, event: Event) -> None:
        """Annotate what people should see, although the step continues."""
        self.alert(object_id, line(self._hidden(event)))

    def debug(self, event: Event) -> None:
        """Write a detail, if anybody reads those."""
        if self.debugs:
            self.host.debug(self._clean(line(self._hidden(event))))

    def ended(self, record: Record) -> None:
        """Write a line outside the object's group, which has ended: folded logs show it."""
        self._leave()
        self._over.add(record.object_id)
        if self.about.dry_run and self._plan and row_of(record.outcome).kind is not Kind.FAILURE:
            self._looked_at[record.object_id] = record  # the plan will say it
            return
        self.host.info(self._line(record.object_id, ended(self._clean_record(record))))

    def say(self, object_id: ObjectId | None, text: str) -> None:
        """Write a line to the log at once: in the object's group, or after its name if several objects run."""
        if self.grouped and object_id and object_id not in self._over:
            self._enter(object_id)
            self.host.info(f"| {self._clean(text)}")
        else:
            self.host.info(self._line(object_id, text))

    def alert(self, object_id: ObjectId | None, text: str) -> None:
        """Write an annotation that does not fail the step."""
        where = self._line(object_id, text) if object_id else self._clean(text)
        self._annotate(Level.WARNING, step.ACTION, where)

    def caution(self, title: str, text: str) -> None:
        """Write the same under another title."""
        self._annotate(Level.WARNING, title, self._clean(text))

    def remark(self, title: str, text: str) -> None:
        """Write an annotation that people should know."""
        self._annotate(Level.NOTICE, title, self._clean(text))

    def fail(self, title: str, *lines: str) -> None:
        """Write an annotation that says why the step fails."""
        self._annotate(Level.ERROR, title, "\n".join(map(self._clean, lines)))

    @property
    def errors_left(self) -> int:
        """How many more error annotations the host shows."""
        return max(1, self.host.limits.annotations - self._annotated[Level.ERROR])

    def _annotate(self, level: Level, title: str, text: str) -> None:
        """Annotations beyond the host's limit go to the log."""
        self._annotated[level] += 1
        title = self._clean(word(title))
        if self._annotated[level] <= self.host.limits.annotations:
            self.host.annotate(level, title, text)
        else:
            self.host.info(f"{level}: {title}: {text.replace(chr(10), ' ')}")

    def _enter(self, object_id: ObjectId) -> None:
        if self._inside != object_id:
            self._leave()
            self._inside = object_id
            self.host.group(self._place(object_id))

    def _leave(self) -> None:
        if self._inside:
            self._inside = None
            self.host.endgroup()

    def _line(self, object_id: ObjectId | None, text: str) -> str:
        return f"{self._place(object_id)}: {self._clean(text)}"

    def _place(self, object_id: ObjectId | None) -> str:
        if not object_id:
            return step.ACTION
        # The name gets cut, so secrets must be removed before.
        name = self.secrets.scrub(self.called.get(object_id, ""))
        return self._clean(f"{self._places.get(object_id, word('object'))} {called(object_id, name)}")

    def _hidden(self, event: Event) -> Event:
        """The event without secrets. Its words may get cut in the middle of one."""
        return scrubbed(event, self.secrets.scrub)

    def _clean(self, text: str) -> str:
        return one_line(self.secrets.scrub(text))
