"""The first request of a plain script with the same packages. The image is compared with it."""

import os

from actions_toolkit import core
from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client
from alibabacloud_tea_openapi.utils_models import Config

key = {
    "access_key_id": core.get_input("access-key-id"),
    "access_key_secret": core.get_input("access-key-secret"),
}
client = Client(Config(protocol="HTTP", endpoint=os.environ["SERVICE"], **key))
request = models.CreatePipelineRunRequest(
    project_id=int(core.get_input("project-id")), type="Online", object_ids=[core.get_input("object-ids")]
)
print(client.create_pipeline_run(request).body.id)  # noqa: T201 - it is a script
