"""A run that the user names is looked at before it is carried on, and left alone where it is not what it seems."""

from dataclasses import replace
from typing import Any

import pytest
from dataworks_deploy.report.continuing import is_open

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.model import DeployType, Run, RunId, Stage
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from ...simulation.virtual import EPOCH
from .plans import OK, ONE, PLAN, carried_out, done, outcomes, run, run_beside, waits
from .world import LOST, Scripted, page_of, refused, run_of

NOW = int(EPOCH * 1000)
YOUNG, OLD = NOW - 1000, NOW - 3_600_000
OTHERS = [run_of(f"other-{n}", "Success") for n in range(100)]


def ended(at: int) -> list[Any]:
    """Readings of a run that was created then, and that has ended well."""
    return [Ok(run_of("a", "Success", "Success", "Success", "Success", at=at))]


def beside(script: Scripted) -> ObjectResult:
    """What comes of a run that is given with its object."""
    _, (result,) = carried_out(script, run_beside(ONE, "a"))
    return result


def test_one_is_continued() -> None:
    script = Scripted(run=[waits, done])

    _, (result,) = carried_out(script, run("a"))

    assert (result.outcome, result.run_id, result.adopted, result.own) == (
        Outcome.SUCCEEDED,
        "a",
        True,
        False,
    )
    assert (result.named, result.alone, result.attempts) == (True, True, 0)
    assert {*script.service.of("run")} == {("a",)}


def test_a_step_that_is_killed_leaves_word_of_one_that_was_under_way() -> None:
    script = Scripted(run=[done])

    carried_out(script, run("a"))

    left = script.notes.written[0][0]
    assert left.outcome is Outcome.CANCELLED
    assert "run-ids: a" in left.message


def test_one_is_advanced_whoever_created_it() -> None:
    waiting = Ok(run_of("a", "Running", "Success", description="by hand"))
    script = Scripted(run=[waiting, waiting, done], execute=[OK])

    carried_out(script, run("a"))

    assert script.service.of("execute") == [("a", "PROD_CHECK")]


def test_one_of_another_workspace_is_not_touched() -> None:
    script = Scripted(run=[Ok(run_of("a", project_id=20002))])

    _, (result,) = carried_out(script, run("a"))

    assert result.outcome is Outcome.FAILED
    assert "run-ids: a is not a run of workspace 10001" in result.message
    assert len(script.service.calls) == 1


def test_one_of_this_workspace_is() -> None:
    script = Scripted(run=[Ok(run_of("a", "Success", project_id=10001))])

    assert outcomes(carried_out(script, run("a"))[1]) == [Outcome.SUCCEEDED]


@pytest.mark.parametrize(
    ("why", "outcome", "yours"),
    [
        (Refusal.OTHER, Outcome.FAILED, False),
        (Refusal.DENIED, Outcome.FAILED, True),
        (Refusal.EXPIRED, Outcome.TIMED_OUT, True),
        (Refusal.QUOTA_SPENT, Outcome.TIMED_OUT, True),
    ],
)
def test_one_that_is_refused_is_its_own_fault_or_not(why: Refusal, outcome: Outcome, yours: bool) -> None:
    _, (result,) = carried_out(Scripted(run=[refused(why)]), run("a"))

    assert (result.outcome, result.fault) == (outcome, refused(why).fault)
    said = (
        f"Run a cannot be read ({why.name}: no), so its end is not known. It may still be open."
        if yours
        else f"run-ids: a is not a run of workspace 10001 ({why.name}: no)."
    )
    assert result.message == said


def test_one_that_its_object_shows_is_carried_on() -> None:
    script = Scripted(run=ended(OLD), page=[page_of(run_of("a"))])

    assert beside(script).outcome is Outcome.SUCCEEDED
    assert script.service.of("page") == [(ONE, 1)]


