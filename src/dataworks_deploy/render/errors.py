"""Words for failures, and the advice on errors that are known."""

from collections.abc import Sequence

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Fault, Source, Symptom
from dataworks_deploy.domain.error import Known, row_in, row_of

from .language import say, word

MOST_WORDS = 400
# `{host}` is empty, or a colon with the host that was asked for.
SYMPTOMS = {
    Symptom.NAME_UNKNOWN: "the endpoint's name does not resolve{host}",
    Symptom.NAME_UNANSWERED: "temporary failure in name resolution of the endpoint{host}",
    Symptom.NO_DESCRIPTOR: "the process cannot open more files or connections{host}",
    Symptom.NO_THREAD: "the container cannot start a thread",
    Symptom.CONNECTION_REFUSED: "the endpoint refuses the connection{host}",
    Symptom.CONNECTION_UNANSWERED: "the endpoint does not answer the connection{host}",
    Symptom.NOT_TRUSTED: "the endpoint's certificate is not trusted{host}",
    Symptom.PROXY_ADDRESS: "the proxy's address cannot be used for the endpoint{host}",
    Symptom.PROXY_REFUSES: "the proxy refuses to connect to the endpoint{host}",
    Symptom.PROXY_UNREACHABLE: "the proxy cannot be reached ({proxy}) for the endpoint{host}",
    Symptom.NO_ANSWER: "no answer in time",
    Symptom.NO_ANSWER_WITHIN: "no answer within {detail} s",
    Symptom.CUT_SHORT: "the answer is cut short",
    Symptom.RESET: "the connection was reset",
    Symptom.CLOSED: "the connection was closed without a whole answer",
    Symptom.TLS_FAILED: "TLS failed",
    Symptom.UNEXPECTED: "the call failed in an unexpected way ({detail})",
    Symptom.GATEWAY: "HTTP status {status} without the service's answer",
    Symptom.NOT_JSON: "the answer is not the JSON that was expected",
    Symptom.NEITHER: "the answer has HTTP status {status}, and is not a success and not an error",
    Symptom.WORDLESS: "HTTP status {status}",
    Symptom.NO_RUN_ID: "the answer has no run ID",
    Symptom.NO_SUCCESS: "the answer does not say Success",
    Symptom.OTHER_RUN: "the answer is about another run",
    Symptom.NO_LIST: "the answer has no list",
    Symptom.NO_FLOWSPEC: "the answer has no FlowSpec",
    Symptom.RUN_WITHOUT: "the answer holds a run without an ID or a status",
    Symptom.STAGE_WITHOUT: "the answer holds a stage without a code or a step",
    Symptom.LIST_UNSTABLE: "the list changed each time that it was read",
    Symptom.LIST_SHORT: "the list of runs shows {detail} runs",
    Symptom.LIST_ENDLESS: "the list has more than {detail} pages",
    Symptom.LACKING: "what it answers does not hold what was asked for",
    Symptom.ID_TOKEN_DENIED: "it answers with HTTP status {detail}; the job needs permissions: id-token: write",
    Symptom.ID_TOKEN_REFUSED: "it answers with HTTP status {detail}",
    Symptom.NOT_AN_ID_TOKEN: "what came is no ID token",
    Symptom.NO_CODE: "HTTP status {detail} without an answer to the question",
    Symptom.NO_KEY: "the session has no usable key",
    Symptom.SESSION_OVER: "the session has ended before it began; check this machine's clock",
    Symptom.NO_SESSION: "STS gave no session for the role ({detail})",
    Symptom.NO_SESSION_WITHIN: "STS gave no session for the role within {detail} s",
}
# These say by themselves what could not be had.
_WHOLE = frozenset({Symptom.NO_SESSION, Symptom.NO_SESSION_WITHIN, Symptom.NO_THREAD})
_BEFORE = {
    Source.DATAWORKS: "",
    Source.STS: "the role could not be assumed: STS gives no usable answer: ",
    Source.GITHUB: "the job's ID token could not be fetched from GitHub: ",
}
RENEWAL = "the role's session has ended and could not be renewed: "
STS_THROTTLES = "STS refuses so many sessions at once"
# What a person does about what STS says. Codes: docs of AssumeRoleWithOIDC, version 2015-04-01.
STS_HINTS = {
    "AuthenticationFail.OIDCToken.AudienceNotMatch": (
        "oidc-audience must be among the client IDs of the OIDC provider, and be the oidc:aud of the role's trust "
        "policy"
    ),
    "AuthenticationFail.OIDCToken.IssuerNotMatch": (
        "the OIDC provider's issuer must be https://token.actions.githubusercontent.com"
    ),
    "AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch": (
        "the OIDC provider's fingerprint in RAM is that of an older certificate of the issuer"
    ),
    "AuthenticationFail.OIDCToken.Expired": "check the OIDC provider's limit on the token's age, and run again",
    "AuthenticationFail.NoPermission": (
        "check oidc-provider-arn, and that the role's trust policy has exactly this job's oidc:sub; since July 2026 "
        "GitHub writes numeric IDs into that of a new repository"
    ),
    "EntityNotExist.Role": "check role-arn",
    "InvalidParameter.DurationSeconds": (
        "role-session-seconds must not be longer than the role's maximum session duration"
    ),
}


