"""Links to DataWorks' web console.

Their form is not documented and was not verified against the live console. It is the one that public guides
show: Data Studio as `https://dataworks.data.aliyun.com/<region>/ide?defaultProjectId=<workspace>` in the guide to
the migration tool of github.com/idealivan/dataworks-spec, and other pages of a workspace likewise, as `/<region>/sc?…`.
None shows the page of one object or of one pipeline run, so a link leads to the workspace.
"""

import re
from urllib.parse import quote, urlencode

ENABLED = True  # False takes the links out of the job summary and out of `results`
_HOST = "dataworks.data.aliyun.com"
_REGION = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]+){1,5}")


def data_studio(region: str, project_id: int) -> str | None:
    """The workspace in Data Studio; None where the region is not known, as with an emulator."""
    if not (ENABLED and _REGION.fullmatch(region) and project_id > 0):
        return None
    return f"https://{_HOST}/{quote(region, safe='')}/ide?{urlencode({'defaultProjectId': project_id})}"
