"""One of several runs that bear the same mark is carried on."""

from dataclasses import replace

import pytest
from dataworks_deploy.app.duplicates import TRIES
from dataworks_deploy.app.elect import Election
from dataworks_deploy.app.ledger import Ledger
from dataworks_deploy.app.opened import Opened

from dataworks_deploy.domain.ending import Ok, Refusal
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import Run, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome

from .world import LOST, OBJECT, Scripted, page_of, refused, run_of

MARK = Mark("A" * 26, 1)
PROJECT, SETTLE = 10001, 8.0


def ours(name: str, at: int = 0, *statuses: str, status: str = "Running") -> Run:
    return run_of(name, status, *statuses, description=f"{MARK} note", at=at)


def still_open(name: RunId) -> Ok[Run]:
    return Ok(ours(name))


def held(script: Scripted, opened: Opened, seen: Run | None = None) -> tuple[Opened, ObjectResult]:
    """Hold the election and return the run to carry on, and what stands in the ledger."""
    winner, result = tried(script, opened, seen)
    assert winner is not None
    return winner, result


def tried(script: Scripted, opened: Opened, seen: Run | None = None) -> tuple[Opened | None, ObjectResult]:
    """The same, where there may be no winner."""
    ledger = Ledger([ObjectResult(OBJECT)], script.notes, script.clock)
    ledger.note(OBJECT, run_id=opened.run_id, request_id="R-0", adopted=False)
    if seen:
        ledger.see(OBJECT, seen)
    winner = script.play(Election(script.world, ledger, PROJECT, SETTLE).hold(OBJECT, opened))
    return winner, ledger[OBJECT]


DOUBTFUL = Opened(RunId("b"), MARK, sure=False)


@pytest.mark.parametrize(
    "opened", [Opened(RunId("b"), MARK, sure=True), Opened(RunId("b"), None, sure=False)]
)
def test_what_is_certain_or_not_ours_is_not_looked_up(opened: Opened) -> None:
    script = Scripted()

    assert held(script, opened)[0] == opened
    assert script.service.calls == []


def test_a_run_without_rivals_is_carried_on() -> None:
    script = Scripted(page=[page_of(ours("b"), run_of("x", description="[dwd1:" + "B" * 26 + ":g1]"))])

    winner, result = held(script, DOUBTFUL)

    assert winner == DOUBTFUL
    assert (result.request_id, result.adopted, result.remark) == ("R-0", False, "")
    assert [name for _, name, _ in script.service.calls] == ["page"]
    assert script.notes.warned == []


def test_the_oldest_wins_and_the_other_is_abolished() -> None:
    script = Scripted(page=[page_of(ours("b", 2), ours("a", 1))], abolish=[Ok(None)], run=[still_open])

    winner, result = held(script, DOUBTFUL)

    assert winner == Opened(RunId("a"), MARK, sure=False)
    assert (result.run_id, result.request_id, result.adopted) == ("a", None, True)
    said = "Duplicate runs of this job: b. Run a is carried on instead of b. Run b was abolished."
    assert result.remark == said
    assert script.service.of("abolish") == [("b",)]
    ((place, warning),) = script.notes.warned
    assert (place, warning) == (OBJECT, "2 runs bear this job's mark; a is kept, not b")
    assert script.notes.told == [(OBJECT, "Run b was abolished.")]


@pytest.mark.parametrize(
    ("statuses", "stage", "timed"),
    [([], None, []), (["Running"], "BUILD_PACKAGE", [True]), (["Success"], "BUILD_PACKAGE", [False])],
)
def test_nothing_that_was_seen_of_another_run_is_said_of_the_one_that_is_carried_on(
    statuses: list[str], stage: str | None, timed: list[bool]
) -> None:
    ended = ours("b", 1, "Success", status="Cancel")
    script = Scripted(page=[page_of(ended, ours("c", 2, *statuses))])

    winner, result = held(script, DOUBTFUL, ended)

    assert winner.run_id == "c"
    assert (result.status, result.stage) == ("Running", stage)
    assert [(span.code, span.status) for span in result.spans] == [(stage, each) for each in statuses]
    assert [span.timed for span in result.spans] == timed, "when a stage ran that was over is not known"


def test_a_rival_that_a_later_list_does_not_show_is_none_the_less_there() -> None:
    mark = Mark(MARK.intent, 2)
    held_run, rival = (
        run_of(name, "Running", description=str(mark), at=at) for name, at in (("b", 1), ("c", 2))
    )
    opened = Opened(RunId("b"), mark, sure=False, twins=(rival, ours("d")))
    script = Scripted(page=[page_of(held_run)], abolish=[Ok(None)], run=[still_open])

    winner, result = held(script, opened)

    assert winner.run_id == "b"
    assert script.service.of("abolish") == [("c",), ("d",)]
    assert result.remark == "Run c was abolished. Run d was abolished.", "named when they were found"
    assert script.notes.warned == []


