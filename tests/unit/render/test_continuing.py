"""How to continue after a step: what a re-run would do, and inputs to copy that lead further."""

import re
import shlex
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given as drawn
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault, Source, Symptom
from dataworks_deploy.domain.model import ObjectId, RunId
from dataworks_deploy.domain.outcome import End, Outcome, Verdict
from dataworks_deploy.domain.reason import Because, BegunBefore, EarlierUnmarked, NotListed, Overtaken
from dataworks_deploy.domain.record import Fate, Record, Unread
from dataworks_deploy.hosts.github import Variables
from dataworks_deploy.hosts.inputs import DEFAULTS, Inputs, parse
from dataworks_deploy.hosts.inputs.ids import parse_ids
from dataworks_deploy.render.continuing import ADD_FAILED, ADD_UNKNOWN, ADD_UNREAD, aftermath, how_to_continue
from dataworks_deploy.render.reasons import message
from dataworks_deploy.render.report import About, Report
from dataworks_deploy.render.state import Left
from dataworks_deploy.wiring import about_of

from ...witness.markdown import fences
from .records import (
    DENIED,
    NOON,
    abolished,
    begun,
    called,
    conflict,
    created,
    failed,
    foreign,
    given,
    lacking,
    left_to_person,
    named,
    orders,
    own,
    planned,
    put_off,
    read,
    refused,
    refused_at,
    resumed,
    run_of,
    stopped,
    succeeded,
    unknown,
    unproven,
    unsent,
    unstarted,
    waiting,
    withdrawn,
)
from .test_harmless import HOSTILE

NEVER_READ = named("1").reading_failed(Unread(3, DENIED))
NO_STAGE = lacking(own("1"))
KEPT, STARTS, RETRIES = "skips what is done", "starts the rest", "retries what failed"


def left(name: str = "1", *, run_id: str | None = None) -> Record:
    """An object whose run was still running when the deadline passed."""
    return stopped(read(own(name) if run_id is None else named(name, run_id=run_id)))


def gone(name: str = "1") -> Record:
    """An object whose run was abolished when the step was cancelled."""
    return abolished(stopped(read(own(name)), End.CANCEL))


def page(*records: Record, verdict: Verdict = Verdict.FAILED, **about: Any) -> str:
    """The section of these objects."""
    known = About(**about)
    return "\n".join(how_to_continue(Report(verdict, records), known)) + "\n"


def said(*records: Record, verdict: Verdict = Verdict.FAILED, **about: Any) -> str:
    """The same without the inputs to copy."""
    return re.sub(r"(?s)```yaml.*?```", "", page(*records, verdict=verdict, **about))


def blocks(*records: Record, **about: Any) -> list[dict[str, str]]:
    """The inputs to copy."""
    found = [text for kind, text in fences(page(*records, **about)) if kind == "yaml"]
    return [yaml.load(text, Loader=yaml.BaseLoader)["with"] or {} for text in found]


START = ("gh", "workflow", "run", "deploy.yml", "--repo=octo-org/data", "--ref=main")


def commands(*records: Record, start: tuple[str, ...] = START, **about: Any) -> list[dict[str, str]]:
    """The inputs that each command gives, as a shell reads it."""
    found = []
    for kind, text in fences(page(*records, start=start, **about)):
        if kind == "sh":
            command, *rest = text.splitlines()
            words = shlex.split(command)
            assert (rest, words[: len(start)]) == ([], [*start])
            flags, given = words[len(start) :: 2], words[len(start) + 1 :: 2]
            assert {*flags} <= {"-f"}
            found.append(dict(each.split("=", 1) for each in given))
    return found


def ids(text: str) -> tuple[str, ...]:
    """The IDs of an input, as the parser reads them."""
    return tuple(parse_ids(text).ids)


def inputs_of(given: dict[str, str], runner: dict[str, str] | None = None) -> Inputs:
    """The parsed inputs of a step. The parser must accept them."""
    least = {"project-id": "1", "region": "cn-shanghai", "object-ids": "1", "access-key-id": "i"}
    least |= {"access-key-secret": "s"}
    variables = {f"INPUT_{name.upper()}": value for name, value in {**DEFAULTS, **least, **given}.items()}
    inputs = parse(Variables(variables | (runner or {})))
    assert isinstance(inputs, Inputs)
    return inputs


