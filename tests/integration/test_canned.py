"""The server of canned answers gives up on whom it can't serve."""

import io

import pytest

from .canned import read_head


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\n", b"GET / HT"])
@pytest.mark.timeout(10)
def test_a_client_that_leaves_in_the_middle_of_its_head_is_not_listened_to_for_ever(sent: bytes) -> None:
    assert read_head(io.BytesIO(sent)) == sent


def test_what_follows_a_head_is_left_where_it_is() -> None:
    stream = io.BytesIO(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab")

    assert read_head(stream).endswith(b"Content-Length: 2\r\n")
    assert stream.read() == b"ab"
