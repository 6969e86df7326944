"""The report as step outputs."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from dataworks_deploy.app.wording_creation import in_flight, unknown
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.mark import Mark
from dataworks_deploy.domain.model import Creation, DeployType, ObjectId, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.hosts.github.commands import Runner
from dataworks_deploy.hosts.host import Surface
from dataworks_deploy.hosts.inputs.ids import MOST_IDS
from dataworks_deploy.render.outputs import OUTPUTS, outputs

from ..e2e.command_files import parse

FIELDS = [
    *("object_id", "run_id", "request_id", "outcome", "status", "stage", "message"),
    *("adopted", "attempts", "url", "started_at", "finished_at"),
]
TEXTS = st.text(min_size=1, max_size=30)
RESULTS = st.builds(
    ObjectResult,
    st.builds(ObjectId, TEXTS),
    st.sampled_from(Outcome),
    st.none() | st.builds(RunId, TEXTS.map("run {}".format)),
    st.none() | TEXTS,
    message=TEXTS,
    status=st.none() | TEXTS,
)


def test_an_object_has_all_its_fields() -> None:
    moment = datetime(2026, 5, 1, 12, 30, 15, 999, tzinfo=UTC)
    result = ObjectResult(
        ObjectId("1"),
        Outcome.CREATED,
        RunId("r"),
        "R",
        "Running",
        "PROD",
        "text",
        adopted=True,
        attempts=2,
        url="https://x",
        started_at=moment,
    )

    (shown,) = json.loads(outputs(Report(Verdict.CREATED, (result,)))["results"])

    assert list(shown) == FIELDS
    assert list(shown.values()) == [
        *("1", "r", "R", "created", "Running", "PROD", "text"),
        *(True, 2, "https://x", "2026-05-01T12:30:15Z", None),
    ]


def test_what_is_not_known_is_null_in_json_and_empty_elsewhere() -> None:
    values = outputs(Report(Verdict.FAILED, (ObjectResult(ObjectId("1")),)))

    assert (values["run-ids"], values["request-ids"]) == ("[null]", "[null]")
    assert (values["run-id"], values["request-id"]) == ("", "")


def test_an_invalid_step_has_all_outputs_too() -> None:
    values = outputs(Report(Verdict.INVALID))

    assert tuple(values) == OUTPUTS
    assert values["outcome"] == "invalid"
    assert values["results"] == values["run-ids"] == values["request-ids"] == "[]"
    assert [values[name] for name in OUTPUTS if name.endswith(("count", "calls"))] == ["0"] * 4


@given(st.lists(RESULTS, max_size=5))
def test_every_value_is_one_line_of_ascii_and_the_arrays_are_aligned(results: list[ObjectResult]) -> None:
    values = outputs(Report(Verdict.FAILED, tuple(results)))

    shown = json.loads(values["results"])
    for name in ("results", "run-ids", "request-ids"):
        assert values[name].isascii()
        assert values[name].isprintable()
        assert len(json.loads(values[name])) == len(results)
    assert [each["object_id"] for each in shown] == [each.object_id for each in results]
    assert [each["message"] for each in shown] == [each.message for each in results]
    counts = [int(values[f"{kind}-count"]) for kind in ("succeeded", "failed", "unknown")]
    assert sum(counts) == sum(each.outcome is not Outcome.SKIPPED for each in results)


MOMENT = datetime(2026, 5, 1, tzinfo=UTC)
LONG = ObjectResult(
    ObjectId("7567482277219412494"), Outcome.TIMED_OUT, RunId("f21a7e87-a5c6-4f75-bc21-0f6afbc00000"),
    "4B8139C2-2300-405B-A56C-3E41053D2242", "Running", "PROD_CHECK",
    url="https://dataworks.data.aliyun.com/cn-shanghai/ide?defaultProjectId=1", started_at=MOMENT, finished_at=MOMENT,
)  # fmt: skip


@given(st.lists(RESULTS, min_size=1, max_size=5, unique_by=lambda result: result.object_id))
def test_the_runner_reads_what_was_meant(results: list[ObjectResult]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "outputs")
        host = Runner({"GITHUB_OUTPUT": str(file)})
        host.write(Surface.OUTPUTS, outputs(Report(Verdict.FAILED, tuple(results))))
        read = parse(file.read_bytes().decode())

    assert read.keys() == {*OUTPUTS}
    shown = [
        (each["object_id"], each["run_id"], each["outcome"], each["status"], each["message"])
        for each in json.loads(read["results"])
    ]
    assert shown == [
        (each.object_id, each.run_id, each.outcome, each.status, each.message) for each in results
    ]
    assert json.loads(read["run-ids"]) == [each.run_id for each in results]
    assert (read["run-id"], read["request-id"]) == (results[0].run_id or "", results[0].request_id or "")


def utf16(values: Mapping[str, str]) -> int:
    """Bytes, as GitHub counts them."""
    return 2 * sum(map(len, values.values()))


@pytest.mark.parametrize(("number", "said"), [(1, ""), (MOST_IDS, ""), (100, "x"), (300, "x"), (800, "x")])
def test_the_outputs_of_a_job_may_have_a_megabyte(number: int, said: str) -> None:
    """As many objects as there may be fit if they end well; of fewer ones also what is said of them."""
    results = tuple(
        replace(LONG, object_id=ObjectId(f"{7567482277219412494 + each}"), message=said * 9000)
        for each in range(number)
    )

    assert utf16(outputs(Report(Verdict.FAILED, results))) < 1_048_576


def test_of_as_many_unknown_objects_as_there_may_be_each_names_its_mark() -> None:
    mark, now = Mark("VCKTJSB4EK3RHH3DUHB6OWQG6A", 10), datetime(2026, 5, 1, tzinfo=UTC)
    creation = Creation(10001, ObjectId("x" * 64), DeployType.ONLINE)
    lost = unknown(creation, mark, [Fault("the connection was closed")], now, now)
    results = tuple(
        ObjectResult(ObjectId(f"{number}"), Outcome.UNKNOWN, message=text)
        for number in range(MOST_IDS // 2)
        for text in (lost, in_flight(mark))
    )

    values = outputs(Report(Verdict.UNKNOWN, results))

    assert {str(mark) in each["message"] for each in json.loads(values["results"])} == {True}
    assert any(each["message"].endswith("…") for each in json.loads(values["results"]))


@pytest.mark.parametrize("piece", ["x", "未", "\n", '"', "🙂"])
def test_of_as_many_objects_as_there_may_be_each_has_the_beginning_of_its_message(piece: str) -> None:
    results = tuple(
        replace(LONG, object_id=ObjectId(str(7567482277219412494 + number)), message=piece * 2000)
        for number in range(MOST_IDS)
    )

    values = outputs(Report(Verdict.TIMED_OUT, results))

    assert utf16(values) < 1_220_000
    message = json.loads(values["results"])[-1]["message"]
    assert 10 < len(message) < 200
    assert message.endswith("…")
    assert {*message} <= {*piece, "…"}
