"""What a list of runs says about a lost creation and about earlier attempts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import Run, RunId, Stage
from dataworks_deploy.domain.reconcile import (
    Absent,
    Deployed,
    Foreign,
    Found,
    Resume,
    Start,
    bearing,
    elect,
    judge,
    look_back,
)

INTENT, OTHER = "A" * 26, "B" * 26
OURS = Mark(INTENT, 1)
POST_MS = 1_750_000_000_000
MINUTE = 60_000


def run(name: str, description: str = "", status: str = "Running", at: int = POST_MS, **facts: bool) -> Run:
    """Make a run; `advanced=True` is one whose check somebody has executed."""
    check = Stage("CHECK", "Check", 2, "Check", "Success" if facts.get("advanced") else "Init")
    return Run(RunId(name), status, description=description, created_ms=at, stages=(check,))


def ours(name: str, status: str = "Running", at: int = POST_MS, generation: int = 1, **facts: bool) -> Run:
    return run(name, f"[dwd1:{INTENT}:g{generation}] text", status, at, **facts)


def test_an_empty_list_shows_nothing() -> None:
    assert judge(OURS, [], POST_MS) == Absent()


def test_a_run_of_an_earlier_generation_is_nobody_elses_and_one_of_a_later_is() -> None:
    old, new = ours("old", generation=1), ours("new", generation=3)

    assert judge(Mark(INTENT, 2), [old], POST_MS) == Absent()
    assert judge(Mark(INTENT, 2), [old, new], POST_MS) == Foreign(new)


@pytest.mark.parametrize("status", ["Init", "Running", "Success", "Fail", "Termination", "Cancel", "Odd"])
def test_our_run_is_found_in_any_status(status: str) -> None:
    mine = ours("mine", status)

    assert judge(OURS, [run("other"), mine], POST_MS) == Found(mine)


def test_what_there_is_beside_the_run_that_is_carried_on_goes_with_it() -> None:
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
def test_what_does_not_bear_exactly_our_mark_is_foreign(description: str) -> None:
    other = run("other", description)

    assert judge(OURS, [other], POST_MS) == Foreign(other)


@pytest.mark.parametrize(
    ("age", "fresh"), [(-MINUTE, True), (0, True), (10 * MINUTE, True), (10 * MINUTE + 1, False)]
)
def test_a_foreign_run_is_fresh_from_ten_minutes_before_our_request(age: int, fresh: bool) -> None:
    other = run("other", at=POST_MS - age)

    assert judge(OURS, [other], POST_MS) == (Foreign(other) if fresh else Absent((other,)))


@pytest.mark.parametrize("status", ["Success", "Fail", "Termination", "Cancel"])
def test_a_foreign_run_that_has_ended_is_neither(status: str) -> None:
    assert judge(OURS, [run("other", status=status)], POST_MS) == Absent()


def test_a_status_never_seen_before_is_active() -> None:
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


RUNS = st.lists(
    st.builds(
        ours,
        st.sampled_from("abcdef"),
        st.sampled_from(["Init", "Running", "Success", "Fail", "Odd"]),
        st.integers(0, 3),
        st.integers(1, 3),
        advanced=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)


@given(RUNS.filter(bool).flatmap(lambda runs: st.tuples(st.just(runs), st.permutations(runs))))
def test_everybody_who_sees_the_same_runs_elects_the_same_one(orders: tuple[list[Run], list[Run]]) -> None:
    one, another = orders

    assert elect(one) == elect(another)


@given(RUNS, st.booleans())
def test_looking_back_never_starts_a_generation_that_exists(runs: list[Run], redeploy: bool) -> None:
    match look_back(INTENT, runs, redeploy=redeploy):
        case Start(generation, open_runs):
            assert bearing(Mark(INTENT, generation), runs) == []
            assert list(open_runs) == [each for each in runs if not each.ended]
        case Resume(found, generation):
            assert found in bearing(Mark(INTENT, generation), runs)
            assert not found.ended
        case Deployed(found):
            assert found.status == "Success"
            assert not redeploy


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
