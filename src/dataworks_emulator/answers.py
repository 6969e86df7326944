"""What the service answers: a response, and the table of its errors with their original texts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

HOST_ID = "dataworks.emulator.invalid"
TROUBLESHOOT = "https://api.aliyun.com/troubleshoot?q={code}&product=dataworks-public&requestId={request_id}"


@dataclass(frozen=True)
class Response:
    """An HTTP answer. `body` is the JSON value. If `raw` is set, it replaces the JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    @property
    def request_id(self) -> str | None:
        """Return the RequestId of the answer, or None."""
        found = self.body.get("RequestId") if isinstance(self.body, dict) else None
        return found if isinstance(found, str) else None

    def content(self) -> bytes:
        """Return the bytes of the body as sent."""
        if self.raw is not None:
            return self.raw
        # JSON can hold half of a surrogate pair, but UTF-8 cannot. So it stays an escape.
        return json.dumps(self.body, ensure_ascii=False).encode("utf-8", "backslashreplace")


class Refusal(Exception):  # noqa: N818  # the service refuses; nothing of ours fails
    """The service refuses a request with one of its API errors."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep the parts of the error's answer."""
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})

    def response(self, request_id: str) -> Response:
        """Render the error as the gateway does."""
        body = {
            "RequestId": request_id,
            "HostId": HOST_ID,
            "Code": self.code,
            "Message": self.message,
            "Recommend": TROUBLESHOOT.format(code=quote(self.code), request_id=request_id),
        }
        return Response(self.status, body, self.headers)