def test_what_was_named_when_the_run_was_found_is_named_again_beside_another_one() -> None:
    opened = replace(DOUBTFUL, twins=(ours("c", 2),))
    script = Scripted(
        page=[page_of(ours("b", 1), ours("c", 2), ours("a", 0))], abolish=[Ok(None)], run=[still_open]
    )

    winner, result = held(script, opened)

    assert winner.run_id == "a"
    assert result.remark.startswith("Duplicate runs of this job: b, c.")


def test_only_what_was_not_named_before_is_named() -> None:
    opened = replace(DOUBTFUL, twins=(ours("c", 2),))
    script = Scripted(
        page=[page_of(ours("b", 1), ours("c", 2), ours("d", 3))], abolish=[Ok(None)], run=[still_open]
    )

    _, result = held(script, opened)

    assert result.remark.startswith("Duplicate runs of this job: d. Run c was abolished.")
    assert script.notes.warned == [(OBJECT, "2 runs bear this job's mark; b is kept, not d")]


def test_of_two_readings_of_a_rival_the_later_one_counts() -> None:
    opened = replace(DOUBTFUL, twins=(ours("c", 0),))
    script = Scripted(page=[page_of(ours("b", 1), ours("c", 0, status="Cancel"))])

    winner, result = held(script, opened)

    assert winner.run_id == "b"
    assert result.remark == "Run c has ended, as Cancel."


def test_the_run_that_we_hold_keeps_its_request_id_where_it_wins() -> None:
    script = Scripted(
        page=[page_of(ours("b", 1), ours("c", 2), ours("d", 3))], abolish=[Ok(None)], run=[still_open]
    )

    winner, result = held(script, DOUBTFUL)

    assert winner == DOUBTFUL
    assert (result.run_id, result.request_id, result.adopted) == ("b", "R-0", False)
    assert script.service.of("abolish") == [("c",), ("d",)]


def test_duplicates_that_have_ended_or_were_advanced_are_left() -> None:
    rivals = (ours("c", 2, "Success", "Success"), ours("d", 3, status="Fail"))
    script = Scripted(page=[page_of(ours("b", 1, "Success", "Running"), *rivals)])

    winner, result = held(script, DOUBTFUL)

    assert winner == DOUBTFUL
    assert script.service.of("abolish") == []
    (_, (place, warning)) = script.notes.warned
    assert (place, warning) == (
        OBJECT,
        "Run c has been advanced, and was left alone: look at it in DataWorks.",
    )
    assert "Run d has ended, as Fail." in result.remark


def test_an_active_run_of_an_earlier_generation_is_abolished_however_old_and_never_carried_on() -> None:
    second = replace(DOUBTFUL, mark=Mark(MARK.intent, 2))
    page = page_of(
        run_of("b", "Running", description=f"{second.mark} note", at=3),
        ours("a", 1),
        ours("c", 2, status="Fail"),
        run_of("d", "Running", description=f"[dwd1:{MARK.intent}:g3]"),
    )
    script = Scripted(page=[page], abolish=[Ok(None)], run=[still_open])

    winner, result = held(script, second)

    assert winner == second
    assert script.service.of("abolish") == [("a",)]
    assert result.remark == "Duplicate runs of this job: a. Run a was abolished."


def test_a_run_of_another_workspace_is_no_rival() -> None:
    elsewhere = replace(ours("a", 1), project_id=20002)
    script = Scripted(page=[page_of(ours("b", 2), elsewhere)])

    winner, result = held(script, DOUBTFUL)

    assert (winner, result.remark) == (DOUBTFUL, "")


def test_the_list_is_read_until_it_shows_the_run_that_we_hold() -> None:
    script = Scripted(
        page=[page_of(), page_of(), page_of(ours("b", 2), ours("a", 1))], abolish=[Ok(None)], run=[still_open]
    )

    assert held(script, DOUBTFUL)[0].run_id == "a"
    assert script.service.times("page") == [0, 2, 4]


def test_a_rival_that_shows_before_the_run_that_we_hold_is_named_at_once() -> None:
    rival = page_of(ours("c", 2))
    script = Scripted(page=[page_of(), rival, rival, page_of(ours("b", 1), ours("c", 2))], abolish=[Ok(None)])
    script.service.answers["run"] = [still_open]

    _, result = held(script, DOUBTFUL)

    assert result.remark == "Duplicate runs of this job: c. Run c was abolished."
    assert [entries[0].remark for entries in script.notes.written][1] == "Duplicate runs of this job: c."


def test_a_list_that_comes_late_is_read_again_at_once() -> None:
    script = Scripted(page=[page_of(), page_of(), page_of(ours("b"))])
    script.service.delay = 3.0

    held(script, DOUBTFUL)

    assert script.service.times("page") == [0, 3, 6]


def test_a_list_that_fails_is_read_again_as_the_service_asks() -> None:
    script = Scripted(page=[LOST, LOST, refused(Refusal.THROTTLED, 9.0), page_of(ours("b"))])

    held(script, DOUBTFUL)

    assert script.service.times("page") == [0, 0.75, 2.25, 11.25]
    assert script.service.of("page") == [(OBJECT, 1)] * 4
    assert script.notes.told[0] == (
        OBJECT,
        f"reading the list of runs failed ({LOST.fault.message}), trying again",
    )