def words_of(fault: Fault) -> str:
    """What was said, or seen; cut, because what a person has to do comes behind it."""
    text = _text(fault)
    said = f"{fault.code}: {text}" if fault.code else text
    return said if len(said) <= MOST_WORDS else said[: MOST_WORDS - 1] + "…"


def quoted(fault: Fault) -> str:
    """The same within a sentence of ours, which has a stop of its own."""
    return words_of(fault).rstrip(" .。")


def name_of(fault: Fault) -> str:
    """An error in a word."""
    return fault.code or (
        say("HTTP status {http_status}", http_status=fault.http_status) if fault.http_status else _text(fault)
    )


def detailed(fault: Fault) -> str:
    """What was said, with what identifies it."""
    said = quoted(fault)
    # What kept a session from being renewed was not answered to this call.
    status = (
        say("HTTP status {http_status}", http_status=fault.http_status)
        if fault.http_status and not fault.renewal
        else ""
    )
    more = [status] if status and status not in said else []
    more += [f"RequestId {fault.request_id}"] if fault.request_id else []
    return ", ".join([said, *more])


def _text(fault: Fault) -> str:
    """All but the code, uncut."""
    text = _seen(fault, fault.symptom) if fault.symptom else _said(fault)
    return f"{word(RENEWAL)}{text}" if fault.renewal else text


def _seen(fault: Fault, symptom: Symptom) -> str:
    proxy, _, host = fault.detail.rpartition(" ")
    text = say(
        SYMPTOMS[symptom],
        detail=fault.detail,
        status=fault.http_status,
        proxy=proxy or say("its host"),
        host=f"{word(': ')}{host}" if host else "",
    )
    return text if symptom in _WHOLE else f"{word(_BEFORE[fault.source])}{text}"


def _said(fault: Fault) -> str:
    if fault.source is not Source.STS:
        return fault.message
    asked = say(" (RequestId {detail} of STS)", detail=fault.detail) if fault.detail else ""
    hint = word(STS_THROTTLES if fault.throttles else STS_HINTS.get(fault.code, ""))
    said = say("the role could not be assumed{asked}: {message}", asked=asked, message=fault.message)
    return f"{said}; {hint}" if hint else said


ASK = "{ask}"  # stands for whom to ask about the RequestId at hand
GO_ON = "{go_on}"  # stands for where to read how to continue
# Where to look a RequestId up, or whom to give it to.
DIAGNOSE = "OpenAPI Diagnose (api.alibabacloud.com/troubleshoot)"


@frozen
class Advice:
    """What a person reads of an error or an outcome; `cause` and `fix` are empty where there is none to give.

    `anew` is what to do instead of a fix where the run was abolished with the step, and cannot be continued.
    """

    what: str
    cause: str = ""
    fix: str = ""
    anew: str = ""

    def filled(self, whom: str, go_on: str = "") -> str:
        """The fix in the step's language: whom to ask stands in it, and where to read how to continue."""
        fix = word(self.fix).replace(ASK, whom).replace(GO_ON, word(go_on))
        return " ".join(fix.split())

    @property
    def again(self) -> bool:
        """Whether it says itself that the job is to run again."""
        return "re-run the job" in (self.anew or self.fix).lower()


