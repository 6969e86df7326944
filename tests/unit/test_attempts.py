"""The bench counts the lines that somebody has to write, and no others."""

from pathlib import Path

import pytest

from bench.attempts import lines_of

PYTHON = '''"""A docstring
of two lines."""

import os  # counted

# a comment
TEXT = "# a value"


def main() -> None:
    """Another docstring."""
    print(TEXT)
'''
JAVASCRIPT = """// a comment

const address = "https://example.org"; // counted
  // another comment
console.log(address);
"""
YAML = """# a comment
- uses: OWNER/action@v0
  with:
    name: value
"""


@pytest.mark.parametrize(
    ("name", "text", "lines"), [("a.py", PYTHON, 4), ("a.js", JAVASCRIPT, 2), ("a.yml", YAML, 3)]
)
def test_comments_docstrings_and_blank_lines_do_not_count(
    tmp_path: Path, name: str, text: str, lines: int
) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    assert lines_of(tmp_path / name) == lines
