"""Whether a step kept the order, by the service's log."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any


def check_order(needs: Mapping[str, Collection[str]], events: Iterable[Mapping[str, Any]]) -> None:
    """Check that everything that an object needs had succeeded when its creation arrived."""
    object_of, succeeded = dict[str, str](), set[str]()
    for event in events:
        if event["event"] == "committed":
            object_of[event["run_id"]] = event["object"]
        elif event["event"] == "stage_finished" and event["run"] == "Success":
            succeeded.add(object_of[event["run_id"]])
        elif event["event"] == "received" and event["action"] == "CreatePipelineRun":
            (object_id,) = json.loads(event["params"]["ObjectIds"])
            missing = {*needs[object_id]} - succeeded
            assert not missing, f"{object_id} was created before {sorted(missing)} had succeeded"
