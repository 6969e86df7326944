"""A schedule that was played and judged. If that raises an error, the schedule counts as broken too."""

import traceback
from dataclasses import dataclass

from dataworks_deploy.engine.deploy import Deployment

from .cells import hit
from .facts import Facts
from .invariants import Verdict, judge
from .play import History, play
from .scenes import played
from .schedule import Schedule
from .story import arranged, story


@dataclass
class Trial:
    """The result of one schedule, without a history if it could not be played to its end.

    `cells` are the cells that it has hit, if it could be judged.
    """

    schedule: Schedule
    history: History | None
    verdict: Verdict
    cells: frozenset[tuple[str, str]] = frozenset()

    @property
    def names(self) -> set[str]:
        """The broken invariants, or the type of the error."""
        return self.verdict.names

    def told(self) -> str:
        """The verdict, and the story if there is one."""
        lines = [f"{name} {text}" for name, text in self.verdict.broken] or ["no invariant is broken"]
        return "\n".join([*lines, "", story(self.history) if self.history else arranged(self.schedule)])


def trial_of(schedule: Schedule, deployment: type[Deployment] = Deployment) -> Trial:
    """Play a schedule and judge it."""
    history = None
    try:
        history = play(schedule, deployment)
        facts = Facts(history)
        return Trial(schedule, history, judge(history, facts), frozenset((*hit(history), *played(facts))))
    except Exception as error:  # noqa: BLE001 - one schedule among a million must not stop the others
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{error} ({place.filename.rpartition('/')[2]}:{place.lineno} {place.name})"
        return Trial(schedule, history, Verdict([(type(error).__name__, text)]))
