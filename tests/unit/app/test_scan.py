"""A complete list of runs, or none."""

import pytest
from dataworks_deploy.app import scan as module
from dataworks_deploy.app.scan import MOST_PASSES, scan, shows

from dataworks_deploy.domain.ending import Refusal, Unclear
from dataworks_deploy.domain.model import Run, RunId

from .world import LOST, OBJECT, Scripted, page_of, refused, run_of


def runs(first: int, last: int) -> list[Run]:
    """Runs by number."""
    return [run_of(str(number)) for number in range(first, last + 1)]


def scanned(script: Scripted) -> object:
    """What a scan of the object's runs gives."""
    return script.play(scan(script.service, OBJECT))


def test_one_page_is_one_call() -> None:
    script = Scripted(page=[page_of(*runs(1, 3))])

    assert scanned(script) == runs(1, 3)
    assert script.service.of("page") == [(OBJECT, 1)]


def test_a_full_page_is_followed_by_the_next_whatever_the_count_says() -> None:
    """Captures show a count of 0 over ten rows."""
    one, two = page_of(*runs(1, 100), total=0), page_of(*runs(101, 102), total=0)
    script = Scripted(page=[one, two, one, two])

    assert scanned(script) == runs(1, 102)
    assert script.service.of("page") == [(OBJECT, 1), (OBJECT, 2)] * 2


def test_a_full_page_alone_is_followed_by_an_empty_one() -> None:
    script = Scripted(page=[page_of(*runs(1, 100)), page_of(total=100)] * 2)

    assert scanned(script) == runs(1, 100)
    assert script.service.of("page") == [(OBJECT, 1), (OBJECT, 2)] * 2


def test_smaller_pages_than_asked_for_are_read_to_the_count() -> None:
    script = Scripted(page=[page_of(*runs(1, 10), total=15), page_of(*runs(11, 15), total=15)] * 2)

    assert scanned(script) == runs(1, 15)


def test_a_list_that_shows_fewer_runs_than_it_counts_is_no_list() -> None:
    ending = scanned(Scripted(page=[page_of(*runs(1, 10), total=15), page_of(total=15)]))

    assert isinstance(ending, Unclear)
    assert "shows 10 of 15 runs" in ending.fault.message


def test_a_run_that_moves_to_the_next_page_meanwhile_is_one_run() -> None:
    """A run that is created meanwhile pushes all others down; two passes have to agree."""
    before = [page_of(*runs(1, 100), total=101), page_of(*runs(100, 101), total=101)]
    after = [page_of(*runs(0, 99), total=102), page_of(*runs(100, 101), total=102)]
    script = Scripted(page=[*before, *after, *after])

    assert scanned(script) == runs(0, 101)
    assert len(script.service.of("page")) == 6


def test_a_list_that_changes_each_time_is_no_list() -> None:
    pages = [
        page
        for number in range(MOST_PASSES)
        for page in (page_of(*runs(1, 100), total=101), page_of(run_of(f"new-{number}"), total=101))
    ]
    script = Scripted(page=pages)

    ending = scanned(script)

    assert isinstance(ending, Unclear)
    assert "changed each time" in ending.fault.message
    assert len(script.service.of("page")) == 2 * MOST_PASSES


def test_a_list_without_an_end_is_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PAGES", 3)
    script = Scripted(page=[page_of(*runs(1, 100))])

    ending = scanned(script)

    assert isinstance(ending, Unclear)
    assert "more than 3 pages" in ending.fault.message
    assert script.service.of("page") == [(OBJECT, 1), (OBJECT, 2), (OBJECT, 3)]


@pytest.mark.parametrize("ending", [LOST, refused(Refusal.DENIED)])
@pytest.mark.parametrize("page", [1, 2])
def test_a_page_that_fails_fails_the_list(ending: object, page: int) -> None:
    pages = [page_of(*runs(1, 100)), ending] if page == 2 else [ending]

    assert scanned(Scripted(page=pages)) == ending


def test_whether_a_run_is_shown_is_not_known_from_a_list_that_fails() -> None:
    script = Scripted(page=[page_of(*runs(1, 3)), LOST])

    assert script.play(shows(script.service, OBJECT, RunId("9"))) == LOST
    assert script.service.of("page") == [(OBJECT, 1)] * 2
