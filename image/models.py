"""The SDK's models that the action's calls need, and the client's methods that use only these.

The SDK has more than a thousand models, each in its own module, and four methods for each call.

Nothing is listed by hand: the adapter's code names the calls, and the SDK's code names the models of each call, and the
models in those.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

_CALL = "_with_options"


def calls_of(adapter: str) -> set[str]:
    """The SDK's methods in the source of the adapter. Raises ValueError if there are none."""
    found = {name for name in _attributes(ast.parse(adapter), "self._client") if name.endswith(_CALL)}
    if not found:
        raise ValueError("the adapter makes no calls: does it still name its client self._client?")
    return found


def models_of(sdk: Path, calls: set[str]) -> set[str]:
    """The models that the calls take and return, and the models in those. Raises KeyError if there is no such call."""
    methods = {
        node.name: node
        for node in ast.walk(ast.parse((sdk / "client.py").read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    modules = _modules(sdk)
    needed: set[str] = set()
    waiting = {name for call in calls for name in _attributes(methods[call], "main_models")}
    while waiting:
        needed |= waiting
        sources = ((sdk / "models" / f"{modules[name]}.py").read_text("utf-8") for name in waiting)
        named = {name for source in sources for name in _attributes(ast.parse(source), "main_models")}
        waiting = named - needed
    return needed


def prune(sdk: Path, needed: set[str]) -> None:
    """Delete the other models, and the methods of the client that use one of them."""
    modules = _modules(sdk)
    for path in (sdk / "models").glob("_*.py"):
        if path.stem not in {"__init__", *(modules[name] for name in needed)}:
            path.unlink()
    lines = ['"""The models that the action needs; the others were left out when the image was built."""\n']
    lines += [f"from .{modules[name]} import {name}" for name in sorted(needed)]
    (sdk / "models" / "__init__.py").write_text("\n".join(lines) + "\n", "utf-8")
    client = sdk / "client.py"
    client.write_text(_client(client.read_text("utf-8"), needed), "utf-8")


def _client(source: str, needed: set[str]) -> str:
    """The client's source without the methods that use other models. What remains stays as it is."""
    (client,) = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    lines = source.splitlines(keepends=True)
    for node in reversed(client.body):
        if {*_attributes(node, "main_models")} - needed:
            del lines[node.lineno - 1 : node.end_lineno]
    return "".join(lines)


def _modules(sdk: Path) -> dict[str, str]:
    """The module of each model, as the package imports them."""
    body = ast.parse((sdk / "models" / "__init__.py").read_text("utf-8")).body
    imports = (node for node in body if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module)
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def _attributes(tree: ast.AST, owner: str) -> Iterator[str]:
    """The X of each `owner.X`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == owner:
            yield node.attr
