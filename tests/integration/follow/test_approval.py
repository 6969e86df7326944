"""A stage that only a person can approve."""

import pytest

from dataworks_emulator import Failure

from ..conftest import SiteMaker
from ..job import OBJECT
from ..test_selecting import a_node, ask, created, nth, of
from .carry import SIMPLE, carry, executed, resume
from .test_post import finish, state_of

APPROVED = ["PROD_CHECK", "APPROVAL", "APPROVAL", "APPROVAL"]


@pytest.mark.parametrize(("shown", "answer"), [("Init", "refuse"), ("Running", "stay")])
def test_a_run_that_is_approved_after_a_while_succeeds(site_with: SiteMaker, shown: str, answer: str) -> None:
    site = site_with(approval=True, approval_status=shown, approval_exec=answer, approve_after=30)

    ended = carry(site)

    assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout
    assert executed(site) == SIMPLE


@pytest.mark.parametrize(("answer", "minutes"), [("refuse", "1"), ("stay", "2")])
def test_without_an_approval_the_stage_is_requested_three_times_and_the_run_left_waiting(
    site_with: SiteMaker, answer: str, minutes: str
) -> None:
    site = site_with(approval=True, approval_exec=answer)

    ended = carry(site, timeout_minutes=minutes)

    assert (ended.status, ended.outcome, ended.only["outcome"]) == (1, "timed_out", "waiting")
    told = f"Stage APPROVAL of run {ended.only['run_id']} waits for approval in DataWorks"
    assert ended.only["message"].startswith(told)
    (error,) = ended.stream.of("error")
    assert error.properties["title"].endswith(": waiting for approval")
    assert "Open the run in DataWorks and approve the stage" in error.data
    assert ended.summary.startswith("## ⚠️ DataWorks Deploy: waiting for approval\n")
    assert "all stages before it" not in ended.stdout + ended.summary
    asked = [post["params"]["Code"] for post in site.truth.posts("ExecPipelineRunStage")]
    assert asked == ["PROD_CHECK", "APPROVAL", "APPROVAL", "APPROVAL"]
    (warning,) = ended.warnings
    assert all(said in warning for said in ("APPROVAL", "waits for approval", ended.only["run_id"])), warning
    assert site.emulator.status(ended.only["run_id"]) == "Running"
    assert not site.truth.of("abolished")


def test_after_the_approval_a_re_run_finishes_the_run_that_was_waiting(site_with: SiteMaker) -> None:
    site = site_with(approval=True)
    run_id = carry(site, timeout_minutes="1").only["run_id"]
    site.emulator.approve(run_id)

    again = site.run(attempt=2, wait="true", timeout_minutes="10")

    assert (again.outcome, again.only["run_id"]) == ("succeeded", run_id), again.stdout
    assert site.runs() == [run_id]


def test_a_stage_that_is_shown_as_running_is_reported_as_a_possible_approval(site_with: SiteMaker) -> None:
    """A reading cannot distinguish an approval from a stage that takes long."""
    site = site_with(approval=True, approval_status="Running")

    ended = carry(site, timeout_minutes="1")

    assert (ended.status, ended.outcome) == (1, "timed_out")
    assert "Stage APPROVAL is still Running and may wait for approval in DataWorks." in ended.only["message"]
    assert all("approve it in DataWorks" in text for text in (*ended.errors, ended.summary))