def test_one_that_only_a_later_page_shows_is_carried_on() -> None:
    first, second = page_of(*OTHERS, total=101), page_of(run_of("a"), total=101)
    script = Scripted(run=ended(OLD), page=[first, first, second, first, second])

    assert beside(script).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(("at", "seconds"), [(OLD, 0), (YOUNG, 8)])
def test_one_that_its_object_does_not_show_is_left_alone_at_once_unless_it_is_young(
    at: int, seconds: float
) -> None:
    script = Scripted(run=ended(at), page=[page_of(*OTHERS[:1])])

    result = beside(script)

    assert (result.outcome, result.run_id, result.status) == (Outcome.FAILED, "a", None)
    assert "run-ids: a was not found among the runs of object 1" in result.message
    assert seconds <= script.service.times("page")[-1] <= seconds * 2


def test_where_the_step_ends_before_that_is_clear_nothing_was_done() -> None:
    for when, ending in (({"timeout": 5.0}, Outcome.TIMED_OUT), ({"stop": 5.0}, Outcome.CANCELLED)):
        script = Scripted(run=ended(YOUNG), page=[page_of()])

        _, (result,) = carried_out(script, run_beside(ONE, "a"), **when)

        assert result.outcome is ending
        assert (
            "before it was clear whether run a is to be continued: nothing was done with it" in result.message
        )


def test_until_it_is_clear_the_sign_of_life_says_so() -> None:
    script = Scripted(run=ended(YOUNG), page=[page_of()])

    carried_out(script, run_beside(ONE, "a"), policy=replace(PLAN.policy, settle=100.0))

    signs = [text for place, text in script.notes.told if place is None]
    assert signs[0].startswith("still under way: 1 being looked at;")


def test_a_list_that_is_lost_on_the_way_is_read_again_as_the_service_asks() -> None:
    script = Scripted(run=ended(OLD), page=[LOST, refused(Refusal.THROTTLED, 9.0), page_of(run_of("a"))])

    assert beside(script).outcome is Outcome.SUCCEEDED
    assert script.service.times("page") == [0, 0.75, 9.75]


def test_a_list_that_is_lost_until_the_deadline_explains_it() -> None:
    script = Scripted(run=ended(OLD), page=[LOST])

    _, (result,) = carried_out(script, run_beside(ONE, "a"), timeout=30.0)

    assert (result.outcome, result.fault) == (Outcome.TIMED_OUT, LOST.fault)
    assert f"The last {result.unread} readings failed" in result.message
    assert script.notes.told[0] == (
        ONE,
        f"reading the list of runs failed ({LOST.fault.message}), trying again",
    )


@pytest.mark.parametrize("later", [page_of(), page_of(run_of("a"))])
def test_one_that_may_only_be_missing_is_told_at_once_and_once(later: Any) -> None:
    script = Scripted(run=ended(NOW), page=[page_of(), page_of(), later])

    beside(script)

    assert [note for note in script.notes.told if "not among" in note[1]] == [
        (ONE, "run a is not among the runs of object 1 yet, looking again for 8 s")
    ]


@pytest.mark.parametrize(
    ("why", "outcome"),
    [(Refusal.OTHER, Outcome.FAILED), (Refusal.DENIED, Outcome.FAILED), (Refusal.EXPIRED, Outcome.TIMED_OUT)],
)
def test_where_the_list_is_refused_nothing_is_done(why: Refusal, outcome: Outcome) -> None:
    waiting = Ok(run_of("a", "Running", "Success"))
    script = Scripted(run=[waiting], page=[refused(why)], execute=[OK])

    result = beside(script)

    assert (result.outcome, result.fault) == (outcome, refused(why).fault)
    assert [name for _, name, _ in script.service.calls] == ["run", "page"]
    assert is_open(result), "it was read, and may go on"
    assert result.message.startswith(
        "Nothing was done with run a, because the runs of object 1 cannot be read"
    )


