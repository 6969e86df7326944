"""How long stages take, learnt from earlier runs, and when to read a stage that is still running."""

from collections.abc import Mapping
from dataclasses import field, replace

from . import frozen
from .model import RUNNING, SUCCESS, Run, RunId, Stage
from .pace import SCARCE_PATIENCE, SLOWEST_POLL, SOONEST

# The code of the stage that begins with the creation. Its real code is unknown before the first reading.
FIRST = ""
# The network makes every length inexact: by so many seconds, and by this share of the length.
MARGIN, MARGIN_SHARE = 0.02, 0.01
# A length known this closely needs no reading to learn more.
NARROW, NARROW_SHARE = 0.15, 0.08
# To learn more, read a stage when this share of the time has passed in which it may end. Half of it would be early too
# often, and each reading that comes too early costs a call.
TRIAL = 0.6
# After QUIET runs in a row that ended by the first reading, read one sooner, at this share: stages may be faster by
# now.
QUIET, SOONER = 7, 0.75
# At most so many readings of one run may come too soon, to learn its length.
MOST_MISSED = 2
# However long a stage took before, read it after so many seconds, and again when that much time has passed again.
LOOK = 10.0
# If the expected end is within this factor of the next look, wait for the end instead.
NEAR = 1.25
# A reading at the usual pace does not know when anything ends. So it waits this long for one that does.
UNHURRIED = 0.5
MOST_CODES = 100


@frozen
class Length:
    """How long the stages of one code take, in seconds: more than `low`, and at most `high`.

    `longer` is the length of the last stage if it took longer than that. It counts once it is repeated. `quiet` counts
    the runs in a row that had ended by their first reading.
    """

    low: float
    high: float
    longer: tuple[float, float] | None = None
    quiet: int = 0

    def after(self, low: float, high: float) -> "Length":
        """One more stage took more than `low` seconds and had ended by `high`."""
        if low >= self.high:
            one, other = (low, high), self.longer
            return Length(*min(one, other, key=max)) if other else replace(self, longer=one)
        if high <= self.low:
            return Length(low, high)
        quiet = 0 if low else self.quiet + 1
        return Length(max(low, self.low), min(high, self.high), quiet=quiet)

    def next_reading(self, seen: float, *, spare: bool, scarce: bool) -> float | None:
        """Return the age in seconds at which to read a stage next. The last reading found it running at the age `seen`.

        None if it has taken longer than learnt. `spare`: this reading may come too soon, to learn more. `scarce`: the
        service serves few calls.
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
        """The age at which a reading teaches most about a stage that takes longer than `low`. 0 if none is needed."""
        if self.high - low > max(NARROW, NARROW_SHARE * self.high):
            return low + TRIAL * (self.high - low)
        return SOONER * self.low if self.quiet >= QUIET else 0.0


@frozen
class Lengths:
    """What is learnt of each stage, by its code."""

    by_code: Mapping[str, Length] = field(default_factory=dict)

    def after(self, code: str, low: float, high: float) -> "Lengths":
        """One more stage of this code took more than `low` seconds and had ended by `high`."""
        if code not in self.by_code and len(self.by_code) >= MOST_CODES:
            return self
        known = self.by_code.get(code)
        return Lengths({**self.by_code, code: known.after(low, high) if known else Length(low, high)})


@frozen
class Track:
    """The progress of one run, as the readings showed it. All times are monotonic seconds.

    `code` is the running stage, None if nobody saw it begin. It began at `began`. At its last reading it was `seen`
    seconds old and still running. `missed` counts the readings of the run that came too soon.
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
        """Nobody saw the running stage begin."""
        return Track(missed=self.missed)

    def next_reading(self, lengths: Lengths, *, scarce: bool) -> float | None:
        """When to read the run next. None if that is unknown."""
        known = None if self.code is None else lengths.by_code.get(self.code)
        if known is None:
            return None
        age = known.next_reading(self.seen, spare=self.missed < MOST_MISSED, scarce=scarce)
        return None if age is None else self.began + age

    def read(self, run: Run, at: float, lengths: Lengths, *, aimed: bool) -> tuple["Track", Lengths]:
        """The track and the lengths after a reading that left at the time `at`. `aimed`: it was made for this run."""
        age = max(self.seen, at - self.began)
        stages = run.ordered
        place = self._place(stages)
        if self.code == FIRST and not (stages or run.ended):
            return replace(self, seen=age), lengths
        if self.code is None or place is None or (run.ended and stages[place].status != SUCCESS):
            return self.lost, lengths
        if stages[place].status == SUCCESS:
            # The next stage has begun just now, if it begins by itself.
            behind = [each for each in stages[place + 1 : place + 2] if each.status == RUNNING]
            after = self.begun(behind[0].code, at) if behind else self.lost
            return after, lengths.after(self.code, self.seen, age)
        known = lengths.by_code.get(self.code)
        missed = aimed and known is not None and age >= SOONER * known.low - MARGIN
        return replace(self, seen=age, missed=self.missed + missed), lengths

    def _place(self, stages: tuple[Stage, ...]) -> int | None:
        """The index of the running stage."""
        if self.code == FIRST:
            return 0 if stages else None
        return next((place for place, each in enumerate(stages) if each.code == self.code), None)


def shared(
    aimed: Mapping[RunId, float], usual: Mapping[RunId, float], earliest: float
) -> tuple[float, set[RunId]]:
    """Return when to read next, and which runs are due then: those `aimed` at that time, or all at the `usual` pace.

    A reading waits for those that are aimed at a moment soon after it: one reading shows all runs. Both mappings give a
    time for each run, in monotonic seconds. No reading comes before `earliest`.
    """
    first = max(min((*aimed.values(), *usual.values())), earliest)
    near = SOONEST if any(aim <= first for aim in aimed.values()) else UNHURRIED
    moment = max([first, *(aim for aim in aimed.values() if aim <= first + near)])
    due = {run_id for run_id, aim in aimed.items() if aim <= moment}
    return moment, due | usual.keys() if any(each <= moment for each in usual.values()) else due
