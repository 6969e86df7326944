"""I1 to I18, checked after every schedule on the service's own log, the outputs and the log lines."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from ..integration.job import KEY
from ..witness.command_files import parse
from ..witness.secrets import spellings
from .actor import Attempt
from .afterwards import check_afterwards
from .agree import check_outputs
from .asked import INSTANT, POST_SECONDS, check_asked
from .chosen import check_chosen
from .doubles import check_families
from .ends import check_ends
from .facts import Facts
from .intents import check_marks
from .mentions import check_mentions
from .operations import WRITES
from .order import check_order
from .outputs import Results, read_results
from .overtaken import check_overtaken
from .play import History, objects_of
from .schedule import Schedule
from .touched import check_foreign, check_touched
from .unchanged import check_unchanged
from .whose import check_whose

MOST_POST_CALLS = 40  # for each object
READS_A_SECOND, WRITES_A_SECOND = 50, 20
AFTER_DEADLINE, AFTER_STOP = 10.0, 5.0


@dataclass
class Verdict:
    """The verdict of the judges on one schedule."""

    broken: list[tuple[str, str]] = field(default_factory=list)
    beyond: Counter[str] = field(default_factory=Counter)

    @property
    def names(self) -> set[str]:
        """The broken invariants."""
        return {name for name, _ in self.broken}


def judge(history: History, facts: Facts | None = None) -> Verdict:
    """Check a history against all invariants. Its facts can be given if they exist already."""
    facts, verdict = facts or Facts(history), Verdict()
    for text in check_families(facts, verdict.beyond):
        verdict.broken.append(text)
    verdict.broken += check_marks(facts)
    for attempt in history.attempts:
        results = read_results(attempt, verdict.broken)
        for check in CHECKS:
            verdict.broken += check(facts, attempt, results)
    verdict.broken += check_foreign(facts)
    if history.schedule == Schedule(history.schedule.seed, history.schedule.objects):
        verdict.broken += calm(history)
    return verdict


Found = Iterator[tuple[str, str]]


def check_calls(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """Check I8: the calls stay within the rates of every edition, are not too many, and are all counted."""
    given = facts.given(attempt)
    for sents in (attempt.sent, attempt.post_sent):
        for writes, most in ((False, READS_A_SECOND), (True, WRITES_A_SECOND)):
            moments = [sent.at for sent in sents if (sent.action in WRITES) is writes]
            if any(last - first < 1.0 for first, last in zip(moments, moments[most:], strict=False)):
                yield "I8", f"{attempt.caller}: more than {most} calls within a second"
    # Reading the objects of the lines costs as much as one object.
    objects = max(len(given.objects), len(results)) + bool(given.lines)
    if len(attempt.post_sent) > MOST_POST_CALLS * objects:
        yield "I8", f"{attempt.caller}: {len(attempt.post_sent)} calls in the post step"
    seconds = (attempt.ended or attempt.began) - attempt.began
    # A stage that is throttled all the time is tried again beside the readings that poll-seconds asks for.
    polls = seconds / given.poll_seconds if given.poll_seconds else 0.0
    if len(attempt.sent) > objects * (200 + seconds / 10 + polls):
        yield "I8", f"{attempt.caller}: {len(attempt.sent)} calls in {seconds:.0f} s for {objects} objects"
    if attempt.status is not None:
        counted = int(parse(attempt.runner.output_file)["api-calls"])
        if counted != len(attempt.sent):
            yield "I8", f"{attempt.caller} counts {counted} calls of {len(attempt.sent)}"


def check_time(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """Check I9: the step ends at most ten seconds after the deadline, and five seconds after a stop."""
    del results
    if attempt.ended is None:
        yield "I9", f"{attempt.caller} never ends"
        return
    if attempt.ended - attempt.began > facts.given(attempt).timeout_seconds + AFTER_DEADLINE:
        yield "I9", f"{attempt.caller} ends {attempt.ended - attempt.began:.0f} s after its start"
    if attempt.stopped is not None and attempt.ended - attempt.stopped > AFTER_STOP:
        yield "I9", f"{attempt.caller} ends {attempt.ended - attempt.stopped:.1f} s after it was told to stop"
    if attempt.post_began is not None:
        seconds = (math.inf if attempt.post_ended is None else attempt.post_ended) - attempt.post_began
        if seconds > POST_SECONDS + INSTANT:
            yield "I9", f"the post step of {attempt.caller} takes {seconds:.0f} s"


def check_streams(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """Check I5: no spelling of a secret gets out, not even from the post step. And no internal error happened."""
    del facts, results
    lines = "\n".join(attempt.runner.lines)
    left = (
        (each.output_file, each.summary_text, each.state) for each in (attempt.runner, attempt.post_runner)
    )
    shown = "\n".join([lines, *(str(text) for texts in left for text in texts)])
    found = [form for form in _forms() if form in shown]
    if found:
        yield "I5", f"{attempt.caller} shows {found}"
    if "Internal error" in lines:
        yield "I9", f"{attempt.caller}: internal error"


@cache
def _forms() -> tuple[str, ...]:
    return tuple(form for secret in (KEY.secret, KEY.token) for form in spellings(secret))


def calm(history: History) -> Found:
    """Check that everything succeeds in a schedule without faults."""
    for attempt in history.attempts:
        for result in read_results(attempt, []):
            if result["outcome"] != "succeeded":
                yield "calm", f"{result['object_id']} is {result['outcome']}"
    if len(list(history.service.runs)) != len(objects_of(history.schedule)):
        yield "calm", "not one run for each object"


CHECKS = (
    check_outputs,
    check_mentions,
    check_ends,
    check_whose,
    check_touched,
    check_overtaken,
    check_afterwards,
    check_asked,
    check_calls,
    check_time,
    check_streams,
    check_order,
    check_chosen,
    check_unchanged,
)
