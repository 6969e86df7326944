"""The inputs to copy for a new workflow run: they continue what is open, and do not end where they ended before."""

from dataclasses import replace

import pytest
import yaml
from dataworks_deploy.app.wording import broken_off, left_to_person
from dataworks_deploy.domain.fate import Fate

from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.hosts.github.variables import Variables
from dataworks_deploy.hosts.inputs import Inputs, parse
from dataworks_deploy.hosts.inputs.ids import parse_ids
from dataworks_deploy.render.about import About
from dataworks_deploy.render.summary import summary
from dataworks_deploy.wiring import about_of

from ..witness.markdown import fences
from .leavings import LACKING, continued, left, unstarted, variables


def test_inputs_that_continue_are_ready_to_copy() -> None:
    ((_, text),) = continued(left("1"), left("2", status="Success", outcome=Outcome.SUCCEEDED), left("3"))

    objects, _, runs = text.partition("  run-ids: |\n")
    assert parse_ids(objects.partition("object-ids: |\n")[2]).ids == ("1", "3")
    assert parse_ids(runs).ids == ("run-1", "run-3")


def test_runs_that_were_given_alone_are_continued_alone() -> None:
    ((_, text),) = continued(left("1", alone=True))

    assert "object-ids" not in text
    assert "    run-1\n" in text


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"wait": "false"}, ['wait: "true"']),
        (
            {"run-mode": "Auto", "auto-run-until-stage": "PROD", "wait": "false"},
            ['wait: "true"', 'run-mode: "Normal"', 'auto-run-until-stage: ""'],
        ),
        ({"wait": "true"}, []),
    ],
)
def test_inputs_that_would_be_refused_are_changed(given: dict[str, str], wanted: list[str]) -> None:
    """What was copied is read by the parser again, with the other inputs as they were."""
    inputs = parse(Variables(variables(given)))
    assert isinstance(inputs, Inputs)
    ((_, text),) = fences(
        summary(Report(Verdict.CREATED, (left("1", outcome=Outcome.CREATED),)), about_of(inputs))
    )

    assert [line.strip() for line in text.splitlines() if '"' in line] == wanted
    assert isinstance(
        parse(Variables(variables(given | yaml.load(text, Loader=yaml.BaseLoader)["with"]))), Inputs
    )


@pytest.mark.parametrize("result", [left("1", outcome=Outcome.CREATED), LACKING])
def test_a_goal_that_would_end_the_next_step_again_is_to_be_changed(result: ObjectResult) -> None:
    page = summary(Report(Verdict.FAILED, (result,)), About(until_stage="PRD"))

    assert "as they are, but until-stage: leave it out, or name a later stage that the run has\n" in page


@pytest.mark.parametrize("named", [True, False])
def test_a_re_run_is_said_to_fail_again_for_want_of_the_stage(named: bool) -> None:
    report = Report(Verdict.FAILED, (replace(LACKING, named=named), unstarted("2")))
    page = summary(report, About(until_stage="PRD"))

    assert (
        "with the same inputs, fails again: not every run has the stage of `until-stage`. Change it first."
        in page
    )
    assert "safe" not in page
    assert page.count("# the other inputs as they are, but until-stage:") == 2


def test_so_it_is_where_the_run_was_abolished() -> None:
    """A new one lacks the stage as well."""
    gone = replace(LACKING, fate=Fate.ABOLISHED)
    page = summary(Report(Verdict.FAILED, (gone,)), About(until_stage="PRD"))

    assert "fails again: not every run has the stage of `until-stage`" in page
    assert page.count("# the other inputs as they are, but until-stage:") == 1


def test_a_run_that_an_error_of_our_own_broke_off_does_not_lack_a_stage() -> None:
    broken = replace(LACKING, message=broken_off("run-1"))

    assert "until-stage" not in summary(Report(Verdict.FAILED, (broken,)), About(until_stage="PRD"))


@pytest.mark.parametrize(
    ("because", "advance"),
    [
        ({"waits_because": left_to_person(left("1", own=True))}, "true"),
        ({"waits_because": left_to_person(left("1", attempts=1)), "attempts": 1, "adopted": True}, None),
        ({}, None),
        ({"waits_because": left_to_person(left("1", own=True)), "outcome": Outcome.CANCELLED}, None),
    ],
)
def test_a_run_that_no_stage_was_executed_of_is_continued_with_its_stages(
    because: dict[str, object], advance: str | None
) -> None:
    ((_, text),) = continued(left("1", **{"outcome": Outcome.WAITING, **because}))

    assert yaml.load(text, Loader=yaml.BaseLoader)["with"].get("advance") == advance


def test_runs_of_somebody_else_are_not_advanced_beside_those_that_are_to_be() -> None:
    text = left_to_person(left("1", own=True))
    own = left("1", outcome=Outcome.WAITING, waits_because=text, own=True)
    ((_, block),) = continued(own, left("2", outcome=Outcome.WAITING, adopted=True, attempts=1))

    assert "advance" not in block


def test_a_goal_that_was_not_reached_stays() -> None:
    """Without it the next step would go on into production."""
    assert "but until-stage" not in summary(Report(Verdict.TIMED_OUT, (left("1"),)), About(until_stage="A"))


def test_a_run_that_was_given_and_not_begun_is_continued() -> None:
    ((_, text),) = continued(left("1"), left("2", outcome=Outcome.SKIPPED, status=None))

    assert "    run-2\n" in text


def test_too_many_runs_to_list_are_taken_from_the_outputs() -> None:
    ((_, text),) = continued(*(left(str(number)) for number in range(501)))

    assert "output `results`" in text
    assert "run-1" not in text


@pytest.mark.parametrize(
    "fields",
    [
        {"run_id": None},
        {"fate": Fate.ABOLISHED},
        {"fate": Fate.ENDED},
        {"status": "Fail"},
        {"status": None, "outcome": Outcome.FAILED, "named": True},
        {"outcome": Outcome.UNKNOWN},
    ],
    ids=str,
)
def test_a_run_that_is_not_open_is_not_continued(fields: dict[str, object]) -> None:
    assert all("run-ids" not in text for _, text in continued(left("1", **fields)))


@pytest.mark.parametrize("run_id", ["a\n```", "a b", "x" * 65, ""])
def test_what_the_inputs_would_refuse_is_not_offered(run_id: str) -> None:
    blocks = continued(left("1", run_id=run_id), left("2", run_id="a b"))

    assert all("a b" not in text and "```" not in text and "x" * 65 not in text for _, text in blocks)
    assert "output `results`" in blocks[0][1]
