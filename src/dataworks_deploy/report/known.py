"""What is known of errors, in one table; by their words and by their kind here, by their codes in `codes`.

Those on the way to a session are in `sessions`. A new one is a new row.

Chinese texts are as captured in public repositories, those in English our own or the service's.
"""

from .codes import CODES
from .row import ASK, by_status, by_words
from .sessions import REFUSED, SESSIONS

NO_SUCH_STAGE = "until-stage: run"
# The first that fits wins, so what is more particular stands first.
_WORDS = (
    by_words(
        "lies inside the workflow",
        what="A node inside a workflow is deployed only with it.",
        cause="The ID is that of a node; the message names its workflow.",
        fix="Give the workflow's ID in object-ids instead of its node's.",
    ),
    by_words(
        "未找到发布对象: [[",
        what="The service finds no such object to deploy.",
        cause="The ID arrived as a list in a list.",
        fix="Give plain IDs in object-ids, without brackets or quotes around one.",
    ),
    by_words(
        "未找到发布对象",
        what="The service finds no such object to deploy.",
        cause="It is a node inside a workflow, or in another workspace, or it was deleted.",
        fix="Give the workflow's ID instead of its node's; else check project-id, region and the ID.",
    ),
    by_words(
        "WorkflowDefinition只允许作为整体发布",
        what="A workflow is deployed only as a whole.",
        cause="The ID is that of a node inside a workflow.",
        fix="Give the workflow's ID in object-ids.",
    ),
    by_words(
        "流水线不是正在运行",
        what="The run is not running any more.",
        cause="Somebody, or the service, has ended it meanwhile; its state was read again.",
        fix="Look at the run in DataWorks, then run the job again.",
    ),
    by_words(
        "阶段不允许执行",
        what="The service does not let this stage be executed now.",
        cause="A stage before it has not succeeded, or it waits for a person.",
        fix="Look at the run in DataWorks, then continue it with run-ids.",
        anew="Run the job again: it begins with a new run.",
    ),
    by_words(
        "multiple nodes into the same output",
        what="An output name is taken.",
        cause="Two nodes of the workspace have the same output name.",
        fix="Rename the output of one of them in Data Studio, and save.",
    ),
    by_words(
        "节点存在子节点",
        what="The object cannot be taken out of production.",
        cause="Other objects in production depend on it.",
        fix="Take those out of production first (type: Offline), or remove the dependency.",
    ),
    by_words(
        "上游节点未发布",
        what="An upstream object is not in production.",
        cause="What this object depends on was never deployed, or comes later in object-ids.",
        fix="Deploy the upstream objects first: they stand before it in object-ids, with max-parallel: 1.",
    ),
    by_words(
        "certificate is not trusted",
        what="Nobody vouches for the endpoint's certificate.",
        cause="A proxy that inspects TLS, or another host under this name.",
        fix="Name the proxy's authority in SSL_CERT_FILE: docs/credentials.md, Corporate networks.",
    ),
    by_words(
        "the proxy cannot be reached",
        what="The proxy cannot be reached.",
        cause="It is down, or HTTPS_PROXY or HTTP_PROXY names another host or port than its own.",
        fix="Check the variable against the host and port in the message, or name the endpoint in NO_PROXY.",
    ),
    by_words(
        "the proxy's address",
        what="The proxy's address cannot be used.",
        cause="HTTPS_PROXY or HTTP_PROXY is no http:// address, its port is none, or its login holds a character that "
        "ends a host.",
        fix="Write http://user:password@host:port, where user and password have %2F for /, %3F for ?, %23 for #. "
        "SOCKS is not supported.",
    ),
    by_words(
        "the proxy refuses",
        what="The proxy does not connect to the endpoint.",
        cause="The proxy does not allow the host, or wants a login.",
        fix="Allow the host there, or name it in NO_PROXY.",
    ),
    *SESSIONS,
    by_words(
        "name does not resolve",
        what="There is no host of the endpoint's name.",
        cause="A typo in region or endpoint, or a machine whose DNS does not know the name.",
        fix="Check region, such as cn-shanghai, and endpoint: the message ends with the host that was asked for.",
    ),
    by_words(
        "the endpoint does not answer",
        "the endpoint refuses the connection",
        what="The endpoint cannot be reached.",
        cause="A firewall, a VPC endpoint from outside of its VPC, or a wrong endpoint.",
        fix="Check endpoint, and that the job's machine may reach it.",
    ),
    by_words(
        "not the JSON that was expected",
        what="What answered was not the service.",
        cause="A proxy or gateway answered in its place, or endpoint is another service's host.",
        fix="Check endpoint, and what stands between it and the job's machine.",
    ),
    by_words(
        NO_SUCH_STAGE,
        what="The run has no stage of this code.",
        cause="until-stage is mistyped, or names a stage of runs of another kind.",
        fix="Correct until-stage or leave it out, and continue the run with run-ids.",
        anew="Correct until-stage or leave it out, in a new workflow run.",
    ),
    by_words(
        "Its status is not a known one",
        what="The run's end was not seen.",
        cause="The run or a stage has a status that this action does not know; it waited for a known one.",
        fix="Look at the run in DataWorks, continue it with run-ids if it goes on, and report the status.",
        anew="Report the status, and run the job again: it begins with a new run.",
    ),
    by_words(
        ", while the run is",
        what="A stage has failed, and the run has not ended.",
        cause="The message says why the stage failed; the service leaves the run open.",
        fix="Mend what the message names, end the run in DataWorks, then run the job again.",
        anew="Mend what the message names, then run the job again: it begins with a new run.",
    ),
    by_words(
        "and no clear answer came",
        what="A stage waits to be executed.",
        cause="The service, or the way to it, failed each time; a stage is executed three times at the most.",
        fix="Execute it in DataWorks, or continue the run with run-ids.",
        anew="Run the job again: it begins with a new run.",
    ),
    by_words(
        "advance: false leaves",
        what="A stage waits to be executed.",
        cause="advance: false has this step execute no stage.",
        fix="Execute it in DataWorks, or continue the run with run-ids and without advance: false.",
    ),
    by_words(
        "is somebody else's and is only followed",
        what="A stage of somebody else's run waits to be executed.",
        cause="on-active-run: adopt follows such a run, and executes none of its stages.",
        fix="Ask those whose run it is, or execute it in DataWorks.",
    ),
    by_words(
        "is not a run of workspace",
        what="The run is not one of this workspace.",
        cause="Its ID is mistyped, or the run is another workspace's.",
        fix="Check run-ids and project-id.",
    ),
    by_words(
        "was not found among the runs of object",
        what="The list of the object's runs does not show the run.",
        cause="run-ids and object-ids are not in the same order, or do not belong together; a list may also lag.",
        fix="Correct them, or leave object-ids out to continue the runs by themselves.",
    ),
    by_words(
        "has not the stages of type",
        what="The run does the opposite of what was asked for.",
        cause="type is not the one that the run was created with.",
        fix="Check type, and that run-ids are the ones that were meant.",
    ),
)
# Nothing is known but the kind. Statuses are those of HTTP.
_KINDS = (
    by_status(
        401,
        403,
        what="The service denies the call.",
        cause="Key, RAM policy, or the user's role in the workspace.",
        fix=f"Compare them with docs/credentials.md. If they look right, {ASK}",
    ),
    by_status(
        404,
        what="The service does not know what was asked for.",
        cause="A workspace, object or run that does not exist in this region, or not for this key.",
        fix=f"Check project-id, region and IDs. If they look right, {ASK}",
    ),
    by_status(
        408,
        429,
        what="The service is too busy for this call.",
        cause="Too many calls, of this or of other clients of the account.",
        fix="Run the job again later.",
    ),
    by_status(
        *range(400, 500),
        what="The service refuses the call for a reason of its own.",
        cause="Its message is all that is known here.",
        fix=f"Mend what the message names. If it names nothing, {ASK}",
    ),
    by_status(
        *range(500, 600),
        what="The service failed.",
        cause="A fault on Alibaba Cloud's side, or of a gateway in between.",
        fix=f"Run the job again in a while. If it goes on, {ASK}",
    ),
)
TABLE = (*_WORDS, *CODES, REFUSED, *_KINDS)
