"""Selected objects are deployed in the order of their graph: each after everything that it needs has succeeded."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.advance import Goal
from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.event import LeftBehind
from dataworks_deploy.domain.model import (
    CreatePipelineRun,
    DeployType,
    GetPipelineRun,
    ListPipelineRuns,
    Order,
    Run,
    RunId,
)
from dataworks_deploy.domain.outcome import End, Outcome, Verdict
from dataworks_deploy.domain.reason import AnotherFailed, BegunBefore, NeedsFailed, NeedsOpen, NotStarted
from dataworks_deploy.domain.reconcile import Mark, describe, intent_of, owner_of
from dataworks_deploy.domain.record import Record, concluded
from dataworks_deploy.domain.studio.catalog import Content
from dataworks_deploy.domain.studio.operations import Shown
from dataworks_deploy.domain.studio.plan import Action, Behind, WouldFail
from dataworks_deploy.domain.studio.selection import NotHere

from .assigned import ASSIGNMENT, RERUN, carried_out, creation, deployed, outcomes
from .studio import Studio, an, number, numbers, studio, wanted
from .world import LOST, Scripted, page_of, refused, run_of

# 1 → 2 → 4, and 3 beside them.
DIAMOND = studio(an(1), an(2, 1), an(3), an(4, 2))
ALL = (4, 3, 2, 1)


def running(studio_: Studio, *failing: int, seconds: int = 1, **answers: Sequence[Any]) -> Scripted:
    """A world where each object's run, named by the object, takes so many readings, and these runs fail."""
    seen: dict[str, int] = {}

    def reading(operation: GetPipelineRun) -> Any:
        seen[operation.run_id] = seen.get(operation.run_id, 0) + 1
        if seen[operation.run_id] <= seconds:
            return Ok(run_of(operation.run_id, "Running", "Running"))
        fails = operation.run_id in {str(number(each)) for each in failing}
        return Ok(run_of(operation.run_id, *(["Fail", "Fail"] if fails else ["Success"] * 4)))

    def create(operation: CreatePipelineRun) -> Any:
        return Ok(RunId(operation.creation.object_id), "R")

    usual: dict[str, Sequence[Any]] = {"create": [create], "run": [reading]}
    return studio_.script(**{**usual, **answers})


def created(script: Scripted) -> list[int]:
    """The objects created, in order."""
    return numbers(each.creation.object_id for each in script.service.of("create"))


def by_number(records: Sequence[Record]) -> dict[int, Record]:
    """The records by the numbers of their objects."""
    return dict(zip(numbers(each.object_id for each in records), records, strict=True))


def marked(place: int, status: str = "Running", name: str = "") -> Run:
    """A run of the job on this object."""
    mark = Mark(intent_of(ASSIGNMENT.origin, ASSIGNMENT.creation.of(number(place))), 1)
    return run_of(name or f"r{place}", status, description=describe(mark, ""))


class TestWhatEarlierAttemptsHaveLeft:
    """A re-run selects again, and reports open runs whose objects it does not select any more."""

    def left(self, *runs: Run, **answers: Sequence[Any]) -> list[tuple[int, RunId]]:
        usual: dict[str, Any] = {"page": [page_of(*runs)]}
        script = running(DIAMOND, **(usual | answers))
        deployed(script, wanted("n1\nn2"), policy=RERUN, dry_run=True)
        events = [event for _, event in script.notes.warned if isinstance(event, LeftBehind)]
        return [(numbers([event.object.id])[0], event.run.id) for event in events]

    def test_runs_of_objects_that_are_not_selected_any_more_are_named(self) -> None:
        assert self.left(marked(1), marked(4), run_of("somebody's")) == []
        lines = {"nodes": [Ok(Shown((an(1), an(2), an(4)), 3, 100))]}
        assert self.left(marked(1), marked(4), run_of("somebody's"), **lines) == [(4, "r4")]
        twin = replace(marked(4), id=RunId("twin"))
        assert self.left(marked(4), twin, marked(4, "Success"), **lines) == [(4, "r4"), (4, "twin")]

    def test_ended_runs_are_not_named(self) -> None:
        lines = {"nodes": [Ok(Shown((an(1), an(2), an(4)), 3, 100))]}
        assert self.left(marked(4, "Success"), **lines) == []

    @pytest.mark.parametrize(("failures", "named"), [(1, [(4, "r4")]), (2, [(4, "r4")]), (3, [])])
    def test_the_list_is_read_three_times_at_most(self, failures: int, named: list[tuple[int, str]]) -> None:
        lines: dict[str, Any] = {"nodes": [Ok(Shown((an(1), an(2), an(4)), 3, 100))]}
        pages = [*[LOST] * failures, page_of(marked(4))]
        assert self.left(**lines, page=pages) == named


