"""The state tells the post step of what is to be abolished, and of nothing else."""

import pytest

from dataworks_deploy.domain.model import TERMINAL, ObjectId, RunId
from dataworks_deploy.domain.outcome import End
from dataworks_deploy.domain.reconcile import Claim
from dataworks_deploy.domain.record import Fate, Record, Whose
from dataworks_deploy.render.state import Left, restored, saved

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
    """What is left of an object to the post step."""
    return restored(saved([record]))


@pytest.mark.parametrize("record", [own("1"), read(own("1")), read(own("1"), "Odd"), STOPPED])
def test_an_own_run_that_may_be_open_is_left(record: Record) -> None:
    assert left(record) == Left({ONE: RUN}, claims=CLAIMS)


@pytest.mark.parametrize("status", TERMINAL)
def test_one_that_has_ended_is_not(status: str) -> None:
    assert left(read(own("1"), status)) is None


@pytest.mark.parametrize("fate", Fate)
def test_one_that_was_to_be_abolished_is_as_long_as_no_reading_shows_what_became_of_it(fate: Fate) -> None:
    unknown = fate in {Fate.UNSEEN, Fate.ABOLISHED}

    assert (left(withdrawn(STOPPED, fate)) is not None) is unknown
    assert left(withdrawn(stopped(read(own("1"), "Termination"), End.CANCEL), fate)) is None


def test_one_that_was_told_to_deploy_is_left_with_that() -> None:
    assert left(own("1").executing(7.0)) == Left({ONE: RUN}, told=(ONE,), claims=CLAIMS)


def test_one_that_nobody_has_read_yet_is_left_with_the_time_of_its_creation() -> None:
    claim = Claim(MARK, 1_780_000_000_000)
    unread = requested("1").opened(RUN, Whose.OWN, adopted=False, claim=claim)

    assert left(unread) == Left({ONE: RUN}, claims={ONE: claim})


@pytest.mark.parametrize("record", [foreign("1"), named("1")])
def test_one_that_is_not_this_jobs_is_not(record: Record) -> None:
    assert left(record) is None


@pytest.mark.parametrize("record", [requested("1"), losing("1")])
def test_an_object_that_may_have_a_run_is_left_as_well(record: Record) -> None:
    assert left(record) == Left({}, (ONE,))


def test_what_the_objects_are_called_is_left_of_those_that_are_left() -> None:
    records = [
        orders(own("1")),
        called(losing("2"), "x" * 200),
        called(read(own("3"), "Success"), "c"),
        own("4"),
    ]
    found = restored(saved(records))

    assert found
    assert found.names == {"1": "dwd_orders_di", "2": "x" * 81}


def test_of_many_objects_no_names_are_left() -> None:
    """What is handed on has its limit, and the IDs go before."""
    records = [called(own(str(number)), "🙂" * 200) for number in range(1000)]
    named, bare = (restored(saved(records[:many])) for many in (50, 51))

    assert named
    assert bare
    assert (len(named.names), len(bare.names)) == (50, 0)
    assert len(saved(records[:50])) < 64 * 1024


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
def test_where_there_is_no_state_nothing_is_left(text: str) -> None:
    assert restored(text) is None
