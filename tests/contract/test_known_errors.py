"""The troubleshooting page has a row for each known error, with the words of the action."""

from itertools import groupby
from pathlib import Path

import pytest

from dataworks_deploy.domain.ending import Fault, Source
from dataworks_deploy.domain.error import Known
from dataworks_deploy.render.advice import GO_ON_THERE
from dataworks_deploy.render.errors import ASK, ENGLISH, GO_ON, Advice, words_of

PAGE = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text("utf-8")
# What a person sees of an error that has no code and no words of its own.
SEEN = {
    Known.NOT_TRUSTED: ("certificate is not trusted",),
    Known.PROXY_UNREACHABLE: ("the proxy cannot be reached",),
    Known.PROXY_ADDRESS: ("the proxy's address",),
    Known.PROXY_REFUSES: ("the proxy refuses",),
    Known.ID_TOKEN_DENIED: ("permissions: id-token: write",),
    Known.NO_ID_TOKEN: ("could not be fetched from GitHub",),
    Known.STS_THROTTLES: ("STS refuses so many sessions at once",),
    Known.NO_SESSION: ("STS gives no usable answer", "STS gave no session for the role"),
    Known.NO_THREAD: ("the container cannot start a thread",),
    Known.NO_DESCRIPTOR: ("the process cannot open more files or connections",),
    Known.NAME_UNANSWERED: ("temporary failure in name resolution",),
    Known.NAME_UNKNOWN: ("name does not resolve",),
    Known.UNREACHABLE: ("the endpoint does not answer", "the endpoint refuses the connection"),
    Known.NOT_THE_SERVICE: ("not the JSON that was expected",),
    Known.STS_REFUSES: ("the role could not be assumed",),
}


def fix_of(says: Advice) -> str:
    """The fix, with the texts that the page has in place of the variable parts."""
    fix = says.fix.replace(ASK, "look up its RequestId, or give it to support.")
    return fix.replace(GO_ON, GO_ON_THERE)


def signs(known: Known) -> list[str]:
    """The words or codes by which a person finds the row, or else the status."""
    row = known.value
    if known in SEEN:
        return [f"`{text}`" for text in SEEN[known]]
    statuses = [f"HTTP {row.statuses[0]}…"] if len(row.statuses) > 9 else map("HTTP {}".format, row.statuses)
    return [*(f"`{text}`" for text in (*row.words, *row.codes)), *statuses]


def lines() -> list[str]:
    """The lines that the page must have. Errors with the same text share a line."""
    found = []
    for says, alike in groupby(Known, ENGLISH.__getitem__):
        first = ", ".join(sign for known in alike for sign in signs(known))
        found.append(f"| {first} | {says.what} | {says.cause} | {fix_of(says)} |")
    return found


@pytest.mark.parametrize("line", lines())
def test_every_known_error_is_on_the_page(line: str) -> None:
    assert line in PAGE.splitlines()


@pytest.mark.parametrize("known", SEEN)
def test_the_words_on_the_page_are_those_that_a_person_sees(known: Known) -> None:
    row = known.value
    source = row.source or Source.DATAWORKS
    code = "" if row.symptoms else "Throttling"
    faults = [Fault(symptom=each, source=source) for each in row.symptoms] or [
        Fault("x", code, source=source)
    ]
    shown = [words_of(fault) for fault in faults]

    for text in SEEN[known]:
        assert any(text in each for each in shown)
