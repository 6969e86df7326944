"""The log on plain values: whose group a line is in, what is said of an end, and what a terminal shows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from dataworks_deploy.domain.model import ObjectId, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.hosts.github.commands import Runner
from dataworks_deploy.hosts.here import host_of
from dataworks_deploy.hosts.terminal import Terminal
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.render.lines import counted, ended, verdict

from ..witness.commands import faults, read

ONE, TWO = ObjectId("1001"), ObjectId("1002")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECRET = "Secret/of+the=test"
Printed = Callable[[], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """What was printed since the last time."""
    return lambda: capsys.readouterr().out


def journal(grouped: bool = True, runner: Runner | None = None) -> StepJournal:
    return StepJournal(runner or Runner({}), Secrets([SECRET]), [ONE, TWO], grouped=grouped)


def test_each_object_has_one_group_and_its_end_stands_outside(printed: Printed) -> None:
    log = journal()
    for each in (ONE, TWO):
        log.tell(each, "created run r")
        log.tell(None, "still under way")
        log.tell(each, "run r Running")
        log.ended(ObjectResult(each, Outcome.FAILED, message="no such table"))

    assert printed().splitlines() == [
        "::group::[1/2] 1001",
        "| created run r",
        "DataWorks Deploy: still under way",
        "| run r Running",
        "::endgroup::",
        "[1/2] 1001: failed: no such table",
        "::group::[2/2] 1002",
        "| created run r",
        "DataWorks Deploy: still under way",
        "| run r Running",
        "::endgroup::",
        "[2/2] 1002: failed: no such table",
    ]


def test_what_is_told_after_an_end_opens_no_group_again(printed: Printed) -> None:
    log = journal()
    log.ended(ObjectResult(ONE, Outcome.CANCELLED))
    log.tell(ONE, "abolished run r")

    assert printed().splitlines() == ["[1/2] 1001: cancelled", "[1/2] 1001: abolished run r"]


def test_no_group_stays_open_whatever_happens(printed: Printed) -> None:
    log = journal()
    log.tell(ONE, "x")
    log.tell(TWO, "of another one, which should not come now")
    log.publish(Report(Verdict.FAILED), over=True)
    log.fail("Internal error", "x")

    stream = read(printed())
    assert [command.name for command in stream.commands] == ["group", "endgroup"] * 2 + ["error"]
    assert faults(stream) == []


def test_objects_side_by_side_are_told_apart_by_their_names(printed: Printed) -> None:
    log = journal(grouped=False)
    log.tell(TWO, "created run r")
    log.tell(ONE, "created run s")

    assert printed().splitlines() == ["[2/2] 1002: created run r", "[1/2] 1001: created run s"]


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (ObjectResult(ONE, message="Not started: x."), "skipped: Not started: x."),
        (ObjectResult(ONE, Outcome.TIMED_OUT, RunId("r"), message="Late."), "timed out, run r: Late."),
        (
            ObjectResult(
                ONE, Outcome.SUCCEEDED, RunId("r"), started_at=NOON, finished_at=NOON + timedelta(seconds=9.6)
            ),
            "succeeded after 10 s, run r",
        ),
    ],
)
def test_an_end_is_one_line(result: ObjectResult, line: str) -> None:
    assert ended(result) == line


@pytest.mark.parametrize(
    ("outcomes", "calls", "line"),
    [
        (["failed"], 1, "0 of 1 object succeeded, 1 API call"),
        (["succeeded", "failed", "skipped"], 2, "1 of 3 objects succeeded, 1 not started, 2 API calls"),
        (["created"], 1, "1 of 1 object left open, 1 API call"),
        (["planned", "planned"], 2, "2 of 2 objects planned, 2 API calls"),
        (["created", "succeeded"], 1200, "2 of 2 objects ended as asked, 1,200 API calls"),
    ],
)
def test_the_last_line_names_what_it_counts(outcomes: list[str], calls: int, line: str) -> None:
    results = tuple(ObjectResult(ObjectId(str(n)), Outcome(each)) for n, each in enumerate(outcomes))

    assert counted(Report(Verdict.FAILED, results, calls)) == f"failed: {line}"


@pytest.mark.parametrize(
    ("sent", "said"), [([0, 0], "left open"), ([0, 1], "created"), ([1, 1], "created"), ([], "created")]
)
def test_what_was_only_continued_was_not_created(sent: list[int], said: str) -> None:
    results = tuple(ObjectResult(ObjectId(str(n)), Outcome.CREATED, attempts=n) for n in sent)

    assert verdict(Report(Verdict.CREATED, results)) == said
    assert [ended(each) for each in results] == [["left open", "created"][n] for n in sent]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("It broke. Do this, and then that.", "It broke."),
        ("Run 1.5 ended as Fail: no table dw.orders", "Run 1.5 ended as Fail: no table dw.orders"),
        ("失败。 原因", "失败。"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
    ],
)
def test_a_failure_is_told_in_a_sentence_because_an_annotation_tells_it_whole(
    message: str, shown: str
) -> None:
    assert ended(ObjectResult(ONE, Outcome.FAILED, message=message)) == f"failed: {shown}"
    assert ended(ObjectResult(ONE, Outcome.PLANNED, message=message)) == f"planned: {message}"


def test_a_warning_names_its_object_once(printed: Printed) -> None:
    log = journal()
    log.warn(ONE, "waits for a person")
    log.warn(None, "object-ids: 1 is given 2 times")

    assert [line.count("1001") + line.count("DataWorks Deploy") for line in printed().splitlines()] == [2, 1]


def test_details_are_scrubbed_and_only_there_for_who_asked(printed: Printed) -> None:
    journal().debug("call 1")
    assert printed() == ""

    journal(runner=Runner({"RUNNER_DEBUG": "1"})).debug(f"call 1\n::error::{SECRET}")
    assert printed() == "::debug::call 1 / ::error::***\n"


def test_a_terminal_shows_text_alone_and_no_masks(printed: Printed) -> None:
    log = journal(runner=Terminal({"RUNNER_DEBUG": "1"}))
    log.learn(("another secret",))
    log.tell(ONE, "created run r")
    log.warn(ONE, "waits for a person")
    log.ended(ObjectResult(ONE, Outcome.FAILED))
    log.fail("Object 1001: failed", "What.", "Fix: that")
    log.remark("DataWorks Deploy", "succeeded")
    log.debug("call 1")

    shown = printed()
    assert read(shown).commands == []
    assert shown.splitlines() == [
        "[1/2] 1001",
        "| created run r",
        "warning: DataWorks Deploy: [1/2] 1001: waits for a person",
        "[1/2] 1001: failed",
        "error: Object 1001: failed: What.",
        "  Fix: that",
        "notice: DataWorks Deploy: succeeded",
        "debug: call 1",
    ]


@pytest.mark.parametrize(
    ("said", "kind"), [("true", Runner), ("false", Terminal), ("", Terminal), (None, Terminal)]
)
def test_who_reads_commands_says_so(said: str | None, kind: type[Runner]) -> None:
    assert type(host_of({"GITHUB_ACTIONS": said} if said is not None else {})) is kind


def test_the_witness_sees_what_the_runner_would_not_show() -> None:
    assert faults(read("::group::a\n::group::b\n::endgroup::")) == ["group b"]
    assert faults(read("::endgroup::")) == ["endgroup"]
    assert faults(read("::group::a")) == ["a group stays open"]
    assert faults(read("::error::x\n" * 11)) == ["11 of type error"]
