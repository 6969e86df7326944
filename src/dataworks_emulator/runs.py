"""All runs: opening and finding them, keeping them up to date, and what people do to them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from dataworks_emulator import stages
from dataworks_emulator.catalog import Catalog
from dataworks_emulator.listing import Listing
from dataworks_emulator.settings import Settings
from dataworks_emulator.stages import Run, Stage
from dataworks_emulator.truth import Truth


@dataclass(frozen=True)
class Order:
    """What is needed to open a run, and who asked for it with which request."""

    project: str
    object_id: str
    run_type: str
    description: str
    creator: str
    who: str
    nonce: str = ""
    call: int = 0
    auto_until: int = 0


class Runs:
    """The runs of the account. Every method receives the time."""

    def __init__(self, settings: Settings, catalog: Catalog, truth: Truth, rng: random.Random) -> None:
        """Start with no run."""
        self._settings, self._catalog, self._truth, self._rng = settings, catalog, truth, rng
        self._runs: dict[str, Run] = {}
        self._due: list[tuple[float, int, str]] = []
        self._listing = Listing(settings.list_lag)
        self.machine = stages.Machine(settings, self._find_failure, self._stage_finished)

    def open(self, order: Order, now: float) -> Run:
        """Open a run, and record that in the truth log."""
        run = Run(
            id=uuid4_of(self._rng),
            number=len(self._runs) + 1,
            project=order.project,
            object_id=order.object_id,
            type=order.run_type,
            description=order.description,
            creator=order.creator,
            created=now,
            stages=stages.plan(self._settings, order.run_type),
            auto_until=order.auto_until,
        )
        run.note(now)
        self._runs[run.id] = run
        self._listing.add(run)
        self._committed(run, order, now)
        self._watch(run)
        self.settle(now)
        return run

    def find(self, run_id: str, project: str, now: float) -> Run | None:
        """Return a run in its present state, if this project sees it."""
        run = self._runs.get(run_id)
        if run is None or not run.seen_from(project):
            return None
        self.settle(now)
        return run

    def listed(self, project: str, object_id: str, when: float) -> list[Run]:
        """Return the runs that the list showed at that time, oldest first. Without an object, the runs of all."""
        return self._listing.shown(project, object_id, when)

    def hide(self, run_id: str, seconds: float) -> None:
        """Hide a run from the list for so many seconds after its creation."""
        if run_id in self._runs:
            self._listing.hide(self._runs[run_id], seconds)

    def __iter__(self) -> Iterator[Run]:
        """Go through all runs in the order they were opened."""
        return iter(self._runs.values())

    def settle(self, now: float) -> None:
        """Bring every run up to date. Everything due happens at its own time, in the order of all runs."""
        while self._due and self._due[0][0] <= now:
            due, _, run_id = heappop(self._due)
            run = self._runs[run_id]
            if self.machine.due(run) == due:  # it may have moved or ended since
                self.machine.step(run, due)
                self._watch(run)

    def approve(self, run_id: str, now: float) -> None:
        """Give the approval that a run waits for."""
        run = self._standing(run_id, now)
        if run.current().code != stages.APPROVAL or run.current().ready is None:
            raise ValueError(f"run {run_id} does not wait for an approval")
        self.machine.finish(run, now)
        self._watch(run)

    def execute(self, run_id: str, code: str, now: float, who: str) -> None:
        """Start the next stage."""
        run = self._standing(run_id, now)
        stage = run.current()
        if stage.code != code or stage.status != stages.INIT:
            raise ValueError(f"stage {code} of run {run_id} is not the one that waits to be executed")
        self._truth.record("stage_executed", now, run_id=run.id, stage=code, who=who)
        self.machine.start(run, stage, now)
        self._watch(run)
        self.settle(now)

    def abolish(self, run_id: str, now: float, who: str, *, stops: bool) -> None:
        """End a run because it was abolished. Or only record the try, because the run deploys."""
        run = self._standing(run_id, now)
        self._truth.record("abolished", now, run_id=run.id, who=who, stopped=stops)
        if stops:
            self.machine.stop(run, self._settings.abolish_status, now)

    def stop(self, run_id: str, status: str, now: float, message: str = "") -> None:
        """End a run as a person does in the console."""
        run = self._standing(run_id, now)
        self._truth.record("stopped", now, run_id=run_id, status=status)
        self.machine.stop(run, status, now, message)

    def _watch(self, run: Run) -> None:
        due = self.machine.due(run)
        if due is not None:
            heappush(self._due, (due, run.number, run.id))

    def _standing(self, run_id: str, now: float) -> Run:
        run = self.find(run_id, "", now)
        if run is None or run.terminal:
            raise ValueError(
                f"run {run_id} {'does not exist' if run is None else f'has ended: {run.status}'}"
            )
        return run

    def _committed(self, run: Run, order: Order, now: float) -> None:
        self._truth.record(
            "committed",
            now,
            run_id=run.id,
            object=run.object_id,
            description=run.description,
            type=run.type,
            project=run.project,
            creator=run.creator,
            who=order.who,
            nonce=order.nonce,
            call=order.call,
        )

    def _find_failure(self, run: Run, stage: Stage) -> str | None:
        for failure in self._settings.failures:
            if failure.hits(run.object_id, stage.code):
                return failure.message
        return self._catalog.objection(run.object_id, run.type, stage.code)

    def _stage_finished(self, when: float, run: Run, stage: Stage) -> None:
        self._truth.record(
            "stage_finished", when, run_id=run.id, stage=stage.code, status=stage.status, run=run.status
        )
        if stage.type == stages.BUILD_TYPE:
            run.package = self._catalog.parts(run.object_id, when)
        if run.status == stages.SUCCESS:
            self._catalog.deployed(run.object_id, run.package, when)


def uuid4_of(rng: random.Random) -> str:
    """Draw a random UUID. Every answer has one, and a UUID object would cost more than the rest of the answer."""
    digits = f"{rng.getrandbits(128) & ~(0xF << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
