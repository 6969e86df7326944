"""How long stages take, learnt from the runs that have passed them, and when to read one that is under way."""

from collections.abc import Mapping
from dataclasses import field, replace

from . import frozen
from .model import RUNNING, SUCCESS, Run, RunId, Stage
from .requests import SCARCE_PATIENCE, SLOWEST_POLL, SOONEST

# What begins with the creation: of that stage nobody knows the code before the first reading.
FIRST = ""
# What is learnt from answers of the network is never exact.
MARGIN, MARGIN_SHARE = 0.02, 0.01
# Known so well, a length needs no reading that finds it out better.
NARROW, NARROW_SHARE = 0.15, 0.08
# Where it is known well, every so many runs one is read sooner, by a quarter: it may take less time by now.
QUIET, SOONER = 7, 0.75
# So many readings of one run may come before it is over, in order to find that out.
MOST_MISSED = 2
# However long a stage took before, it is read after so many seconds, and when as much time has passed again.
LOOK = 10.0
# A reading that comes so little before the end should is not made.
NEAR = 1.25
MOST_CODES = 100


@frozen
class Length:
    """How long the stages of one code take, in seconds: longer than `low`, and no longer than `high`.

    `longer` is what the last one took, if that was more; it counts once it is repeated. `quiet` counts the runs in a
    row that were over with the first reading.
    """

    low: float
    high: float
    longer: tuple[float, float] | None = None
    quiet: int = 0

    def after(self, low: float, high: float) -> "Length":
        """One more took longer than `low` and was over by `high`."""
        if low >= self.high:
            one, other = (low, high), self.longer
            return Length(*min(one, other, key=max)) if other else replace(self, longer=one)
        if high <= self.low:
            return Length(low, high)
        quiet = 0 if low else self.quiet + 1
        return Length(max(low, self.low), min(high, self.high), quiet=quiet)

    def next_reading(self, seen: float, *, spare: bool, scarce: bool) -> float | None:
        """How old a stage is to be when it is read next, which was under way when it was `seen` old.

        None where it has taken longer than learnt. `spare` says that the reading may come too soon, in order to learn
        more; `scarce` says that readings are dear.
        """
        if seen >= self.high:
            return None
        wanted = self.high * (1 + MARGIN_SHARE) + MARGIN
        trial = self._trial(max(seen, self.low))
        if spare and not scarce and seen < trial - MARGIN:
            wanted = trial
        first = LOOK * (SCARCE_PATIENCE if scarce else 1.0)
        latest = max(first, min(2 * seen, seen + SLOWEST_POLL))
        return max(SOONEST, seen + SOONEST, wanted if wanted <= NEAR * latest else latest)

    def _trial(self, low: float) -> float:
        """When to read in order to learn more of one that takes longer than `low`; 0 where there is no need to."""
        if self.high - low > max(NARROW, NARROW_SHARE * self.high):
            return (low + self.high) / 2
        return SOONER * self.low if self.quiet >= QUIET else 0.0


@frozen
class Lengths:
    """The lengths by the stages' codes."""

    by_code: Mapping[str, Length] = field(default_factory=dict)

    def after(self, code: str, low: float, high: float) -> "Lengths":
        """One more stage of this code took longer than `low` and was over by `high`."""
        if code not in self.by_code and len(self.by_code) >= MOST_CODES:
            return self
        known = self.by_code.get(code)
        return Lengths({**self.by_code, code: known.after(low, high) if known else Length(low, high)})


@frozen
class Track:
    """What one run was seen to do. All times are monotonic seconds.

    `code` is that of the stage under way, None where its beginning was not seen. It began at `began`, and was under
    way when it was `seen` old. `missed` counts the run's readings that came too soon.
    """

    code: str | None = None
    began: float = 0.0
    seen: float = 0.0
    missed: int = 0

    def begun(self, code: str, began: float) -> "Track":
        """A stage begins."""
        return Track(code, began, missed=self.missed)

    @property
    def lost(self) -> "Track":
        """What is under way from now on was not seen to begin."""
        return Track(missed=self.missed)

    def next_reading(self, lengths: Lengths, *, scarce: bool) -> float | None:
        """When the run is to be read next, None where nothing tells."""
        known = None if self.code is None else lengths.by_code.get(self.code)
        if known is None:
            return None
        age = known.next_reading(self.seen, spare=self.missed < MOST_MISSED, scarce=scarce)
        return None if age is None else self.began + age

    def read(self, run: Run, at: float, lengths: Lengths, *, aimed: bool) -> tuple["Track", Lengths]:
        """After a reading that left at that moment; `aimed` says that it was made for this run."""
        age = max(self.seen, at - self.began)
        stages = run.ordered
        place = self._place(stages)
        if self.code == FIRST and not (stages or run.ended):
            return replace(self, seen=age), lengths
        if self.code is None or place is None or (run.ended and stages[place].status != SUCCESS):
            return self.lost, lengths
        if stages[place].status == SUCCESS:
            # The next one has begun just now, if it has begun by itself.
            behind = [each for each in stages[place + 1 : place + 2] if each.status == RUNNING]
            after = self.begun(behind[0].code, at) if behind else self.lost
            return after, lengths.after(self.code, self.seen, age)
        known = lengths.by_code.get(self.code)
        missed = aimed and known is not None and age >= SOONER * known.low - MARGIN
        return replace(self, seen=age, missed=self.missed + missed), lengths

    def _place(self, stages: tuple[Stage, ...]) -> int | None:
        """Where the stage under way stands."""
        if self.code == FIRST:
            return 0 if stages else None
        return next((place for place, each in enumerate(stages) if each.code == self.code), None)


def shared(
    aimed: Mapping[RunId, float], usual: Mapping[RunId, float], rest: float, earliest: float
) -> tuple[float, set[RunId]]:
    """When to read next, and which runs are due then: those `aimed` at that moment, or all of the `usual` pace.

    Where one is aimed at, those that are due within half of `rest` behind it are waited for: one reading shows all.
    """
    first = min((*aimed.values(), *usual.values()))
    group = [aim for aim in aimed.values() if aim <= first + rest / 2] if first in aimed.values() else []
    moment = max(first, *group, earliest)
    due = {run_id for run_id, aim in aimed.items() if aim <= moment}
    return moment, due | usual.keys() if any(each <= moment for each in usual.values()) else due
