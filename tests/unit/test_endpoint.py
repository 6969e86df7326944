"""Which hosts may receive a signed request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.hosts.inputs.credentials import REGION, Endpoint, parse_endpoint


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


HOST = "dataworks.cn-shanghai.aliyuncs.com"
LOOK_ALIKES = [
    *(f"{HOST}.evil.com", f"{HOST}.", f"{HOST}:443", f"{HOST}:8443", f"{HOST}/", f"{HOST}/path"),
    *(f"{HOST}?x=1", f"{HOST}#@evil.com", f"{HOST}@evil.com", f"user:password@{HOST}"),
    *(f"evil.com@{HOST}", f"evil.com#{HOST}", f"evil.com/{HOST}", f"evil.com\\.{HOST}"),
    *(f"evil-{HOST}", f"x{HOST}", "dataworks.cn-shanghai.aliyuncs.co"),
    *("dataworks.cn-shanghai.xaliyuncs.com", "dataworks-cn-shanghai.aliyuncs.com"),
    *("dataworks.a.b.aliyuncs.com", "dataworks.evil.com.aliyuncs.com", "dataworks..aliyuncs.com"),
    *(f".{HOST}", f"{HOST}\n", f"{HOST}\nevil.com", f"{HOST} evil.com"),
    *("dataworks.cn-shanghai\x00.aliyuncs.com", "dаtaworks.cn-shanghai.aliyuncs.com"),
    *("dataworks。cn-shanghai。aliyuncs。com", "\uff44ataworks.cn-shanghai.aliyuncs.com"),
    *("xn--dtaworks-7fg.cn-shanghai.aliyuncs.com", f"http://{HOST}", f"https://https://{HOST}"),
    *(f"//{HOST}", f"ftp://{HOST}", "mse.cn-shanghai.aliyuncs.com", "aliyuncs.com", "127.0.0.1"),
    *("http://127.0.0.1:8080", "localhost", "[::1]", "169.254.169.254", "100.100.100.200"),
]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_everything_else_is_refused(text: str) -> None:
    assert parse_endpoint(text, unsafe=False) is None


@pytest.mark.parametrize("store", ["oss-cn-shanghai", "oss-cn-hangzhou-internal", "oss-accelerate", "oss"])
def test_a_bucket_of_the_object_store_is_refused(store: str) -> None:
    """`<bucket>.oss-<region>.aliyuncs.com` belongs to whoever created the bucket."""
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
