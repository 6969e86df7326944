"""Secrets are found in every form in which they may appear."""

import base64
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataworks_deploy.domain.event import Event
from dataworks_deploy.domain.reason import Reason
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.secrets import Secrets, scrubbed

from ..witness.secrets import traces
from .render.values import drawn

SECRETS = st.text("abcXYZ0189+/=_-.%&~", min_size=8, max_size=40)


@given(SECRETS, st.binary(max_size=20), st.binary(max_size=20))
def test_a_secret_inside_a_longer_base64_text_leaves_no_trace(
    secret: str, before: bytes, after: bytes
) -> None:
    text = before + secret.encode() + after

    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        clean = Secrets([secret]).scrub(encode(text).decode())
        assert "***" in clean
        assert traces(secret, clean.translate(str.maketrans("-_", "+/"))) == []


@given(SECRETS, st.text(max_size=20), st.text(max_size=20))
def test_every_form_of_a_secret_is_scrubbed_wherever_it_stands(secret: str, before: str, after: str) -> None:
    once = quote(secret, safe="")
    forms = [secret, once, quote(once, safe=""), quote_plus(secret), secret.encode().hex()]
    text = after.join(f"{before}{form}" for form in forms)

    assert traces(secret, Secrets([secret]).scrub(text)) == []


def encoded_between(neighbour: bytes, before: int, secret: str, after: int) -> str:
    """The base64 of a secret with so many bytes before and after it."""
    return base64.b64encode(neighbour * before + secret.encode() + neighbour * after).decode()


@given(SECRETS, st.integers(0, 5), st.integers(1, 5), st.booleans())
@example("with a slash in base64?", 1, 1, True)
@example("and an X at the end, W", 2, 1, False)
def test_of_a_base64_secret_everything_that_belongs_to_it_alone_is_hidden(
    secret: str, before: int, after: int, url_safe: bool
) -> None:
    """Whatever is the same between zeros and between ones belongs to the secret alone."""
    zeros = encoded_between(b"\0", before, secret, after)
    ones = encoded_between(b"\xff", before, secret, after)
    own = [place for place, (one, other) in enumerate(zip(zeros, ones, strict=True)) if one == other != "="]
    expected = f"{ones[: own[0]]}***{ones[own[-1] + 1 :]}"
    if url_safe:
        ones, expected = (text.replace("+", "-").replace("/", "_") for text in (ones, expected))

    clean = Secrets([secret]).scrub(ones)

    assert clean.rstrip("=") == expected.rstrip("=")


@pytest.mark.parametrize(
    "form",
    [
        "a/b c+d=é?",
        "a%2Fb%20c%2Bd%3D%C3%A9%3F",
        "a%2fb%20c%2bd%3d%c3%a9%3f",
        "a/b%20c%2Bd%3D%C3%A9%3F",
        "a%2Fb+c%2Bd%3D%C3%A9%3F",
        "a%252Fb%2520c%252Bd%253D%25C3%25A9%253F",
        "a%252fb%2520c%252bd%253d%25c3%25a9%253f",
        "a%2Fb%2520c%252Bd%253D%25C3%25A9%253F",
        "612f6220632b643dc3a93f",
        "612F6220632B643DC3A93F",
        "YS9iIGMrZD3DqT8=",
    ],
)
def test_each_encoding_is_hidden_completely(form: str) -> None:
    assert Secrets(["a/b c+d=é?"]).scrub(f"<{form}>") == "<***>"


def test_a_new_secret_does_not_replace_another() -> None:
    secrets = Secrets(["first-secret"])
    secrets.add(["second-secret"])

    assert secrets.scrub("first-secret second-secret") == "*** ***"
    assert secrets.masks[:2] == ("first-secret", "second-secret")


@given(st.lists(SECRETS, max_size=4), st.text("ghijk :é\n"))
def test_a_text_without_secrets_stays_as_it_is(secrets: list[str], text: str) -> None:
    assert Secrets(secrets).scrub(text) == text


def test_a_secret_that_contains_another_is_hidden_completely() -> None:
    secrets = Secrets(["abcdef", "abcdefghij"])

    assert secrets.scrub("<abcdefghij> <abcdef>") == "<***> <***>"


@pytest.mark.parametrize("value", ["", " ", "a", "12345", "  abc  ", "\n"])
def test_a_short_value_is_no_secret(value: str) -> None:
    """A mask for it would hide half of the log, and drop every output that contains it."""
    secrets = Secrets([value])

    assert secrets.masks == ()
    assert secrets.scrub("abc 12345 a") == "abc 12345 a"


@given(st.lists(st.text(max_size=30)))
def test_no_mask_is_short_or_has_more_than_one_line(values: list[str]) -> None:
    for mask in Secrets(values).masks:
        assert len(mask) >= 6
        assert "\n" not in mask
        assert "\r" not in mask


@given(SECRETS)
def test_a_secret_is_masked_raw_and_in_the_forms_that_the_runner_does_not_derive(secret: str) -> None:
    masks = Secrets([f"  {secret}\n"]).masks

    assert secret in masks
    assert secret.encode().hex() in masks
    assert quote(quote(secret, safe=""), safe="") in masks


def test_each_line_of_a_secret_is_masked() -> None:
    masks = Secrets(["first-line\r\nsecond-line\nthird-line"]).masks

    assert {"first-line", "second-line", "third-line"} <= {*masks}


TEXTS = st.sampled_from(("Running", "of s3cret-value"))


@given(st.one_of(*(drawn(kind, TEXTS) for kind in (Record, Reason, Event))))
def test_a_value_is_scrubbed_at_any_depth_and_otherwise_unchanged(value: Any) -> None:
    clean = scrubbed(value, Secrets(["s3cret-value"]).scrub)

    assert type(clean) is type(value)
    assert repr(clean) == repr(value).replace("s3cret-value", "***")
    assert ("s3cret" in repr(value)) or clean is value
    assert scrubbed(value, Secrets([]).scrub) is value
