"""Client and service as a machine that is played by rules: after each of them what is promised holds.

Where the drawn schedules are told everything beforehand, here each rule is chosen knowing the ones before it, and
a failure is cut to the fewest rules. For more of it, `--hypothesis-profile long --timeout 0`.
"""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dataworks_deploy.app.deploy import Deployment
from dataworks_emulator.service import Service
from dataworks_emulator.settings import Failure, Settings

from ..witness.command_files import parse
from .actor import Actor, Attempt, Scene, inputs_of
from .doubles import marked
from .facts import Facts
from .invariants import judge
from .naive import BlindRetry
from .operations import CREATE, EXECUTE, LIST
from .outputs import read_results
from .people import carry_out
from .play import DRAIN, POST_ROOM, History, environment, objects_of
from .schedule import Deed, Job, Schedule, Step
from .virtual import Time

# Refused, lost with or without its effect, or held up for longer than anybody looks for it.
GONE = ("drop", "reset", "truncate", "html:502", "status:500", "json:{}")
WRONG = st.sampled_from(
    [
        "throttle",
        "error:NoPermission",
        "delay:90",
        "late:60",
        "late:5",
        *GONE,
        *(f"commit+{each}" for each in GONE),
    ]
)
UNREADABLE = st.sampled_from(['json:{"PagingInfo":null}', "short-page", "stale", "drop", "throttle"])
SECONDS = st.sampled_from([0.01, 0.1, 1.0, 3.0, 9.0, 30.0, 70.0, 400.0])


class _ItIsTime(Exception):  # noqa: N818 - nothing is wrong
    """So much time has passed."""