_INVALID = "AuthenticationFail.OIDCToken.Invalid"
STS_ERRORS: dict[str, tuple[int, str, str]] = {
    "InvalidParameter.RoleArn": (
        400,
        "InvalidParameter.RoleArn",
        "The parameter RoleArn is wrongly formed.",
    ),
    "InvalidParameter.RoleSessionName": (
        400,
        "InvalidParameter.RoleSessionName",
        "The parameter RoleSessionName is wrongly formed.",
    ),
    "InvalidParameter.DurationSeconds": (
        400,
        "InvalidParameter.DurationSeconds",
        "The Min/Max value of DurationSeconds is 15min/1hr.",
    ),
    "EntityNotExist.Role": (404, "EntityNotExist.Role", "The role not exists: {detail}."),
    "AuthenticationFail.NoPermission": (401, "AuthenticationFail.NoPermission", "There is no permission"),
    "no-provider": (401, "AuthenticationFail.NoPermission", "No such OIDC Provider registered."),
    "provider-form": (401, "AuthenticationFail.NoPermission", "Parameter OIDCProviderArn is not valid"),
    _INVALID: (401, _INVALID, "The Jwt content is invalid that cannot be recognized."),
    "token-empty": (401, _INVALID, "The OIDCToken can not empty."),
    "token-parts": (401, _INVALID, "The number of Jwt field should be divided into 3 parts with '.' ."),
    "token-base64": (401, _INVALID, "Cannot decode base64 encoded response(format invalided)."),
    "token-algorithm": (
        401,
        _INVALID,
        "The algorithm {detail} that be specified in Jwt header is unknown.",
    ),
    "AuthenticationFail.OIDCToken.InvalidSignature": (
        401,
        "AuthenticationFail.OIDCToken.InvalidSignature",
        "OIDC token validate failed: invalid signature.",
    ),
    "AuthenticationFail.OIDCToken.Expired": (
        401,
        "AuthenticationFail.OIDCToken.Expired",
        "This JsonWebToken is expired.",
    ),
    "AuthenticationFail.OIDCToken.IssuerNotMatch": (
        401,
        "AuthenticationFail.OIDCToken.IssuerNotMatch",
        "The issuer in the OIDC Token doesn't match the OIDC Provider registered.",
    ),
    "AuthenticationFail.OIDCToken.AudienceNotMatch": (
        401,
        "AuthenticationFail.OIDCToken.AudienceNotMatch",
        "Invalid audience.",
    ),
    "InternalError": (500, "InternalError", "STS Server Internal Error happened."),
}
# Keys are API codes. A text without its own code has a short name that only the emulator uses.
ERRORS: dict[str, tuple[int, str, str]] = {
    "no-object": (400, "5801489541076353033", "未找到发布对象: [{detail}]"),
    "whole-workflow": (
        400,
        "5801489541076353033",
        "WorkflowDefinition只允许作为整体发布，不支持单独发布其内部节点: {detail}",
    ),
    "not-running": (400, "5801489541076353034", "流水线不是正在运行"),
    "same-output": (
        400,
        "5801489541076353035",
        "{detail} can not exported multiple nodes into the same output",
    ),
    "has-children": (400, "5801489541076353036", "节点存在子节点,导致任务删除或下线失败"),
    "stage-order": (400, "5801489541076353037", "阶段不允许执行: {detail}"),
    "9990020002": (429, "9990020002", "Request is limited, please try again later."),
    "Throttling": (400, "Throttling", "Request was denied due to request throttling."),
    "Throttling.User": (429, "Throttling.User", "Request was denied due to user flow control."),
    "Throttling.Api": (429, "Throttling.Api", "Request was denied due to api flow control."),
    "Throttling.System": (429, "Throttling.System", "Request was denied due to system flow control."),
    "Throttling.Api.Risk": (429, "Throttling.Api.Risk", "The daily quota of API calls has been used up."),
    "Throttling.Resource": (429, "Throttling.Resource", "The quota of the current edition has been used up."),
    "ResourceNotAuthorized.Api": (
        403,
        "ResourceNotAuthorized.Api",
        "The caller is not authorized to call the API.",
    ),
    "Forbidden.RAM": (403, "Forbidden.RAM", "User not authorized to operate on the specified resource."),
    "NoPermission": (403, "NoPermission", "You are not authorized to do this operation in the workspace."),
    "Forbidden.Access": (
        403,
        "Forbidden.Access",
        "Access is forbidden. Check the edition and the permissions.",
    ),
    "Forbidden.Not.Server": (500, "Forbidden.Not.Server", "The service is not available in this region."),
    "9990010001": (400, "9990010001", "DataWorks is not activated."),
    "InvalidAccessKeyId.NotFound": (404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
    "SignatureDoesNotMatch": (
        400,
        "SignatureDoesNotMatch",
        "Specified signature does not match our calculation.",
    ),
    "IncompleteSignature": (
        400,
        "IncompleteSignature",
        "The request signature does not conform to the standard.",
    ),
    "SignatureNonceUsed": (400, "SignatureNonceUsed", "Specified signature nonce was used already."),
    "InvalidTimeStamp.Expired": (
        400,
        "InvalidTimeStamp.Expired",
        "Specified time stamp or date value is expired.",
    ),
    "InvalidSecurityToken.Malformed": (
        400,
        "InvalidSecurityToken.Malformed",
        "Specified SecurityToken is malformed.",
    ),
    "InvalidSecurityToken.Expired": (
        400,
        "InvalidSecurityToken.Expired",
        "Specified SecurityToken is expired.",
    ),
    "InvalidAction.NotFound": (
        404,
        "InvalidAction.NotFound",
        "Specified api is not found, please check your url.",
    ),
    "InvalidVersion": (400, "InvalidVersion", "Specified parameter Version is not valid."),
    "MissingParameter": (400, "MissingParameter", "{detail} is mandatory for this action."),
    "InvalidParameter": (400, "InvalidParameter", "The specified parameter {detail} is not valid."),
    "NotFound": (404, "EntityNotExist", "The specified {detail} does not exist."),
    "InternalError.System": (
        500,
        "InternalError.System",
        "An internal system error occurred. Try again later.",
    ),
    "ServiceUnavailable": (503, "ServiceUnavailable", "The request has failed due to a temporary failure."),
    "RequestTimeout": (408, "RequestTimeout", "The request timed out."),
    **STS_ERRORS,
}
# Errors for requests that no official client sends, and codes that people have reported without a known cause.
RARE_ERRORS: dict[str, tuple[int, str, str]] = {
    "unreadable": (400, "InvalidRequest", "The request cannot be read: {detail}."),
    "own-failure": (500, "EmulatorFailure", "The emulator itself has failed: {detail}."),
    "UnsupportedHTTPMethod": (400, "UnsupportedHTTPMethod", "This http method is not supported."),
    "misplaced": (400, "InvalidParameter", "The parameter {detail}."),
    "InvalidPageSize": (400, "InvalidPageSize", "Specified parameter PageSize is not valid."),
    "no-node": (400, "5801488441564725286", "未找到节点: {detail}"),
    "9990040001": (429, "9990040001", "Request is limited, please try again later."),
    "9990040003": (429, "9990040003", "Request is limited, please try again later."),
    "kept-out": (403, "Forbidden.Access", "您被限制访问,请过几分钟后重试"),
    "403030": (403, "403030", "You have no permission to do this operation."),
    "InternalError.UserId.Missing": (500, "InternalError.UserId.Missing", "The user ID is missing."),
    "Forbidden.Wkbench.ProjectNoPermission": (
        500,
        "Forbidden.Wkbench.ProjectNoPermission",
        "You have no permission in the workspace.",
    ),
    "Invalid.Wkbench.Parameter": (500, "Invalid.Wkbench.Parameter", "The parameter is not valid."),
}


def refusal(name: str, detail: str = "", *, status: int | None = None) -> Refusal:
    """Make the refusal for a code or short name, with its usual HTTP status unless another is given."""
    usual, code, message = ERRORS.get(name) or RARE_ERRORS[name]
    return Refusal(status or usual, code, message.replace("{detail}", detail))


def error_of_status(status: int) -> Refusal:
    """Make a complete API error for a bare HTTP status."""
    by_status = {403: "NoPermission", 404: "NotFound", 408: "RequestTimeout", 429: "Throttling.User"}
    name = by_status.get(status, "InvalidParameter" if status < 500 else "InternalError.System")
    return refusal("ServiceUnavailable" if status == 503 else name, "request", status=status)
