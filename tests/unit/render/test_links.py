"""Every link leads to the console of DataWorks."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.render import texts as links
from dataworks_deploy.render.texts import data_studio


def test_a_workspace_has_a_link() -> None:
    assert data_studio("cn-shanghai", 12345) == (
        "https://dataworks.data.aliyun.com/cn-shanghai/ide?defaultProjectId=12345"
    )


@pytest.mark.parametrize(
    "region", ["", "cn", "cn-shanghai/../x", "cn-shanghai?x", "evil.invalid", "CN-X", "cn-a\n"]
)
def test_without_a_known_region_there_is_no_link(region: str) -> None:
    assert data_studio(region, 12345) is None


def test_one_constant_turns_all_links_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "ENABLED", False)

    assert data_studio("cn-shanghai", 12345) is None


@given(st.text() | st.from_regex(r"[a-z]{2,3}-[a-z0-9-]{1,20}"), st.integers())
def test_no_part_of_a_link_changes_another_part(region: str, project_id: int) -> None:
    url = data_studio(region, project_id)
    if url is None:
        return
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "dataworks.data.aliyun.com", "")
    assert parts.path == f"/{region}/ide"
    assert parse_qs(parts.query) == {"defaultProjectId": [str(project_id)]}