class TestInputsToCopy:
    def test_open_runs_have_a_block_with_their_objects_and_objects_without_runs_another(self) -> None:
        late = stopped(begun("5"))
        runs, objects = blocks(left("1"), unstarted("2"), succeeded(own("3")), gone("4"), late, left("6"))

        assert runs.keys() == {"object-ids", "run-ids"}
        assert (ids(runs["object-ids"]), ids(runs["run-ids"])) == (("1", "6"), ("run-1", "run-6"))
        assert objects.keys() == {"object-ids"}
        assert ids(objects["object-ids"]) == ("2", "4", "5")

    def test_runs_that_were_given_without_objects_are_continued_without_objects(self) -> None:
        assert blocks(stopped(read(named("1", alone=True)))) == [{"run-ids": "run-1\n"}]

    def test_a_run_that_was_given_and_not_begun_is_continued(self) -> None:
        (runs,) = blocks(left("1"), stopped(given("2")))

        assert ids(runs["run-ids"]) == ("run-1", "run-2")

    @pytest.mark.parametrize(
        "record",
        [
            stopped(begun("1")),
            gone(),
            withdrawn(stopped(read(own("1")), End.CANCEL), Fate.ENDED, run=run_of("run-1", "Fail")),
            failed(own("1")),
            NEVER_READ.interrupted(End.FAILURE, NOON),
            unknown("1"),
        ],
    )
    def test_a_run_that_is_not_open_is_not_continued(self, record: Record) -> None:
        assert all("run-ids" not in given for given in blocks(record))

    @pytest.mark.parametrize(
        ("given", "changed"),
        [
            ({"wait": "false"}, {"wait"}),
            (
                {"run-mode": "Auto", "auto-run-until-stage": "PROD", "wait": "false"},
                {"wait", "run-mode", "auto-run-until-stage"},
            ),
            ({"wait": "true"}, set()),
        ],
    )
    def test_inputs_that_would_be_refused_are_changed(self, given: dict[str, str], changed: set[str]) -> None:
        """The parser must accept the copied inputs together with the other inputs of the step."""
        report = Report(Verdict.CREATED, (created(own("1")),))
        ((_, text),) = fences("\n".join(how_to_continue(report, about_of(inputs_of(given)))))
        copied = yaml.load(text, Loader=yaml.BaseLoader)["with"]

        assert copied.keys() == {"object-ids", "run-ids"} | changed
        assert inputs_of(given | copied).run_ids == ("run-1",)

    @pytest.mark.parametrize(
        ("records", "advance"),
        [
            ([waiting(own("1"), Because.ADVANCE_FALSE)], "true"),
            ([left_to_person(own("1"), Because.ADVANCE_FALSE)], "true"),
            ([left_to_person(own("1"))], None),
            ([waiting(own("1"))], None),
            ([waiting(own("1"), Because.ADVANCE_FALSE, End.CANCEL)], None),
            ([waiting(foreign("1"), Because.FOREIGN)], "false"),
            ([waiting(own("1"), Because.ADVANCE_FALSE), waiting(foreign("2"), Because.FOREIGN)], "false"),
        ],
    )
    def test_the_inputs_to_copy_advance_waiting_stages_unless_a_run_is_somebody_elses(
        self, records: list[Record], advance: str | None
    ) -> None:
        (runs,) = blocks(*records)

        assert runs.get("advance") == advance

    def test_each_id_is_followed_by_its_name_as_a_comment(self) -> None:
        records = (orders(left("1")), left("2"), orders(failed(own("3"))), called(unstarted("4"), "c"))
        text, (runs, objects) = page(*records), blocks(*records)

        assert (
            "  object-ids: |\n    1  # dwd_orders_di\n    2\n  run-ids: |\n    run-1  # dwd_orders_di\n"
            in text
        )
        assert "    # 3  # dwd_orders_di  (failed: fix the cause first)\n    4  # c\n" in text
        assert (ids(runs["object-ids"]), ids(runs["run-ids"])) == (("1", "2"), ("run-1", "run-2"))
        assert ids(objects["object-ids"]) == ("4",)
        assert ids(objects["object-ids"].replace("# 3", "3")) == ("3", "4"), "its own comment stays one"

    @drawn(
        HOSTILE
        | st.sampled_from(["7567482277219412494", "a 756748227721941 b", "${{ github.token }}", "a\n```\n9"])
    )
    def test_whatever_the_name_of_an_object_the_same_ids_are_given(self, name: str) -> None:
        """A long number in a comment would look like a lost ID."""
        records = (called(left("1"), name), called(unstarted("2"), name), called(failed(own("3")), name))
        runs, objects = blocks(*records)

        for listed, expected in ((runs["object-ids"], ("1",)), (objects["object-ids"], ("2",))):
            parsed = parse_ids(listed)
            assert (parsed.ids, parsed.problems, parsed.doubts) == (expected, (), ())
        assert ids(runs["run-ids"]) == ("run-1",)
        assert not re.search(r"[${}`]", runs["object-ids"] + objects["object-ids"])

    def test_too_many_runs_to_list_are_taken_from_the_outputs(self) -> None:
        text = page(*(left(str(number)) for number in range(501)))

        assert "output `results`" in text
        assert "run-1" not in text

    @pytest.mark.parametrize("run_id", ["a\n```", "a b", "x" * 65, ""])
    def test_ids_that_the_inputs_would_refuse_are_not_offered(self, run_id: str) -> None:
        text = page(left("1", run_id=run_id), left("2", run_id="a b"))

        assert fences(text)[0][1].count("\n") == 3
        assert "output `results`" in text
        assert "a b" not in text


