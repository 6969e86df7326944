"""What people read in the log: groups, annotations, details on request, and plain lines in a terminal."""

import re

import pytest

from dataworks_emulator import Failure

from .conftest import SiteMaker
from .ended import Ended
from .job import OBJECT, OBJECTS
from .step import Site

TWELVE = tuple(f"7567482277219412{number}" for number in range(500, 512))


def shape(ended: Ended) -> list[str]:
    """The log without masks, notices and errors. `|` stands for each line inside a group."""
    found = []
    for line in ended.stdout.splitlines():
        command = re.match(r"::([\w-]+)", line)
        if not (command and command[1] in {"add-mask", "notice", "error"}) and line:
            found.append("|" if line.startswith("| ") else line)
    return found


def test_objects_one_after_another_have_one_group_each_with_their_lines(site: Site) -> None:
    ended = site.run(*OBJECTS, wait="true")

    first, *rest = shape(ended)
    assert first.startswith("DataWorks Deploy: Deploying 3 objects to workspace ")
    for number, object_id in enumerate(OBJECTS, 1):
        assert rest.pop(0) == f"::group::[{number}/3] {object_id}"
        inside = rest.index("::endgroup::")
        assert inside > 3
        assert {*rest[:inside]} == {"|"}
        del rest[: inside + 1]
        assert re.fullmatch(rf"\[{number}/3\] {object_id}: succeeded after \d+ s, run [\w-]+", rest.pop(0))
    assert rest == []


@pytest.mark.parametrize("objects", [OBJECTS, (OBJECT,)])
def test_parallel_objects_and_a_single_object_are_logged_live_without_groups(
    site: Site, objects: tuple[str, ...]
) -> None:
    ended = site.run(*objects, max_parallel="3", wait="true")

    assert ended.stream.of("group") == []
    assert {line.partition("]")[0] for line in shape(ended) if line.startswith("[")} == {
        f"[{number}/{len(objects)}" for number in range(1, len(objects) + 1)
    }


def test_a_warning_of_an_object_is_in_its_group_and_an_error_is_after_all_groups(
    site_with: SiteMaker,
) -> None:
    site = site_with(failures=(Failure(OBJECTS[1], "PROD", "no such table"),))

    ended = site.run(*OBJECTS, wait="true", fail_fast="false")

    (error,) = ended.stream.of("error")
    assert error.properties["title"] == f"Object {OBJECTS[1]}: failed"
    assert "no such table" in error.data
    assert re.search(r"\nLikely cause: .+\nFix: .+", error.data)
    assert ended.stdout.index("::error") > ended.stdout.rindex("::endgroup::")


def test_of_many_failures_nine_are_shown_and_a_tenth_annotation_counts_the_rest(site_with: SiteMaker) -> None:
    site = site_with("CreatePipelineRun:*:error:NoPermission")

    ended = site.run(*TWELVE, fail_fast="false")

    errors = ended.stream.of("error")
    assert len(errors) == 10
    assert errors[9].properties["title"] == "3 more objects failed"
    assert all(object_id in errors[9].data for object_id in TWELVE[9:])
    for object_id in TWELVE[9:]:
        assert re.search(
            rf"^DataWorks Deploy: Object {object_id}: rejected: .*Fix: ", ended.stdout, re.MULTILINE
        )


def test_of_many_warnings_ten_are_shown_and_the_rest_is_in_the_log(site_with: SiteMaker) -> None:
    site = site_with()
    for object_id in TWELVE:
        site.emulator.deploy_as("alice", object_id, age=3600)
    site.emulator.fault("CreatePipelineRun", "*", "drop")

    ended = site.run(*TWELVE, max_parallel="12", fail_fast="false", settle_seconds="1")

    assert len(ended.warnings) == 10
    logged = re.findall(r"^warning: .*\] (\d+): .*alice", ended.stdout, re.MULTILINE)
    told = [warning.data.split(":")[0].split()[-1] for warning in ended.stream.of("warning")]
    assert {*logged, *told} == {*TWELVE}


class TestDetails:
    def start(self, site: Site, **more: str) -> Ended:
        environment, outputs = site.environment([OBJECT], 1, {"wait": "true"})
        return site.run_in(environment | more, outputs)

    def test_each_call_is_logged_with_its_end_its_time_and_its_request_id(self, site_with: SiteMaker) -> None:
        site = site_with("CreatePipelineRun:1:throttle", "GetPipelineRun:1:drop")

        ended = self.start(site, RUNNER_DEBUG="1")

        details = [command.data for command in ended.stream.of("debug")]
        calls = [detail for detail in details if detail.startswith("call ")]
        assert len(calls) == int(ended.outputs["api-calls"])
        assert "CreatePipelineRun of object" in calls[0]
        assert "refused as THROTTLED" in calls[0]
        assert any(
            re.search(r"CreatePipelineRun .*: ok, RequestId [\w-]+ \(\d+ ms\)", call) for call in calls
        )
        assert any("GetPipelineRun" in call and "unclear" in call for call in calls)
        assert any("trying again in" in detail for detail in details)

    @pytest.mark.parametrize("kind", ["echo", "commit+echo", "hostile"])
    def test_details_contain_no_secret_and_no_command(self, site_with: SiteMaker, kind: str) -> None:
        site = site_with("CreatePipelineRun:1:" + kind)

        ended = self.start(site, RUNNER_DEBUG="1")

        assert ended.stream.of("debug")
        assert ended.leaks() == []


class TestTerminal:
    def test_a_terminal_gets_plain_text_and_no_command(self, site_with: SiteMaker) -> None:
        site = site_with(failures=(Failure(OBJECTS[2], "PROD", "no such table"),))
        environment, outputs = site.environment([*OBJECTS], 1, {"wait": "true"})
        del environment["GITHUB_ACTIONS"]

        ended = site.run_in(environment, outputs, [*OBJECTS])

        assert ended.stream.commands == []
        assert ended.leaks() == []
        assert f"[1/3] {OBJECTS[0]}\n| " in ended.stdout
        assert f"error: Object {OBJECTS[2]}: failed: " in ended.stdout
        assert "\n  Fix: " in ended.stdout
