"""The journal: the group of each line, what a terminal shows, and that no secret gets out."""

import html
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Ok
from dataworks_deploy.domain.event import CallEnded, RunAbolished, RunCreated
from dataworks_deploy.domain.model import DeployType, ObjectId, RunId
from dataworks_deploy.domain.outcome import End, Verdict
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.secrets import Secrets, scrubbed
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.operations import GetNode
from dataworks_deploy.domain.studio.plan import Action, Asked, Plan, Planned
from dataworks_deploy.hosts import Host
from dataworks_deploy.hosts.github.commands import Runner
from dataworks_deploy.hosts.here import Terminal, host_of
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.render.report import Report

from ..witness.command_files import parse
from ..witness.commands import faults, read
from .render.records import NOON, called, failed, orders, own, stopped
from .render.values import drawn

ONE, TWO = ObjectId("1001"), ObjectId("1002")
SECRET = "Secret/of+the=test"
CREATED, GONE = RunCreated(RunId("r"), "R-1"), RunAbolished(RunId("r"))
FAILED = failed(own(ONE), "no such table")
Printed = Callable[[], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """The output since the last call."""
    return lambda: capsys.readouterr().out


def journal(grouped: bool = True, host: Host | None = None) -> StepJournal:
    """The journal of a step of two objects."""
    return StepJournal(host or Runner({}), Secrets([SECRET]), [ONE, TWO], grouped=grouped)


def test_each_object_has_one_group_and_its_end_is_outside_of_it(printed: Printed) -> None:
    log = journal()
    for each in (ONE, TWO):
        log.tell(each, CREATED)
        log.say(None, "still running")
        log.tell(each, GONE)
        log.ended(failed(own(each)))

    assert [line.partition(" after ")[0] for line in printed().splitlines()] == [
        "::group::[1/2] 1001",
        "| created run r (RequestId R-1)",
        "DataWorks Deploy: still running",
        "| abolished run r",
        "::endgroup::",
        "[1/2] 1001: failed",
        "::group::[2/2] 1002",
        "| created run r (RequestId R-1)",
        "DataWorks Deploy: still running",
        "| abolished run r",
        "::endgroup::",
        "[2/2] 1002: failed",
    ]


def test_a_line_after_the_end_of_an_object_opens_no_new_group(printed: Printed) -> None:
    log = journal()
    log.ended(stopped(own(ONE), End.CANCEL))
    log.tell(ONE, GONE)

    assert printed().splitlines()[1:] == ["[1/2] 1001: abolished run r"]


def test_no_group_stays_open_whatever_happens(printed: Printed) -> None:
    log = journal()
    log.tell(ONE, CREATED)
    log.tell(TWO, CREATED)  # a line of another object, which should not come now
    log.publish(Report(Verdict.FAILED), over=True)
    log.fail("Internal error", "x")

    stream = read(printed())
    assert [command.name for command in stream.commands] == ["group", "endgroup"] * 2 + ["error"]
    assert faults(stream) == []


def test_lines_of_parallel_objects_begin_with_the_object(printed: Printed) -> None:
    log = journal(grouped=False)
    log.tell(TWO, GONE)
    log.tell(ONE, GONE)

    assert printed().splitlines() == ["[2/2] 1002: abolished run r", "[1/2] 1001: abolished run r"]


def test_names_come_from_the_records(printed: Printed) -> None:
    """The number of objects does too, because it is unknown before the selection."""
    log = StepJournal(Runner({}), Secrets([SECRET]))
    log.tell(ONE, GONE)
    log.known([Record(TWO), orders(Record(ONE))], 0)
    for each in (ONE, TWO):
        log.tell(each, GONE)
    log.ended(called(failed(own(TWO)), f"a {SECRET} \u202eb\n::error::{'x' * 200}"))

    lines = printed().splitlines()
    assert lines[:3] == [
        "object 1001: abolished run r",
        "[2/2] dwd_orders_di (1001): abolished run r",
        "[1/2] 1002: abolished run r",
    ]
    shown, rest = lines[3].removeprefix("[1/2] ").split(" (1002): failed after")
    assert shown == f"a *** \ufffdb / ::error::{'x' * 59}…"
    assert len(shown) == 80
    assert rest.startswith(" 60 s: Run run-1002 ended")


def test_the_title_of_a_group_has_the_name(printed: Printed) -> None:
    log = journal()
    log.known([orders(Record(ONE)), Record(TWO)], 0)
    log.tell(ONE, GONE)

    assert printed().splitlines()[0] == "::group::[1/2] dwd_orders_di (1001)"


def test_no_part_of_a_secret_stays_in_a_name_that_is_cut(printed: Printed) -> None:
    log = journal(grouped=False)
    failed_one = called(failed(own(ONE)), f"{'x' * 70}{SECRET}")
    log.known([failed_one, Record(TWO)], 0)
    log.ended(failed_one)
    log.ended(Record(TWO).kept_back(failed_one))

    shown = printed()
    assert shown.count(f"{'x' * 70}*** (1001)") == 2
    assert SECRET[:3] not in shown


def test_names_of_data_studio_are_scrubbed_once(tmp_path: Path) -> None:
    (tmp_path / "outputs").touch()
    log = StepJournal(Runner({"GITHUB_OUTPUT": str(tmp_path / "outputs")}), Secrets([SECRET]))
    record = called(own(ONE), f"of {SECRET}")
    for each in (record, record.interrupted(End.CANCEL, NOON)):
        log.known([each], 1)
        assert '"name":"of ***","path":"dw/of ***"' in (tmp_path / "outputs").read_text("utf-8")
    log.learn(("of ***",))
    log.known([record], 1)
    assert '"name":"***"' in (tmp_path / "outputs").read_text("utf-8")


def test_a_warning_names_its_object_once(printed: Printed) -> None:
    log = journal()
    log.warn(ONE, GONE)
    log.alert(None, "object-ids: 1 is given 2 times")

    assert [line.count("1001") + line.count("DataWorks Deploy") for line in printed().splitlines()] == [2, 1]


def test_details_are_scrubbed_and_shown_only_in_debug_mode(printed: Printed) -> None:
    call = CallEnded(1, GetNode(ObjectId(f"1\n::error::{SECRET}")), Ok(None), 1.0)
    journal().debug(call)
    assert printed() == ""

    journal(host=Runner({"RUNNER_DEBUG": "1"})).debug(call)
    assert printed() == "::debug::call 1, GetNode 1 / ::error::***: ok, RequestId none (1 ms)\n"


def test_a_terminal_shows_only_text_and_no_masks(printed: Printed) -> None:
    log = journal(host=Terminal({"RUNNER_DEBUG": "1"}))
    log.learn(("another secret",))
    log.tell(ONE, GONE)
    log.warn(ONE, GONE)
    log.ended(FAILED)
    log.fail("Object 1001: failed", "What.", "Fix: that")
    log.remark("DataWorks Deploy", "succeeded")
    log.debug(GONE)

    shown = printed()
    assert read(shown).commands == []
    assert shown.splitlines() == [
        "[1/2] 1001",
        "| abolished run r",
        "warning: DataWorks Deploy: [1/2] 1001: abolished run r",
        ("[1/2] 1001: failed after 60 s: Run run-1001 ended as Fail at stage PROD_CHECK: no such table"),
        "error: Object 1001: failed: What.",
        "  Fix: that",
        "notice: DataWorks Deploy: succeeded",
        "debug: abolished run r",
    ]


@pytest.mark.parametrize(
    ("said", "kind"), [("true", Runner), ("false", Terminal), ("", Terminal), (None, Terminal)]
)
def test_only_github_actions_is_true_selects_the_runner(said: str | None, kind: type[Host]) -> None:
    assert type(host_of({"GITHUB_ACTIONS": said} if said is not None else {})) is kind


SECRETS = ("s3cret-value", 'pass"word-1', "pass\\word-1", "pass<word>&1")


@given(drawn(Record, st.sampled_from(("Running", "a # b"))), st.sampled_from(SECRETS))
def test_no_report_contains_a_secret_wherever_it_was_in_the_record(value: Record, secret: str) -> None:
    """This includes secrets that JSON or Markdown spell differently."""
    record = replace(scrubbed(value, lambda text: text.replace("#", secret)), object_id=ONE)
    with TemporaryDirectory() as folder:
        files = {
            name: Path(folder, name) for name in ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
        }
        log = StepJournal(Runner({name: str(path) for name, path in files.items()}), Secrets([secret]))
        log.known([record], 1)
        log.draw([record], 1, NOON)
        before = [path.read_text("utf-8") for path in files.values()]
        with redirect_stdout(StringIO()):
            log.publish(Report(Verdict.FAILED, (record,), problems=(f"a {secret} b",)), over=False)
        after = [path.read_text("utf-8") for path in files.values()]

    for outputs, state, summary in (before, after):
        values = parse(outputs) | parse(state)
        plain = [json.loads(text) if text[:1] in {"[", "{"} else text for text in values.values()]
        for shown in (*map(str, plain), html.unescape(summary)):
            assert not [form for form in (secret, str([secret])[2:-2]) if form in shown], shown
    assert "a *** b" in html.unescape(after[2])


def test_the_plan_hides_a_secret_that_becomes_known_later(tmp_path: Path) -> None:
    file = tmp_path / "outputs"
    log = StepJournal(Runner({"GITHUB_OUTPUT": str(file)}), Secrets([SECRET]))
    named = StudioObject(ONE, Kind.NODE, f"a {SECRET} another-secret", "p")
    plan = Plan(10001, DeployType.ONLINE, (Planned(named, Action.DEPLOY, Asked(None), 1),))

    with redirect_stdout(StringIO()):
        log.chosen(plan, 1)
        for name in ("a *** another-secret", "a *** ***"):
            log.known([Record(ONE)], 0)
            (shown,) = json.loads(parse(file.read_text("utf-8"))["plan"])["objects"]
            assert shown["name"] == name
            log.learn(("another-secret",))


def test_a_secret_that_becomes_known_is_removed_from_earlier_outputs(tmp_path: Path) -> None:
    log = StepJournal(Runner({"GITHUB_OUTPUT": str(tmp_path / "outputs")}), Secrets([]))
    (tmp_path / "outputs").touch()
    record = failed(own("1"), "of s3cret-value")
    for text, learnt in (("of s3cret-value", ()), ("of ***", ("s3cret-value",))):
        log.learn(learnt)
        log.known([record], 1)
        assert text in (tmp_path / "outputs").read_text("utf-8")