class TestTheCommand:
    """The same inputs as a command for a shell, if the host can start the workflow file."""

    def test_the_command_gives_the_same_inputs_as_the_inputs_to_copy(self) -> None:
        given = (left("1"), unstarted("2"), orders(left("3")), gone("4"))

        assert commands(*given) == [
            {"object-ids": "1 3", "run-ids": "run-1 run-3"},
            {"object-ids": "2 4"},
        ]
        runs, objects = blocks(*given)
        assert (ids(runs["run-ids"]), ids(objects["object-ids"])) == (("run-1", "run-3"), ("2", "4"))

    def test_the_page_says_what_the_workflow_file_needs_for_the_command(self) -> None:
        text = page(left("1"), unstarted("2"), start=START)

        needs = "The workflow file needs `workflow_dispatch` with the {}, and must pass them to the action:"
        assert needs.format("inputs `object-ids` and `run-ids`") in text
        assert needs.format("input `object-ids`") in text

    def test_the_command_gives_inputs_that_must_change_too(self) -> None:
        changes = {"wait": "true", "auto-run-until-stage": ""}

        assert commands(created(own("1")), changes=changes) == [
            {"object-ids": "1", "run-ids": "run-1"} | changes
        ]
        (given,) = commands(left_to_person(own("1"), Because.ADVANCE_FALSE))
        assert given["advance"] == "true"

    def test_runs_that_were_given_without_objects_are_continued_without_objects(self) -> None:
        assert commands(stopped(read(named("1", alone=True)))) == [{"run-ids": "run-1"}]

    def test_objects_that_a_person_must_look_at_first_are_not_in_the_command(self) -> None:
        assert commands(failed(own("1")), unstarted("2"), unknown("3")) == [{"object-ids": "2"}]
        assert commands(failed(own("1")), unknown("3")) == []
        assert commands(left("1"), stopped(unproven("2"))) == [{"object-ids": "1", "run-ids": "run-1"}]

    @pytest.mark.parametrize("records", [(created(own("1")),), (NO_STAGE,)])
    def test_there_is_no_command_if_until_stage_would_end_the_next_step_again(
        self, records: tuple[Record, ...]
    ) -> None:
        assert commands(*records, until_stage="PRD") == []

    @pytest.mark.parametrize(
        "records",
        [
            tuple(left(str(number)) for number in range(501)),
            (left("1", run_id="a b"),),
            tuple(left(f"{number:064}", run_id=f"{number:064}") for number in range(500)),
        ],
        ids=["too many", "no ID", "too long for GitHub"],
    )
    def test_there_is_no_command_for_inputs_that_the_workflow_file_could_not_get(
        self, records: tuple[Record, ...]
    ) -> None:
        assert commands(*records) == []

    def test_there_is_no_command_if_no_workflow_file_can_be_started(self) -> None:
        assert commands(left("1"), start=()) == []
        assert "GitHub CLI" not in page(left("1"))
        assert commands(planned("1"), unstarted("2"), dry_run=True) == []

    @drawn(st.lists(HOSTILE.filter(lambda text: text.isprintable()), max_size=3))
    def test_whatever_a_branch_is_called_a_shell_reads_the_same_words(self, names: list[str]) -> None:
        start = (*START, *names)

        (given,) = commands(left("1"), start=start)

        assert given == {"object-ids": "1", "run-ids": "run-1"}