_TOO_BUSY = Advice(
    what="The service is too busy for this call.",
    cause="Too many calls, by this step or by other clients of the account.",
    fix="Re-run the job later.",
)
ENGLISH = {
    Known.NESTED_LIST: Advice(
        what="The service does not find this object.",
        cause="The ID arrived as a list in a list.",
        fix="Give plain IDs in object-ids, without brackets or quotes around one.",
    ),
    Known.NO_OBJECT: Advice(
        what="The service does not find this object.",
        cause="It is a node inside a workflow, or in another workspace, or it was deleted.",
        fix="Give the workflow's ID instead of its node's; else check project-id, region and the ID.",
    ),
    Known.ONLY_WHOLE: Advice(
        what="A workflow is deployed and undeployed only as a whole.",
        cause="The ID is that of a node inside a workflow.",
        fix="Give the workflow's ID in object-ids.",
    ),
    Known.NOT_RUNNING: Advice(
        what="The run is not running any more.",
        cause="Somebody, or the service, has ended it in the meantime. Its state was read again.",
        fix="Look at the run in DataWorks, then re-run the job.",
    ),
    Known.STAGE_NOT_NOW: Advice(
        what="The service does not let this stage be executed now.",
        cause="It waits for approval in DataWorks, which only a person can give.",
        fix="Approve it in DataWorks, in the run's details, then continue the run with run-ids.",
        anew="Re-run the job: it begins with a new run, which needs the approval as well.",
    ),
    Known.OUTPUT_TAKEN: Advice(
        what="An output name is taken.",
        cause="Two nodes of the workspace have the same output name.",
        fix="Rename the output of one of them in Data Studio, and save.",
    ),
    Known.HAS_CHILDREN: Advice(
        what="The object cannot be taken out of production.",
        cause="Other objects (downstream) depend on it, in production or in development.",
        fix=(
            "Find them in Operation Center, among the downstream nodes of this one. Undeploy them too: "
            "in a list with order: given, put them before this object. Or change their inputs in Data "
            "Studio and deploy them."
        ),
    ),
    Known.UPSTREAM_MISSING: Advice(
        what="An upstream object is not in production.",
        cause="What this object depends on was never deployed, or comes later in the order.",
        fix="Select the upstream objects too; in a list with order: given, put them before this object. Or set "
        "upstream: include. If runs of these are still open, continue those first.",
    ),
    Known.NO_NODE: Advice(
        what="The workspace has no node with this ID.",
        cause="The ID is a scheduling task's (12 digits) or a workflow's, or the node is in another workspace or was "
        "deleted.",
        fix="Open the object in Data Studio and copy its ID from Properties; check project-id and region.",
    ),
    Known.KEPT_OUT: Advice(
        what="The service blocks the key for some minutes.",
        cause="Too many calls, by this step or by other clients of the account. This step slowed down and tried "
        "again.",
        fix="Wait some minutes, then re-run the job.",
    ),
    Known.NO_THREAD: Advice(
        what="The container cannot start a thread, so nothing was sent.",
        cause="Docker is older than 20.10.10, or a limit on processes (--pids-limit, ulimit -u) is reached.",
        fix="Update Docker on the runner, or raise the limit. Then re-run the job.",
    ),
    Known.NO_DESCRIPTOR: Advice(
        what="The step cannot open more files or connections.",
        cause="A limit on open files (ulimit -n) is reached.",
        fix="Raise the limit, or use a smaller max-parallel. Then re-run the job.",
    ),
    Known.NOT_TRUSTED: Advice(
        what="The endpoint's certificate is not trusted.",
        cause="A proxy that inspects TLS, or another host under this name.",
        fix="Name the proxy's authority in SSL_CERT_FILE: docs/credentials.md, Corporate networks.",
    ),
    Known.PROXY_UNREACHABLE: Advice(
        what="The proxy cannot be reached.",
        cause="It is down, or HTTPS_PROXY or HTTP_PROXY names another host or port than its own.",
        fix="Check the variable against the host and port in the message, or name the endpoint in NO_PROXY.",
    ),
    Known.PROXY_ADDRESS: Advice(
        what="The proxy's address cannot be used.",
        cause="HTTPS_PROXY or HTTP_PROXY is not an http:// address, its port is none, or its login holds a character "
        "that ends a host.",
        fix="Write http://user:password@host:port, where user and password have %2F for /, %3F for ?, %23 for #. "
        "SOCKS is not supported.",
    ),
    Known.PROXY_REFUSES: Advice(
        what="The proxy does not connect to the endpoint.",
        cause="The proxy does not allow the host, or wants a login.",
        fix="Allow the host there, or name it in NO_PROXY.",
    ),
    Known.ID_TOKEN_DENIED: Advice(
        what="GitHub denies the job an ID token.",
        cause="The job lacks the permission id-token: write, runs for a pull request from a fork, or has run for so "
        "long that GitHub's own token has expired.",
        fix="Add it to the job's permissions, then start a new workflow run: a re-run keeps the old permissions.",
    ),
    Known.NO_ID_TOKEN: Advice(
        what="GitHub has not given the job an ID token.",
        cause="A fault of GitHub, mostly a temporary one, or of a proxy in between.",
        fix="Re-run the job. If it happens again, see githubstatus.com, and what stands between GitHub and the "
        "machine.",
    ),
    Known.STS_THROTTLES: Advice(
        what="STS refuses so many requests at once.",
        cause="Other jobs and clients of the role's account ask STS for sessions too. It is not a limit of DataWorks.",
        fix="Re-run the job at a quieter time.",
    ),
    Known.NO_SESSION: Advice(
        what="STS gave no session for the role.",
        cause="STS, or the way to it, is slow or down, or a proxy or gateway answered in its place.",
        fix="Re-run the job. If it happens again, check that the job's machine reaches sts.aliyuncs.com.",
    ),
    Known.NAME_UNKNOWN: Advice(
        what="No host has the endpoint's name.",
        cause="A typo in region or endpoint, or a machine whose DNS does not know the name.",
        fix="Check region, such as cn-shanghai, and endpoint: the message ends with the host that was asked for.",
    ),
    Known.NAME_UNANSWERED: Advice(
        what="The endpoint's name could not be looked up.",
        cause="A temporary failure: the DNS server of the job's machine does not answer.",
        fix="Re-run the job. If it happens again, check the DNS of the job's machine.",
    ),
    Known.UNREACHABLE: Advice(
        what="The endpoint cannot be reached.",
        cause="A firewall, a VPC endpoint that is called from outside its VPC, or a wrong endpoint.",
        fix="Check endpoint, and that the job's machine may reach it.",
    ),
    Known.NOT_THE_SERVICE: Advice(
        what="What answered was not the service.",
        cause="A proxy or gateway answered in its place, or endpoint is another service's host.",
        fix="Check endpoint, and what stands between it and the job's machine.",
    ),
    Known.DAY_SPENT: Advice(
        what="The day's API calls are used up.",
        cause="The account's DataWorks edition includes no more calls today; other clients of it count as well.",
        fix=f"Wait for the next day, or use an edition with more; max-parallel lets objects share readings. {GO_ON}",
    ),
    Known.EDITION_SPENT: Advice(
        what="The edition's API calls are used up.",
        cause="The service refused every call for some time, so a slower pace does not help. Other clients of the "
        "account count as well.",
        fix=f"Look up the edition's quota. Raise it, or wait until it begins again. {GO_ON}",
    ),
    Known.TOO_FREQUENT: Advice(
        what="The service takes no more calls now.",
        cause="Too many calls a second, or the day's calls are used up: the service does not tell which. This step "
        "slowed down and tried again.",
        fix="Re-run the job at a quieter time, or the next day.",
    ),
    Known.THROTTLED: Advice(
        what="The service refuses so many calls a second.",
        cause="This step slowed down and tried again; other clients of the same account count as well.",
        fix="Re-run the job at a quieter time, or with a smaller max-parallel.",
    ),
    Known.NOT_ACTIVATED: Advice(
        what="DataWorks is not activated.",
        cause="The key's account has no DataWorks in this region, or it is another account's key.",
        fix="Check region, and whose key it is; else activate DataWorks in the console.",
    ),
    Known.NOT_AUTHORIZED: Advice(
        what="The key is not allowed to make this call.",
        cause="Its RAM policy does not allow the call, or its user is not a member of the workspace.",
        fix="Attach the policy of docs/credentials.md, and add the user to the workspace as O&M or Deploy.",
    ),
    Known.NO_POLICY: Advice(
        what="The key is not allowed to make this call.",
        cause="The RAM policy of its user or role does not allow it.",
        fix="Attach the RAM policy of docs/credentials.md.",
    ),
    Known.NO_PERMISSION: Advice(
        what="The user or role is not allowed to do this in the workspace.",
        cause=(
            "It is not a member of the workspace, or has only the role Development, which cannot "
            "deploy or undeploy."
        ),
        fix="Add it to the workspace with the role O&M or Deploy.",
    ),
    Known.NO_ACCESS: Advice(
        what="The service denies access.",
        cause="The workspace's edition does not include this call, or the user's role does not allow it.",
        fix="Check the edition, and give the user the workspace's role O&M or Deploy.",
    ),
    Known.NO_MEMBER: Advice(
        what="The service does not know the key's user in this workspace.",
        cause="The user or role is not a member of the workspace, or project-id is another workspace's.",
        fix="Add it to the workspace with the role O&M or Deploy, and check project-id.",
    ),
    Known.WRONG_WORKSPACE: Advice(
        what="The service does not accept the workspace or the ID.",
        cause="project-id is not a workspace of this region, or an ID is not one of this workspace.",
        fix=f"Check project-id, region and IDs. If they are right, {ASK}",
    ),
    Known.OTHER_REGION: Advice(
        what="The region does not serve this workspace.",
        cause="The workspace is in another region.",
        fix="Check region: the console shows it beside the workspace.",
    ),
    Known.NO_ACCESS_KEY: Advice(
        what="There is no such access key.",
        cause="It was deleted or disabled, or the ID is mistyped.",
        fix="Check access-key-id, and the secret that it comes from.",
    ),
    Known.WRONG_SIGNATURE: Advice(
        what="The signature is wrong.",
        cause="The access key secret does not belong to this access key ID, or was cut when it was copied.",
        fix="Copy the access key ID and the access key secret into the repository's secrets again: the pair does not "
        "match.",
    ),
    Known.TOKEN_NOT_ACCEPTED: Advice(
        what="The STS token is not accepted.",
        cause="It has expired, or does not belong to the key.",
        fix="Get a new token right before this step, or let the action assume the role itself (role-arn), which "
        "renews it.",
    ),
    Known.WRONG_CLOCK: Advice(
        what="The request's date is too far from the service's.",
        cause="The clock of the job's machine is wrong, or the request was delayed by 15 minutes or more.",
        fix="Set the machine's clock, then re-run the job.",
    ),
    Known.NONCE_USED: Advice(
        what="The gateway has already received this request.",
        cause="An earlier attempt of this job has sent it, and may have been refused; or the network delivered it "
        "twice, or its answer was lost. It is not carried out again.",
        fix="Look for the run in DataWorks before you try again.",
    ),
    Known.WRONG_AUDIENCE: Advice(
        what="STS does not accept the audience of the job's ID token.",
        cause="The OIDC provider in RAM does not list it.",
        fix="Add the audience to the provider's client IDs, or set oidc-audience.",
    ),
    Known.WRONG_ISSUER: Advice(
        what="STS does not accept the issuer of the job's ID token.",
        cause="The OIDC provider in RAM has another issuer than this GitHub.",
        fix="Make its issuer https://token.actions.githubusercontent.com, or that of your GitHub server.",
    ),
    Known.OLD_FINGERPRINT: Advice(
        what="STS does not trust the certificate of GitHub's issuer.",
        cause="GitHub has renewed it, and the OIDC provider in RAM has the fingerprint of the old one.",
        fix="Fetch the fingerprint again in the provider's settings in the RAM console, then re-run the job.",
    ),
    Known.NOT_TRUSTED_BY_ROLE: Advice(
        what="The role does not trust this job.",
        cause="Its trust policy has another repository, branch or environment, or oidc-provider-arn is wrong.",
        fix="Compare the policy's oidc:sub with this job's: docs/credentials.md.",
    ),
    Known.ID_TOKEN_NOT_ACCEPTED: Advice(
        what="STS does not accept the job's ID token.",
        cause="It has expired, or the OIDC provider in RAM is not the one for this GitHub.",
        fix="Check oidc-provider-arn, then re-run the job.",
    ),
    Known.NO_ROLE: Advice(
        what="There is no such role.",
        cause="role-arn is mistyped, or the role was deleted.",
        fix="Copy role-arn from the RAM console.",
    ),
    Known.NOT_FOUND: Advice(
        what="The service does not know what was asked for.",
        cause="The workspace or the run does not exist in this region, or not for this key.",
        fix="Check project-id, region, and run-ids where they are given.",
    ),
    Known.PAGE_SIZE: Advice(
        what="The service does not accept the size of a page.",
        cause="This action asks for pages of a size that the service took before. It is no fault of the inputs.",
        fix="Report it as a bug of this action, with the RequestId.",
    ),
    Known.WRONG_PARAMETER: Advice(
        what="The service does not accept a parameter.",
        cause="An input has a value that it does not take; its message names the parameter.",
        fix=f"Check the input of that name. If it looks right, {ASK}",
    ),
    Known.WRONG_API: Advice(
        what="This endpoint does not have the API of the new Data Studio.",
        cause="The endpoint is another service's, or the region has an old version.",
        fix="Check region and endpoint; the workspace must be on the new Data Studio.",
    ),
    Known.FAILED_INSIDE: Advice(
        what="The service had an internal error.",
        cause="A fault of Alibaba Cloud, mostly a temporary one.",
        fix=f"Re-run the job in a while. If it happens again, {ASK}",
    ),
    Known.STS_REFUSES: Advice(
        what="STS gives no session of the role.",
        cause="Its message is all that is known here.",
        fix="Compare role and OIDC provider with docs/credentials.md. If they look right, re-run the job.",
    ),
    Known.DENIED: Advice(
        what="The service denies the call.",
        cause="Key, RAM policy, or the user's role in the workspace.",
        fix=f"Compare them with docs/credentials.md. If they look right, {ASK}",
    ),
    Known.UNKNOWN_THING: Advice(
        what="The service does not know what was asked for.",
        cause="A workspace, object or run that does not exist in this region, or not for this key.",
        fix=f"Check project-id, region and IDs. If they look right, {ASK}",
    ),
    Known.LATE: _TOO_BUSY,
    Known.BUSY: _TOO_BUSY,
    Known.REFUSED: Advice(
        what="The service refuses the call for a reason of its own.",
        cause="Its message is all that is known here.",
        fix=f"Fix what the message names. If it names nothing, {ASK}",
    ),
    Known.FAILED: Advice(
        what="The service failed.",
        cause="A fault of Alibaba Cloud, or of a gateway in between.",
        fix=f"Re-run the job in a while. If it happens again, {ASK}",
    ),
}


