"""Every error that the service is known for has a cause and a fix, found by code or by words."""

import pytest

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.report.explain import TABLE, explain

MEANINGS = {
    ("5801489541076353033", "未找到发布对象: [[123]]"): "without brackets",
    ("5801489541076353033", "未找到发布对象: 123"): "workflow's ID",
    ("5801489541076353036", "WorkflowDefinition只允许作为整体发布, 123"): "workflow's ID",
    ("5801489541076353034", "流水线不是正在运行"): "not running any more",
    ("1", "can not exported multiple nodes into the same output"): "rename the output",
    ("1", "节点存在子节点,导致任务删除或下线失败"): "first",
    ("9990020002", "slow down"): "a second",
    ("Throttling", "x"): "a second",
    ("Throttling.User", "x"): "a second",
    ("Throttling.Api", "x"): "a second",
    ("Throttling.System", "x"): "a second",
    ("Throttling.Api.Risk", "x"): "day",
    ("Throttling.Resource", "x"): "quota",
    ("ResourceNotAuthorized.Api", "x"): "RAM policy",
    ("Forbidden.RAM", "x"): "RAM policy",
    ("NoPermission", "x"): "role",
    ("Forbidden.Access", "x"): "edition",
    ("Forbidden.Not.Server", "x"): "region",
    ("9990010001", "x"): "not activated",
    ("InvalidAccessKeyId.NotFound", "x"): "access-key-id",
    ("SignatureDoesNotMatch", "x"): "secret",
    ("InvalidSecurityToken.Expired", "x"): "token",
    ("SignatureNonceUsed", "x"): "before",
    ("InternalError.System", "x"): "RequestId",
}


@pytest.mark.parametrize(("error", "meaning"), MEANINGS.items())
def test_a_known_error_says_what_it_means(error: tuple[str, str], meaning: str) -> None:
    code, message = error

    assert meaning in explain(Fault(message, code))


def test_what_nobody_knows_is_not_explained() -> None:
    assert explain(Fault("something odd", "Odd.Code")) == ""
    assert explain(None) == ""


def test_each_row_can_be_reached() -> None:
    for row in TABLE:
        assert explain(Fault(row.words, row.code)) == row.advice
