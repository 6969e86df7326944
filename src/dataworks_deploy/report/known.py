"""What is known of errors, in one table: what happened, the likely cause, and the fix. A new one is a new row.

Sources: the error codes and guides of API version 2024-05-18 and of STS 2015-04-01; Chinese texts as captured in
public repositories. Statuses are those of HTTP.
"""

from dataclasses import dataclass

ASK = "{ask}"  # stands for whom to ask about the RequestId at hand


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person reads of an error or an outcome; `cause` and `fix` are empty where there is none to give."""

    what: str
    cause: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An error is known by words in its message, by a code, with or without `.More` behind it, or by its status."""

    says: Explanation
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()

    def fits(self, message: str, code: str, status: int | None) -> bool:
        """Whether an error is this one."""
        return (
            any(word in message for word in self.words)
            or any(code == each or code.startswith(f"{each}.") for each in self.codes)
            or status in self.statuses
        )


def _words(*words: str, what: str, cause: str, fix: str) -> Known:
    return Known(Explanation(what, cause, fix), words=words)


def _codes(*codes: str, what: str, cause: str, fix: str) -> Known:
    return Known(Explanation(what, cause, fix), codes=codes)


def _statuses(*statuses: int, what: str, cause: str, fix: str) -> Known:
    return Known(Explanation(what, cause, fix), statuses=statuses)