class TestARunOfAnUnknownOwner:
    """The ID in an answer proves nothing, and a run in run-ids is advanced whoever created it."""

    @pytest.mark.parametrize(
        "record",
        [
            stopped(unproven("1")),
            stopped(unproven("1"), End.CANCEL),
            unproven("1").left_by_a_kill(),
            created(unproven("1")),
        ],
    )
    def test_the_run_is_a_comment_until_a_person_has_looked(self, record: Record) -> None:
        (runs,), text = blocks(record, left("2")), page(record, left("2"))

        assert (ids(runs["object-ids"]), ids(runs["run-ids"])) == (("2",), ("run-2",))
        assert "    # run-1  (not read: look for its mark first)\n" in text
        looked = {name: re.sub(r"# (\S+) .*", r"\1", value) for name, value in runs.items()}
        assert (ids(looked["object-ids"]), ids(looked["run-ids"])) == (("1", "2"), ("run-1", "run-2"))
        assert ADD_UNREAD in text
        assert ADD_UNREAD not in page(left("2"))

    def test_a_run_that_has_shown_its_mark_is_offered(self) -> None:
        assert "#" not in page(left("1")).partition("object-ids")[2]


class TestUntilStage:
    CHANGE = "Leave out until-stage, or name a later stage of the run\n"

    @pytest.mark.parametrize("record", [created(own("1")), NO_STAGE])
    def test_until_stage_must_change_if_it_would_end_the_next_step_again(self, record: Record) -> None:
        assert self.CHANGE in page(record, until_stage="PRD")

    @pytest.mark.parametrize(
        "record",
        [left(), refused_at(own("1")), stopped(own("1"), End.FAILURE), left_to_person(own("1"))],
    )
    def test_until_stage_stays_if_it_was_not_reached(self, record: Record) -> None:
        """Without until-stage the next step would deploy to production."""
        assert "until-stage" not in page(record, until_stage="A")

    @pytest.mark.parametrize("record", [NO_STAGE, lacking(named("1")), abolished(NO_STAGE)])
    def test_if_a_run_does_not_have_the_stage_a_re_run_fails_again(self, record: Record) -> None:
        """This holds for an abolished run too: a new run does not have the stage either."""
        text = page(record, unstarted("2"), until_stage="PRD")

        assert "fails again: not every run has the stage of `until-stage`. Change it first." in text
        assert "safe" not in text
        assert text.count(self.CHANGE) == len(blocks(record, unstarted("2")))