class TestLeaving:
    """on-approval: leave."""

    @pytest.mark.parametrize(("answer", "seconds"), [("refuse", 60), ("stay", 120)])
    def test_a_run_that_only_a_person_can_continue_is_left_open(
        self, site_with: SiteMaker, answer: str, seconds: float
    ) -> None:
        site = site_with(approval=True, approval_exec=answer)
        began = site.clock.time()

        ended = carry(site, on_approval="leave")

        assert (ended.status, ended.outcome, ended.only["outcome"]) == (0, "created", "created"), ended.stdout
        assert site.clock.time() - began < seconds
        run_id = ended.only["run_id"]
        assert (ended.only["stage"], ended.only["reason"]) == ("APPROVAL", "left_to_person")
        for said in ("Stage APPROVAL", "waits for approval in DataWorks", "on-approval", run_id):
            assert said in ended.only["message"]
        assert [post["params"]["Code"] for post in site.truth.posts("ExecPipelineRunStage")] == APPROVED
        assert run_id in ended.summary.partition("run-ids: |")[2]
        assert ended.summary.startswith("## ✅ DataWorks Deploy: created\n")
        assert "until-stage" not in ended.summary
        start = "gh workflow run deploy.yml --repo=github.invalid/octo-org/data-platform --ref=main"
        assert f"\n{start} -f object-ids={OBJECT} -f run-ids={run_id}\n" in ended.summary
        assert ended.errors == []
        assert len(ended.warnings) == 1
        assert site.emulator.status(run_id) == "Running"

    def test_a_run_left_open_is_not_abolished_and_can_be_continued_after_the_approval(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with(approval=True)
        run_id = carry(site, on_approval="leave", abolish_on="cancel,timeout,failure").only["run_id"]

        assert finish(site, state_of(site, 1)) == ""
        assert not site.truth.of("abolished")
        site.emulator.approve(run_id)
        ended = resume(site, run_id, on_approval="leave")

        assert (ended.status, ended.outcome) == (0, "succeeded"), ended.stdout

    def test_objects_that_need_the_open_one_are_not_started_and_name_it(self, site_with: SiteMaker) -> None:
        nodes = [a_node("a"), a_node("b", "a"), a_node("c", "b"), a_node("d")]
        site = site_with(workspace=of(*nodes), approval=True)
        ids = nth(1, 2, 3, 4)

        ended = ask(site, ids, "a\nb\nc\nd", wait="true", on_approval="leave")

        assert (ended.status, ended.outcome) == (0, "created"), ended.stdout
        assert ended.column("outcome") == ["created", "skipped", "skipped", "created"]
        assert ended.column("because") == [None, ids[0], ids[0], None]
        assert ended.column("reason")[1:3] == ["upstream_open"] * 2
        assert {*created(site)} == {ids[0], ids[3]}, "side by side, so they arrive in any order"
        assert "waits for a person" in ended.column("message")[1]
        shown = ended.summary
        assert "2 not started, 2 open" in shown
        named, fresh = shown.partition("object-ids: |")[2].split("object-ids: |")
        assert [each in named for each in ids] == [True, False, False, True]
        assert [each in fresh for each in ids] == [False, True, True, False]

    def test_after_the_approval_a_re_run_continues_the_run_and_starts_its_downstream(
        self, site_with: SiteMaker
    ) -> None:
        site, ids = site_with(workspace=of(a_node("a"), a_node("b", "a")), approval=True), nth(1, 2)
        first = ask(site, ids, "a\nb", wait="true", on_approval="leave")
        site.emulator.approve(first.column("run_id")[0])

        again = ask(site, ids, "a\nb", attempt=2, wait="true", on_approval="leave")

        assert (again.status, again.outcome) == (0, "created"), again.stdout
        assert again.column("outcome") == ["succeeded", "created"]
        assert again.column("run_id")[0] == first.column("run_id")[0]
        assert created(site) == ids

    def test_other_objects_are_deployed_meanwhile_and_a_failed_one_decides_the_outcome(
        self, site_with: SiteMaker
    ) -> None:
        nodes = [a_node("a"), a_node("b")]
        failure = Failure(nth(2)[0], "PROD_CHECK", "no such table")
        site = site_with(workspace=of(*nodes), approval=True, failures=(failure,))

        ended = ask(site, nth(1, 2), "a\nb", wait="true", on_approval="leave", max_parallel="1")

        assert (ended.status, ended.outcome, ended.column("outcome")) == (1, "failed", ["created", "failed"])
        assert not site.truth.of("abolished")

    def test_an_approval_that_is_shown_as_running_times_out_like_a_long_stage(
        self, site_with: SiteMaker
    ) -> None:
        site = site_with(approval=True, approval_status="Running")

        ended = carry(site, on_approval="leave", timeout_minutes="3")

        assert (ended.status, ended.outcome) == (1, "timed_out")
