"""What is known of errors by their codes. A new one is a new row.

Sources: the error codes and guides of API version 2024-05-18 and of STS 2015-04-01.
"""

from .row import ASK, by_code

# The first that fits wins, so what is more particular stands first.
CODES = (
    by_code(
        "Throttling.Api.Risk",
        what="The day's calls are used up.",
        cause="The account's DataWorks edition includes no more calls today; other clients of it count as well.",
        fix="Wait for the next day, or use an edition with more; max-parallel lets objects share readings.",
    ),
    by_code(
        "Throttling.Resource",
        what="The calls that the account's DataWorks edition includes are used up.",
        cause="The edition's quota is spent; other clients of the account count as well.",
        fix="See the edition's quota, and raise it or wait until it begins anew.",
    ),
    by_code(
        "Throttling",
        "9990020002",
        "ServiceUnavailable.Throttling",
        what="The service refuses so many calls a second.",
        cause="This step slowed down and tried again; other clients of the same account count as well.",
        fix="Run the job again when less is going on, or with a smaller max-parallel.",
    ),
    by_code(
        "9990010001",
        what="DataWorks is not activated.",
        cause="The key's account has no DataWorks in this region, or it is another account's key.",
        fix="Check region, and whose key it is; else activate DataWorks in the console.",
    ),
    by_code(
        "ResourceNotAuthorized",
        what="The key may not make this call.",
        cause="Its RAM policy does not allow the call, or its user is no member of the workspace.",
        fix="Attach the policy of docs/credentials.md, and add the user to the workspace as O&M or Deploy.",
    ),
    by_code(
        "Forbidden.RAM",
        what="The key may not make this call.",
        cause="The RAM policy of its user or role does not allow it.",
        fix="Attach the RAM policy of docs/credentials.md.",
    ),
    by_code(
        "NoPermission",
        what="The key's user may not do this in the workspace.",
        cause="It is no member, or has only the role Development, which cannot deploy.",
        fix="Add it to the workspace with the role O&M or Deploy.",
    ),
    by_code(
        "Forbidden.Access",
        what="The service denies access.",
        cause="The workspace's edition does not include this call, or the user's role does not allow it.",
        fix="Check the edition, and give the user the workspace's role O&M or Deploy.",
    ),
    by_code(
        "Forbidden.Not.Server",
        what="The region does not serve this workspace.",
        cause="The workspace is in another region.",
        fix="Check region: the console shows it beside the workspace.",
    ),
    by_code(
        "InvalidAccessKeyId",
        what="There is no such access key.",
        cause="It was deleted or disabled, or the ID is mistyped.",
        fix="Check access-key-id, and the secret that it comes from.",
    ),
    by_code(
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        what="The signature is wrong.",
        cause="The access key secret does not belong to this access key ID, or was cut when it was copied.",
        fix="Copy both again into the repository's secrets.",
    ),
    by_code(
        "InvalidSecurityToken",
        what="The STS token is not accepted.",
        cause="It is over, or does not belong to the key.",
        fix="Get a new token right before this step, or let the action assume the role itself (role-arn), which "
        "renews it.",
    ),
    by_code(
        "InvalidTimeStamp",
        what="The request's date is too far from the service's.",
        cause="The clock of the job's machine is wrong, or the request lay somewhere for a quarter of an hour.",
        fix="Set the machine's clock, then run the job again.",
    ),
    by_code(
        "SignatureNonceUsed",
        what="The gateway has received this very request before.",
        cause="An earlier attempt of this job has sent it, and may have been refused; or the network delivered it "
        "twice, or its answer was lost. It is not carried out again.",
        fix="Look for the run in DataWorks before you deploy again.",
    ),
    by_code(
        "AuthenticationFail.OIDCToken.AudienceNotMatch",
        what="STS does not accept the audience of the job's ID token.",
        cause="The OIDC provider in RAM does not list it.",
        fix="Add the audience to the provider's client IDs, or set oidc-audience.",
    ),
    by_code(
        "AuthenticationFail.OIDCToken.IssuerNotMatch",
        what="STS does not accept the issuer of the job's ID token.",
        cause="The OIDC provider in RAM has another issuer than this GitHub.",
        fix="Make its issuer https://token.actions.githubusercontent.com, or that of your GitHub server.",
    ),
    by_code(
        "AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch",
        what="STS does not trust the certificate of GitHub's issuer.",
        cause="GitHub has renewed it, and the OIDC provider in RAM has the fingerprint of the old one.",
        fix="Fetch the fingerprint anew in the provider's settings in the RAM console, then run the job again.",
    ),
    by_code(
        "AuthenticationFail.NoPermission",
        what="The role does not trust this job.",
        cause="Its trust policy has another repository, branch or environment, or oidc-provider-arn is wrong.",
        fix="Compare the policy's oidc:sub with this job's: docs/credentials.md.",
    ),
    by_code(
        "AuthenticationFail",
        what="STS does not accept the job's ID token.",
        cause="It is over, or the OIDC provider in RAM is not the one for this GitHub.",
        fix="Check oidc-provider-arn, then run the job again.",
    ),
    by_code(
        "EntityNotExist.Role",
        what="There is no such role.",
        cause="role-arn is mistyped, or the role was deleted.",
        fix="Copy role-arn from the RAM console.",
    ),
    by_code(
        "EntityNotExist",
        what="The service does not know what was asked for.",
        cause="The workspace or the run does not exist in this region, or not for this key.",
        fix="Check project-id, region, and run-ids where they are given.",
    ),
    by_code(
        "InvalidParameter",
        "MissingParameter",
        what="The service does not accept a parameter.",
        cause="An input has a value that it does not take; its message names the parameter.",
        fix=f"Check the input of that name. If it looks right, {ASK}",
    ),
    by_code(
        "InvalidAction",
        "InvalidVersion",
        what="This endpoint does not have the API of the new Data Studio.",
        cause="The endpoint is another service's, or the region has an old version.",
        fix="Check region and endpoint; the workspace must be on the new Data Studio.",
    ),
    by_code(
        "InternalError",
        "ServiceUnavailable",
        what="The service failed inside.",
        cause="A fault on Alibaba Cloud's side, mostly a passing one.",
        fix=f"Run the job again in a while. If it goes on, {ASK}",
    ),
)
