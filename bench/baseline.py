"""The script from Alibaba's deployment guide: one object after another, with the official SDK.

For each object it creates the pipeline run. Then it reads the run, executes the stage that waits, and sleeps 5 s, until
the run has ended. It is as fast as such a script can be. One client serves all objects and keeps its connection. It
executes a stage in the same turn in which it sees it wait. It does not sleep before the first reading or after the last
one. All four terminal statuses end the loop. It says which run it has created, and how the run has ended. Only the
endpoint's scheme keeps it from running against the real service.

Usage: baseline.py HOST:PORT PROJECT OBJECT...
"""

import os
import sys
import time

from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.utils_models import Config

INTERVAL = 5.0  # seconds, as in the guide
TERMINAL = {"Success", "Fail", "Termination", "Cancel"}


def ready(stages: list[models.GetPipelineRunResponseBodyPipelineStages]) -> str | None:
    """The code of the stage that waits for execution, or None."""
    in_order = sorted(stages, key=lambda stage: int(stage.step))
    current = next((stage for stage in in_order if stage.status != "Success"), None)
    if current is None or current.status != "Init" or current.type == "Build":
        return None
    return str(current.code)


def deploy(client: Client, project: int, object_id: str) -> str:
    """Create a run for one object, take it through its stages, and return its last status."""
    created = client.create_pipeline_run(
        models.CreatePipelineRunRequest(project_id=project, type="Online", object_ids=[object_id])
    )
    run_id = created.body.id
    print(f"{object_id}: run {run_id}")  # noqa: T201 - it is a script
    while True:
        request = models.GetPipelineRunRequest(project_id=project, id=run_id)
        run = client.get_pipeline_run(request).body.pipeline
        if run.status in TERMINAL:
            print(f"{object_id}: {run.status}")  # noqa: T201
            return str(run.status)
        if code := ready(run.stages):
            client.exec_pipeline_run_stage(
                models.ExecPipelineRunStageRequest(project_id=project, id=run_id, code=code)
            )
        time.sleep(INTERVAL)


def main(endpoint: str, project: str, *object_ids: str) -> int:
    """Deploy all objects, one after another. Return 0 if each has succeeded."""
    client = Client(
        Config(
            access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            endpoint=endpoint,
            protocol="HTTP",
        )
    )
    return int(any(deploy(client, int(project), each) != "Success" for each in object_ids))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
