"""Names that belong to a host, such as GitHub, are only in the package of the host."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src/dataworks_deploy"
GITHUBS = re.compile(r"\b(?:GITHUB|INPUT|STATE|RUNNER|ACTIONS)_|^::\w")


def literals(path: Path) -> Iterator[str]:
    """The strings of a module that are not docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def named(pattern: re.Pattern[str]) -> set[str]:
    """The modules with a string that contains the pattern."""
    return {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if any(map(pattern.search, literals(path)))
    }


def test_names_of_github_are_only_in_its_package_and_in_texts_for_people() -> None:
    assert named(GITHUBS) == {"hosts/github/__init__.py", "render/problems.py", "render/chinese.py"}
