"""Prints the docstrings and comments of Python files as JSON: `python docstrings.py FILE…`.

One list for each file, in order, of {"text": …, "line": …}. Lines count from 1.
"""

import ast
import io
import json
import re
import sys
import textwrap
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict


class Piece(TypedDict):
    """Prose as Markdown. Its first line is this line of the file."""

    text: str
    line: int


# What a comment says to a tool. The reason behind a dash or a second # is prose.
FOR_TOOLS = re.compile(
    r"#!.*|#\s*(?:noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type:\s*ignore(?:\[[^]]*\])?|(?:pragma|mypy|ruff|fmt):[^#]*)(?:\s+-\s)?"
)
URL = re.compile(r"https?://[^\s`)>]*[^\s`)>.,;:]")


def prose_of(source: str) -> list[Piece]:
    """Returns what people read of a file, sorted by line."""
    found = [*_docstrings(source), *_comments(source)]
    pieces: list[Piece] = [{"text": URL.sub("`URL`", text), "line": line} for line, text in found]
    return sorted((piece for piece in pieces if piece["text"].strip()), key=lambda piece: piece["line"])


def _docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Each string that is a statement: fields have docstrings too. Text as in the source, so that lines agree."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str()) as text):
                literal = ast.get_source_segment(source, text) or ""
                quoted = re.fullmatch(r"""[rRuU]?(\"{3}|'{3}|"|')(.*)\1""", literal, re.DOTALL)
                first, _, rest = (quoted[2] if quoted else literal).partition("\n")
                yield text.lineno, f"{first.strip()}\n{textwrap.dedent(rest)}"


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Each comment. Whole lines that follow one another in one column are one comment."""
    together: list[str] = []
    start = end = column = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, indent = token.start
        whole = not token.line[:indent].strip()
        if not (together and whole and (line, indent) == (end + 1, column)):
            yield start, "\n".join(together)
            together, start = [], line
        together.append(re.sub(r"^#+:? ?", "", FOR_TOOLS.sub("", token.string).strip()))
        end, column = line, indent if whole else -1
    yield start, "\n".join(together)


if __name__ == "__main__":
    json.dump([prose_of(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:]], sys.stdout)
