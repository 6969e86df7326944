"""From what people ask for to the objects of a step: what is read, what is selected, and which problems there are."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault, Ok, Refusal, Refused, Source, Symptom
from dataworks_deploy.domain.event import (
    ListIsLong,
    ListIsShort,
    NothingFits,
    OrderUnknown,
    ReadingDenied,
    UpstreamMissing,
)
from dataworks_deploy.domain.model import DeployType, ObjectId, Order, Upstream
from dataworks_deploy.domain.outcome import Verdict
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Missing
from dataworks_deploy.domain.studio.flowspec import Described
from dataworks_deploy.domain.studio.operations import (
    CYCLE,
    MANUAL,
    ListNodes,
    ListWorkflowDefinitions,
    Lookup,
    Shown,
    StudioList,
)
from dataworks_deploy.domain.studio.plan import Asked, TakenIn
from dataworks_deploy.domain.studio.problem import (
    NotOrdered,
    NotRead,
    Problem,
    TooManyCalls,
    UpstreamNeeded,
    verdict_of,
)
from dataworks_deploy.domain.studio.selection import (
    InnerNode,
    NotHere,
    NothingFound,
    TooMany,
    TooManyInAll,
)
from dataworks_deploy.engine.select import AT_A_TIME

from .studio import (
    GONE,
    LISTS,
    LOOKUPS,
    Studio,
    an,
    choose,
    chosen,
    levels,
    number,
    numbers,
    problems,
    selector,
)
from .studio import studio as studio_of
from .studio import wanted as want
from .world import LOST, Scripted, page_of, refused, run_of

DENIED, SPENT, BUSY = (refused(each) for each in (Refusal.DENIED, Refusal.QUOTA_SPENT, Refusal.THROTTLED))
NO_KEY = Fault("no such key", "InvalidAccessKeyId", "R-1", 404)
NO_ROLE = Fault("not trusted", "AuthenticationFail.NoPermission", "R-1", 403, source=Source.STS)
WORKFLOW, RESOURCE, FUNCTION = Kind.WORKFLOW, Kind.RESOURCE, Kind.FUNCTION
# A chain with a workflow before its last object.
CHAIN = studio_of(
    an(1), an(2, 1), an(3, 2, 11), an(10, kind=WORKFLOW), an(11, 1, inside=10), an(12, 11, inside=10)
)


def lookups(script: Scripted) -> list[int]:
    """The nodes that were read by themselves."""
    return numbers(each.object_id for each in script.service.of("node"))


class TestReadings:
    def test_an_id_takes_one_call_for_each_possible_kind(self) -> None:
        for place, kind in enumerate(Kind):
            script = studio_of(an(1, kind=kind)).script()

            found = chosen(script, want("", 1))

            assert script.service.names == [*LOOKUPS][: place + 1]
            assert [each.kind for each in found.objects] == [kind]

    def test_a_name_takes_its_filtered_lists_and_one_reading(self) -> None:
        script = CHAIN.script()

        found = chosen(script, want("dw/n2"))

        *listed, looked_up = script.service.names
        assert sorted(listed) == ["functions", "nodes", "resources", "workflows", "workflows"]
        assert looked_up == "node"
        assert {each.name for each in script.service.of("nodes")} == {"n2"}
        assert {each.type for each in script.service.of("workflows")} == {CYCLE, MANUAL}
        assert numbers(found.objects) == [2]

    @pytest.mark.parametrize(("line", "lists"), [("node:n2", ["nodes"]), ("workflow:*", ["workflows"] * 2)])
    def test_a_kind_prefix_saves_the_other_lists(self, line: str, lists: list[str]) -> None:
        script = CHAIN.script()

        choose(script, want(line))

        assert [each for each in script.service.names if each in LISTS] == lists

    def test_a_pattern_takes_whole_lists(self) -> None:
        script = CHAIN.script()

        chosen(script, want("node:dw/*"))

        assert script.service.of("nodes") == [ListNodes()]

    def test_many_names_take_whole_lists_too(self) -> None:
        """At most forty calls are spent on names."""
        some, many = (studio_of(*map(an, range(each))).script() for each in (40, 41))

        chosen(some, want("\n".join(f"node:n{each}" for each in range(40))))
        found = chosen(many, want("\n".join(f"node:n{each}" for each in range(41))))

        assert len(some.service.of("nodes")) == 40
        assert many.service.of("nodes") == [ListNodes()]
        assert numbers(found.objects) == [*range(41)]

    def test_without_preflight_given_ids_are_not_looked_up(self) -> None:
        script = CHAIN.script()

        found = chosen(script, want("node:n1", 3, checks=False))

        assert numbers(found.objects) == [3, 1]
        assert lookups(script) == [1]
        assert not found.ordered
        assert script.notes.of(OrderUnknown) == [OrderUnknown(1)]

    def test_without_preflight_an_id_in_a_line_is_looked_up_if_a_later_line_may_exclude_it(self) -> None:
        script = CHAIN.script()

        found = chosen(script, want(f"{number(1)}\n{number(2)}\n!**/n1", checks=False))

        assert numbers(found.objects) == [2]
        assert lookups(script) == [1, 2]

    def test_nodes_that_a_workflow_shows_are_not_read_again(self) -> None:
        script = CHAIN.script()

        found = chosen(script, want("dw/**"))

        assert numbers(found.objects) == [1, 2, 3, 10]
        assert lookups(script) == [1, 2, 3]
        assert len(script.service.of("workflow")) == 1

    def test_ten_objects_are_read_at_once_and_then_all_the_others(self) -> None:
        script = studio_of(*map(an, range(45))).script()
        script.service.delay = 1.0

        chosen(script, want("", *range(45)))

        assert [script.service.times("node").count(each) for each in (0, 1, 2)] == [10, 35, 0]

    def test_after_a_refusal_among_the_ten_only_ten_are_read_at_once(self) -> None:
        """Basic serves only a hundred calls a day, and fifty at once would be half of them."""
        shown = studio_of(*map(an, range(45)))
        script = shown.script(node=[*[shown.shown] * 5, *[BUSY] * 5, shown.shown])
        script.service.delay = 0.1

        chosen(script, want("", *range(45)))

        assert max(Counter(script.service.times("node")).values()) == 10


class TestPages:
    def test_a_list_of_several_pages_is_read_until_two_passes_agree(self) -> None:
        script = studio_of(*map(an, range(25)), size=10).script()

        found = chosen(script, want("node:dw/*"))

        assert len(found.objects) == 25
        assert [each.number for each in script.service.of("nodes")] == [1, 2, 3] * 2
        assert script.notes.of(ListIsLong) == [ListIsLong("ListNodes", 25, 6)]

    def test_a_list_that_ends_with_a_full_page_needs_one_empty_page_more(self) -> None:
        script = studio_of(*map(an, range(20)), size=10).script()

        assert len(chosen(script, want("node:dw/*")).objects) == 20
        assert [each.number for each in script.service.of("nodes")] == [1, 2, 3] * 2

    def test_an_object_that_shifts_between_pages_is_found(self) -> None:
        """While the second page is read for the first time, the objects of the first page move there."""
        turned = studio_of(
            *map(an, range(15)),
            size=10,
            drift=lambda page, rows: rows[5:] + rows[:5] if page == 2 else rows,
        )
        script = turned.script()

        found = chosen(script, want("node:dw/*"))

        assert len(found.objects) == 15
        assert len(script.service.of("nodes")) > 4

    def test_passes_that_each_miss_another_object_are_enough_when_nothing_is_new(self) -> None:
        """The total shows that together they have shown everything."""

        def without(missing: int) -> list[Any]:
            rows = [an(each) for each in range(15) if each != missing]
            return [Ok(Shown(tuple(part), 15, 10)) for part in (rows[:10], rows[10:], [])]

        studio = studio_of(*map(an, range(15)))
        script = studio.script(nodes=[*without(14), *without(10), *without(9), LOST])

        assert sorted(numbers(chosen(script, want("node:dw/*")).objects)) == [*range(15)]
        assert len(script.service.of("nodes")) == 9

    @pytest.mark.parametrize(
        ("missing", "found", "calls"), [((14, 14, 9, 9), 15, 12), ((14, 14, 14, 14), 14, 12)]
    )
    def test_two_passes_that_agree_are_not_enough_when_the_total_says_that_there_is_more(
        self, missing: tuple[int, ...], found: int, calls: int
    ) -> None:
        """A pattern would silently take less than it names. A total that is always too high costs two more passes."""

        def without(missing: int) -> list[Any]:
            rows = [an(each) for each in range(15) if each != missing]
            return [Ok(Shown(tuple(part), 15, 10)) for part in (rows[:10], rows[10:], [])]

        script = studio_of(*map(an, range(15))).script(
            nodes=[page for each in missing for page in without(each)] + [LOST]
        )

        assert len(chosen(script, want("node:dw/*")).objects) == found
        assert len(script.service.of("nodes")) == calls
        short = [(None, ListIsShort("ListNodes", found, 15))] if found < 15 else []
        assert script.notes.warned == short

    def test_a_list_that_never_agrees_is_a_problem(self) -> None:
        """Each pass shows another object instead of the last one."""
        script = studio_of(
            *map(an, range(15)), size=10, drift=lambda page, rows: [*rows[:14], an(900 + page)]
        ).script()

        assert problems(script, want("node:dw/*")) == (
            NotRead("ListNodes", Fault(symptom=Symptom.LIST_UNSTABLE)),
        )
        assert len(script.service.of("nodes")) == 12
        assert script.notes.of(ListIsLong) == [ListIsLong("ListNodes", 15, 4)]

    def test_an_empty_page_does_not_prove_that_there_is_nothing(self) -> None:
        """An answer without its rows looks like an empty page, but the total disagrees."""
        empty, full = Ok(Shown((), 1, 100)), Ok(Shown((an(1),), 1, 100))

        for times in (1, 3):
            script = studio_of(an(1)).script(nodes=[*[empty] * times, full, full])

            assert numbers(chosen(script, want("node:n1")).objects) == [1]

    def test_a_list_without_end_is_a_problem(self) -> None:
        def endless(operation: StudioList) -> Any:
            return Ok(Shown((an(operation.number),), 1, 1))

        script = studio_of().script(nodes=[endless])

        assert problems(script, want("node:x")) == (
            NotRead("ListNodes", Fault(symptom=Symptom.LIST_ENDLESS, detail="1000")),
        )
        assert len(script.service.of("nodes")) == 1000

    @pytest.mark.parametrize(("objects", "calls"), [(250, 50), (251, 52)])
    def test_an_account_that_serves_few_calls_is_not_asked_for_long_lists(
        self, objects: int, calls: int
    ) -> None:
        studio = studio_of(*map(an, range(objects)), size=10)
        script = studio.script(nodes=[BUSY, BUSY, BUSY, studio.page])
        script.service.delay = 1.1  # so that each refusal counts

        found = choose(script, want("node:dw/*", most=1000))

        if calls > 50:
            assert found == (TooManyCalls("ListNodes", calls),)
        else:
            assert not isinstance(found, tuple)

    @pytest.mark.parametrize(("refusals", "read"), [(1, 61), (2, 5)])
    def test_scarcity_counts_from_the_second_refusal_even_within_a_list(
        self, refusals: int, read: int
    ) -> None:
        """One refusal may be caused by other callers at that time."""
        studio = studio_of(*map(an, range(299)), size=10)
        answers = [each for _ in range(refusals) for each in (studio.page, BUSY)]
        script = studio.script(nodes=[*answers, studio.page])
        script.service.delay = 1.1

        found = choose(script, want("node:dw/*", most=1000))

        assert len(script.service.of("nodes")) == read
        assert (found == (TooManyCalls("ListNodes", 60),)) is (refusals == 2)
        assert script.notes.of(ListIsLong) == [ListIsLong("ListNodes", 299, 60)], "said before it is spent"


class TestPatience:
    @pytest.mark.parametrize("failing", [LOST, BUSY, refused(Refusal.UNREACHABLE)])
    def test_an_id_is_tried_three_times_and_then_accepted_as_given(self, failing: Any) -> None:
        script = studio_of(an(2)).script(node=[failing])

        found = chosen(script, want("", 2))

        assert script.service.names == ["node"] * 3
        assert numbers(found.objects) == [2]
        assert found.objects[0] == StudioObject(number(2))
        assert script.notes.of(OrderUnknown) == [OrderUnknown(1)]
        assert not found.ordered

    def test_a_reading_that_succeeds_at_last_counts(self) -> None:
        script = studio_of(an(1)).script(node=[LOST, LOST, Ok(Described(an(1)))])

        assert chosen(script, want("", 1)).ordered

    def test_names_are_retried_for_the_settle_time(self) -> None:
        script = studio_of(an(1)).script(nodes=[LOST])

        found = problems(script, want("node:n1", settle=20.0))

        assert found == (NotRead("ListNodes", LOST.fault),)
        assert 20 <= script.time.now < 60
        assert len(script.service.of("nodes")) > 3

    def test_a_pause_that_the_service_asks_for_is_kept(self) -> None:
        script = studio_of(an(1)).script(node=[refused(Refusal.THROTTLED, 30.0), Ok(Described(an(1)))])

        chosen(script, want("", 1))

        assert script.service.times("node") == [0, 30]

    @pytest.mark.parametrize("why", [Refusal.QUOTA_SPENT, Refusal.EXPIRED, Refusal.OTHER])
    def test_a_call_refused_for_good_is_not_repeated(self, why: Refusal) -> None:
        script = studio_of(an(1)).script(node=[refused(why)], nodes=[refused(why)])

        assert numbers(chosen(script, want("", 1)).objects) == [1]
        assert len(script.service.of("node")) == 1
        assert problems(script, want("node:n1")) == (NotRead("ListNodes", refused(why).fault),)
        assert len(script.service.of("nodes")) == 1
        assert script.notes.warned == []


@pytest.mark.parametrize(
    ("problems", "verdict"),
    [
        ((NotRead("ListNodes", LOST.fault), TooManyCalls("ListNodes", 60)), Verdict.FAILED),
        ((NotRead("ListNodes", LOST.fault), NotHere(number(1))), Verdict.INVALID),
        ((TooManyInAll(1001, 1000),), Verdict.INVALID),
    ],
)
def test_an_unreadable_list_is_no_fault_of_the_inputs(
    problems: tuple[Problem, ...], verdict: Verdict
) -> None:
    assert verdict_of(problems) is verdict


class TestDenials:
    def test_a_denial_is_reported_once_and_the_step_continues_one_by_one(self) -> None:
        script = CHAIN.script(node=[DENIED])
        ids = (3, 2, 1, 20, 21)

        found = chosen(script, want("", *ids))

        denial, order = script.notes.warned
        assert denial == (None, ReadingDenied("GetNode", DENIED.fault))
        assert order == (None, OrderUnknown(5))
        assert (numbers(found.objects), found.ordered) == ([*ids], False)
        assert levels(found) == [[*ids]]

    def test_of_one_object_or_in_an_order_of_ones_own_the_unknown_order_is_only_logged(self) -> None:
        alone, given = CHAIN.script(node=[LOST]), CHAIN.script(node=[LOST])

        chosen(alone, want("", 3))
        chosen(given, want("", 3, 2, order=Order.GIVEN))

        assert alone.notes.of(OrderUnknown) == [OrderUnknown(1)]
        assert given.notes.of(OrderUnknown) == [OrderUnknown(2)]
        assert OrderUnknown not in [type(event) for _, event in (*alone.notes.warned, *given.notes.warned)]

    def test_a_denied_call_is_not_repeated(self) -> None:
        script = CHAIN.script(node=[DENIED])
        script.service.delay = 1.0

        chosen(script, want("", *range(20, 50)))

        assert len(script.service.of("node")) == 10, "those that were under way"

    @pytest.mark.parametrize("fault", [NO_KEY, NO_ROLE])
    def test_a_wrong_key_is_reported_by_the_creation(self, fault: Fault) -> None:
        """Asking for a permission would not help. Neither would trying other kinds and other objects."""
        wrong = Refused(Refusal.DENIED, fault)
        script = CHAIN.script(node=[wrong])

        found = chosen(script, want("", 1))

        assert (numbers(found.objects), found.ordered) == ([1], False)
        assert script.service.names == ["node"]
        assert script.notes.warned == []

    @pytest.mark.parametrize("fault", [NO_KEY, NO_ROLE])
    def test_with_a_wrong_key_names_are_one_problem(self, fault: Fault) -> None:
        wrong = Refused(Refusal.DENIED, fault)
        script = CHAIN.script(nodes=[wrong], workflows=[wrong])

        assert len(problems(script, want("n1\nn2\nworkflow:w10"))) == 1

    def test_other_kinds_are_still_looked_up(self) -> None:
        script = CHAIN.script(node=[DENIED])

        found = chosen(script, want("", 10))

        assert [each.kind for each in found.objects] == [WORKFLOW]
        assert found.ordered

    def test_a_denied_list_that_names_need_is_reported_only_as_a_problem(self) -> None:
        """Once for each call, although each name and each type of workflow makes its own."""
        answers = [refused(Refusal.DENIED), Refused(Refusal.DENIED, Fault("no", "DENIED", "R-2", 400))]
        script = CHAIN.script(nodes=answers, workflows=answers)

        found = problems(script, want("n1\nn2\nworkflow:w10"))

        assert found == (NotRead("ListNodes", DENIED.fault), NotRead("ListWorkflowDefinitions", DENIED.fault))
        assert script.notes.warned == []

    def test_named_objects_that_cannot_be_read_are_accepted_as_listed(self) -> None:
        script = CHAIN.script(node=[DENIED])

        found = chosen(script, want("n3\nn2\nn1"))

        assert (levels(found), found.ordered) == ([[1], [2], [3]], True)
        assert len(script.notes.warned) == 1


class TestAbsence:
    def test_an_id_that_no_reading_finds_and_that_has_no_run_is_a_problem(self) -> None:
        script = CHAIN.script()

        assert problems(script, want("", 1, 99, "700000000001")) == (
            NotHere(number(99)),
            NotHere(ObjectId("700000000001")),
        )
        assert len(script.service.of("page")) == 2

    @pytest.mark.parametrize("page", [page_of(run_of("r")), LOST, DENIED])
    def test_an_id_that_has_or_may_have_a_run_is_accepted_as_given(self, page: Any) -> None:
        """It was deleted in Data Studio, and should leave production."""
        script = CHAIN.script(page=[page])

        assert numbers(chosen(script, want("", 99)).objects) == [99]

    @pytest.mark.parametrize("kind", LOOKUPS)
    @pytest.mark.parametrize("answer", [LOST, DENIED, SPENT, refused(Refusal.OTHER)])
    def test_with_one_unclear_kind_absence_is_not_proven(self, kind: str, answer: Any) -> None:
        script = CHAIN.script(**{kind: [answer]})

        assert numbers(chosen(script, want("", 99)).objects) == [99]
        assert script.service.of("page") == []

    def test_an_object_deleted_after_it_was_listed_is_left_to_the_service(self) -> None:
        script = CHAIN.script(node=[GONE])

        assert numbers(chosen(script, want("n1")).objects) == [1]
        assert script.service.of("page") == []

    def test_an_object_renamed_after_it_was_listed_is_not_found(self) -> None:
        script = CHAIN.script(node=[Ok(Described(an(1, name="other")))])

        (found,) = problems(script, want("n1"))

        assert isinstance(found, NothingFound)

    def test_if_names_cannot_be_read_nothing_else_is_reported(self) -> None:
        script = CHAIN.script(nodes=[DENIED])

        assert problems(script, want("n1", 99)) == (NotRead("ListNodes", DENIED.fault),)


class TestSelection:
    @pytest.mark.parametrize(
        "asked", [want("n11"), want("", 11), want(number(11)), want("n11", checks=False)]
    )
    def test_a_node_inside_a_workflow_is_a_problem_that_names_the_workflow(self, asked: Any) -> None:
        (found,) = problems(CHAIN.script(), asked)

        assert isinstance(found, InnerNode)
        assert numbers([found.node, found.workflow]) == [11, 10]
        assert found.workflow.name == "w10"

    @pytest.mark.parametrize("checks", [True, False])
    def test_a_pattern_ignores_a_node_inside_a_workflow(self, *, checks: bool) -> None:
        script = CHAIN.script()

        assert numbers(chosen(script, want("dw/n*", checks=checks)).objects) == [1, 2, 3]

    def test_all_problems_come_at_once(self) -> None:
        found = problems(CHAIN.script(), want("n11\nnothing\nn1\n98", 99, 12, 3))

        assert [type(each) for each in found] == [NotHere, InnerNode, InnerNode, NothingFound, NothingFound]

    def test_the_deadline_and_a_cancellation_are_heard_between_the_lines(self) -> None:
        """Thousands of lines take seconds, and would hold up everything else."""

        def turns(lines: int) -> int:
            """How often others get their turn."""
            script, asked = CHAIN.script(), want("\n".join(f"node:nothing_{each}" for each in range(lines)))

            async def count() -> int:
                choice = asyncio.ensure_future(selector(script, asked).choose())
                for turn in range(10_000):
                    await asyncio.sleep(0)
                    if choice.done():
                        return turn
                raise AssertionError

            return script.play(count())

        assert turns(5_000) - turns(AT_A_TIME) >= 5_000 // AT_A_TIME - 1

    @pytest.mark.parametrize(("most", "read"), [(2, [1, 2]), (3, [1, 2, 3])])
    def test_of_too_many_objects_only_enough_are_read_to_prove_it(self, most: int, read: list[int]) -> None:
        script = CHAIN.script()

        (found,) = problems(script, want("dw/**", most=most))

        assert isinstance(found, TooMany)
        assert lookups(script) == read

    @pytest.mark.parametrize(
        ("lines", "most", "taken"), [("dw/**", 4, [1, 2, 3, 10]), ("node:dw/*\n!dw/n3", 2, [1, 2])]
    )
    def test_nodes_inside_workflows_do_not_count_towards_the_limit(
        self, lines: str, most: int, taken: list[int]
    ) -> None:
        """No list shows which nodes these are."""
        assert numbers(chosen(CHAIN.script(), want(lines, most=most)).objects) == taken

    def test_if_nodes_cannot_be_read_one_by_one_all_of_them_count(self) -> None:
        (found,) = problems(CHAIN.script(node=[DENIED]), want("node:dw/*", most=3))

        assert isinstance(found, TooMany)
        assert (found.count, found.most) == (5, 3)

    def test_more_than_a_thousand_objects_are_always_too_many(self) -> None:
        script = CHAIN.script()

        assert problems(script, want("n1", *range(2000, 3000), checks=False)) == (TooManyInAll(1001, 1000),)

    def test_with_allow_empty_a_line_may_find_nothing(self) -> None:
        script = CHAIN.script()

        found = chosen(script, want("none\nn1", allow_empty=True))

        assert numbers(found.objects) == [1]
        assert script.notes.of(NothingFits) == [NothingFits(("none",))]

    @pytest.mark.parametrize("upstream", Upstream)
    def test_with_allow_empty_the_selection_may_be_empty(self, upstream: Upstream) -> None:
        script = CHAIN.script()

        found = chosen(script, want("node:none", allow_empty=True, upstream=upstream))

        assert (found.objects, found.plan.objects, found.graph.objects) == ((), (), ())
        assert script.service.names == ["nodes"]
        assert script.notes.of(OrderUnknown) == []

    def test_objects_know_the_lines_that_select_them(self) -> None:
        asked = want("n2", 1)

        plan = chosen(CHAIN.script(), asked).plan

        assert [each.why for each in plan.objects] == [Asked(None), Asked(asked.request.lines[0])]
        assert (plan.project_id, plan.type) == (10001, DeployType.ONLINE)


class TestOrder:
    def test_an_object_comes_after_what_it_needs(self) -> None:
        found = chosen(CHAIN.script(), want("", 3, 2, 10, 1))

        assert numbers(found.objects) == [3, 2, 10, 1]
        assert levels(found) == [[1], [2, 10], [3]]
        assert found.ordered

    def test_offline_the_order_is_reversed(self) -> None:
        found = chosen(CHAIN.script(), want("", 1, 10, 2, 3, type=DeployType.OFFLINE))

        assert levels(found) == [[3], [10, 2], [1]]

    def test_resources_come_first_and_then_functions(self) -> None:
        script = studio_of(an(1), an(2, kind=FUNCTION), an(3, kind=RESOURCE)).script()

        assert levels(chosen(script, want("dw/*"))) == [[3], [2], [1]]

    @pytest.mark.parametrize("upstream", [Upstream.WARN, Upstream.FAIL])
    def test_the_order_given_is_kept(self, upstream: Upstream) -> None:
        found = chosen(CHAIN.script(), want("", 3, 2, 1, 10, order=Order.GIVEN, upstream=upstream))

        assert levels(found) == [[3, 2, 1, 10]]
        assert not found.ordered, "and objects come one by one"

    def test_with_order_given_nothing_is_reported_about_dependencies(self) -> None:
        script = CHAIN.script()

        chosen(script, want("n1", 3, order=Order.GIVEN, checks=False))
        assert script.notes.of(OrderUnknown) == []

        chosen(script_denied := CHAIN.script(node=[DENIED]), want("", 3, order=Order.GIVEN))
        assert script_denied.notes.of(OrderUnknown) == [OrderUnknown(1)]

    def test_a_cycle_is_reported_edge_by_edge(self) -> None:
        script = studio_of(an(1, 3), an(2, 1), an(3, 2), an(4)).script()

        (found,) = problems(script, want("", 1, 2, 3, 4))

        assert isinstance(found, NotOrdered)
        edges = [(edge.first, edge.then) for edge in found.cycle.edges]
        assert sorted(edges) == [(number(1), number(2)), (number(2), number(3)), (number(3), number(1))]
        assert {each.name for each in found.objects} == {"n1", "n2", "n3"}
        assert not found.cycle.only_by_workflows

    def test_a_cycle_through_workflows_names_their_nodes(self) -> None:
        script = studio_of(an(10, kind=WORKFLOW), an(11, inside=10), an(12, 1, inside=10), an(1, 11)).script()

        (found,) = problems(script, want("", 10, 1))

        assert isinstance(found, NotOrdered)
        assert found.cycle.only_by_workflows
        assert {each.name for each in found.objects} == {"w10", "n1", "n11", "n12"}

    def test_with_order_given_a_cycle_is_no_problem(self) -> None:
        script = studio_of(an(1, 2), an(2, 1)).script()

        assert levels(chosen(script, want("", 1, 2, order=Order.GIVEN))) == [[1, 2]]

    def test_a_needed_workflow_is_read_to_see_whether_it_is_in_production(self) -> None:
        new, there = an(10, kind=WORKFLOW, in_production=False), an(20, kind=WORKFLOW)
        objects = (an(1, 10, 20), new, there)

        found = chosen(studio_of(*objects).script(), want("", 1, upstream=Upstream.INCLUDE))
        (needed,) = problems(studio_of(*objects).script(), want("", 1, upstream=Upstream.FAIL))

        assert levels(found) == [[10], [1]]
        assert isinstance(needed, UpstreamNeeded)
        assert numbers([needed.missing.upstream]) == [10]

    @pytest.mark.parametrize("upstream", [Upstream.INCLUDE, Upstream.FAIL])
    def test_a_later_list_adds_no_inputs_to_the_objects_own_reading(self, upstream: Upstream) -> None:
        """In a list, a dependency on an earlier day looks like one that gives an order."""
        rows = Ok(Shown((an(1), an(2, 1, 3), an(3, 2, in_production=False)), 3, 100))
        script = studio_of(an(1), an(2, 1), an(3, 2, in_production=False)).script(nodes=[rows])

        found = chosen(script, want("", 1, 2, upstream=upstream))

        assert levels(found) == [[1], [2]]

    @pytest.mark.parametrize("upstream", [Upstream.WARN, Upstream.INCLUDE])
    def test_a_dependency_on_an_earlier_day_makes_no_cycle(self, upstream: Upstream) -> None:
        """Lists show it like any other input. The FlowSpec does not."""
        listed = studio_of(an(1, 2), an(2, 1))
        real = studio_of(an(1), an(2, 1))
        script = listed.script(node=[real.shown])

        assert levels(chosen(script, want("dw/*", upstream=upstream))) == [[1], [2]]

    @pytest.mark.parametrize("upstream", [Upstream.WARN, Upstream.INCLUDE])
    def test_if_only_lists_show_a_cycle_the_order_is_unknown(self, upstream: Upstream) -> None:
        """Refusing a good selection would be worse than letting the service refuse a bad one."""
        script = studio_of(an(1, 2, 3), an(2, 1), an(3, 4, in_production=False), an(4, 3)).script(
            node=[DENIED]
        )

        found = chosen(script, want("n1\nn2", upstream=upstream))

        assert not found.ordered
        taken_in = [3] if upstream is Upstream.INCLUDE else []
        assert levels(found) == [[*taken_in, 1, 2]]
        whys = [each.why for each in found.plan.objects if isinstance(each.why, TakenIn)]
        assert whys == [TakenIn((number(1),)) for _ in taken_in]
        assert (None, OrderUnknown(2)) in script.notes.warned

    def test_all_problems_with_the_order_come_at_once(self) -> None:
        script = studio_of(an(1, 2, 3), an(2, 1), an(3, in_production=False)).script()

        found = problems(script, want("", 1, 2, upstream=Upstream.FAIL))

        assert [type(each) for each in found] == [NotOrdered, UpstreamNeeded]


# The first is in production, the others are not.
NEW = studio_of(
    an(1),
    an(2, 1, in_production=False),
    an(3, 2, 12, "other.table", in_production=False),
    an(10, kind=WORKFLOW, in_production=False),
    an(11, 1, inside=10, in_production=False),
    an(12, 11, inside=10, in_production=False),
)


class TestUpstream:
    def test_a_missing_upstream_object_is_reported(self) -> None:
        script = NEW.script()

        found = chosen(script, want("dw/*\n!n2\n!w10"))

        assert numbers(found.objects) == [1, 3]
        events = [event for _, event in script.notes.warned]
        assert all(isinstance(event, UpstreamMissing) for event in events)
        missing = [(event.missing.data, *numbers([event.object, event.missing.upstream])) for event in events]  # type: ignore[union-attr]
        assert missing == [(number(2), 3, 2), (number(12), 3, 10)], "a node in a workflow stands for it"

    def test_with_upstream_fail_it_is_a_problem(self) -> None:
        for order in Order:
            found = problems(NEW.script(), want("", 3, upstream=Upstream.FAIL, order=order))

            assert [type(each) for each in found] == [UpstreamNeeded] * 2
            assert found[0] == UpstreamNeeded(found[0].object, Missing(number(3), number(2), NEW.objects[1]))  # type: ignore[union-attr]

    def test_with_upstream_include_it_is_added_with_all_that_it_misses(self) -> None:
        found = chosen(NEW.script(), want("", 3, upstream=Upstream.INCLUDE))

        assert numbers(found.objects) == [3, 2, 10]
        assert levels(found) == [[2, 10], [3]]
        assert [each.why for each in found.plan.objects[1:]] == [TakenIn((number(3),))] * 2
        assert [each.name for each in found.objects] == ["n3", "n2", "w10"]

    def test_an_added_object_may_need_more(self) -> None:
        script = studio_of(*(an(each, each - 1, in_production=False) for each in range(5))).script()

        assert levels(chosen(script, want("", 4, upstream=Upstream.INCLUDE))) == [[0], [1], [2], [3], [4]]

    def test_with_upstream_include_at_most_a_thousand_objects_are_deployed(self) -> None:
        new = (an(each, in_production=False) for each in range(1000))
        last = an(1000, *range(1000), in_production=False)

        found = problems(studio_of(last, *new).script(), want("", 1000, upstream=Upstream.INCLUDE))

        assert found == (TooManyInAll(1001, 1000),)

    @pytest.mark.parametrize("upstream", [Upstream.FAIL, Upstream.INCLUDE])
    @pytest.mark.parametrize(
        ("ids", "unread", "operation"), [([4], 10, "GetWorkflowDefinition"), ([99, 3], 99, "GetNode")]
    )
    def test_what_cannot_be_read_may_be_missing_or_miss_something(
        self, ids: list[int], unread: int, operation: str, upstream: Upstream
    ) -> None:
        """Without a reading, nobody knows whether the workflow is in production, and what the node needs."""

        world = studio_of(*NEW.objects, an(4, 10))

        def shown(read: Lookup) -> Any:
            return LOST if read.object_id == number(unread) else world.shown(read)

        found = problems(world.script(node=[shown], workflow=[shown]), want("", *ids, upstream=upstream))

        assert NotRead(operation, LOST.fault, for_upstream=True) in found

    @pytest.mark.parametrize("upstream", [Upstream.FAIL, Upstream.INCLUDE])
    def test_upstream_objects_cannot_be_found_without_lists(self, upstream: Upstream) -> None:
        script = NEW.script(nodes=[DENIED])

        found = problems(script, want("", 3, upstream=upstream))

        assert found == (NotRead("ListNodes", DENIED.fault, for_upstream=True),)

    def test_lists_that_were_read_are_not_read_again(self) -> None:
        script = NEW.script()

        chosen(script, want("dw/n3", upstream=Upstream.INCLUDE))
        names = [(each.name, each.number) for each in script.service.of("nodes")]
        assert names == [("n3", 1), ("", 1)]

        script = NEW.script()
        chosen(script, want("dw/**", upstream=Upstream.INCLUDE))
        assert script.service.of("nodes") == [ListNodes()]
        assert script.service.of("workflows") == [
            ListWorkflowDefinitions(type=CYCLE),
            ListWorkflowDefinitions(type=MANUAL),
        ]

    def test_offline_no_upstream_object_is_missing(self) -> None:
        script = NEW.script()

        found = chosen(script, want("", 3, upstream=Upstream.FAIL, type=DeployType.OFFLINE))

        assert (numbers(found.objects), script.service.names) == ([3], ["node"])


@st.composite
def workspaces(draw: st.DrawFn) -> Studio:
    """A few objects of all kinds. Nodes need any others, some are inside workflows, some are not in production."""
    count = draw(st.integers(1, 9))
    kinds = [draw(st.sampled_from((*[Kind.NODE] * 3, *Kind))) for _ in range(count)]
    workflows = [each for each, kind in enumerate(kinds) if kind is WORKFLOW]
    objects = []
    for each, kind in enumerate(kinds):
        places = st.sampled_from([None, *workflows]) if kind is Kind.NODE else st.none()
        needs = draw(st.lists(st.integers(0, count), max_size=3)) if kind is Kind.NODE else []
        objects.append(an(each, *needs, kind=kind, inside=draw(places), in_production=draw(st.booleans())))
    manual = tuple(number(each) for each in workflows if draw(st.booleans()))
    return Studio(tuple(objects), manual=manual)


@given(
    studio=workspaces(),
    ids=st.lists(st.integers(0, 9), min_size=1, max_size=9, unique=True),
    order=st.sampled_from(Order),
    upstream=st.sampled_from(Upstream),
    type_=st.sampled_from(DeployType),
)
def test_every_request_ends_in_an_ordered_selection_or_in_a_message(
    studio: Studio, ids: list[int], order: Order, upstream: Upstream, type_: DeployType
) -> None:
    known = {each.id: each for each in studio.objects}
    bad = [each for each in ids if number(each) not in known or known[number(each)].workflow]

    found = choose(studio.script(), want("", *ids, order=order, upstream=upstream, type=type_))

    if isinstance(found, tuple):
        causes = {NotHere, InnerNode} if bad else {NotOrdered, UpstreamNeeded}
        assert {type(each) for each in found} <= causes
        assert not bad or len(found) == len(bad)
        return
    assert bad == []
    asked, rest = numbers(found.objects)[: len(ids)], found.objects[len(ids) :]
    assert asked == ids
    assert not rest or upstream is Upstream.INCLUDE
    assert all(known[each.id].workflow is None and not known[each.id].in_production for each in rest)
    assert found.graph.cycles == ()
    assert {*found.graph.objects} == {each.id for each in found.objects}
    assert [each.object for each in found.plan.objects] == [*found.objects]
    assert found.ordered is (order is Order.DEPENDENCIES)
    if found.ordered:
        starts = found.graph.level_of
        for each in found.objects:
            for need in each.inputs or ():
                if each.kind is Kind.NODE and need in starts and need != each.id:
                    before, after = (need, each.id)[:: -1 if type_ is DeployType.OFFLINE else 1]
                    assert starts[ObjectId(before)] < starts[ObjectId(after)]