# The first that fits wins, so what is more particular stands first.
TABLE = (
    _words(
        "未找到发布对象: [[",
        what="The service finds no such object to deploy.",
        cause="The ID arrived as a list in a list.",
        fix="Give plain IDs in object-ids, without brackets or quotes around one.",
    ),
    _words(
        "未找到发布对象",
        what="The service finds no such object to deploy.",
        cause="It is a node inside a workflow, or in another workspace, or it was deleted.",
        fix="Give the workflow's ID instead of its node's; else check project-id, region and the ID.",
    ),
    _words(
        "WorkflowDefinition只允许作为整体发布",
        what="A workflow is deployed only as a whole.",
        cause="The ID is that of a node inside a workflow.",
        fix="Give the workflow's ID in object-ids.",
    ),
    _words(
        "流水线不是正在运行",
        what="The run is not running any more.",
        cause="Somebody, or the service, has ended it meanwhile; its state was read again.",
        fix="Look at the run in DataWorks, then run the job again.",
    ),
    _words(
        "阶段不允许执行",
        what="The service does not let this stage be executed now.",
        cause="A stage before it has not succeeded, or it waits for a person.",
        fix="Look at the run in DataWorks, then continue it with run-ids.",
    ),
    _words(
        "multiple nodes into the same output",
        what="An output name is taken.",
        cause="Two nodes of the workspace have the same output name.",
        fix="Rename the output of one of them in Data Studio, save, and run the job again.",
    ),
    _words(
        "节点存在子节点",
        what="The object cannot be taken out of production.",
        cause="Other objects in production depend on it.",
        fix="Take those out of production first (type: Offline), or remove the dependency.",
    ),
    _words(
        "上游节点未发布",
        what="An upstream object is not in production.",
        cause="What this object depends on was never deployed, or comes later in object-ids.",
        fix="Deploy the upstream objects first: they stand before it in object-ids, with max-parallel: 1.",
    ),
    _words(
        "name does not resolve",
        what="There is no host of the endpoint's name.",
        cause="A typo in region or endpoint, or a machine whose DNS does not know the name.",
        fix="Check region, such as cn-shanghai (its host is dataworks.cn-shanghai.aliyuncs.com), and endpoint.",
    ),
    _words(
        "certificate is not trusted",
        what="Nobody vouches for the endpoint's certificate.",
        cause="A proxy that inspects TLS, or another host under this name.",
        fix="Name the proxy's authority in SSL_CERT_FILE: docs/credentials.md, Corporate networks.",
    ),
    _words(
        "the proxy refuses",
        what="The proxy does not connect to the endpoint.",
        cause="The proxy does not allow the host, or wants a login.",
        fix="Allow the host there, or name it in NO_PROXY.",
    ),
    _words(
        "the endpoint does not answer",
        "the endpoint refuses the connection",
        what="The endpoint cannot be reached.",
        cause="A firewall, a VPC endpoint from outside of its VPC, or a wrong endpoint.",
        fix="Check endpoint, and that the job's machine may reach it.",
    ),
    _words(
        "not the JSON that was expected",
        what="What answered was not the service.",
        cause="A proxy or gateway answered in its place, or endpoint is another service's host.",
        fix="Check endpoint, and what stands between it and the job's machine.",
    ),
    _words(
        "until-stage: run",
        what="The run has no stage of this code.",
        cause="until-stage is mistyped, or names a stage of runs of another kind.",
        fix="Correct until-stage or leave it out, and continue the run with run-ids.",
    ),
    _words(
        "is not a run of workspace",
        what="The run is not one of this workspace.",
        cause="Its ID is mistyped, or the run is another workspace's.",
        fix="Check run-ids and project-id.",
    ),
    _codes(
        "Throttling.Api.Risk",
        what="The day's calls are used up.",
        cause="The account's DataWorks edition includes no more calls today; other clients of it count as well.",
        fix="Wait for the next day, or use an edition with more; max-parallel lets objects share readings.",
    ),
    _codes(
        "Throttling.Resource",
        what="The calls that the account's DataWorks edition includes are used up.",
        cause="The edition's quota is spent; other clients of the account count as well.",
        fix="See the edition's quota, and raise it or wait until it begins anew.",
    ),
    _codes(
        "Throttling",
        "9990020002",
        "ServiceUnavailable.Throttling",
        what="The service refuses so many calls a second.",
        cause="This step slowed down and tried again; other clients of the same account count as well.",
        fix="Run the job again when less is going on, or with a smaller max-parallel.",
    ),
    _codes(
        "9990010001",
        what="DataWorks is not activated.",
        cause="The key's account has no DataWorks in this region, or it is another account's key.",
        fix="Check region, and whose key it is; else activate DataWorks in the console.",
    ),
    _codes(
        "ResourceNotAuthorized",
        what="The key may not make this call.",
        cause="Its RAM policy does not allow the call, or its user is no member of the workspace.",
        fix="Attach the policy of docs/credentials.md, and add the user to the workspace as O&M or Deploy.",
    ),
    _codes(
        "Forbidden.RAM",
        what="The key may not make this call.",
        cause="The RAM policy of its user or role does not allow it.",
        fix="Attach the RAM policy of docs/credentials.md.",
    ),
    _codes(
        "NoPermission",
        what="The key's user may not do this in the workspace.",
        cause="It is no member, or has only the role Development, which cannot deploy.",
        fix="Add it to the workspace with the role O&M or Deploy.",
    ),
    _codes(
        "Forbidden.Access",
        what="The service denies access.",
        cause="The workspace's edition does not include this call, or the user's role does not allow it.",
        fix="Check the edition, and give the user the workspace's role O&M or Deploy.",
    ),
    _codes(
        "Forbidden.Not.Server",
        what="The region does not serve this workspace.",
        cause="The workspace is in another region.",
        fix="Check region: the console shows it beside the workspace.",
    ),
    _codes(
        "InvalidAccessKeyId",
        what="There is no such access key.",
        cause="It was deleted or disabled, or the ID is mistyped.",
        fix="Check access-key-id, and the secret that it comes from.",
    ),
    _codes(
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        what="The signature is wrong.",
        cause="The access key secret does not belong to this access key ID, or was cut when it was copied.",
        fix="Copy both again into the repository's secrets.",
    ),
    _codes(
        "InvalidSecurityToken",
        what="The STS token is not accepted.",
        cause="It is over, or does not belong to the key.",
        fix="Get a new token right before this step, or let the action assume the role itself (role-arn), which "
        "renews it.",
    ),
    _codes(
        "InvalidTimeStamp",
        what="The request's date is too far from the service's.",
        cause="The clock of the job's machine is wrong, or the request lay somewhere for a quarter of an hour.",
        fix="Set the machine's clock, then run the job again.",
    ),
    _codes(
        "SignatureNonceUsed",
        what="The gateway has received this very request before.",
        cause="The network delivered it twice, or its first answer was lost; it is not carried out again.",
        fix="Look for the run in DataWorks before you deploy again.",
    ),
    _codes(
        "AuthenticationFail.OIDCToken.AudienceNotMatch",
        what="STS does not accept the audience of the job's ID token.",
        cause="The OIDC provider in RAM does not list it.",
        fix="Add the audience to the provider's client IDs, or set oidc-audience.",
    ),
    _codes(
        "AuthenticationFail.OIDCToken.IssuerNotMatch",
        what="STS does not accept the issuer of the job's ID token.",
        cause="The OIDC provider in RAM has another issuer than this GitHub.",
        fix="Make its issuer https://token.actions.githubusercontent.com, or that of your GitHub server.",
    ),
    _codes(
        "AuthenticationFail.NoPermission",
        what="The role does not trust this job.",
        cause="Its trust policy has another repository, branch or environment, or oidc-provider-arn is wrong.",
        fix="Compare the policy's oidc:sub with this job's: docs/credentials.md.",
    ),
    _codes(
        "AuthenticationFail",
        what="STS does not accept the job's ID token.",
        cause="It is over, or the OIDC provider in RAM is not the one for this GitHub.",
        fix="Check oidc-provider-arn, then run the job again.",
    ),
    _codes(
        "EntityNotExist.Role",
        what="There is no such role.",
        cause="role-arn is mistyped, or the role was deleted.",
        fix="Copy role-arn from the RAM console.",
    ),
    _codes(
        "EntityNotExist",
        what="The service does not know what was asked for.",
        cause="The workspace or the run does not exist in this region, or not for this key.",
        fix="Check project-id, region, and run-ids where they are given.",
    ),
    _codes(
        "InvalidParameter",
        "MissingParameter",
        what="The service does not accept a parameter.",
        cause="An input has a value that it does not take; its message names the parameter.",
        fix=f"Check the input of that name. If it looks right, {ASK}",
    ),
    _codes(
        "InvalidAction",
        "InvalidVersion",
        what="This endpoint does not have the API of the new Data Studio.",
        cause="The endpoint is another service's, or the region has an old version.",
        fix="Check region and endpoint; the workspace must be on the new Data Studio.",
    ),
    _codes(
        "InternalError",
        "ServiceUnavailable",
        what="The service failed inside.",
        cause="A fault on Alibaba Cloud's side, mostly a passing one.",
        fix=f"Run the job again in a while. If it goes on, {ASK}",
    ),
    # From here on nothing is known but the kind.
    _statuses(
        401,
        403,
        what="The service denies the call.",
        cause="Key, RAM policy, or the user's role in the workspace.",
        fix=f"Compare them with docs/credentials.md. If they look right, {ASK}",
    ),
    _statuses(
        404,
        what="The service does not know what was asked for.",
        cause="A workspace, object or run that does not exist in this region, or not for this key.",
        fix=f"Check project-id, region and IDs. If they look right, {ASK}",
    ),
    _statuses(
        408,
        429,
        what="The service is too busy for this call.",
        cause="Too many calls, of this or of other clients of the account.",
        fix="Run the job again later.",
    ),
    _statuses(
        *range(400, 500),
        what="The service refuses the call for a reason of its own.",
        cause="Its message is all that is known here.",
        fix=f"Mend what the message names. If it names nothing, {ASK}",
    ),
    _statuses(
        *range(500, 600),
        what="The service failed.",
        cause="A fault on Alibaba Cloud's side, or of a gateway in between.",
        fix=f"Run the job again in a while. If it goes on, {ASK}",
    ),
)