class TestRunsOfDeletedObjects:
    def test_a_run_of_this_job_is_named_even_if_the_selection_never_ends(self) -> None:
        script = running(DIAMOND, page=[page_of(marked(9))], resources=[LOST])

        _, records, _ = deployed(script, wanted("x", 9), timeout=0.5)

        (record,) = records
        assert (record.outcome, record.notes) == (
            Outcome.SKIPPED,
            (BegunBefore((RunId("r9"),), RunId("r9")),),
        )

    def test_a_run_of_an_object_that_a_line_selects_is_named_when_the_object_is_selected(self) -> None:
        script = running(DIAMOND, 1, page=[page_of(marked(9))])

        _, records, _ = deployed(script, wanted(f"n1\n{number(9)}"))

        assert by_number(records)[9].notes == (BegunBefore((RunId("r9"),), RunId("r9")),)


class TestOnlyWhatHasChanged:
    """An object that production already holds is not deployed, and no object waits for it."""

    def script(self, *begun: Run, failing: int = 0) -> Scripted:
        """The second object is unchanged, and these are runs of the third one."""
        contents = (replace(each, content=Content("C" * 16, 1)) for each in DIAMOND.objects)

        def page(operation: ListPipelineRuns) -> Any:
            owner = owner_of(ASSIGNMENT.origin.repository_id, ASSIGNMENT.creation.project_id)
            mark = Mark("B" * 26, 1, owner, "C" * 16)
            done = replace(
                run_of("d", *["Success"] * 4, description=str(mark), at=10_000), modified_ms=11_000
            )
            return page_of(*{number(2): (done,), number(3): begun}.get(operation.object_id or number(1), ()))

        return running(studio(*contents), failing, page=[page])

    def test_no_object_waits_for_an_unchanged_one(self) -> None:
        script = self.script(failing=1)

        _, records, _ = deployed(script, wanted("", *ALL, only_changed=True), fail_fast=False)

        ended = {place: each.outcome for place, each in by_number(records).items()}
        assert ended == {
            1: Outcome.FAILED,
            2: Outcome.UNCHANGED,
            3: Outcome.SUCCEEDED,
            4: Outcome.SUCCEEDED,
        }
        assert {*created(script)} == {1, 3, 4}
        ((plan, _),) = script.notes.plans
        assert plan.counts == {Action.DEPLOY: 3, Action.SKIP: 1, Action.BLOCKED: 0}

    def test_runs_of_a_copy_of_the_job_are_named_whatever_happens(self) -> None:
        begun = marked(3, name="copy"), marked(3, "Fail", name="over")
        script = self.script(*begun, failing=1)

        _, records, _ = deployed(script, wanted("", 1, 3, only_changed=True), max_parallel=1)

        assert by_number(records)[3].notes == (BegunBefore((RunId("copy"),), RunId("copy")),)
        assert by_number(records)[3].outcome is Outcome.SKIPPED

    def test_they_are_named_at_once_even_if_the_comparison_of_another_object_never_ends(self) -> None:
        script = self.script(marked(3, name="copy"))
        (usual,) = script.service.answers["page"]
        script.service.answers["page"] = [lambda each: LOST if each.object_id == number(1) else usual(each)]

        _, records, _ = deployed(script, wanted("dw/**", only_changed=True), timeout=0.5)

        ended = by_number(records)
        assert {each.outcome for each in records} == {Outcome.SKIPPED}
        assert ended[3].notes == (BegunBefore((RunId("copy"),), RunId("copy")),)
        assert any(each.notes for written in script.notes.written for each in written), "a kill loses nothing"


