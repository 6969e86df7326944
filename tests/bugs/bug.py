"""A deliberate bug: a function of the action, and what is different in it. It is put only into a copy of the code.

The syntax tree decides what is replaced, so spaces, line breaks, quotes and comments do not matter.
"""

import ast
import shutil
import sys
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "dataworks_deploy"


@dataclass(frozen=True)
class Bug:
    """`old` becomes `new` in one function: "engine.create:Creator._send" is `Creator._send` in `engine/create.py`.

    `old` occurs exactly once. It is an expression; a keyword argument (`adopted=True`); the head of a compound
    statement or of a case (`if found:`), whose body stays; or statements. Without `old`, `new` comes first in the
    function. A module without a function ("domain.advance") means the whole module.

    `missed` says why the schedules do not show the bug. Without it they must show the bug. A rule of the record would
    stop an `unruled` bug. So the rules are off too, and the judges see the damage. Its place is not in the record.
    """

    name: str
    where: str
    old: str
    new: str
    missed: str = ""
    unruled: bool = False

    @property
    def file(self) -> str:
        """The path of the code, below the package."""
        return self.where.partition(":")[0].replace(".", "/") + ".py"

    def text(self) -> str:
        """The file with the bug. Raises ValueError if the code is not the one that the bug was made for."""
        tree = ast.parse((PACKAGE / self.file).read_text(encoding="utf-8"))
        scope = self._scope(tree)
        if self.old:
            self._replace(scope)
        else:
            first = int(ast.get_docstring(scope) is not None)
            scope.body[first:first] = ast.parse(self.new).body
        return ast.unparse(ast.fix_missing_locations(tree))

    def _scope(self, tree: ast.Module) -> Any:
        """The function, the class or the module."""
        found: Any = tree
        for name in filter(None, self.where.partition(":")[2].split(".")):
            named = [each for each in found.body if getattr(each, "name", "") == name]
            if len(named) != 1:
                raise ValueError(f"{self.name}: there is no {self.where}")
            (found,) = named
        return found

    def _replace(self, scope: ast.AST) -> None:
        places = [
            place for kind, read in _readers(self.old, self.new) for place in self._places(scope, kind, read)
        ]
        if len(places) != 1:
            raise ValueError(f"{self.name}: {self.where} has {len(places)} times, and not once: {self.old}")
        (parent, field, part), new = places[0]
        if isinstance(part, slice):
            getattr(parent, field)[part] = new
        else:
            setattr(parent, field, *new)

    def _places(
        self, scope: ast.AST, kind: type[ast.AST], read: "_Reader"
    ) -> Iterator[tuple["_Place", list[Any]]]:
        """The places of `old`, read as this kind of code, and their replacements."""
        old, new = read(self.old), read(self.new)
        wanted, heads = [*map(ast.unparse, old)], _is_head(self.old)
        for place, nodes in _runs(scope, kind, len(old)):
            if [ast.unparse(_without_body(each) if heads else each) for each in nodes] == wanted:
                for name in _BODIES if heads else ():
                    if hasattr(nodes[0], name):
                        setattr(new[0], name, getattr(nodes[0], name))
                yield place, new


_Reader = Callable[[str], list[Any]]
_Place = tuple[ast.AST, str, slice | None]
_BODIES = ("body", "orelse")


def _is_head(text: str) -> bool:
    return text.endswith(":")


def _without_body(node: ast.AST) -> ast.AST:
    """A compound statement or a case with an empty body. Anything else is unchanged."""
    if not hasattr(node, "body") or isinstance(node, ast.expr):
        return node
    bare: Any = copy(node)
    bare.body = [ast.Pass()]
    if hasattr(bare, "orelse"):
        bare.orelse = []
    return bare  # type: ignore[no-any-return]


def _runs(scope: ast.AST, kind: type[ast.AST], length: int) -> Iterator[tuple[_Place, list[ast.AST]]]:
    """Each sequence of this many neighbouring nodes of this kind."""
    for parent in ast.walk(scope):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, kind):
                yield (parent, field, None), [value]
            for n in range(len(value) - length + 1) if isinstance(value, list) else ():
                if isinstance(value[n], kind):
                    yield (parent, field, slice(n, n + length)), value[n : n + length]


def _expression(text: str) -> list[Any]:
    return [ast.parse(text, mode="eval").body]


def _keyword(text: str) -> list[Any]:
    call: Any = _expression(f"_({text})")[0]
    if call.args or len(call.keywords) != 1:
        raise SyntaxError(text)
    return list(call.keywords)


def _statements(text: str) -> list[Any]:
    return ast.parse(f"{text}\n pass" if _is_head(text) else text or "pass").body


def _case(text: str) -> list[Any]:
    match: Any = ast.parse(f"match _:\n {text}\n  pass").body[0]
    return list(match.cases)


def _readers(old: str, new: str) -> list[tuple[type[ast.AST], _Reader]]:
    """The kinds of code that both texts can be. An expression is not also read as a statement."""
    readers: list[tuple[type[ast.AST], _Reader]] = [
        (ast.expr, _expression), (ast.keyword, _keyword), (ast.match_case, _case), (ast.stmt, _statements),
    ]  # fmt: skip
    fit = [(kind, read) for kind, read in readers if _reads(read, old) and _reads(read, new)]
    return fit[:1] if fit and fit[0][0] is ast.expr else fit


def _reads(read: _Reader, text: str) -> bool:
    try:
        read(text)
    except SyntaxError:
        return False
    return True


NO_RULE = Bug(
    "no rule holds", "domain.record:_hold", "not holds", "False", missed="test_record.py breaks each"
)


def put(bug: Bug | None, folder: Path) -> None:
    """Copy the package into the folder, with the bug if there is one."""
    to = folder / PACKAGE.name
    shutil.copytree(PACKAGE, to, ignore=shutil.ignore_patterns("__pycache__"))
    for each in (bug, NO_RULE) if bug and bug.unruled else (bug,) if bug else ():
        (to / each.file).write_text(each.text(), encoding="utf-8")


def check_loaded(folder: str) -> None:
    """Raise RuntimeError if this process has loaded the action from another place than the copy."""
    files = [
        str(module.__file__)
        for name, module in tuple(sys.modules.items())
        if name.partition(".")[0] == PACKAGE.name
    ]
    if strangers := [file for file in files if not file.startswith(folder)]:
        raise RuntimeError(f"not of the copy: {strangers}")
