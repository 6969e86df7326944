"""What must be read for a request, and how many calls that takes."""

import pytest

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.catalog import Kind
from dataworks_deploy.domain.studio.reading import Name, Reading, reading_for
from dataworks_deploy.domain.studio.request import Request, parse_lines

ID = "7567482277219412494"


def request(text: str, *ids: str) -> Request:
    """A request for these lines, after these IDs."""
    return Request(tuple(map(ObjectId, ids)), parse_lines(text).lines)


@pytest.mark.parametrize(
    ("asked", "reading"),
    [
        (request(""), Reading()),
        (request("", "1", "2"), Reading(ids=(ObjectId("1"), ObjectId("2")))),
        (request(f"{ID}\nnode:{ID}", "1"), Reading(ids=(ObjectId("1"), ObjectId(ID)))),
        (request("node:a"), Reading(names=(Name("a", frozenset({Kind.NODE})),))),
        (request("x/a\nnode:a"), Reading(names=(Name("a", frozenset(Kind)),))),
        (
            request("node:a\nworkflow:y/a"),
            Reading(names=(Name("a", frozenset({Kind.NODE, Kind.WORKFLOW})),)),
        ),
        (request("x/*"), Reading(lists=frozenset(Kind))),
        (request("node:x/*\nnode:a"), Reading(lists=frozenset({Kind.NODE}))),
        (
            request("node:x/*\na"),
            Reading(names=(Name("a", frozenset(Kind) - {Kind.NODE}),), lists=frozenset({Kind.NODE})),
        ),
        (request("node:a\n!**/tmp_*"), Reading(names=(Name("a", frozenset({Kind.NODE})),))),
        (
            request("node:a\n!node:b"),
            Reading(names=(Name("a", frozenset({Kind.NODE})), Name("b", frozenset({Kind.NODE})))),
        ),
    ],
)
def test_only_what_a_request_needs_is_read(asked: Request, reading: Reading) -> None:
    assert reading_for(asked) == reading


def test_a_reading_knows_how_many_calls_it_takes() -> None:
    """A name takes one call for each list that may hold it. Workflows have two lists."""
    reading = reading_for(request(f"a\nnode:b\nresource:*\n{ID}", "1"))

    assert reading.calls == 2 + (1 + 2 + 1) + 1
    assert reading.by_lists == Reading(reading.ids, (), frozenset(Kind))
    assert reading.by_lists.calls == 2
    assert reading_for(request("node:a")).by_lists == Reading(lists=frozenset({Kind.NODE}))
