"""If no calendar has the time of a run, only that time is lost. The run may be anybody's."""

import json

import pytest

from .conftest import SiteMaker

BEYOND = [1_763_900_000_000_000_000, 253_402_300_800_000, -(10**15), 10**30, "9" * 19]


@pytest.mark.parametrize("created", BEYOND)
def test_a_list_with_a_time_beyond_all_calendars_can_be_read(site_with: SiteMaker, created: object) -> None:
    theirs = {"Id": "run-9", "Status": "Running", "Description": "by hand", "CreateTime": created}
    body = {"RequestId": "R-1", "PagingInfo": {"TotalCount": 1, "PipelineRuns": [theirs]}}
    site = site_with(f"ListPipelineRuns:*:json:{json.dumps(body)}")

    ended = site.run(dry_run="true")

    assert ended.only["outcome"] == "planned", ended.stdout
    assert "run-9" in ended.only["message"]
