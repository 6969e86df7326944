"""What the service's errors mean for a user: likely cause and fix, in one table that is extended here.

Sources: the error codes and guides of API version 2024-05-18; texts as captured in public repositories.
"""

from dataclasses import dataclass

from dataworks_deploy.domain.ending import Fault


@dataclass(frozen=True, slots=True)
class Known:
    """An error is known by a code, or the beginning of one, or by words in its message."""

    code: str
    words: str
    advice: str


# The first that fits wins, so what is more particular stands first.
TABLE = (
    Known(
        "",
        "[[",
        "The ID arrived as a list in a list: give plain IDs, without brackets or quotes around one.",
    ),
    Known(
        "",
        "未找到发布对象",
        "The service finds no such object to deploy. It is a node inside a workflow (deploy the workflow's ID), "
        "or in another workspace (check project-id), or it was deleted.",
    ),
    Known(
        "",
        "WorkflowDefinition只允许作为整体发布",
        "A node inside a workflow cannot be deployed alone: give the workflow's ID.",
    ),
    Known(
        "",
        "流水线不是正在运行",
        "The run is not running any more. Its real state was read again and is reported here.",
    ),
    Known(
        "",
        "multiple nodes into the same output",
        "Two nodes of the workspace have the same output name: rename the output of one of them.",
    ),
    Known(
        "",
        "节点存在子节点",
        "Other objects in production depend on this one: take those out of production first (type: Offline).",
    ),
    Known(
        "Throttling.Api.Risk",
        "",
        "The day's calls of this account's DataWorks edition are used up. Wait for the next day, or use an edition "
        "with more; max-parallel lets objects share readings.",
    ),
    Known(
        "Throttling.Resource",
        "",
        "The calls that this account's DataWorks edition includes are used up. See the edition's quota.",
    ),
    Known(
        "Throttling",
        "",
        "The service refuses so many calls a second. Other clients of the same account count as well: try again later.",
    ),
    Known("9990020002", "", "The service refuses so many calls a second: try again later."),
    Known(
        "9990010001",
        "",
        "DataWorks is not activated for this account in this region: check region, and whose key it is.",
    ),
    Known(
        "ResourceNotAuthorized",
        "",
        "The key's RAM policy does not allow this call, or its user is no member of the workspace.",
    ),
    Known(
        "Forbidden.RAM",
        "",
        "The key's RAM policy does not allow this call: see docs/credentials.md for one that does.",
    ),
    Known(
        "NoPermission",
        "",
        "The key's user may not do this in the workspace: it needs the role O&M or Deploy; Development cannot deploy.",
    ),
    Known(
        "Forbidden.Access",
        "",
        "The workspace's edition or the user's role does not allow this call: O&M or Deploy is needed.",
    ),
    Known("Forbidden.Not.Server", "", "The workspace is not in this region: check region."),
    Known(
        "InvalidAccessKeyId",
        "",
        "The access key ID does not exist or is disabled: check access-key-id and the secret that it comes from.",
    ),
    Known(
        "SignatureDoesNotMatch",
        "",
        "The access key secret does not belong to this access key ID: copy both again.",
    ),
    Known(
        "InvalidSecurityToken",
        "",
        "The STS token is over, or does not belong to the key. Get a new one right before this step, or let the "
        "action assume the role itself (role-arn), which renews it.",
    ),
    Known(
        "SignatureNonceUsed",
        "",
        "The gateway has received this very request before, so it did not carry it out again.",
    ),
    Known(
        "AuthenticationFail.OIDCToken.AudienceNotMatch",
        "",
        "The OIDC provider in RAM does not list this audience: add it there, or set oidc-audience.",
    ),
    Known(
        "AuthenticationFail.NoPermission",
        "",
        "The role's trust policy does not fit this job: compare oidc:sub with repository, branch and environment.",
    ),
    Known("AuthenticationFail", "", "STS does not accept the job's ID token: check oidc-provider-arn."),
    Known("EntityNotExist.Role", "", "There is no such role: check role-arn."),
    Known(
        "InternalError",
        "",
        "The service failed. If this goes on, report the RequestId to Alibaba Cloud.",
    ),
)


def explain(fault: Fault | None) -> str:
    """Likely cause and fix of an error, or "" where nothing is known of it."""
    if fault is None:
        return ""
    for known in TABLE:
        by_code = known.code and fault.code.startswith(known.code)
        by_words = known.words and known.words in fault.message
        if by_code or by_words:
            return known.advice
    return ""
