"""What a list of runs shows about a lost creation and about earlier attempts."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.advance import Execute, Goal, next_move
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.reconcile import (
    Absent,
    Deployed,
    Foreign,
    Found,
    Mark,
    Origin,
    Resume,
    Start,
    bearing,
    elect,
    intent_of,
    judge,
    look_back,
    of_workspace,
    outlived,
    overtaken_by,
)

from .drawn import MANY, shares

PROJECT = 10001
ORIGIN = Origin("748291056", "16245980123", "deploy", "__self")
CREATION = Creation(PROJECT, ObjectId("7567482277219412494"), DeployType.ONLINE)
INTENT = intent_of(ORIGIN, CREATION)
OTHERS = (
    intent_of(ORIGIN, replace(CREATION, object_id=ObjectId("7567482277219412495"))),
    intent_of(ORIGIN, replace(CREATION, project_id=PROJECT + 1)),
    intent_of(ORIGIN, replace(CREATION, type=DeployType.OFFLINE)),
    intent_of(replace(ORIGIN, job="another"), CREATION),
    intent_of(replace(ORIGIN, workflow_run_id="16245980124"), CREATION),
    intent_of(replace(ORIGIN, repository_id="1"), CREATION),
)
OTHER = OTHERS[0]
OURS = Mark(INTENT, 1)
POST_MS = 1_750_000_000_000
MINUTE = 60_000


def run(name: str, description: str = "", status: str = "Running", at: int = POST_MS, **facts: bool) -> Run:
    """Make a run. With `advanced=True`, somebody has executed its check."""
    build = Stage("BUILD", "Build", 1, "Build", "Success")
    check = Stage("CHECK", "Check", 2, "Check", "Success" if facts.get("advanced") else "Init")
    return Run(RunId(name), status, description=description, created_ms=at, stages=(build, check))


def ours(name: str, status: str = "Running", at: int = POST_MS, generation: int = 1, **facts: bool) -> Run:
    return run(name, f"[dwd1:{INTENT}:g{generation}] text", status, at, **facts)


def test_an_empty_list_shows_nothing() -> None:
    assert judge(OURS, [], POST_MS) == Absent()


def test_an_earlier_generation_is_ours_and_a_later_one_is_not() -> None:
    old, new = ours("old", generation=1), ours("new", generation=3)

    assert judge(Mark(INTENT, 2), [old], POST_MS) == Absent()
    assert judge(Mark(INTENT, 2), [old, new], POST_MS) == Foreign(new)


@pytest.mark.parametrize("status", ["Init", "Running", "Success", "Fail", "Termination", "Cancel", "Odd"])
def test_our_run_is_found_in_any_status(status: str) -> None:
    mine = ours("mine", status)

    assert judge(OURS, [run("other"), mine], POST_MS) == Found(mine)


def test_other_runs_of_ours_come_with_the_kept_run() -> None:
    first, twin, ended = ours("first"), ours("twin", at=POST_MS + 1), ours("ended", "Fail", POST_MS + 2)
    old, older = ours("old", generation=1), ours("older", "Cancel", generation=1)
    runs = [run("other"), older, twin, ended, first]

    assert judge(OURS, runs, POST_MS) == Found(first, (older, twin, ended))
    assert look_back(INTENT, runs, redeploy=False) == Resume(first, 1, (older, twin, ended))
    second = ours("second", generation=2)
    assert judge(Mark(INTENT, 2), [second, old, older], POST_MS) == Found(second, (old,))
    assert look_back(INTENT, [second, old, older], redeploy=True) == Resume(second, 2, (old,))


@pytest.mark.parametrize(
    "description",
    [
        "",
        "by hand",
        f"[dwd1:{OTHER}:g1]",
        f"[dwd1:{INTENT}:g10]",
        f"[dwd1:{INTENT}:g2]",
        f"see [dwd1:{INTENT}:g1]",
    ],
)
def test_a_run_without_exactly_our_mark_is_foreign(description: str) -> None:
    other = run("other", description)

    assert judge(OURS, [other], POST_MS) == Foreign(other)


@pytest.mark.parametrize(
    ("age", "fresh"), [(-MINUTE, True), (0, True), (10 * MINUTE, True), (10 * MINUTE + 1, False)]
)
def test_a_foreign_run_is_fresh_from_ten_minutes_before_our_request(age: int, fresh: bool) -> None:
    other = run("other", at=POST_MS - age)

    assert judge(OURS, [other], POST_MS) == (Foreign(other) if fresh else Absent((other,)))


@pytest.mark.parametrize("status", ["Success", "Fail", "Termination", "Cancel"])
def test_an_ended_foreign_run_is_not_fresh_and_no_leftover(status: str) -> None:
    assert judge(OURS, [run("other", status=status)], POST_MS) == Absent()


def test_an_unknown_status_counts_as_active() -> None:
    other = run("other", status="Paused")

    assert judge(OURS, [other], POST_MS) == Foreign(other)


def test_of_several_fresh_runs_the_newest_is_named() -> None:
    older, newer = run("a", at=POST_MS), run("b", at=POST_MS + 1)

    assert judge(OURS, [newer, older], POST_MS) == Foreign(newer)


@pytest.mark.parametrize(
    ("runs", "winner"),
    [
        ([ours("b", at=2), ours("a", at=1)], "a"),
        ([ours("b", at=1), ours("a", at=1)], "a"),
        ([ours("a", at=1), ours("b", at=2, advanced=True)], "b"),
        ([ours("a", "Termination", at=1), ours("b", at=2)], "b"),
        ([ours("a", "Success", at=1, advanced=True), ours("b", at=2)], "a"),
    ],
    ids=["oldest", "lowest ID", "advanced", "not ended", "in production already"],
)
def test_the_election_has_one_winner(runs: list[Run], winner: str) -> None:
    assert elect(runs).id == winner
    assert elect(runs[::-1]).id == winner


def generation_in(description: str) -> int:
    """The generation of our mark at the beginning of a description, or 0. Parsed by hand."""
    before, _, rest = description.partition(f"[dwd1:{INTENT}:g")
    digits, closed, _ = rest.partition("]")
    is_number = 0 < len(digits) < 10 and set(digits) <= set("0123456789") and digits[0] != "0"
    return int(digits) if not before and closed and is_number else 0


MARKS = [f"[dwd1:{INTENT}:g{generation}]" for generation in (1, 2, 3, 10, 11)]
# More often several runs of one generation than of several.
BEARING = [
    mark + rest
    for mark in (MARKS[0], MARKS[0], *MARKS)
    for rest in ("", " text", "0]", " [dwd1:", f" [dwd1:{OTHER}:g7]")
]
# Nothing, our mark cut or misspelt, our mark inside other words, and marks of other intents.
FOREIGN = (
    ["", "by hand", MARKS[0].lower(), MARKS[0].upper()],
    [
        f"[dwd1:{INTENT}:{rest}"
        for rest in ("g0]", "g01]", "g-1]", "g]", "g1", "1]", "g1 ]", "g１]", "g1234567890]")
    ],
    [MARKS[3][:kept] for kept in range(len(MARKS[3]))],
    [MARKS[0][:at] + char + MARKS[0][at + 1 :] for at in range(len(MARKS[0])) for char in "a0 "],
    [before + mark for mark in MARKS for before in (" ", "\n", "see ", "[", "[dwd1:", f"[dwd1:{OTHER}:g1]")],
    [f"[dwd1:{intent}:g{generation}] text" for intent in OTHERS for generation in (1, 2, 10)],
)
# Ages around the limit at which somebody else's run counts as fresh, and equal ages.
STATES = [
    (status, advanced, POST_MS + at)
    for status in (*["Running"] * 3, "Init", *["Success"] * 3, "Fail", "Termination", "Cancel", "Odd")
    for advanced in (False, False, True)
    for at in (0, 1, -10 * MINUTE, -10 * MINUTE - 1, MINUTE)
]
GENERATIONS = st.sampled_from((1, 1, 1, 2, 2, 3, 10, 11))


def lists(*texts: list[str]) -> st.SearchStrategy[list[Run]]:
    """Lists with runs of several people, with any of these descriptions, or with a mark in another workspace."""
    ours = [st.tuples(st.sampled_from(each), st.sampled_from((None, PROJECT))) for each in texts]
    theirs = st.tuples(st.sampled_from(BEARING), st.just(PROJECT + 1))
    rows = st.tuples(st.one_of(*ours, theirs, theirs), st.sampled_from(STATES), st.sampled_from(("1", "2")))
    return st.builds(
        lambda rows, names: [
            replace(run(name, text, status, at, advanced=advanced), project_id=project, creator=creator)
            for name, ((text, project), (status, advanced, at), creator) in zip(names, rows, strict=False)
        ],
        st.lists(rows, min_size=1, max_size=6),
        st.permutations("abcdef"),
    )


MIXED = lists(*[BEARING] * len(FOREIGN), *FOREIGN)
NOT_OURS = lists(*FOREIGN)


def ids(runs: Iterable[Run]) -> list[str]:
    """Lists whose order does not matter."""
    return sorted(each.id for each in runs)


def chosen(runs: list[Run], mark: Mark, *, redeploy: bool) -> Iterator[tuple[str, Run]]:
    """What the decisions about a list do with each run."""
    kept = list[Run]()
    match judge(mark, runs, POST_MS):
        case Found(found, twins):
            kept.append(found)
            yield from (("abolished", twin) for twin in twins)
    match look_back(mark.intent, runs, redeploy=redeploy):
        case Resume(found, _, twins) | Deployed(found, _, twins):
            kept.append(found)
            yield from (("abolished", twin) for twin in twins)
        case Start(_, open_runs):
            yield from (("abolished", each) for each in open_runs)
    yield from (("adopted", each) for each in kept)
    for each in kept:
        if isinstance(next_move(each, Goal(), {}, 0), Execute):
            yield ("executed", each)


@MANY
@given(MIXED, GENERATIONS, st.booleans())
def test_a_run_without_our_mark_is_never_changed(runs: list[Run], generation: int, redeploy: bool) -> None:
    here = of_workspace(PROJECT, runs)

    assert here == [each for each in runs if each.project_id != PROJECT + 1]
    for _, each in chosen(here, Mark(INTENT, generation), redeploy=redeploy):
        assert generation_in(each.description)


@MANY
@given(NOT_OURS, GENERATIONS, st.booleans())
def test_among_runs_of_others_none_is_ours(runs: list[Run], generation: int, redeploy: bool) -> None:
    mark, here = Mark(INTENT, generation), of_workspace(PROJECT, runs)

    assert not any(generation_in(each.description) for each in here)
    assert [*chosen(here, mark, redeploy=redeploy)] == []
    assert look_back(INTENT, here, redeploy=redeploy) == Start(1)
    assert bearing(mark, here) == []
    assert outlived(mark, here) == ()


def test_the_drawn_lists_cover_all_cases() -> None:
    def met(drawn: tuple[list[Run], int, bool]) -> Iterator[str]:
        runs, generation, redeploy = drawn
        here = of_workspace(PROJECT, runs)
        others = [each for each in here if not generation_in(each.description)]
        for what, _ in chosen(here, Mark(INTENT, generation), redeploy=redeploy):
            yield what
            yield from (f"{what} beside others" for _ in others)
            yield from (f"{what} beside another workspace" for _ in runs[len(here) :])
        yield type(judge(Mark(INTENT, generation), here, POST_MS)).__name__
        yield type(look_back(INTENT, here, redeploy=redeploy)).__name__
        yield from ("others that name our intent" for each in others if INTENT in each.description)

    found = shares(st.tuples(MIXED, GENERATIONS, st.booleans()), met)

    for kind in ("Found", "Foreign", "Absent", "Resume", "Deployed", "Start", "others that name our intent"):
        assert found[kind] > 0.05
    for what in ("adopted", "abolished", "executed"):
        assert found[what] > 0.05
        assert found[f"{what} beside others"] > 0.02
        assert found[f"{what} beside another workspace"] > 0


@MANY
@given(MIXED, GENERATIONS)
def test_a_list_shows_our_run_or_a_fresh_one_of_somebody_else_or_neither(
    runs: list[Run], generation: int
) -> None:
    own = [each for each in runs if generation_in(each.description) == generation]
    active = [each for each in runs if each.status in {"Running", "Init", "Odd"}]
    earlier = [each for each in active if 0 < generation_in(each.description) < generation]
    others = [each for each in active if each not in earlier]
    fresh = [each for each in others if each.created_ms >= POST_MS - 10 * MINUTE]

    match judge(Mark(INTENT, generation), runs, POST_MS):
        case Found(found, twins):
            assert ids([found, *twins]) == ids([*own, *earlier])
            assert found in own
        case Foreign(found):
            assert own == []
            assert found in fresh
            assert found.created_ms == max(each.created_ms for each in fresh)
        case Absent(leftovers):
            assert (own, fresh) == ([], [])
            assert ids(leftovers) == ids(others)


@MANY
@given(
    MIXED.flatmap(lambda runs: st.tuples(st.just(runs), st.permutations(runs))), GENERATIONS, st.booleans()
)
def test_everybody_who_sees_the_same_runs_decides_the_same(
    orders: tuple[list[Run], list[Run]], generation: int, redeploy: bool
) -> None:
    mark = Mark(INTENT, generation)
    one, another = (list(chosen(runs, mark, redeploy=redeploy)) for runs in orders)

    assert sorted(one, key=repr) == sorted(another, key=repr)
    assert type(judge(mark, orders[0], POST_MS)) is type(judge(mark, orders[1], POST_MS))


@MANY
@given(lists(BEARING))
def test_the_election_prefers_not_failed_then_advanced_then_open_then_oldest(
    runs: list[Run],
) -> None:
    """Each rule decides only between the runs that the earlier rules leave."""
    rest = runs
    for good in (
        lambda each: each.status not in {"Fail", "Termination", "Cancel"},
        lambda each: each.stages[-1].status != "Init",
        lambda each: each.status != "Success",
    ):
        rest = [each for each in rest if good(each)] or rest
    first = min(each.created_ms for each in rest)
    lowest = min(each.id for each in rest if each.created_ms == first)

    assert elect(runs).id == lowest


@MANY
@given(MIXED, st.booleans())
def test_looking_back_continues_the_latest_generation_or_starts_the_next(
    runs: list[Run], redeploy: bool
) -> None:
    own = [each for each in runs if generation_in(each.description)]
    latest = max((generation_in(each.description) for each in own), default=0)
    open_runs = [each for each in own if each.status in {"Running", "Init", "Odd"}]
    of_latest = [each for each in own if generation_in(each.description) == latest]
    done = [each for each in of_latest if each.status == "Success"]

    match look_back(INTENT, runs, redeploy=redeploy):
        case Start(generation, left):
            assert generation == latest + 1
            assert ids(left) == ids(open_runs)
            assert redeploy or not done
            assert done or not any(each in of_latest for each in open_runs)
        case Resume(found, generation, twins):
            assert (generation, done) == (latest, [])
            assert found in of_latest
            assert found in open_runs
            assert {found.id, *ids(twins)} == {*ids(of_latest), *ids(open_runs)}
        case Deployed(found, generation, twins):
            assert (generation, redeploy) == (latest, False)
            assert found in done
            assert {found.id, *ids(twins)} == {*ids(of_latest), *ids(open_runs)}


@pytest.mark.parametrize(
    ("runs", "resumed", "redeployed"),
    [
        ([], Start(1), Start(1)),
        ([run("x", f"[dwd1:{OTHER}:g3]"), run("y", "by hand")], Start(1), Start(1)),
        ([ours("a")], "a", "a"),
        ([ours("a", "Success")], "done a", Start(2)),
        ([ours("a", "Fail")], Start(2), Start(2)),
        ([ours("a", "Termination")], Start(2), Start(2)),
        ([ours("a", "Cancel")], Start(2), Start(2)),
        ([ours("a", "Odd")], "a", "a"),
        ([ours("a", "Fail"), ours("b", generation=2)], "b", "b"),
        (
            [ours("a", "Fail"), ours("b", "Success", generation=2)],
            "done b",
            Start(3),
        ),
        ([ours("a", "Fail", generation=9), ours("b", "Fail", generation=10)], Start(11), Start(11)),
        ([ours("a", "Success"), ours("b", "Fail", generation=2)], Start(3), Start(3)),
        ([ours("a", "Fail"), ours("b")], "b", "b"),
        (
            [ours("a", "Success"), ours("b"), ours("c", advanced=True)],
            "done a",
            Start(2, (ours("b"), ours("c", advanced=True))),
        ),
        (
            [ours("a"), ours("b", "Fail", generation=2), run("y", "by hand")],
            Start(3, (ours("a"),)),
            Start(3, (ours("a"),)),
        ),
    ],
)
def test_what_a_rerun_does_with_what_it_finds(
    runs: list[Run], resumed: Start | str, redeployed: Start | str
) -> None:
    for redeploy, expected in ((False, resumed), (True, redeployed)):
        match look_back(INTENT, runs, redeploy=redeploy):
            case Start() as start:
                assert start == expected
            case Deployed(found):
                assert f"done {found.id}" == expected
            case Resume(found):
                assert found.id == expected


PROD = Stage("PROD", "Deploy", 3, "Deploy", "Running")


@pytest.mark.parametrize(
    ("others", "newer"),
    [
        ([], None),
        ([run("b", status="Success", at=POST_MS + 1)], "b"),
        ([run("b", status="Success", at=POST_MS + 1), run("c", status="Success", at=POST_MS + 2)], "c"),
        ([run("b", status="Success")], None),
        ([run("b", status="Success", at=POST_MS - 1)], None),
        ([run("b", status="Fail", at=POST_MS + 1), run("c", at=POST_MS + 1)], None),
    ],
)
def test_a_run_is_overtaken_only_by_a_newer_one_that_has_succeeded(
    others: list[Run], newer: str | None
) -> None:
    before = run("a")

    assert [each.id for each in [overtaken_by(before, [before, *others])] if each] == (
        [newer] if newer else []
    )
    # It has begun to change production.
    assert overtaken_by(replace(before, stages=(*before.stages, PROD)), others) is None
    # Nobody knows how old it is.
    assert overtaken_by(replace(before, created_ms=0), others) is None
