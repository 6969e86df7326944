"""The mark in a run's description."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import Creation, DeployType, ObjectId
from dataworks_deploy.domain.reconcile import (
    Mark,
    Origin,
    describe,
    intent_of,
    nonce_of,
    owner_of,
    parse_mark,
)
from dataworks_deploy.domain.studio.fingerprint import content_of

ORIGIN = Origin("748291056", "16245980123", "deploy", "__self")
CREATION = Creation(10001, ObjectId("7567482277219412494"), DeployType.ONLINE)
INTENT = intent_of(ORIGIN, CREATION)
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# As the first version wrote them, and with their other parts.
MARKS = st.builds(
    Mark,
    st.text(BASE32, min_size=26, max_size=26),
    st.integers(1, 999_999_999),
    st.text(BASE32, min_size=8, max_size=8) | st.just(""),
    st.text(BASE32, min_size=16, max_size=16) | st.just(""),
)


@given(MARKS, st.text())
def test_a_mark_is_read_whatever_follows_it(mark: Mark, note: str) -> None:
    for description in (describe(mark, note), f"{mark}{note}"):
        assert (found := parse_mark(description)) == mark
        assert str(found) == str(mark)


@given(MARKS)
def test_without_a_note_the_mark_stands_alone(mark: Mark) -> None:
    assert describe(mark, "") == str(mark)
    assert describe(mark, " text \n") == f"{mark}  text"


@given(MARKS, st.text(), st.integers(0, 120))
def test_a_cut_description_has_its_mark_or_none(mark: Mark, note: str, kept: int) -> None:
    """Never another mark: half of a number is a number too."""
    found = parse_mark(describe(mark, note)[:kept])

    assert found == (mark if kept >= len(str(mark)) else None)


@given(MARKS, st.text(min_size=1))
def test_a_mark_that_is_not_at_the_very_start_is_none(mark: Mark, before: str) -> None:
    assert parse_mark(before + str(mark)) is None or parse_mark(before) is not None


def test_the_first_generation_is_not_the_tenth() -> None:
    first, tenth = Mark(INTENT, 1), Mark(INTENT, 10)

    assert parse_mark(f"{tenth} text") == tenth != first
    assert str(first) not in str(tenth)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[dwd1:]",
        f" [dwd1:{INTENT}:g1]",
        f"[dwd1:{INTENT}:g0]",
        f"[dwd1:{INTENT}:g01]",
        f"[dwd1:{INTENT}:g-1]",
        f"[dwd1:{INTENT}:g]",
        f"[dwd1:{INTENT}:g1 ]",
        f"[dwd1:{INTENT}:1]",
        f"[dwd1:{INTENT.lower()}:g1]",
        f"[dwd1:{INTENT[:-1]}:g1]",
        f"[dwd1:{INTENT}A:g1]",
        f"[dwd2:{INTENT}:g1]",
        f"[dwd1:{INTENT}:g１]",
        f"[dwd1:{INTENT}:g1234567890]",
        f"dwd1:{INTENT}:g1",
    ],
)
def test_a_text_that_only_looks_like_a_mark_is_none(text: str) -> None:
    assert parse_mark(text) is None


def test_an_intent_never_changes() -> None:
    """A re-run may use a later version of this action, which must find the runs of this one."""
    assert describe(Mark(INTENT, 1), "x") == f"[dwd1:{INTENT}:g1] x"
    assert INTENT == "MASNYZSUL5AX47ZMVCQVMAKQ4H"


@pytest.mark.parametrize(
    "other",
    [
        intent_of(replace(ORIGIN, repository_id="1"), CREATION),
        intent_of(replace(ORIGIN, workflow_run_id="1"), CREATION),
        intent_of(replace(ORIGIN, job="other"), CREATION),
        intent_of(replace(ORIGIN, action="__self_2"), CREATION),
        intent_of(ORIGIN, replace(CREATION, project_id=1)),
        intent_of(ORIGIN, replace(CREATION, object_id=ObjectId("1"))),
        intent_of(ORIGIN, replace(CREATION, type=DeployType.OFFLINE)),
        intent_of(ORIGIN, replace(CREATION, run_mode="Auto")),
        intent_of(ORIGIN, replace(CREATION, auto_run_until_stage="PROD")),
    ],
)
def test_an_intent_differs_by_every_field(other: str) -> None:
    assert other != INTENT
    assert len(other) == 26


def test_fields_do_not_run_into_each_other() -> None:
    one = intent_of(replace(ORIGIN, job="a", action="bc"), CREATION)

    assert one != intent_of(replace(ORIGIN, job="ab", action="c"), CREATION)
    assert one != intent_of(replace(ORIGIN, job='a","b', action="c"), CREATION)


def test_the_note_is_no_part_of_the_intent() -> None:
    assert intent_of(ORIGIN, replace(CREATION, note="attempt 2")) == INTENT


def test_nonces_are_derived_and_differ_by_intent_generation_and_refusals() -> None:
    marks = [Mark(INTENT, 1), Mark(INTENT, 2), Mark(INTENT, 11), Mark(INTENT[::-1], 1)]
    nonces = [nonce_of(mark, refusals) for mark in marks for refusals in (0, 1, 11)]

    assert len({*nonces}) == len(nonces)
    assert nonces == [nonce_of(mark, refusals) for mark in marks for refusals in (0, 1, 11)]
    assert all(len(nonce) == 32 and int(nonce, 16) >= 0 for nonce in nonces)


@given(MARKS, st.lists(st.sampled_from((":a", ":z", ":q")), unique=True), st.text(BASE32, min_size=1))
def test_parts_of_a_later_version_are_ignored(mark: Mark, letters: list[str], text: str) -> None:
    later = str(mark).removesuffix("]") + "".join(f"{letter}{text[:32]}" for letter in letters) + "]"

    assert str(parse_mark(later)) == str(mark)


def test_runs_are_recognised_by_intent_and_generation_alone() -> None:
    """An edit between two attempts of a job does not make its run somebody else's."""
    assert Mark(INTENT, 1, "A" * 8, "B" * 16) == Mark(INTENT, 1, "C" * 8) != Mark(INTENT, 2, "C" * 8)


@pytest.mark.parametrize(
    "parts",
    [
        *(":", ":r", ":rabcdefgh", ":RABCDEFGH", ":rABCDEFG1", ":rABCDEFGH:rABCDEFGH", ":cA:rB:cC"),
        *(" :rABCDEFGH", f":c{'A' * 33}", ":rABCDEFGH:g1"),
    ],
)
def test_wrong_parts_make_it_no_mark(parts: str) -> None:
    assert parse_mark(f"[dwd1:{INTENT}:g1{parts}]") is None


def test_a_mark_never_changes() -> None:
    """A later version of this action must read the marks of this one."""
    owner, content = owner_of("748291056", 10001), content_of({"spec": {}}, None).fingerprint

    assert str(Mark("M" * 26, 1, owner, content)) == f"[dwd1:{'M' * 26}:g1:r2SRKRN7K:cVYYW4CXNVTJMOAF4]"


def test_an_owner_is_a_repository_in_a_workspace() -> None:
    owners = [owner_of("1", 23), owner_of("12", 3), owner_of("1", 2), owner_of("2", 23)]

    assert len({*owners}) == len(owners)
    assert all(len(owner) == 8 and {*owner} <= {*BASE32} for owner in owners)
    assert owner_of("", 23) == ""