@pytest.mark.parametrize(
    ("kinds", "wanted", "good"),
    [
        (("Build", "Deploy"), DeployType.ONLINE, True),
        (("Build", "Deploy"), DeployType.OFFLINE, False),
        (("Check", "Offline"), DeployType.OFFLINE, True),
        (("Check", "Offline"), DeployType.ONLINE, False),
        (("Check", "Delete"), DeployType.ONLINE, True),
        (("Check", "Delete"), DeployType.OFFLINE, True),
        ((), DeployType.OFFLINE, True),
    ],
)
def test_one_of_the_other_type_is_left_alone(kinds: tuple[str, ...], wanted: DeployType, good: bool) -> None:
    stages = tuple(Stage(kind.upper(), kind, step, kind, "Success") for step, kind in enumerate(kinds))
    script = Scripted(run=[Ok(Run(run("a").what, "Success", stages=stages))])  # type: ignore[arg-type]

    _, (result,) = carried_out(script, run("a"), type=wanted)

    assert result.outcome is (Outcome.SUCCEEDED if good else Outcome.FAILED)
    assert good or f"has not the stages of type: {wanted}, but" in result.message


OFFLINE = tuple(
    Stage(kind.upper(), kind, step, kind, "Init") for step, kind in enumerate(("Check", "Offline"))
)


def test_one_that_shows_its_type_only_when_it_comes_to_that_is_left_then() -> None:
    name, (check, offline) = RunId("a"), OFFLINE
    done = replace(check, status="Success")
    shown = [Ok(Run(name, "Running", stages=stages)) for stages in ((check,), (check,), (done, offline))]
    script = Scripted(run=shown, execute=[OK])

    _, (result,) = carried_out(script, run("a"))

    assert result.outcome is Outcome.FAILED
    assert result.message.startswith("Run a has not the stages of type: Online, but CHECK (Check), OFFLINE")
    assert script.service.of("execute") == [("a", "CHECK")]


def test_a_dry_run_does_not_wait_for_the_stages_of_one() -> None:
    script = Scripted(run=[Ok(Run(RunId("a"), "Init"))], page=[page_of()])

    _, (result,) = carried_out(script, run("a"), dry_run=True)

    assert result.outcome is Outcome.PLANNED
    assert result.message == (
        "Would continue run a, which is Init. It shows no stages yet, so whether it is of this type is not known."
    )
    assert len(script.service.of("run")) == 1


@pytest.mark.parametrize("plan", [{}, {"wait": False}])
def test_one_that_shows_no_stages_yet_is_read_until_its_type_is_known(plan: dict[str, Any]) -> None:
    name = RunId("a")
    young, shown = Ok(Run(name, "Init")), Ok(Run(name, "Running", stages=OFFLINE))
    script = Scripted(run=[young, LOST, young, shown], page=[page_of()], execute=[OK])

    _, (result,) = carried_out(script, run("a"), **plan)

    assert (result.outcome, result.status) == (Outcome.FAILED, None)
    assert "has not the stages of type: Online, but CHECK (Check), OFFLINE (Offline)" in result.message
    assert script.service.of("execute") == []
    assert [note for note in script.notes.told if "no stages" in note[1]] == [
        ("a", "run a shows no stages yet, and so not its type: reading on")
    ]


def test_one_that_never_shows_its_stages_is_left_alone_at_the_deadline() -> None:
    script = Scripted(run=[Ok(Run(RunId("a"), "Init"))])

    _, (result,) = carried_out(script, run("a"), timeout=30.0)

    assert result.outcome is Outcome.TIMED_OUT
    assert "before it was clear whether run a is to be continued: nothing was done with it" in result.message


def test_one_of_another_workspace_is_not_read_on() -> None:
    script = Scripted(run=[Ok(Run(RunId("a"), "Init", project_id=20002))])

    _, (result,) = carried_out(script, run("a"))

    assert "is not a run of workspace 10001" in result.message
    assert len(script.service.calls) == 1