class TestAReRun:
    @pytest.mark.parametrize(
        ("record", "deed"),
        [
            (left(), "continues the open runs of this job"),
            (stopped(read(resumed("1"))), "continues the open runs of this job"),
            (left_to_person(own("1")), "continues the open runs of this job"),
            (created(own("1")), "keeps the runs open that these inputs leave open"),
            (stopped(begun("1")), STARTS),
            (unstarted("1"), STARTS),
            (gone(), STARTS),
            (failed(own("1")), RETRIES),
            (unknown("1"), "looks again for the runs of unknown objects"),
            (refused("1"), RETRIES),
            (succeeded(own("1")), KEPT),
            (succeeded(foreign("1")), "repeats what somebody else's run has done"),
        ],
    )
    def test_the_page_says_what_a_re_run_does_with_each_kind_of_object_that_is_there(
        self, record: Record, deed: str
    ) -> None:
        other = created(own("2")) if "open" not in deed else unstarted("2")

        assert deed in said(record, other)
        assert deed not in said(other)

    def test_with_on_rerun_redeploy_the_page_says_that_a_re_run_does_it_again(self) -> None:
        assert "repeats what is done (`on-rerun`)" in said(succeeded(own("1")), left(), redeploy=True)

    def test_a_re_run_with_named_runs_creates_no_runs(self) -> None:
        text = said(stopped(read(named("1"))), stopped(given("2")))

        assert "It creates none." in text
        assert "start" not in text

    def test_no_re_run_is_offered_if_the_job_has_not_failed(self) -> None:
        text = said(created(own("1")), verdict=Verdict.CREATED)

        assert "Runs still open: 1." in text
        assert "Re-run" not in text

    @pytest.mark.parametrize(
        "record",
        [unknown("2"), conflict("2", run_of("other")), succeeded(foreign("2")), stopped(foreign("2"))],
    )
    def test_a_re_run_is_not_called_safe_if_an_unknown_run_may_exist(self, record: Record) -> None:
        assert "That is safe" in said(left(), unstarted("2"))
        text = said(left(), record)
        assert "First look for the runs that this page names above." in text
        assert "safe" not in text

    @pytest.mark.parametrize("record", [refused("1"), stopped(put_off("1", DENIED)), failed(own("1"))])
    def test_a_re_run_after_a_refusal_or_a_failure_is_called_safe(self, record: Record) -> None:
        assert "That is safe: it finds this job's runs by their mark." in said(record, left("2"))

    @pytest.mark.parametrize("record", [left(), unstarted("1"), stopped(resumed("1"))])
    def test_a_re_run_of_a_dry_run_deploys_nothing(self, record: Record) -> None:
        text = said(record, dry_run=True)

        assert text.split("\n", 2)[2].strip() == (
            "A dry run deploys nothing, and a re-run of it deploys nothing either. To deploy, leave out `dry-run`."
        )
        assert page(planned("1"), verdict=Verdict.PLANNED, dry_run=True).strip() == ""

    def test_outside_of_a_workflow_run_no_run_is_found_again(self) -> None:
        """Every start has a new mark there, so the same inputs would create a second run."""
        text = said(left(), unstarted("2"), outside=True)

        assert "**A new start** with the same inputs creates a new run for each object" in text
        assert "It creates none." in said(stopped(read(named("1"))), outside=True)
        for each in (text, said(unstarted("1"), outside=True)):
            assert not re.search("safe|orkflow run", each)

    @pytest.mark.parametrize("runner", [{}, {"GITHUB_RUN_ID": "7"}, {"GITHUB_RUN_ID": "1", "ACT": "true"}])
    def test_a_step_without_a_run_id_of_github_or_under_act_is_outside_of_a_workflow_run(
        self, runner: dict[str, str]
    ) -> None:
        about = about_of(inputs_of({"dry-run": "true"}, runner))

        assert about.dry_run
        assert about.outside == (runner != {"GITHUB_RUN_ID": "7"})


class TestObjectsToStart:
    def test_a_failed_object_is_a_comment_in_its_place(self) -> None:
        """Later objects may need it, and would fail without their upstream."""
        records = (succeeded(own("1")), failed(own("2")), unstarted("3"), refused("4"), unknown("5"))

        (block,) = blocks(*records)
        assert block["object-ids"].splitlines() == [
            "# 2  (failed: fix the cause first)",
            "3",
            "# 4  (rejected: fix the cause first)",
            "# 5  (unknown: look for its run first)",
        ]
        assert ids(block["object-ids"]) == ("3",)
        assert ids(block["object-ids"].replace("# ", "").replace("  (", "  # (")) == ("2", "3", "4", "5")
        assert ADD_FAILED in said(*records)
        assert ADD_UNKNOWN in said(*records)

    @pytest.mark.parametrize(
        ("record", "failed", "unknown"),
        [
            (failed(own("1")), True, False),
            (refused("1"), True, False),
            (unknown("1"), False, True),
            (conflict("1", run_of("other")), False, True),
        ],
    )
    def test_a_failed_object_is_a_comment_even_if_no_other_object_is_left(
        self, record: Record, *, failed: bool, unknown: bool
    ) -> None:
        text = said(record, succeeded(own("2")))

        assert "Objects not done: 1." in text
        assert "They list what is not done." in text
        assert (ADD_FAILED in text, ADD_UNKNOWN in text) == (failed, unknown)

    def test_an_object_whose_run_was_named_is_given_without_the_run(self) -> None:
        text = page(failed(named("1")), succeeded(named("2")))

        assert "# the other inputs as they are, but leave out run-ids\n" in text
        assert "# 1  (failed: fix the cause first)" in text
        assert page(failed(named("1", alone=True))) == "\n", "its object is not known"

    def test_a_dry_run_has_no_inputs_to_copy(self) -> None:
        assert page(refused("1"), dry_run=True) == "\n"

    def test_a_re_run_warns_that_an_earlier_attempt_may_have_left_runs(self) -> None:
        warning = "An earlier attempt may have left runs of these objects"

        assert warning in said(left(), unstarted("2"), rerun=True)
        assert warning not in said(left(), rerun=True)
        assert warning not in said(left(), unstarted("2"))
        unmarked = replace(refused("1"), reason=EarlierUnmarked((run_of("run-1"),)))
        assert warning not in said(unmarked, unstarted("2"), rerun=True), "it cannot recognise them"

    def test_a_run_that_an_earlier_attempt_left_open_is_given_and_no_second_one_created(self) -> None:
        """The step ended before the object's turn, but it had read the object's runs to compare their content."""
        open_before = unstarted("2").noted(BegunBefore((RunId("r-2"),), RunId("r-2")))

        first, second = blocks(open_before, unstarted("3"), rerun=True)

        assert [first[name].split() for name in ("object-ids", "run-ids")] == [["2"], ["r-2"]]
        assert second["object-ids"].split() == ["3"]
        over = refused("2").noted(BegunBefore((RunId("r-2"),), RunId("r-2")))
        assert "run-ids" not in blocks(over, rerun=True)[0], "it was looked at again before the creation"

    def test_an_object_that_an_earlier_attempt_has_deployed_is_not_given(self) -> None:
        deployed_before = unstarted("2").noted(BegunBefore((RunId("r-2"),), deployed=True))

        cancelled = (
            begun("2").noted(BegunBefore((RunId("r-2"),), deployed=True)).interrupted(End.CANCEL, NOON)
        )
        for record in (deployed_before, cancelled):
            assert blocks(record, unstarted("3"), rerun=True) == [{"object-ids": "3\n"}]

    def test_after_a_killed_step_the_page_says_that_objects_may_have_started_since(self) -> None:
        text = "\n".join(how_to_continue(Report(Verdict.CANCELLED, (unstarted("1"),), as_of=NOON), About()))

        assert "Objects that may still be to do: 1." in text
        assert "They may have started since then: look first." in text
        assert "since" not in said(unstarted("1"))