class Deploying(RuleBasedStateMachine):
    """One job with its attempts, one after the other, the people, and the service."""

    deployment: type[Deployment] = Deployment

    @initialize(
        objects=st.integers(1, 3),
        parallel=st.integers(1, 3),
        approval=st.booleans(),
        fails=st.booleans(),
        seconds=st.sampled_from([0.5, 5.0, 40.0]),
        rerun=st.sampled_from(["resume", "redeploy"]),
        active=st.sampled_from(["fail", "adopt", "ignore"]),
        first=st.none() | WRONG,
    )
    def begin(
        self,
        objects: int,
        parallel: int,
        approval: bool,
        fails: bool,
        seconds: float,
        rerun: str,
        active: str,
        first: str | None,
    ) -> None:
        """A service where runs take so long, and a job."""
        failures = (Failure("*", "PROD_CHECK", "no such table"),) if fails else ()
        given = (("approval", approval), ("failures", failures), ("stage_seconds", seconds))
        inputs = (
            ("max-parallel", str(parallel)), ("timeout-minutes", "10"), ("settle-seconds", "20"),
            ("on-rerun", rerun), ("on-active-run", active), ("fail-fast", "false"),
        )  # fmt: skip
        self.schedule = Schedule(1, objects, settings=given, inputs=inputs)
        self.time, rng = Time(), random.Random(1)
        options = replace(Settings(), **dict(given))  # type: ignore[arg-type]
        self.service = Service(options, self.time.epoch, rng)
        self.scene = Scene(self.schedule, self.service, self.time, rng, self.deployment)
        self.history = History(self.schedule, self.service, self.time, self.deployment)
        if first:
            self._next(CREATE, first)
        self._start()

    def _start(self) -> None:
        step, number = Step(post=True), len(self.history.attempts) + 1
        variables = environment(self.schedule, Job(0, ()), step, number)
        attempt = Attempt(0, number, 0, step, inputs_of(variables), self.time.now)
        self.history.attempts.append(attempt)
        self.actor = Actor(self.scene, attempt, variables, lambda: None)
        self.actor.start()
        self.time.settle()

    @property
    def live(self) -> bool:
        """Whether a step is under way."""
        return self.history.attempts[-1].ended is None

    def _next(self, action: str, spec: str) -> None:
        self.service.schedule.add(f"{action}:{self.service._calls[action] + 1}:{spec}")

    @rule(fault=WRONG)
    def the_next_creation_goes_wrong(self, fault: str) -> None:
        self._next(CREATE, fault)

    @rule(seconds=st.sampled_from([1, 15, 60]))
    def the_next_run_is_not_listed_for_a_while(self, seconds: int) -> None:
        self._next(CREATE, f"lag:{seconds}")

    @rule(fault=UNREADABLE)
    def the_next_list_says_little(self, fault: str) -> None:
        self._next(LIST, fault)

    @rule(fault=WRONG)
    def the_next_execution_goes_wrong(self, fault: str) -> None:
        self._next(EXECUTE, fault)

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        def over() -> None:
            raise _ItIsTime

        self.time.at(self.time.now + seconds, over)
        try:
            self.time.run()
        except _ItIsTime:
            self.time.settle()

    @rule(
        what=st.sampled_from(["deploy", "leave", "quote", "approve", "execute", "terminate", "cancel"]),
        place=st.integers(0, 2),
        run=st.integers(0, 3),
    )
    def a_person_acts(self, what: str, place: int, run: int) -> None:
        carry_out(self.service, Deed(0.0, what, place, run), objects_of(self.schedule), self.time)

    @precondition(lambda self: self.live)
    @rule()
    def the_step_is_killed(self) -> None:
        self.actor._die()

    @precondition(lambda self: self.live)
    @rule()
    def the_step_is_stopped(self) -> None:
        self.actor._stop()

    @precondition(lambda self: not self.live and len(self.history.attempts) < 4)
    @rule()
    def the_job_is_run_again(self) -> None:
        self._pass(POST_ROOM)
        self._start()

    @invariant()
    def one_run_for_a_mark_and_one_execution_of_a_stage(self) -> None:
        """I1 and I2, where the gateway fences nonces and lists lag by what they are allowed to."""
        facts = Facts(self.history)
        marks = Counter(run.mark for run in facts.runs.values() if run.mark)
        assert [mark for mark, runs in marks.items() if runs > 1] == []
        stages = Counter((event["run_id"], event["stage"]) for event in facts.of("stage_executed"))
        assert [stage for stage, times in stages.items() if times > 1] == []

    @invariant()
    def nobody_elses_run_is_touched(self) -> None:
        """I7."""
        facts = Facts(self.history)
        foreign = {run.id for run in facts.runs.values() if not run.mark}
        for event in [*facts.of("stage_executed"), *facts.of("abolished")]:
            assert event["who"] == "console" or event["run_id"] not in foreign

    @invariant()
    def the_outputs_are_whole_and_name_every_run(self) -> None:
        """I3, I4 and I6: also if the step were killed right now."""
        facts = Facts(self.history)
        for attempt in self.history.attempts:
            broken: list[tuple[str, str]] = []
            results = read_results(attempt, broken)
            assert broken == []
            known = " ".join(map(str, parse(attempt.runner.output_file).values()))
            doubtful = {each["object_id"] for each in results if each["outcome"] in {"unknown", "conflict"}}
            for run in facts.runs.values():
                if run.who == attempt.caller and run.post and run.mark and run.object_id not in doubtful:
                    assert run.id in known or marked(run.mark) in known
            for each in results:
                if each["outcome"] == "succeeded":
                    assert facts.runs[each["run_id"]].status(self.time.now) == "Success"

    def teardown(self) -> None:
        """All that is under way comes to its end, and all judges look at it."""
        if not hasattr(self, "time"):
            return
        self.time.run()
        self.time.now += DRAIN
        self.service.settle()
        for loop in self.scene.loops:
            loop.bury()
        assert judge(self.history).broken == []


EXAMPLES = settings().max_examples
TestDeploying = Deploying.TestCase
TestDeploying.settings = settings(max_examples=EXAMPLES // 2, stateful_step_count=25)


class Retrying(Deploying):
    """The same rules, and a creation whose answer is lost is sent again."""

    deployment = BlindRetry


def test_the_games_find_a_policy_out_that_only_looks_reasonable() -> None:
    games = settings(
        TestDeploying.settings, max_examples=50, phases=[Phase.generate], report_multiple_bugs=False
    )

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Retrying, settings=games)
