"""Pages as the service may give them: smaller than asked for, with counts that lie, or other ones each time."""

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
    """Have the object's list show these rows once its run is there, which None stands for.

    A `fresh` row comes first each time that the list is read.
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
def test_the_answers_own_page_size_tells_which_page_is_the_last(site_with: SiteMaker, size: object) -> None:
    site = site_with("CreatePipelineRun:1:commit+drop")
    full = [[theirs(10 * page + row) for row in range(10)] for page in range(3)]
    lists(site, *full, [None], size=size)

    ended = site.run()

    assert (ended.only["outcome"], ended.only["adopted"]) == ("created", True), ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert len(site.posts) == 1


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_run_that_shows_is_found_although_the_list_is_another_one_each_time(
    site_with: SiteMaker, attempt: int
) -> None:
    site = site_with("CreatePipelineRun:1:commit+drop")
    lists(site, [None, *map(theirs, range(99))], [theirs(99)], size=100, fresh=True)

    ended = site.run(settle_seconds="4", attempt=attempt)

    assert (ended.only["outcome"], ended.only["adopted"]) == ("created", True), ended.stdout
    assert [ended.only["run_id"]] == site.runs()
    assert site.clock.monotonic() < 60


@pytest.mark.parametrize("spelling", ["a number", "a line feed"])
def test_an_id_is_the_same_however_it_is_spelt(site_with: SiteMaker, spelling: str) -> None:
    """Before SDK 8 IDs came as numbers, and an example in the docs ends in a line feed."""
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