class TestOpenRuns:
    @pytest.mark.parametrize(
        "record",
        [
            created(own("2")),
            waiting(own("2")),
            left_to_person(own("2")),
            NO_STAGE,
            waiting(resumed("2"), Because.ADVANCE_FALSE),
        ],
    )
    def test_a_run_that_stays_at_its_stage_counts_as_open(self, record: Record) -> None:
        assert "Runs still open: 2." in said(waiting(own("1")), record)

    @pytest.mark.parametrize(
        "record",
        [
            left("2"),
            stopped(read(own("2")), End.CANCEL),
            refused_at(own("2")),
            stopped(given("2")),
            waiting(own("2").reading_failed(Unread(3, DENIED))),
            withdrawn(waiting(own("2")), Fate.UNSEEN, End.TIMEOUT),
        ],
    )
    def test_a_run_that_goes_on_by_itself_or_was_not_read_may_still_be_open(self, record: Record) -> None:
        assert "Runs that may still be open: 2." in said(waiting(own("1")), record)

    def test_a_run_of_somebody_else_is_offered_only_with_a_warning(self) -> None:
        assert "`advance: false` keeps it that way" in said(stopped(foreign("1")))
        for record in (left(), stopped(resumed("1"))):
            assert "somebody else" not in said(record)


def test_a_run_that_the_post_step_tries_to_abolish_is_continued_after_that() -> None:
    record = withdrawn(stopped(read(own("1")), End.CANCEL), Fate.UNSEEN)
    told = (
        "\n".join(how_to_continue(Report(Verdict.CANCELLED, (record,), post_step=post_step), About()))
        for post_step in (True, False)
    )

    assert ["a post step tries once more" in text for text in told] == [True, False]


def test_a_re_run_does_not_help_where_the_job_lacks_a_permission() -> None:
    denied = Fault("no", symptom=Symptom.ID_TOKEN_DENIED, source=Source.GITHUB)

    assert "fails again: it keeps the old permissions of the job." in said(unsent("1", denied))
    assert "retries what failed" in said(unsent("1", replace(denied, renewal=True)))


@pytest.mark.parametrize(
    ("record", "keeps"),
    [
        (refused("1", Fault("no", "Forbidden.Not.Server", "R-1", 500)), True),
        (refused("1", Fault("上游节点未发布", "9990010002", "R-1", 400)), True),
        (refused("1"), False),
        (failed(own("1")), False),
        (named("1").ended(Outcome.FAILED, NotListed(RunId("r"), ObjectId("1")), NOON), True),
    ],
    ids=["region", "upstream", "permission", "stage", "another object's run"],
)
def test_a_re_run_keeps_the_input_that_may_be_wrong(record: Record, *, keeps: bool) -> None:
    assert ("It keeps the old inputs" in said(record)) is keeps
    assert "keeps the old inputs" not in said(record, outside=True)


