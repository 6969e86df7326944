"""No foreign text becomes a command of the runner, in the log or in a summary."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.render.markup import MOST_CALLED, entitled, markdown, one_line, plain
from dataworks_deploy.render.texts import called

from ...witness.commands import read
from ...witness.markdown import alive

PIECES = [
    "::", ":", "##[", "##", "#", "[", "]", "%0A", "%0D", "%", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028",
    "\u200b", "\ufeff", "\u202e", "\x1b[2K", "\x00", "\t", " ", "\u3000", ",", "=", "é", "\U000e0001", "\ud800",
    "set-output name=x::y", "error::", "set-env", "add-mask::a", "stop-commands::t", "group]",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text()


@given(HOSTILE)
def test_one_line_makes_one_line_without_a_command_after_our_own_words(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert read(f"ours: {line}").commands == []
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs"} for char in line)


@given(HOSTILE)
def test_a_name_is_text_in_a_log_and_in_markdown_and_short(text: str) -> None:
    line, shown = called(ObjectId("1"), text), entitled("1", text, "https://our.invalid")

    assert read(f"[1/2] {line}").commands == []
    assert len(line.splitlines()) == 1
    assert len(line) <= MOST_CALLED + len(" (1)")
    assert line == "1" or line.endswith(" (1)")
    if line == "1":
        assert shown == "[1](https://our.invalid)"
    else:
        name = shown.removeprefix("[").removesuffix("](https://our.invalid) (1)")
        assert f"[{name}](https://our.invalid) (1)" == shown
        assert alive(name) == []


@given(HOSTILE)
def test_plain_text_has_no_meaning_for_any_reader(text: str) -> None:
    shown = plain(text, 80)

    assert len(shown) <= 80
    assert alive(shown.replace("_", "")) == []
    assert not set(shown) & set("#:;%$`{}<>\"'|\n")


@given(st.text(min_size=1))
def test_plain_letters_stay_as_they_are(text: str) -> None:
    letters = "".join(char for char in text if char.isalnum() or char in " .:-%")

    assert one_line(letters) == letters.strip()


@pytest.mark.parametrize(
    "text", ["未找到发布对象: [1]", "节点存在子节点,导致任务删除或下线失败", "100 % – “quoted”"]
)
def test_normal_texts_of_the_service_stay_as_they_are(text: str) -> None:
    assert one_line(text) == text


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\x00", "\x1b", "\ufeff", "\U000f8628", "\ud83d", "\r", "\u2028", "\t"]
)
def test_the_parts_of_a_divided_secret_are_not_joined(hidden: str) -> None:
    secret, text = "key-0123456789", f"quoted: key-01234{hidden}56789"
    assert Secrets([secret]).scrub(text) == text, "it is not recognised"

    for shown in (one_line(text), markdown(text)):
        assert "key-01234" in shown
        assert secret not in shown


def test_a_long_text_is_cut() -> None:
    assert len(one_line("x" * 100_000)) == 2000
    assert len(one_line("::" * 100_000, most=80)) == 80


@pytest.mark.parametrize(
    ("stream", "commands"),
    [
        ("::error::x", ["error"]),
        ("  ::error file=a,line=1::x", ["error"]),
        ("text ::error::x", []),
        ("text ##[error]x", ["error"]),
        ("a\r::set-output name=b::c", ["set-output"]),
        ("a\u2028::error::b", []),
        ("::no command", []),
        ("| ::error::x", []),
        ("# #[error]", []),
    ],
)
def test_the_witness_recognises_commands(stream: str, commands: list[str]) -> None:
    assert [command.name for command in read(stream).commands] == commands