class TestADryRun:
    """Every problem is found, and the plan says what it blocks."""

    def refusing(self, *numbers: int) -> Scripted:
        """A world where the runs of these objects cannot be read."""
        ids = {number(each) for each in numbers}

        def page(operation: ListPipelineRuns) -> Any:
            return refused(Refusal.DENIED) if operation.object_id in ids else page_of()

        return running(DIAMOND, page=[page])

    @pytest.mark.parametrize("fail_fast", [True, False])
    def test_an_object_that_would_fail_blocks_what_needs_it_but_all_are_checked(
        self, fail_fast: bool
    ) -> None:
        script = self.refusing(1, 3)

        end, records, _ = deployed(
            script, wanted("", *ALL), dry_run=True, fail_fast=fail_fast, max_parallel=1
        )

        assert end is End.FAILURE
        assert {each: record.outcome for each, record in by_number(records).items()} == {
            1: Outcome.REJECTED,
            2: Outcome.SKIPPED,
            3: Outcome.REJECTED,
            4: Outcome.SKIPPED,
        }
        (plan,) = script.notes.previews
        assert [(*numbers([each.object.id]), each.action, each.why) for each in plan.objects] == [
            (4, Action.BLOCKED, Behind(number(1))),
            (3, Action.BLOCKED, WouldFail()),
            (2, Action.BLOCKED, Behind(number(1))),
            (1, Action.BLOCKED, WouldFail()),
        ]
        assert created(script) == []

    def test_objects_not_checked_in_time_are_not_blocked(self) -> None:
        script = running(DIAMOND, page=[LOST])

        _, records, _ = deployed(script, wanted("", *ALL), dry_run=True, timeout=0.5)

        assert {record.outcome for record in records} == {Outcome.TIMED_OUT, Outcome.SKIPPED}
        (plan,) = script.notes.previews
        assert {each.action for each in plan.objects} == {Action.DEPLOY}

    def test_a_deployment_has_no_preview(self) -> None:
        script = running(DIAMOND)

        deployed(script, wanted("", *ALL))

        assert script.notes.previews == []


