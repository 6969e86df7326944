"""Sentences for people are only in the package `render`, so a change of a text changes no other module."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/dataworks_deploy"
FEW = 3  # words, too few for a sentence
WORD = re.compile(r"[\"'(]*[A-Za-z][A-Za-z'-]*[\"').,:;!?]*")
# By module and definition: why these sentences are not for the users of the action.
ALLOWED = {
    ("absent.py", "ABSENT"): "what the SDK uses a package for that is left out: for who reads the code",
    ("absent.py", "_Absent"): "an internal error, of which only the type is shown",
    ("domain/error.py", "Known"): "the service's own words, which are recognised",
    ("domain/record.py", "Rule"): "rules whose breach is an internal error, of which only the type is shown",
}


def texts(source: str) -> Iterator[tuple[str, str]]:
    """The strings of a module that are values, not docstrings, each with the name of its definition."""
    for part in ast.parse(source).body:
        nodes = [*ast.walk(part)]
        apart = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        apart |= {id(each) for node in nodes if isinstance(node, ast.JoinedStr) for each in node.values}
        for node in nodes:
            if isinstance(node, ast.JoinedStr):
                pieces = [each.value if isinstance(each, ast.Constant) else "…" for each in node.values]
                yield " ".join(map(str, pieces)), _name(part)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
                yield node.value, _name(part)


def _name(part: ast.stmt) -> str:
    """The name that a statement of a module defines."""
    target = part.targets[0] if isinstance(part, ast.Assign) else getattr(part, "target", part)
    return str(getattr(target, "name", None) or getattr(target, "id", ""))


def is_sentence(text: str) -> bool:
    """Whether the text is a sentence for people."""
    return sum(bool(WORD.fullmatch(each)) for each in text.split()) > FEW


def places() -> set[tuple[str, str]]:
    """The modules that contain sentences, each with the definition that contains them."""
    return {
        (str(path.relative_to(SOURCE)), name)
        for path in SOURCE.rglob("*.py")
        for text, name in texts(path.read_text("utf-8"))
        if is_sentence(text)
    }


def test_no_other_package_contains_a_sentence() -> None:
    assert {place for place in places() if not place[0].startswith("render/")} == ALLOWED.keys()


@pytest.mark.parametrize("module", ["reasons", "advice", "errors", "events", "problems", "step", "summary"])
def test_the_sentences_of_each_module_of_render_are_found(module: str) -> None:
    assert f"render/{module}.py" in {place for place, _ in places()}


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ('"""A docstring of a module, which is long."""', False),
        ('def f():\n    """Look at the run in DataWorks."""', False),
        ('x = "Look at the run."', True),
        ('x = f"{one} could not be abolished, look at it"', True),
        ('x = f"{one}" "Look at it; then " "go on"', True),
        ('tell(None, f"run {run_id} of {who} is kept open")', True),
        ('x = ["SELECT", "a-b-c-d", "a/b/c d/e/f"]', False),
        (r'x = re.compile(r"(?:cn|ap)-[a-z0-9]{1,16} \w+ a b")', False),
    ],
)
def test_a_sentence_is_recognised(source: str, seen: bool) -> None:
    assert any(is_sentence(text) for text, _ in texts(source)) is seen
