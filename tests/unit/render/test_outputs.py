"""The report as step outputs."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import DeployType, ObjectId
from dataworks_deploy.domain.outcome import Outcome, Verdict
from dataworks_deploy.domain.reason import DeployedBefore
from dataworks_deploy.domain.record import Reading, Record
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.plan import Action, Asked, Plan, Planned
from dataworks_deploy.hosts.inputs.ids import MOST_IDS
from dataworks_deploy.render.outputs import OUTPUTS, outputs, plan_forms
from dataworks_deploy.render.reasons import code, message
from dataworks_deploy.render.report import Report
from dataworks_deploy.render.texts import data_studio

from .records import (
    MARK,
    NOON,
    failed,
    named,
    orders,
    own,
    read,
    requested,
    run_of,
    stopped,
    succeeded,
    unknown,
    unstarted,
)
from .values import drawn

End = Callable[[Record], Record]
URL = data_studio("cn-shanghai", 10001)


def results(*records: Record) -> list[dict[str, Any]]:
    """The elements of the output `results`."""
    found: list[dict[str, Any]] = json.loads(outputs(Report(Verdict.FAILED, records, url=URL))["results"])
    return found


def real(number: int) -> Record:
    """An object that has a run, with IDs as long as real ones."""
    run_id, request_id = f"f21a7e87-a5c6-4f75-bc21-0f6afbc{number:05}", "4B8139C2-2300-405B-A56C-3E41053D2242"
    return own(str(7567482277219412494 + number), run_id=run_id, request_id=request_id)


def deployed_before(record: Record) -> Record:
    """The object after its deployment by an earlier attempt, which has the longest message of a success."""
    run = run_of(record.run_id, "Success", "Success", "Success", "Success")
    return record.read(run, NOON).ended(Outcome.SUCCEEDED, DeployedBefore(run), NOON)


def size(*records: Record, plan: tuple[str, ...] = ()) -> int:
    """The bytes of all outputs as GitHub counts them: two for each character."""
    return 2 * sum(map(len, outputs(Report(Verdict.FAILED, records, url=URL, plan=plan)).values()))


def planned(records: Sequence[Record]) -> Plan:
    """A plan in which each object needs the one before it."""
    rows = tuple(
        Planned(
            StudioObject(
                each.object_id, Kind.NODE, f"dwd_orders_{place}", f"业务流程/订单/dwd_orders_{place}"
            ),
            Action.DEPLOY,
            Asked(None),
            place + 1,
            tuple(before.object_id for before in records[place - 1 : place]),
        )
        for place, each in enumerate(records)
    )
    return Plan(10001, DeployType.ONLINE, rows)


def test_an_object_has_all_its_fields() -> None:
    assert results(failed(own("1"))) == [
        {
            "object_id": "1",
            "name": None,
            "path": None,
            "kind": None,
            "because": None,
            "reason": "run_ended",
            "run_id": "run-1",
            "request_id": "REQ-1",
            "outcome": "failed",
            "status": "Fail",
            "stage": "PROD_CHECK",
            "message": "Run run-1 ended as Fail at stage PROD_CHECK: no table",
            "adopted": False,
            "attempts": 1,
            "url": URL,
            "started_at": "2026-05-01T12:00:00Z",
            "finished_at": "2026-05-01T12:01:00Z",
        }
    ]


def test_an_object_has_its_name_path_and_kind_from_data_studio() -> None:
    (shown,) = results(orders(unstarted("1")))

    assert [*shown][:6] == ["object_id", "name", "path", "kind", "because", "reason"]
    assert (shown["name"], shown["path"], shown["kind"]) == (
        "dwd_orders_di",
        "dw/orders/dwd_orders_di",
        "node",
    )


def test_an_object_that_was_not_started_names_the_one_that_it_needs() -> None:
    (shown,) = results(Record(ObjectId("2")).kept_back(orders(failed(own("1")))))

    assert (shown["because"], shown["reason"], shown["outcome"]) == ("1", "upstream_failed", "skipped")
    assert shown["message"] == (
        "Not started: dwd_orders_di (1) comes before this object and did not succeed."
    )


def test_a_run_that_was_given_without_an_object_has_no_object() -> None:
    (shown,) = results(stopped(read(named("1", alone=True))))

    assert (shown["object_id"], shown["run_id"], shown["adopted"], shown["attempts"]) == (
        None,
        "run-1",
        True,
        0,
    )


def test_an_unknown_value_is_null_in_json_and_empty_elsewhere() -> None:
    values = outputs(Report(Verdict.UNKNOWN, (requested("1"),)))

    assert (values["run-ids"], values["request-ids"]) == ("[null]", "[null]")
    assert (values["run-id"], values["request-id"]) == ("", "")


def test_an_invalid_step_has_all_outputs_too() -> None:
    values = outputs(Report(Verdict.INVALID))

    assert tuple(values) == OUTPUTS
    assert values["outcome"] == "invalid"
    assert values["results"] == values["run-ids"] == values["request-ids"] == "[]"
    assert [values[name] for name in OUTPUTS if name.endswith(("count", "calls"))] == ["0"] * 5


@given(st.lists(drawn(Record, st.text(max_size=30)), max_size=4, unique_by=lambda record: record.object_id))
def test_every_value_is_one_line_of_ascii_and_the_arrays_are_aligned(records: list[Record]) -> None:
    values = outputs(Report(Verdict.FAILED, tuple(records)))

    shown = json.loads(values["results"])
    for name in ("results", "run-ids", "request-ids"):
        assert values[name].isascii()
        assert values[name].isprintable()
        assert len(json.loads(values[name])) == len(records)
    assert [each["object_id"] for each in shown] == [
        None if each.alone else each.object_id for each in records
    ]
    assert [each["run_id"] for each in shown] == json.loads(values["run-ids"])
    assert [each["message"] for each in shown] == [*map(message, records)]
    assert [each["reason"] for each in shown] == [*map(code, records)]
    assert values["run-id"] == ((records[0].run_id or "") if records else "")
    counts = [int(values[f"{kind}-count"]) for kind in ("succeeded", "failed", "unknown", "unchanged")]
    assert sum(counts) == sum(each.outcome is not Outcome.SKIPPED for each in records)


LIMIT = 1_048_576
# In JSON, these take one character, two, six, and twelve.
PIECES = pytest.mark.parametrize("piece", ["x", "\n", "未", "🙂"])


# To write the results of so many objects takes half a second.
THE_MOST = pytest.param(MOST_IDS, marks=pytest.mark.long)


class TestTheSizeOfAJobsOutputs:
    @pytest.mark.parametrize(
        ("count", "objects", "names"), [(50, True, True), (250, True, False), (MOST_IDS, False, False)]
    )
    def test_the_plan_is_shortened_before_the_results(self, count: int, objects: bool, names: bool) -> None:
        records = [failed(real(number), "未" * 1440) for number in range(count)]
        forms = plan_forms(planned(records))

        assert size(*records, plan=forms) <= LIMIT
        plan = json.loads(outputs(Report(Verdict.FAILED, tuple(records), plan=forms))["plan"])
        assert (plan["version"], plan["workspace"], plan["type"]) == (1, "10001", "Online")
        assert bool(plan["objects"]) is objects
        if objects:
            assert [each["object_id"] for each in plan["objects"]] == [each.object_id for each in records]
            assert plan["objects"][1]["needs"] == [records[0].object_id]
            assert bool(plan["objects"][0]["name"]) is names

    def test_if_there_is_room_the_plan_is_complete(self) -> None:
        records = [succeeded(own(str(number))) for number in range(500)]
        forms = plan_forms(planned(records))

        assert outputs(Report(Verdict.SUCCEEDED, tuple(records), plan=forms))["plan"] == forms[0]

    @pytest.mark.parametrize("count", [1, 300, THE_MOST])
    @PIECES
    def test_the_outputs_are_within_the_limit_however_long_the_messages_are(
        self, piece: str, count: int
    ) -> None:
        """GitHub drops all outputs of a job above the limit. No ID is cut, and each message keeps its beginning."""
        records = [failed(real(number), piece * 1440) for number in range(count)]

        assert size(*records) <= LIMIT
        for record, shown in zip(records, results(*records), strict=True):
            assert (shown["object_id"], shown["run_id"], shown["request_id"]) == (
                record.object_id,
                record.run_id,
                record.request.id,
            )
            assert message(record).startswith(shown["message"].removesuffix("…"))
            said = shown["message"].partition("PROD_CHECK: ")[2]
            # The greatest number of objects leaves room for the run and the stage, and for little more.
            assert said[0] in ({piece, "…"} if count == MOST_IDS else {piece})

    @pytest.mark.parametrize("count", [800, THE_MOST])
    @pytest.mark.parametrize("end", [succeeded, deployed_before])
    def test_messages_of_successes_are_complete_except_for_long_ones(self, end: End, count: int) -> None:
        records = [end(real(number)) for number in range(count)]

        assert size(*records) <= LIMIT
        cut = {each["message"].endswith("…") for each in results(*records)}
        assert cut == {end is deployed_before}

    def test_space_that_short_messages_leave_goes_to_the_long_ones(self) -> None:
        good = [succeeded(real(number)) for number in range(MOST_IDS - 10)]
        bad = [failed(real(MOST_IDS + number), "未" * 500) for number in range(10)]

        shown = results(*good, *bad)

        assert [each["message"] for each in shown] == [message(each) for each in (*good, *bad)]

    @pytest.mark.long
    @PIECES
    def test_if_ids_are_long_the_link_is_left_out_and_words_of_the_service_are_cut(self, piece: str) -> None:
        def long(number: int) -> Record:
            record = replace(real(number), object_id=ObjectId(f"{number:064}"))
            return stopped(replace(record, reading=Reading("Fail" * 50, piece * 500)))

        records = [*map(long, range(MOST_IDS))]

        shown = results(*records)

        assert size(*records) <= LIMIT
        assert [each["object_id"] for each in shown] == [each.object_id for each in records]
        assert [each["run_id"] for each in shown] == [each.run_id for each in records]
        assert {each["url"] for each in shown} == {None}

    @pytest.mark.parametrize("count", [1, 100, THE_MOST])
    @pytest.mark.parametrize("end", [succeeded, failed])
    @PIECES
    def test_names_and_paths_are_cut_and_no_id_is(self, piece: str, end: End, count: int) -> None:
        def called(number: int) -> Record:
            record = real(number)
            shown = StudioObject(record.object_id, Kind.WORKFLOW, piece * 200, f"{piece * 300}/{piece * 200}")
            return end(record.shown(shown))

        records = [*map(called, range(count))]
        shown = results(*records)

        assert size(*records) <= LIMIT
        assert (
            json.loads(outputs(Report(Verdict.FAILED, tuple(records)))["run-ids"])[-1] == records[-1].run_id
        )
        for record, each in zip(records, shown, strict=True):
            assert (each["object_id"], each["run_id"]) == (record.object_id, record.run_id)
            assert each["kind"] == "workflow"
            for key, text in (("name", record.name), ("path", record.path)):
                assert each[key] is None or text.startswith(each[key].removesuffix("…"))
        assert all(each["name"] for each in shown)
        whole = {(each["name"], each["path"]) for each in shown} == {(records[0].name, records[0].path)}
        assert whole or count >= 100

    def test_a_thousand_objects_with_usual_names_keep_their_whole_names_and_times(self) -> None:
        def called(number: int) -> Record:
            record = real(number)
            return succeeded(
                record.shown(StudioObject(record.object_id, Kind.NODE, f"dwd_orders_{number}", "a/b"))
            )

        shown = results(*map(called, range(MOST_IDS)))

        assert [each["name"] for each in shown] == [f"dwd_orders_{number}" for number in range(MOST_IDS)]
        assert all(each["started_at"] and each["finished_at"] for each in shown)

    @pytest.mark.long
    @PIECES
    def test_if_everything_is_as_long_as_possible_ids_and_codes_stay(self, piece: str) -> None:
        def long(number: int) -> Record:
            record = replace(real(number), object_id=ObjectId(f"{number:064}"))
            record = record.shown(StudioObject(record.object_id, Kind.FUNCTION, piece * 200, piece * 500))
            return stopped(replace(record, reading=Reading("Fail" * 50, piece * 500)))

        records = [*map(long, range(MOST_IDS))]

        shown = results(*records)

        assert size(*records) <= LIMIT
        for record, each in zip(records, shown, strict=True):
            assert (each["object_id"], each["run_id"]) == (record.object_id, record.run_id)
            assert each["request_id"] == record.request.id
            assert (each["outcome"], each["reason"]) == ("timed_out", "deadline_passed")

    def test_ids_stay_too_if_no_object_was_started(self) -> None:
        needed = replace(real(0), object_id=ObjectId("x" * 64))
        needed = needed.shown(StudioObject(needed.object_id, name="未" * 200))
        records = [Record(ObjectId(f"{number:064}")).kept_back(needed) for number in range(MOST_IDS)]

        assert size(*records) <= LIMIT
        assert {each["because"] for each in results(*records)} == {needed.object_id}

    def test_each_of_the_most_unknown_objects_names_its_mark(self) -> None:
        ids = [str(number) for number in range(MOST_IDS // 2)]
        shown = results(*map(unknown, ids), *(stopped(requested(f"x{each}")) for each in ids))

        assert {str(MARK) in each["message"] for each in shown} == {True}
        assert any(each["message"].endswith("…") for each in shown)

    @pytest.mark.parametrize("number", [1, 250, 500])
    def test_each_unknown_object_among_many_failed_ones_names_its_mark(self, number: int) -> None:
        bad = [failed(real(each), "未" * 1440) for each in range(MOST_IDS - number)]
        records = [*bad, *(unknown(f"{each:064}") for each in range(number))]

        assert size(*records) <= LIMIT
        assert {str(MARK) in each["message"] for each in results(*records)[-number:]} == {True}