class TestOrder:
    def test_nothing_starts_before_what_it_needs_has_succeeded(self) -> None:
        script = running(DIAMOND)

        end, records, _ = deployed(script, wanted("", *ALL))

        assert (end, outcomes(records)) == (End.NORMAL, [Outcome.SUCCEEDED] * 4)
        assert numbers(each.object_id for each in records) == [*ALL]
        assert created(script) == [1, 3, 2, 4], "the longest chain first"
        over = numbers(each.object_id for each in script.notes.over)
        assert over.index(1) < over.index(2) < over.index(4)
        first, second = (by_number(records)[each] for each in (1, 2))
        assert first.finished_at is not None
        assert second.started_at is not None
        assert first.finished_at <= second.started_at

    def test_equal_objects_start_in_the_order_given(self) -> None:
        script = running(studio(*map(an, range(5))))

        deployed(script, wanted("", 3, 1, 4, 0, 2), max_parallel=2)

        assert created(script) == [3, 1, 4, 0, 2]

    def test_offline_an_object_comes_before_those_that_it_needs(self) -> None:
        script = running(DIAMOND)

        deployed(script, wanted("", 1, 2, 4, type=DeployType.OFFLINE), type=DeployType.OFFLINE)

        assert created(script) == [4, 2, 1]

    @pytest.mark.parametrize(
        ("plan", "order", "answers", "at_once"),
        [
            (None, Order.DEPENDENCIES, {}, 10),
            (None, Order.GIVEN, {}, 1),
            (None, Order.DEPENDENCIES, {"node": [LOST]}, 1),
            (3, Order.DEPENDENCIES, {}, 3),
            (3, Order.GIVEN, {}, 3),
            (3, Order.DEPENDENCIES, {"node": [LOST]}, 3),
        ],
        ids=["auto", "given", "unknown", "three", "three, given", "three, unknown"],
    )
    def test_a_limited_number_runs_at_once(
        self, plan: int | None, order: Order, answers: dict[str, Any], at_once: int
    ) -> None:
        script = running(studio(*map(an, range(12))), seconds=3, **answers)

        deployed(script, wanted("", *range(12), order=order), max_parallel=plan)

        assert [each for _, each in script.notes.plans] == [at_once]
        assert script.service.times("create").count(script.service.times("create")[0]) == at_once

    def test_the_selection_is_saved_before_anything_is_created(self) -> None:
        script = running(DIAMOND)

        _, records, _ = deployed(script, wanted("dw/**"))

        ((plan, _),) = script.notes.plans
        assert [each.object.id for each in plan.objects] == [each.object_id for each in records]
        shown = [
            [each.name for each in written]
            for written in script.notes.written
            if written and not any(each.request.attempts for each in written)
        ]
        assert shown[0] == ["n1", "n2", "n3", "n4"]
        assert [each.path for each in records] == [f"dw/n{each}" for each in (1, 2, 3, 4)]


class TestFailures:
    def test_a_failure_skips_only_the_objects_that_need_it_and_is_named(self) -> None:
        script = running(DIAMOND, 1)

        end, records, _ = deployed(script, wanted("", *ALL), fail_fast=False)

        found = by_number(records)
        assert end is End.FAILURE
        assert [found[each].outcome.value for each in (1, 2, 3, 4)] == [
            "failed",
            "skipped",
            "succeeded",
            "skipped",
        ]
        for each in (2, 4):
            assert found[each].because == number(1), "the root of it"
            assert found[each].reason == NeedsFailed(number(1), "n1")
        assert created(script) == [1, 3]

    def test_with_fail_fast_the_rest_is_skipped_because_another_one_failed(self) -> None:
        script = running(studio(*DIAMOND.objects, an(5)), 1)

        _, records, _ = deployed(script, wanted("", 1, 2, 4, 5), max_parallel=1)

        found = by_number(records)
        assert [found[each].outcome.value for each in (1, 2, 4, 5)] == ["failed", *["skipped"] * 3]
        assert [found[each].because for each in (2, 4, 5)] == [number(1), number(1), None]
        assert found[5].reason == AnotherFailed()

    @pytest.mark.parametrize("answer", [LOST, refused(Refusal.OTHER)])
    def test_unknown_and_rejected_objects_skip_what_needs_them_too(self, answer: Any) -> None:
        script = running(DIAMOND, create=[answer])

        _, records, _ = deployed(script, wanted("", 1, 2), fail_fast=False)

        assert records[0].outcome in {Outcome.UNKNOWN, Outcome.REJECTED}
        assert (records[1].outcome, records[1].because) == (Outcome.SKIPPED, number(1))
        assert {each.creation.object_id for each in script.service.of("create")} == {number(1)}

    def test_an_object_left_to_a_person_skips_only_what_needs_it(self) -> None:
        """It is not in production, but it has not failed either."""

        def reading(operation: GetPipelineRun) -> Any:
            waits = operation.run_id == str(number(1))
            return Ok(run_of(operation.run_id, *(["Running", "Success"] if waits else ["Success"] * 4)))

        script = running(studio(*DIAMOND.objects, an(5)), run=[reading], execute=[refused(Refusal.OTHER)])

        end, records, _ = deployed(script, wanted("", 1, 2, 4, 3, 5), max_parallel=1, goal=Goal(leaves=True))

        found = by_number(records)
        assert [found[each].outcome.value for each in (1, 2, 4, 3, 5)] == [
            "created",
            *["skipped"] * 2,
            *["succeeded"] * 2,
        ]
        for each in (2, 4):
            assert (found[each].reason, found[each].because) == (NeedsOpen(number(1), "n1"), number(1))
        assert (end, concluded(end, records)) == (End.NORMAL, Verdict.CREATED)
        assert script.service.of("abolish") == []

    @given(
        edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14),
        failing=st.sets(st.integers(0, 7), max_size=3),
        ids=st.permutations(range(8)),
        most=st.sampled_from([None, 1, 2]),
    )
    def test_each_object_starts_once_after_what_it_needs_or_is_skipped_after_a_failure(
        self, edges: list[tuple[int, int]], failing: set[int], ids: list[int], most: int | None
    ) -> None:
        needs = {
            each: {min(edge) for edge in edges if max(edge) == each and min(edge) < each} for each in range(8)
        }
        script = running(studio(*(an(each, *sorted(needs[each])) for each in range(8))), *failing)

        _, records, _ = deployed(script, wanted("", *ids), max_parallel=most, fail_fast=False)

        found, begun = by_number(records), created(script)
        assert [*found] == ids
        assert len(begun) == len({*begun})
        for each, record in found.items():
            if all(found[need].outcome is Outcome.SUCCEEDED for need in needs[each]):
                assert each in begun
                assert all(begun.index(need) < begun.index(each) for need in needs[each])
            else:
                assert each not in begun
                assert record.because is not None
                assert numbers([record.because])[0] in failing