@pytest.mark.parametrize("why", [Refusal.DENIED, Refusal.EXPIRED, Refusal.QUOTA_SPENT])
@pytest.mark.parametrize("listed", [False, True])
def test_what_cannot_be_read_any_more_is_not_waited_for(why: Refusal, *, listed: bool) -> None:
    """Nothing is advanced unseen, and no deadline is waited for: the run may go on."""
    no = refused(why)
    script = Scripted(page=[page_of()] if listed else [LOST, no, LOST, no], run=[no])

    winner, result = tried(script, DOUBTFUL)

    assert (winner, result.outcome, result.fault) == (None, Outcome.TIMED_OUT, no.fault)
    text = "Run b cannot be read" if listed else "Whether run b is this job's only one cannot be seen"
    assert result.message.startswith(text)
    assert result.message.endswith("It may still be open.")
    assert len(script.service.calls) == (4 + 3 if listed else 6)


def test_a_list_that_is_refused_now_and_then_is_waited_for() -> None:
    no = refused(Refusal.DENIED)
    script = Scripted(page=[no, no, page_of(), no, no, page_of(ours("b"))])

    assert held(script, DOUBTFUL)[0] == DOUBTFUL


def test_a_run_that_never_shows_is_read_by_itself_and_still_has_rivals() -> None:
    script = Scripted(
        page=[page_of(ours("a", 1))],
        run=[LOST, LOST, refused(Refusal.THROTTLED, 5.0), Ok(ours("b", 2))],
        abolish=[Ok(None)],
    )

    winner, _ = held(script, DOUBTFUL)

    assert winner.run_id == "a"
    assert script.service.times("page") == [0, 2, 4, SETTLE]
    assert script.service.of("run") == [("b",)] * 5
    assert script.service.times("run")[:4] == [SETTLE, SETTLE + 0.75, SETTLE + 2.25, SETTLE + 7.25]
    assert script.notes.warned[:2] == [
        (OBJECT, "2 runs bear this job's mark; b is kept, not a"),
        (OBJECT, "run b does not show in the list of runs"),
    ]
    assert script.notes.told[0] == (OBJECT, f"reading run b failed ({LOST.fault.message}), trying again")
    assert script.service.of("abolish") == [("b",)]


def test_one_that_has_failed_gives_way_to_one_that_is_open_although_it_was_advanced() -> None:
    failed = ours("a", 0, "Success", "Fail", status="Fail")
    script = Scripted(page=[page_of(failed, ours("b", 1))])

    winner, result = held(script, DOUBTFUL)

    assert winner == DOUBTFUL
    assert script.service.of("abolish") == []
    assert "Run a has ended, as Fail." in result.remark


class TestAbolition:
    PAGE = page_of(ours("b", 1), ours("c", 2))

    def test_one_that_is_lost_is_tried_again(self) -> None:
        script = Scripted(page=[self.PAGE], abolish=[LOST, Ok(None)], run=[LOST, still_open, still_open])

        held(script, DOUBTFUL)

        assert script.service.times("abolish") == [0.75, 0.75 + 1.5]
        assert script.service.of("run") == [("c",)] * 3
        assert script.notes.told == [(OBJECT, "Run c was abolished.")]

    def test_one_that_is_refused_for_now_is_tried_again_when_the_service_says(self) -> None:
        busy = refused(Refusal.THROTTLED, 9.0)
        script = Scripted(page=[self.PAGE], abolish=[busy, Ok(None)], run=[still_open])

        held(script, DOUBTFUL)

        assert script.service.times("abolish") == [0, 9]

    def test_one_that_has_happened_after_all_is_not_tried_again(self) -> None:
        script = Scripted(
            page=[self.PAGE], abolish=[LOST], run=[still_open, Ok(ours("c", 2, status="Termination"))]
        )

        _, result = held(script, DOUBTFUL)

        assert len(script.service.of("abolish")) == 1
        assert len(script.notes.warned) == 1
        assert "Run c has ended, as Termination." in result.remark

    def test_one_that_was_advanced_meanwhile_is_left(self) -> None:
        advanced = Ok(ours("c", 2, "Success", "Running"))
        script = Scripted(page=[self.PAGE], abolish=[refused(Refusal.THROTTLED)], run=[still_open, advanced])

        _, result = held(script, DOUBTFUL)

        assert len(script.service.of("abolish")) == 1
        assert "Run c has been advanced, and was left alone" in result.remark

    def test_one_that_is_refused_for_good_is_reported_and_the_next_one_tried(self) -> None:
        script = Scripted(
            page=[page_of(ours("b", 1), ours("c", 2), ours("d", 3))],
            abolish=[*[refused(Refusal.DENIED)] * TRIES, Ok(None)],
            run=[still_open],
        )

        held(script, DOUBTFUL)

        assert script.service.of("abolish") == [("c",)] * TRIES + [("d",)]
        assert script.notes.warned[1] == (
            OBJECT,
            "Run c could not be abolished (DENIED: no): look at it in DataWorks.",
        )
        assert script.notes.told == [(OBJECT, "Run d was abolished.")]