@pytest.mark.parametrize(("record", "anew"), [(own("1"), True), (named("1"), False)])
def test_a_re_run_does_not_continue_an_overtaken_run(record: Record, *, anew: bool) -> None:
    overtaken = read(record).ended(Outcome.FAILED, Overtaken(run_of("run-1"), run_of("r-2", "Success")), NOON)

    text = said(overtaken, unstarted("2"))

    assert "fails again where a newer run has overtaken an open one." in text
    assert ("a re-run creates a new one" in text) is anew
    assert "That is safe" not in text
    assert blocks(overtaken, unstarted("2")) == [{"object-ids": "2\n"}]


class TestAStepThatWasKilled:
    def killed(self, record: Record, *, abolishes: bool = True) -> str:
        """The section that the killed step leaves."""
        left = record.left_by_a_kill(abolishes=abolishes)
        return "\n".join(how_to_continue(Report(Verdict.CANCELLED, (left,), as_of=NOON), About())) + "\n"

    @pytest.mark.parametrize("record", [own("1"), read(own("1"), "Running", "Success"), resumed("1")])
    def test_an_object_whose_run_the_post_step_abolishes_must_start_again(self, record: Record) -> None:
        text = self.killed(record)

        assert (
            "post step abolishes 1 run of this job, unless a run has begun to change production by then."
            in text
        )
        assert "  run-ids:" not in text
        assert "Objects that may still be to do: 1." in text
        assert "  object-ids: |\n    1\n" in text

    @pytest.mark.parametrize(
        ("record", "abolishes"),
        [
            (own("1"), False),
            (own("1").executing(7.0), True),
            (foreign("1"), True),
            (named("1"), True),
        ],
    )
    def test_a_run_that_the_post_step_leaves_alone_is_continued(
        self, record: Record, *, abolishes: bool
    ) -> None:
        text = self.killed(record, abolishes=abolishes)

        assert "  run-ids: |\n    run-1\n" in text
        assert "post step" not in text


def test_the_post_step_calls_objects_by_the_names_that_the_main_step_knew() -> None:
    one, two, three, four = map(ObjectId, "1234")
    names = {one: "orders", two: "a|b", three: "c"}
    text = aftermath(
        Left({one: RunId("run-1"), two: RunId("run-2")}, (three, four), names=names),
        {},
        [(one, run_of("run-1", "Termination"), Fate.ABOLISHED)],
        {three: "[mark]", four: "[mark]"},
    )

    assert re.findall(r"- \*\*(.+)\*\*: (?:run|the post step)", text) == [
        "orders (1)",
        "a&#124;b (2)",
        "c (3)",
        "4",
    ]


@pytest.mark.parametrize("by", [End.TIMEOUT, End.CANCEL])
def test_a_run_that_one_reading_has_shown_as_a_success_is_read_once_more(by: End) -> None:
    record = stopped(read(own("1"), "Success"), by)

    assert "One reading showed the run as Success, and no second one has confirmed that." in message(record)
    assert blocks(record) == [{"object-ids": "1\n", "run-ids": "run-1\n"}]


def test_an_object_whose_run_one_reading_has_shown_as_failed_is_given_again() -> None:
    record = stopped(read(own("1"), "Fail"))

    assert "One reading showed the run as Fail" in message(record)
    assert "    # 1  (timed out: fix the cause first)" in page(record)
    assert "run-ids" not in page(record)


@pytest.mark.parametrize("by", [End.TIMEOUT, End.CANCEL])
def test_a_run_that_ended_as_a_success_while_it_was_to_be_abolished_is_not_done_again(by: End) -> None:
    stopped_at = stopped(read(own("1"), "Running", "Success", "Success", "Running"), by)
    over = withdrawn(read(stopped_at, "Success"), Fate.ENDED, by, run_of("run-1", "Success"))

    assert page(over) == "\n"
    assert "One reading" not in message(over)


def test_an_abolished_run_is_not_called_unconfirmed() -> None:
    stopped_at = stopped(read(own("1")), End.CANCEL)
    over = withdrawn(
        read(stopped_at, "Termination"), Fate.ABOLISHED, End.CANCEL, run_of("run-1", "Termination")
    )

    assert "One reading" not in message(over)
