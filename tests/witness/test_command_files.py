"""The reader of the runner's files, which must itself be right, because other tests rely on it. Needs no Docker."""

import pytest

from .command_files import MalformedFileError, parse


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("a=1\n\nb=x=y", {"a": "1", "b": "x=y"}),
        ("a<<E\none\ntwo\nE\n", {"a": "one\ntwo"}),
        ("a<<E\nE\n", {"a": ""}),
        ("a<<E\nb=2\n E\nE\nb=3\n", {"a": "b=2\n E", "b": "3"}),
        ("a=1<<2\n", {"a": "1<<2"}),
        ("a=1\na=2\n", {"a": "2"}),
        ("a=1\r\nb=\x0b\u2028\n", {"a": "1\r", "b": "\x0b\u2028"}),
    ],
)
def test_well_formed_files_are_read_by_the_runners_rules(text: str, values: dict[str, str]) -> None:
    assert parse(text) == values


@pytest.mark.parametrize("text", ["word\n", "=value\n", "<<E\nx\nE\n", "a<<\nx\n", "a<<E\nx\nE \n"])
def test_malformed_files_are_refused(text: str) -> None:
    with pytest.raises(MalformedFileError):
        parse(text)