class TestBeforeAnythingIsCreated:
    def test_a_problem_ends_the_step_without_results_for_single_objects(self) -> None:
        script = running(DIAMOND)

        end, _, problems = deployed(script, wanted("", 1, 99))

        assert (end, problems) == (End.NORMAL, (NotHere(number(99)),))
        assert (script.service.of("create"), script.notes.over, script.notes.plans) == ([], [], [])

    def test_an_empty_selection_does_nothing(self) -> None:
        script = running(DIAMOND)

        end, records, _ = deployed(script, wanted("none", allow_empty=True))

        assert (end, records) == (End.NORMAL, [])
        assert script.service.of("create") == []
        assert len(script.notes.plans) == 1

    @pytest.mark.parametrize(("stop", "timeout", "end"), [(2.0, 600.0, End.CANCEL), (None, 2.0, End.TIMEOUT)])
    def test_a_step_interrupted_while_it_reads_has_started_nothing(
        self, stop: float | None, timeout: float, end: End
    ) -> None:
        script = running(DIAMOND)
        script.service.delay = 60.0

        ended, records, _ = deployed(script, wanted("n3", 1, 2), stop=stop, timeout=timeout)

        assert ended is end
        assert [(each.outcome, each.reason) for each in records] == [(Outcome.SKIPPED, NotStarted())] * 2
        assert script.service.of("create") == []
        assert script.ended_at < 10

    def test_a_step_interrupted_while_it_reads_names_has_no_objects(self) -> None:
        script = running(DIAMOND)
        script.service.delay = 60.0

        assert deployed(script, wanted("n3"), stop=2.0) == (End.CANCEL, [], ())


def test_the_summary_of_many_chosen_objects_is_drawn_rarely() -> None:
    """Their number is known once they are selected."""
    script = running(studio(*map(an, range(200))))

    deployed(script, wanted("dw/*", most=200), wait=False, max_parallel=1)

    times = [now.timestamp() for records, _, now in script.notes.drawn if records]
    assert len(times) >= 2
    assert min(later - earlier for earlier, later in pairwise(times)) > 2.9


def test_given_tasks_have_no_graph() -> None:
    script = running(DIAMOND)

    _, records = carried_out(script, creation(number(4)), creation(number(1)), max_parallel=2)

    assert outcomes(records) == [Outcome.SUCCEEDED] * 2
    assert script.service.of("node") == []
