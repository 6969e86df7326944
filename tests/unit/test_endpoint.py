"""Which hosts may receive a signed request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.hosts.inputs.endpoint import REGION, Endpoint, parse_endpoint


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("dataworks.cn-shanghai.aliyuncs.com", "cn-shanghai"),
        ("dataworks.ap-southeast-1.aliyuncs.com", "ap-southeast-1"),
        ("dataworks-vpc.cn-hangzhou.aliyuncs.com", "cn-hangzhou"),
        ("dataworks-public.cn-qingdao.aliyuncs.com", "cn-qingdao"),
        ("dataworks.cn-shanghai-finance-1.aliyuncs.com", "cn-shanghai-finance-1"),
        ("dataworks.aliyuncs.com", ""),
    ],
)
@pytest.mark.parametrize("scheme", ["", "https://"])
def test_the_services_own_names_are_allowed(host: str, region: str, scheme: str) -> None:
    assert parse_endpoint(scheme + host, unsafe=False) == Endpoint(region, host, "HTTPS")


LOOK_ALIKES = [
    "dataworks.cn-shanghai.aliyuncs.com.evil.com",
    "dataworks.cn-shanghai.aliyuncs.com.",
    "dataworks.cn-shanghai.aliyuncs.com:443",
    "dataworks.cn-shanghai.aliyuncs.com:8443",
    "dataworks.cn-shanghai.aliyuncs.com/",
    "dataworks.cn-shanghai.aliyuncs.com/path",
    "dataworks.cn-shanghai.aliyuncs.com?x=1",
    "dataworks.cn-shanghai.aliyuncs.com#@evil.com",
    "dataworks.cn-shanghai.aliyuncs.com@evil.com",
    "user:password@dataworks.cn-shanghai.aliyuncs.com",
    "evil.com@dataworks.cn-shanghai.aliyuncs.com",
    "evil.com#dataworks.cn-shanghai.aliyuncs.com",
    "evil.com/dataworks.cn-shanghai.aliyuncs.com",
    "evil.com\\.dataworks.cn-shanghai.aliyuncs.com",
    "evil-dataworks.cn-shanghai.aliyuncs.com",
    "xdataworks.cn-shanghai.aliyuncs.com",
    "dataworks.cn-shanghai.aliyuncs.co",
    "dataworks.cn-shanghai.xaliyuncs.com",
    "dataworks-cn-shanghai.aliyuncs.com",
    "dataworks.a.b.aliyuncs.com",
    "dataworks.evil.com.aliyuncs.com",
    "dataworks..aliyuncs.com",
    ".dataworks.cn-shanghai.aliyuncs.com",
    "dataworks.cn-shanghai.aliyuncs.com\n",
    "dataworks.cn-shanghai.aliyuncs.com\nevil.com",
    "dataworks.cn-shanghai.aliyuncs.com evil.com",
    "dataworks.cn-shanghai\x00.aliyuncs.com",
    "dаtaworks.cn-shanghai.aliyuncs.com",
    "dataworks。cn-shanghai。aliyuncs。com",
    "\uff44ataworks.cn-shanghai.aliyuncs.com",
    "xn--dtaworks-7fg.cn-shanghai.aliyuncs.com",
    "http://dataworks.cn-shanghai.aliyuncs.com",
    "https://https://dataworks.cn-shanghai.aliyuncs.com",
    "//dataworks.cn-shanghai.aliyuncs.com",
    "ftp://dataworks.cn-shanghai.aliyuncs.com",
    "mse.cn-shanghai.aliyuncs.com",
    "aliyuncs.com",
    "127.0.0.1",
    "http://127.0.0.1:8080",
    "localhost",
    "[::1]",
    "169.254.169.254",
    "100.100.100.200",
]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_everything_else_is_refused(text: str) -> None:
    assert parse_endpoint(text, unsafe=False) is None


@pytest.mark.parametrize("store", ["oss-cn-shanghai", "oss-cn-hangzhou-internal", "oss-accelerate", "oss"])
def test_a_bucket_of_the_object_store_is_refused(store: str) -> None:
    """`<bucket>.oss-<region>.aliyuncs.com` is whoever's has made the bucket."""
    assert parse_endpoint(f"dataworks.{store}.aliyuncs.com", unsafe=False) is None


def test_a_region_of_the_object_store_is_none() -> None:
    assert REGION.fullmatch("oss-cn-shanghai") is None


@pytest.mark.parametrize("text", ["DATAWORKS.cn-shanghai.aliyuncs.com", "dataworks.CN-SHANGHAI.aliyuncs.com"])
def test_upper_case_never_reaches_a_request(text: str) -> None:
    endpoint = parse_endpoint(text, unsafe=False)

    assert endpoint is None or endpoint.host == text.lower()


@given(st.text(alphabet=st.sampled_from("dataworks-.:/@?#\\[]cnhgilyuom%\n\t "), max_size=60))
def test_no_text_gets_another_host_through(text: str) -> None:
    endpoint = parse_endpoint(text, unsafe=False)

    if endpoint is not None:
        assert endpoint.host.endswith(".aliyuncs.com")
        assert endpoint.host.startswith("dataworks")
        assert endpoint.protocol == "HTTPS"
        assert not {*endpoint.host} & {*":/@?#\\[]%\n\t "}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://127.0.0.1:8080", Endpoint(host="127.0.0.1:8080", protocol="HTTP")),
        ("127.0.0.1:8443", Endpoint(host="127.0.0.1:8443", protocol="HTTPS")),
        ("http://emulator/", Endpoint(host="emulator", protocol="HTTP")),
    ],
)
def test_an_emulator_is_reached_where_that_is_allowed(text: str, expected: Endpoint) -> None:
    assert parse_endpoint(text, unsafe=True) == expected
    assert parse_endpoint(text, unsafe=False) is None


@pytest.mark.parametrize(
    "text",
    ["ftp://x", "http://", "http://x:99999", "http://x:y", "http://x/path", "http://u:p@x", "http://x?y"],
)
def test_an_emulator_has_a_plain_address(text: str) -> None:
    assert parse_endpoint(text, unsafe=True) is None
