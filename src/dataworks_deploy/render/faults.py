"""What came of a failed call, in words: the service's own where it has said something, and ours for the rest."""

from dataworks_deploy.domain.ending import Fault, Source, Symptom

MOST_WORDS = 400
# `{host}` is empty, or a colon with the host that was asked for.
SYMPTOMS = {
    Symptom.NAME_UNKNOWN: "the endpoint's name does not resolve{host}",
    Symptom.NAME_UNANSWERED: "temporary failure in name resolution of the endpoint{host}",
    Symptom.NO_DESCRIPTOR: "the process may open no more files or connections{host}",
    Symptom.NO_THREAD: "the container may start no thread",
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
    Symptom.NEITHER: "the answer has HTTP status {status}, and is neither a success nor an error",
    Symptom.WORDLESS: "HTTP status {status}",
    Symptom.NO_RUN_ID: "the answer has no run ID",
    Symptom.NO_SUCCESS: "the answer does not say Success",
    Symptom.OTHER_RUN: "the answer is about another run",
    Symptom.NO_LIST: "the answer has no list of runs",
    Symptom.NO_FLOWSPEC: "the answer has no FlowSpec",
    Symptom.RUN_WITHOUT: "the answer holds a run without an ID or a status",
    Symptom.STAGE_WITHOUT: "the answer holds a stage without a code or a step",
    Symptom.LIST_UNSTABLE: "the list of runs changed each time that it was read",
    Symptom.LIST_SHORT: "the list of runs shows {detail} runs",
    Symptom.LIST_ENDLESS: "the list of runs has more than {detail} pages",
    Symptom.LACKING: "what it answers does not hold what was asked for",
    Symptom.ID_TOKEN_DENIED: "it answers with HTTP status {detail}; the job needs permissions: id-token: write",
    Symptom.ID_TOKEN_REFUSED: "it answers with HTTP status {detail}",
    Symptom.NOT_AN_ID_TOKEN: "what came is no ID token",
    Symptom.NO_CODE: "HTTP status {detail} without an answer to the question",
    Symptom.NO_KEY: "the session has no usable key",
    Symptom.SESSION_OVER: "the session has ended before it began; check this machine's clock",
    Symptom.NO_SESSION: "no session could be had for the role ({detail})",
    Symptom.NO_SESSION_WITHIN: "no session could be had for the role within {detail} s",
}
# These say by themselves what could not be had.
_WHOLE = frozenset({Symptom.NO_SESSION, Symptom.NO_SESSION_WITHIN, Symptom.NO_THREAD})
_BEFORE = {
    Source.DATAWORKS: "",
    Source.STS: "the role could not be assumed: STS gives no usable answer: ",
    Source.GITHUB: "the job's ID token could not be fetched from GitHub: ",
}
RENEWAL = "the role's session has ended and could not be renewed: "
STS_THROTTLES = "STS lets no more sessions be had at a time"
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
        "check oidc-provider-arn, and that the role's trust policy has exactly this job's oidc:sub; since July "
        "2026 GitHub writes numeric IDs into that of a new repository"
    ),
    "EntityNotExist.Role": "check role-arn",
    "InvalidParameter.DurationSeconds": (
        "role-session-seconds must not be longer than the role's maximum session duration"
    ),
}


def words(fault: Fault) -> str:
    """What was said, or seen; cut, because what a person has to do comes behind it."""
    text = _text(fault)
    said = f"{fault.code}: {text}" if fault.code else text
    return said if len(said) <= MOST_WORDS else said[: MOST_WORDS - 1] + "…"


def quoted(fault: Fault) -> str:
    """The same within a sentence of ours, which has a stop of its own."""
    return words(fault).rstrip(" .。")


def name_of(fault: Fault) -> str:
    """An error in a word."""
    return fault.code or (f"HTTP status {fault.http_status}" if fault.http_status else _text(fault))


def detailed(fault: Fault) -> str:
    """What was said, with what identifies it."""
    said = quoted(fault)
    # What kept a session from being renewed was not answered to this call.
    status = f"HTTP status {fault.http_status}" if fault.http_status and not fault.renewal else ""
    more = [status] if status and status not in said else []
    more += [f"RequestId {fault.request_id}"] if fault.request_id else []
    return ", ".join([said, *more])


def _text(fault: Fault) -> str:
    """All but the code, uncut."""
    text = _seen(fault, fault.symptom) if fault.symptom else _said(fault)
    return f"{RENEWAL}{text}" if fault.renewal else text


def _seen(fault: Fault, symptom: Symptom) -> str:
    proxy, _, host = fault.detail.rpartition(" ")
    text = SYMPTOMS[symptom].format(
        detail=fault.detail,
        status=fault.http_status,
        proxy=proxy or "its host",
        host=f": {host}" if host else "",
    )
    return text if symptom in _WHOLE else f"{_BEFORE[fault.source]}{text}"


def _said(fault: Fault) -> str:
    if fault.source is not Source.STS:
        return fault.message
    asked = f" (RequestId {fault.detail} of STS)" if fault.detail else ""
    hint = STS_THROTTLES if fault.throttles else STS_HINTS.get(fault.code, "")
    said = f"the role could not be assumed{asked}: {fault.message}"
    return f"{said}; {hint}" if hint else said
