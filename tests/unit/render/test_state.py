"""The state tells the post step which runs to abolish, and nothing else."""

from collections.abc import Sequence

import pytest

from dataworks_deploy.domain.model import TERMINAL, ObjectId, RunId
from dataworks_deploy.domain.outcome import End
from dataworks_deploy.domain.reconcile import Claim
from dataworks_deploy.domain.record import Fate, Record, Whose
from dataworks_deploy.render.state import STATE, Left, restored, saved

from .records import (
    MARK,
    called,
    foreign,
    losing,
    named,
    orders,
    own,
    read,
    requested,
    stopped,
    withdrawn,
)

ONE, RUN = ObjectId("1"), RunId("run-1")
CLAIMS = {ONE: Claim(MARK)}
STOPPED = stopped(read(own("1")), End.CANCEL)


def left(record: Record) -> Left | None:
    """What the state of an object leaves to the post step."""
    return found_in([record])


def found_in(records: Sequence[Record]) -> Left | None:
    """What the state of these objects leaves to the post step."""
    state = saved(records)
    return restored(lambda name: state.get(name, ""))


@pytest.mark.parametrize("record", [own("1"), read(own("1")), read(own("1"), "Odd"), STOPPED])
def test_an_own_run_that_may_be_open_is_in_the_state(record: Record) -> None:
    assert left(record) == Left({ONE: RUN}, claims=CLAIMS)


@pytest.mark.parametrize("status", TERMINAL)
def test_a_run_that_has_ended_is_not_in_the_state(status: str) -> None:
    assert left(read(own("1"), status)) is None


@pytest.mark.parametrize("fate", Fate)
def test_a_run_to_abolish_is_in_the_state_until_a_reading_shows_its_fate(fate: Fate) -> None:
    unknown = fate in {Fate.UNSEEN, Fate.ABOLISHED}

    assert (left(withdrawn(STOPPED, fate)) is not None) is unknown
    assert left(withdrawn(stopped(read(own("1"), "Termination"), End.CANCEL), fate)) is None


def test_for_a_run_whose_deployment_was_requested_the_state_says_so() -> None:
    assert left(own("1").executing(7.0)) == Left({ONE: RUN}, told=(ONE,), claims=CLAIMS)


def test_a_run_that_nobody_has_read_yet_is_in_the_state_with_the_time_of_its_creation() -> None:
    claim = Claim(MARK, 1_780_000_000_000)
    unread = requested("1").opened(RUN, Whose.OWN, adopted=False, claim=claim)

    assert left(unread) == Left({ONE: RUN}, claims={ONE: claim})


@pytest.mark.parametrize("record", [foreign("1"), named("1")])
def test_a_run_that_is_not_this_jobs_own_is_not_in_the_state(record: Record) -> None:
    assert left(record) is None


@pytest.mark.parametrize("record", [requested("1"), losing("1")])
def test_an_object_that_may_have_a_run_is_in_the_state_too(record: Record) -> None:
    assert left(record) == Left({}, (ONE,))


def test_the_state_has_the_names_of_the_objects_that_it_contains() -> None:
    records = [
        orders(own("1")),
        called(losing("2"), "x" * 200),
        called(read(own("3"), "Success"), "c"),
        own("4"),
    ]
    found = found_in(records)

    assert found
    assert found.names == {"1": "dwd_orders_di", "2": "x" * 81}


def test_the_state_of_many_objects_has_no_names() -> None:
    """The state has a size limit, and the IDs are more important."""
    records = [called(own(str(number)), "🙂" * 200) for number in range(1000)]
    named, bare = (found_in(records[:many]) for many in (50, 51))

    assert named
    assert bare
    assert (len(named.names), len(bare.names)) == (50, 0)
    assert len("".join(saved(records[:50]).values())) < 64 * 1024


@pytest.mark.parametrize("many", [1, 500, 1000])
def test_no_value_of_the_state_is_too_long_for_a_variable(many: int) -> None:
    """Linux starts no process with a variable of more than 128 KiB: the post step would abolish nothing."""
    records = [own(f"{number:019}").executing(7.0) for number in range(many)]

    assert max(len(f"STATE_{name}={value}".encode()) for name, value in saved(records).items()) < 100 * 1024
    found = found_in(records)
    assert found
    assert [*found.runs] == [*found.told] == [*found.claims] == [record.object_id for record in records]


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "7", '{"runs": 1}', '{"runs": {}, "unclear": [], "told": []}', "x"),
        '{"runs": {"1": "r"}, "unclear": [], "told": []}',
        *(
            f'{{"runs": {{"1": "r"}}, "unclear": [], "told": [], "claims": {{"1": {claim}}}}}'
            for claim in ("7", "[]", '["by hand", null]', f'["{MARK}", "x"]', f'["{MARK}", {{}}]')
        ),
    ],
)
def test_a_text_that_is_no_valid_state_leaves_nothing(text: str) -> None:
    assert restored(lambda name: {STATE: text}.get(name, "")) is None
