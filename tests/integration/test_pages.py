"""Pages of lists as the service may give them: smaller than requested, with wrong counts, or different each time."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from .conftest import SiteMaker
from .job import OBJECT
from .step import Site

PASSES = 30


def theirs(number: int) -> dict[str, Any]:
    """A run of somebody else that has ended."""
    return {"Id": f"run-{number}", "Status": "Success", "Description": "by hand", "CreateTime": 1000 + number}


def lists(site: Site, *pages: Sequence[dict[str, Any] | None], size: object, fresh: bool = False) -> None:
    """Let the list of the object show these rows once its run exists. None stands for that run.

    `fresh` puts a new row first each time the list is read.
    """

    def show(event: dict[str, Any]) -> None:
        if event["event"] != "committed":
            return
        mine = {"Id": event["run_id"], "Status": "Running", "Description": event["description"]}
        mine |= {"CreateTime": round(event["time"] * 1000)}
        for call in range(PASSES * len(pages)):
            turn, number = divmod(call, len(pages))
            rows = [row or mine for row in pages[number]]
            rows = [theirs(10_000 + turn), *rows[:-1]] if fresh and number == 0 else rows
            paging = {"PageNumber": "1", "PageSize": size, "TotalCount": "0", "PipelineRuns": rows}
            body = json.dumps({"RequestId": "R", "PagingInfo": paging}, separators=(",", ":"))
            site.emulator.fault("ListPipelineRuns", call + 1, f"json:{body}")

    site.truth.on_event(show)


@pytest.mark.parametrize("size", ["10", 10])
def test_the_page_size_in_the_answer_decides_which_page_is_the_last(
    site_with: SiteMaker, size: object
) -> None:
    site = site_with("CreatePipelineRun:1:commit+drop")
    full = [[theirs(10 * page + row) for row in range(10)] for page in range(3)]
    lists(site, *full, [None], size=size)

    ended = site.run()

    assert (ended.only["outcome"], ended.only["adopted"]) == ("created", True), ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert len(site.posts) == 1


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_run_in_the_list_is_found_although_the_list_changes_each_time(
    site_with: SiteMaker, attempt: int
) -> None:
    site = site_with("CreatePipelineRun:1:commit+drop")
    lists(site, [None, *map(theirs, range(99))], [theirs(99)], size=100, fresh=True)

    ended = site.run(settle_seconds="4", attempt=attempt)

    assert (ended.only["outcome"], ended.only["adopted"]) == ("created", True), ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert site.clock.monotonic() < 60


@pytest.mark.parametrize("spelling", ["a number", "a line feed"])
def test_an_id_is_the_same_as_a_number_or_with_a_line_feed(site_with: SiteMaker, spelling: str) -> None:
    """Before SDK 8, IDs were numbers. An example in the documentation ends with a line feed."""
    site = site_with()

    def spell(event: dict[str, Any]) -> None:
        if event["event"] == "received" and event["action"] == "CreatePipelineRun":
            run_id: object = 1234567890123456789 if spelling == "a number" else "1234567890123456789\n"
            run = {"Id": run_id, "Status": "Running", "Description": event["params"]["Description"]}
            body = json.dumps({"RequestId": "R", "Pipeline": run}, separators=(",", ":"))
            site.emulator.fault("GetPipelineRun", "*", f"json:{body}")

    site.truth.on_event(spell)
    answer = {"a number": "1234567890123456789", "a line feed": '"1234567890123456789\\n"'}[spelling]
    site.emulator.fault("CreatePipelineRun", 1, f'json:{{"RequestId":"R","Id":{answer}}}')

    ended = site.run(OBJECT)

    assert (ended.only["outcome"], ended.only["run_id"]) == ("created", "1234567890123456789")
