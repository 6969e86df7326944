"""I1 to I10 on the service's own log, the outputs and the log lines: every one checked after every schedule."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..e2e.command_files import parse
from ..integration.job import KEY
from ..witness.secrets import spellings
from .actor import Attempt
from .doubles import check_families, marked
from .facts import GOOD_END, Fact, Facts
from .outputs import Results, read_results
from .play import History, objects_of

WRITES = {"CreatePipelineRun", "ExecPipelineRunStage", "AbolishPipelineRun"}
READS_A_SECOND, WRITES_A_SECOND = 50, 20
AFTER_DEADLINE, AFTER_STOP, POST_SECONDS = 10.0, 5.0, 61.0
FAILED = {"failed", "terminated", "cancelled"}


@dataclass
class Verdict:
    """What the judges say of one schedule."""

    broken: list[tuple[str, str]] = field(default_factory=list)
    beyond: Counter[str] = field(default_factory=Counter)

    @property
    def names(self) -> set[str]:
        """The broken invariants."""
        return {name for name, _ in self.broken}


def judge(history: History) -> Verdict:
    """Hold a history against all invariants."""
    facts, verdict = Facts(history), Verdict()
    for text in check_families(facts, verdict.beyond):
        verdict.broken.append(text)
    for attempt in history.attempts:
        results = read_results(attempt, verdict.broken)
        for check in (check_objects, check_calls, check_time, check_streams):
            verdict.broken += check(facts, attempt, results)
    verdict.broken += check_foreign(facts)
    return verdict


Found = Iterator[tuple[str, str]]


def check_objects(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """I3, I4 and I10, object by object."""
    ended = attempt.ended if attempt.ended is not None else facts.history.time.now
    shown = " ".join(result["message"] for result in results).replace(",", " ").replace(".", " ")
    for result in results:
        object_id, outcome, run = result["object_id"], result["outcome"], facts.runs.get(result["run_id"])
        for each in facts.runs.values():
            mine = each.post and each.who == attempt.caller and each.object_id == object_id and each.mark
            named = each.id in {result["run_id"], *shown.split()} or (
                each.mark and marked(each.mark) in shown
            )
            silent = mine and not named and outcome not in {"unknown", "conflict"}
            if silent and each.at <= ended and each.id not in facts.excused:
                yield "I3", f"{attempt.caller} says {outcome} of {object_id}, and nothing of {each.id}"
        status = run.status(ended) if run else "none"
        if outcome == "succeeded" and status != GOOD_END:
            yield "I4", f"{attempt.caller} says succeeded of {object_id}, and the service {status}"
        if outcome == "succeeded" and run and object_id not in {None, run.object_id}:
            yield "I4", f"{attempt.caller} says succeeded of {object_id} for a run of {run.object_id}"
        if outcome in FAILED and result["finished_at"] and _claims(result) and status == GOOD_END:
            yield "I4", f"{attempt.caller} says {outcome} of {object_id}, and the service {status}"
        if outcome == "unknown" and not _was_unclear(attempt, object_id):
            yield "I10", f"{attempt.caller} says unknown of {object_id} without reason"


def _claims(result: dict[str, Any]) -> bool:
    """Whether a result says how the run ended: then it must have been read."""
    return result["status"] in {"Fail", "Termination", "Cancel"}


def _was_unclear(attempt: Attempt, object_id: str) -> bool:
    """Whether a creation was sent of which nobody could tell the end."""
    return any(
        sent.ending is None
        or type(sent.ending).__name__ == "Unclear"
        or (type(sent.ending).__name__ == "Refused" and sent.ending.why.name == "NONCE_USED")
        for sent in attempt.sent
        if sent.action == "CreatePipelineRun" and sent.object_id == object_id
    )


def check_calls(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """I8: within the rates that every edition allows, no more calls than patience needs, and each one counted."""
    del facts, results
    for writes, most in ((False, READS_A_SECOND), (True, WRITES_A_SECOND)):
        moments = [sent.at for sent in attempt.sent if (sent.action in WRITES) is writes]
        if any(last - first < 1.0 for first, last in zip(moments, moments[most:], strict=False)):
            yield "I8", f"{attempt.caller}: more than {most} calls within a second"
    seconds, objects = (attempt.ended or attempt.began) - attempt.began, len(attempt.objects)
    if len(attempt.sent) > objects * (150 + seconds / (attempt.inputs.follow.poll_seconds or 10)):
        yield "I8", f"{attempt.caller}: {len(attempt.sent)} calls in {seconds:.0f} s for {objects} objects"
    if attempt.status is not None:
        counted = int(parse(attempt.runner.output_file)["api-calls"])
        if counted != len(attempt.sent):
            yield "I8", f"{attempt.caller} counts {counted} calls of {len(attempt.sent)}"


def check_time(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """I9: the step ends, within the deadline and ten seconds, and within five of being told to stop."""
    del facts, results
    if attempt.ended is None:
        yield "I9", f"{attempt.caller} never ends"
        return
    if attempt.ended - attempt.began > attempt.inputs.timeout_seconds + AFTER_DEADLINE:
        yield "I9", f"{attempt.caller} ends {attempt.ended - attempt.began:.0f} s after its start"
    if attempt.stopped is not None and attempt.ended - attempt.stopped > AFTER_STOP:
        yield "I9", f"{attempt.caller} ends {attempt.ended - attempt.stopped:.1f} s after it was told to stop"
    if attempt.post_began is not None:
        seconds = (attempt.post_ended or 1e9) - attempt.post_began
        if seconds > POST_SECONDS:
            yield "I9", f"the post step of {attempt.caller} takes {seconds:.0f} s"


def check_streams(facts: Facts, attempt: Attempt, results: Results) -> Found:
    """I5: no secret, in no spelling. And nothing went wrong inside."""
    del facts, results
    lines = "\n".join(attempt.runner.lines)
    shown = f"{lines}\n{attempt.runner.output_file}\n{attempt.runner.summary_text}"
    found = [form for form in _forms() if form in shown]
    if found:
        yield "I5", f"{attempt.caller} shows {found}"
    if "Internal error" in lines:
        yield "I9", f"{attempt.caller}: internal error"


@cache
def _forms() -> tuple[str, ...]:
    return tuple(form for secret in (KEY.secret, KEY.token) for form in spellings(secret))


def check_foreign(facts: Facts) -> Found:
    """I7: what a step executes or abolishes is a run of its own job, and what is named is only executed."""
    for run in facts.runs.values():
        for who, what in _touched(run):
            step, owner = facts.step_of(who), facts.step_of(run.who)
            if step and run.id in step.named:
                good = what == "executed" and step.named[run.id] in {None, run.object_id}
            else:
                good = step is None or (owner is not None and owner.job == step.job)
            if not good:
                yield "I7", f"{who} {what} run {run.id} of {run.who}"


def _touched(run: Fact) -> Iterator[tuple[str, str]]:
    yield from ((who, "executed") for _, _, who in run.executed)
    yield from ((who, "abolished") for _, who in run.abolished)


def calm(history: History) -> Found:
    """Where nothing was arranged to go wrong everything succeeds."""
    for attempt in history.attempts:
        for result in read_results(attempt, []):
            if result["outcome"] != "succeeded":
                yield "calm", f"{result['object_id']} is {result['outcome']}"
    if len(list(history.service.runs)) != len(objects_of(history.schedule)):
        yield "calm", "not one run for each object"
