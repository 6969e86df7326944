"""What is a host's own stands in its room."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src/dataworks_deploy"
GITHUBS = re.compile(r"\b(?:GITHUB|INPUT|STATE|RUNNER|ACTIONS)_|^::\w")


def literals(path: Path) -> Iterator[str]:
    """The strings of a module that are no docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def named(pattern: re.Pattern[str]) -> set[str]:
    """The modules of which a string holds the pattern."""
    return {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if any(map(pattern.search, literals(path)))
    }


def test_what_is_githubs_is_named_by_its_room_and_by_words_for_people() -> None:
    assert named(GITHUBS) == {"hosts/github/__init__.py", "render/problems.py", "render/chinese.py"}
