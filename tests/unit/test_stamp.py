"""The mark in a run's description, with the owner and the content beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.fingerprint import fingerprint
from dataworks_deploy.domain.mark import Mark, any_mark, describe, parse_mark
from dataworks_deploy.domain.stamp import Stamp, owner_of, parse_stamp

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
INTENT = "MASNYZSUL5AX47ZMVCQVMAKQ4H"
MARKS = st.builds(Mark, st.text(BASE32, min_size=26, max_size=26), st.integers(1, 999_999_999))
STAMPS = st.builds(
    Stamp,
    MARKS,
    st.text(BASE32, min_size=8, max_size=8) | st.just(""),
    st.text(BASE32, min_size=16, max_size=16) | st.just(""),
)


@given(STAMPS, st.text())
def test_a_stamp_is_read_back_whatever_follows_it(stamp: Stamp, note: str) -> None:
    assert parse_stamp(f"{stamp}{note}") == stamp


@given(STAMPS, st.text(), st.integers(0, 120))
def test_a_description_that_the_service_cuts_has_its_stamp_or_none(
    stamp: Stamp, note: str, kept: int
) -> None:
    """Never another one: half of a hash is a hash as well."""
    found = parse_stamp(f"{stamp}{note}"[:kept])

    assert found == (stamp if kept >= len(str(stamp)) else None)


@given(MARKS, st.text())
def test_the_oldest_form_stays_as_it_was(mark: Mark, note: str) -> None:
    """Both ways: what is written without owner and content is that form, and each of these is read."""
    assert str(Stamp(mark)) == str(mark)
    assert parse_stamp(describe(mark, note)) == Stamp(mark)


@given(st.text() | st.from_regex(r"\A ?\[dwd[12]:[A-Z2-7]{25,27}:g?[0-9]{0,10}[:\]].*", fullmatch=True))
def test_what_was_a_mark_before_is_one_with_the_same_words(text: str) -> None:
    before, now = parse_mark(text), parse_stamp(text)

    assert now is None or before is None or now == Stamp(before)
    assert before is None or now is not None


@given(STAMPS, st.lists(st.sampled_from((":a", ":z", ":q")), unique=True), st.text(BASE32, min_size=1))
def test_parts_of_a_later_version_are_passed_over(stamp: Stamp, letters: list[str], text: str) -> None:
    later = str(stamp).removesuffix("]") + "".join(f"{letter}{text[:32]}" for letter in letters) + "]"

    assert parse_stamp(later) == stamp


@given(STAMPS)
def test_a_stamp_begins_like_every_mark_of_its_intent(stamp: Stamp) -> None:
    assert str(stamp).startswith(any_mark(stamp.mark.intent))


@pytest.mark.parametrize(
    "text",
    [
        "",
        f" [dwd1:{INTENT}:g1]",
        f"x[dwd1:{INTENT}:g1:rABCDEFGH]",
        f"[dwd1:{INTENT}:g0:rABCDEFGH]",
        f"[dwd1:{INTENT}:g1:]",
        f"[dwd1:{INTENT}:g1:r]",
        f"[dwd1:{INTENT}:g1:rabcdefgh]",
        f"[dwd1:{INTENT}:g1:RABCDEFGH]",
        f"[dwd1:{INTENT}:g1:rABCDEFG1]",
        f"[dwd1:{INTENT}:g1:rABCDEFGH:rABCDEFGH]",
        f"[dwd1:{INTENT}:g1:cA:rB:cC]",
        f"[dwd1:{INTENT}:g1 :rABCDEFGH]",
        f"[dwd1:{INTENT}:g1:rABCDEFGH",
        f"[dwd1:{INTENT}:g1:c{'A' * 33}]",
        f"[dwd2:{INTENT}:g1:rABCDEFGH]",
        f"[dwd1:{INTENT}:rABCDEFGH:g1]",
    ],
)
def test_what_only_looks_like_a_stamp_is_none(text: str) -> None:
    assert parse_stamp(text) is None


def test_a_stamp_never_changes() -> None:
    """A later version of this action has to read what this one has written."""
    stamp = Stamp(Mark(INTENT, 1), owner_of("748291056", 10001), fingerprint({"spec": {}}))

    assert str(stamp) == f"[dwd1:{INTENT}:g1:r2SRKRN7K:cVYYW4CXNVTJMOAF4]"
    assert len(str(stamp)) == 64


def test_an_owner_is_a_repository_in_a_workspace() -> None:
    owners = [owner_of("1", 23), owner_of("12", 3), owner_of("1", 2), owner_of("2", 23)]

    assert len({*owners}) == len(owners)
    assert all(len(owner) == 8 and {*owner} <= {*BASE32} for owner in owners)
