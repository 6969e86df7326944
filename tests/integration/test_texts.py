"""Texts of the service that are too long, wherever they appear."""

import json

import pytest

from .canned import answer, canned
from .ended import Ended
from .step import Site

MUCH = 2_000_000


def answered(site: Site, status: str, **body: str) -> Ended:
    """Run the step against a service that answers only this."""
    with canned(answer(json.dumps(body).encode(), status)) as server:
        return site.run(endpoint=f"http://{server.endpoint}", settle_seconds="1")


def test_a_long_text_of_the_service_does_not_hide_what_a_person_must_do(site: Site) -> None:
    ended = answered(site, "500 Oops", Code="Odd", Message="x" * 5000, RequestId="R-1")

    assert ended.outcome == "unknown"
    assert any(
        "at the start of its description" in error.lower() and "[dwd1:" in error for error in ended.errors
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("400 Bad Request", {"Code": "Odd", "Message": "x" * MUCH, "RequestId": "R-1"}),
        ("400 Bad Request", {"Code": "x" * MUCH, "Message": "no", "RequestId": "R-1"}),
        ("400 Bad Request", {"Code": "Odd", "Message": "no", "RequestId": "x" * MUCH}),
        ("200 OK", {"Id": "run-1", "RequestId": "x" * MUCH}),
    ],
    ids=["message", "code", "request ID", "request ID of a run"],
)
def test_a_very_long_text_of_the_service_does_not_make_the_outputs_too_long(
    site: Site, status: str, body: dict[str, str]
) -> None:
    ended = answered(site, status, **body)

    assert sum(map(len, ended.outputs.values())) < 100_000