def advice(fault: Fault) -> Advice | None:
    """The advice of the first row that fits, or None; a place for whom to ask may be left in it: see ASK."""
    known = row_of(fault)
    return ENGLISH[known] if known else None


def advice_in(text: str) -> Advice | None:
    """The same for what the service has written elsewhere, such as the message of a stage: by its words alone."""
    known = row_in(text)
    return ENGLISH[known] if known else None


def advice_seen(fault: Fault) -> Advice | None:
    """The same for what this step has seen itself, where nobody has said what is wrong."""
    known = row_of(fault)
    return ENGLISH[known] if known and fault.symptom in known.value.symptoms else None


def ask(fault: Fault | None) -> str:
    """Whom to ask about an error."""
    if fault is None or not fault.request_id:
        return say("ask Alibaba Cloud support.")
    return say(
        "look its RequestId {request_id} up in {diagnose}, or give it to Alibaba Cloud support.",
        request_id=fault.request_id,
        diagnose=word(DIAGNOSE),
    )


def ask_all(faults: Sequence[Fault | None]) -> str:
    """Whom to ask about the errors of several objects, whose RequestIds stand elsewhere."""
    if len(faults) == 1 or not any(fault and fault.request_id for fault in faults):
        return ask(faults[0])
    return say(
        "look one of their RequestIds up in {diagnose}, or give it to Alibaba Cloud support.",
        diagnose=word(DIAGNOSE),
    )
