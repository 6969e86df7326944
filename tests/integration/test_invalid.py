"""Invalid inputs: the step names all mistakes at once, makes no call, and still writes all outputs."""

import json

import pytest

from .step import Site

MISTAKES = {
    "project_id": "my_workspace",
    "object_ids": "7.56748227721941E+18",
    "type": "Sideways",
    "endpoint": "ftp://dataworks.cn-shanghai.aliyuncs.com",
    "timeout_minutes": "soon",
    "settle_seconds": "nan",
    "on_active_run": "panic",
    "on_rerun": "again",
}


def test_every_mistake_is_named_before_any_call(site: Site) -> None:
    ended = site.run(**MISTAKES)

    assert ended.status == 2
    assert ended.outcome == "invalid"
    for name in MISTAKES:
        assert any(error.startswith(f"{name.replace('_', '-')}: ") for error in ended.errors), name
    assert site.truth.of("received") == []


def test_many_mistakes_are_all_shown(site: Site) -> None:
    """The runner shows ten annotations of a type for a step. The rest is in the log."""
    ended = site.run(**MISTAKES | {"object_ids": " ".join(f"bad.{number}" for number in range(40))})

    assert len(ended.errors) <= 10
    assert [number for number in range(40) if f"'bad.{number}'" not in ended.stdout] == []


def test_the_outputs_of_an_invalid_step_are_empty(site: Site) -> None:
    ended = site.run(type="Sideways")

    assert json.loads(ended.outputs["run-ids"]) == json.loads(ended.outputs["request-ids"]) == []
    assert (ended.outputs["run-id"], ended.outputs["request-id"]) == ("", "")
    assert ended.outputs["api-calls"] == "0"


@pytest.mark.parametrize(
    "given",
    [
        "[::error::x]",
        "##[error]x",
        "a\r::set-output name=outcome::succeeded",
        "a%0A::stop-commands::x",
        "１２３",
    ],
)
def test_an_input_that_looks_like_a_command_does_not_act_as_one(site: Site, given: str) -> None:
    ended = site.run(object_ids=given, project_id=given, type=given, endpoint=given, description=given)

    assert ended.status == 2
    assert {command.name for command in ended.stream.commands} == {"add-mask", "error"}


def test_wrong_lines_and_an_unreadable_file_are_named_before_any_call(site: Site) -> None:
    environment, outputs = site.environment(
        [], 1, {"objects": "'a'\ntable:b", "objects_file": "deploy/objects.txt", "type": "Offline"}
    )

    ended = site.run_in(environment | {"GITHUB_WORKSPACE": str(site.folder)}, outputs, ())

    assert (ended.status, ended.outcome) == (2, "invalid")
    assert [error.partition(", ")[0] for error in ended.errors[:2]] == ["objects: line 1", "objects: line 2"]
    assert ended.errors[2].startswith("objects-file: 'deploy/objects.txt' is not in the working directory. ")
    assert len(ended.errors) == 3
    assert site.truth.of("received") == []
