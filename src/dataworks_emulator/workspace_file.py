"""A workspace that a user describes in JSON: which objects exist, which are in production, and what people edit when.

docs/emulator.md lists what it may contain. Every mistake raises a ValueError that names its place.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataworks_emulator.drafts import FUNCTION, NODE, OWNER, RESOURCE, WORKFLOW, Depends, Draft
from dataworks_emulator.workspace import CYCLE, MANUAL, OBJECT_ID, Edit, Workspace

Raw = Mapping[str, Any]
FIRST_ID = 7_600_000_000_000_000_001
TEXTS: dict[str, Any] = dict.fromkeys(("id", "name", "path", "owner", "script", "description"), str) | {
    "production": bool
}
LINKS: dict[str, Any] = {"after": list, "outputs": list, "uses": list}
FIELDS: dict[str, dict[str, Any]] = {
    "workspace": {"id": str, "name": str, "production": bool, "edits": list}
    | dict.fromkeys(("nodes", "workflows", "resources", "functions"), list),
    NODE: TEXTS | LINKS | {"command": str, "cron": str, "recurrence": str},
    WORKFLOW: TEXTS | {"type": str, "cron": str, "nodes": list},
    RESOURCE: TEXTS | {"type": str},
    FUNCTION: TEXTS | {"type": str, "uses": list},
    "edit": dict.fromkeys(("before", "object", "name", "path", "owner", "script", "description"), str)
    | {**LINKS, "remove": bool},
    "after": {"output": str, "type": str},
}
SECTIONS = {"nodes": NODE, "workflows": WORKFLOW, "resources": RESOURCE, "functions": FUNCTION}
COMMANDS = {NODE: "ODPS_SQL", WORKFLOW: "WORKFLOW", RESOURCE: "ODPS_JAR", FUNCTION: "ODPS_FUNCTION"}
TYPES = {NODE: "", WORKFLOW: CYCLE, RESOURCE: "Jar", FUNCTION: "Other"}
BEFORE = re.compile(r"([A-Za-z]+):([1-9][0-9]{0,8})")
PLAIN = ("owner", "script", "description", "command", "cron", "recurrence", "name", "path")


@dataclass(frozen=True)
class _Entry:
    """One object of the file, and its place there."""

    place: str
    kind: str
    id: str
    raw: Raw
    container: "_Entry | None" = None

    @property
    def name(self) -> str:
        return str(self.raw["name"])

    @property
    def path(self) -> str:
        folder = f"{self.container.path}/" if self.container else ""
        return str(self.raw.get("path", folder + self.name))

    @property
    def type(self) -> str:
        return self.container.type if self.container else str(self.raw.get("type", TYPES[self.kind]))


def read(source: str | Raw) -> Workspace:
    """Read a workspace from a file, or from the content of such a file."""
    if isinstance(source, str):
        try:
            source = json.loads(Path(source).read_text("utf-8"))
        except (ValueError, RecursionError) as wrong:
            raise ValueError(f"{source}: no JSON: {wrong}") from None
    return _Reader(_checked(source, "workspace", "the workspace")).workspace()


class _Reader:
    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._project = raw.get("id", "")
        self._name = raw.get("name", f"workspace_{self._project}" if self._project else "workspace")
        self._next_id = FIRST_ID
        self._entries: dict[str, _Entry] = {}
        self._called: defaultdict[str, list[_Entry]] = defaultdict(list)
        for section, kind in SECTIONS.items():
            for place, each in _numbered(raw, section):
                entry = self._enter(place, kind, each, None)
                for inner, node in _numbered(entry.raw, "nodes", place) if kind == WORKFLOW else ():
                    self._enter(inner, NODE, node, entry)

    def workspace(self) -> Workspace:
        """Make the drafts, now that all names are known."""
        return Workspace(
            drafts=[self._draft(entry) for entry in self._entries.values()],
            in_production=[e.id for e in self._entries.values() if self._is_in_production(e)],
            edits=[self._edit(place, each) for place, each in _numbered(self._raw, "edits")],
            projects=(self._project,) if self._project else (),
            name=self._name,
        )

    def _enter(self, place: str, kind: str, raw: Any, container: _Entry | None) -> _Entry:
        _checked(raw, kind, place)
        if not raw.get("name"):
            raise ValueError(f"{place}: it has no name")
        if kind == WORKFLOW and raw.get("type", CYCLE) not in (CYCLE, MANUAL):
            raise ValueError(f"{place}: type is {raw['type']!r}; choose one of {CYCLE}, {MANUAL}")
        object_id = raw.get("id") or str(self._next_id)
        self._next_id += "id" not in raw
        if not OBJECT_ID.fullmatch(object_id) or object_id in self._entries:
            raise ValueError(f"{place}: {object_id!r} is no ID, or the ID of two objects")
        entry = _Entry(place, kind, object_id, raw, container)
        self._entries[object_id] = entry
        for text in {entry.id, entry.name}:
            self._called[text].append(entry)
        return entry

    def _is_in_production(self, entry: _Entry) -> bool:
        # A workflow is deployed as a whole.
        return bool((entry.container or entry).raw.get("production", self._raw.get("production", False)))

    def _draft(self, entry: _Entry) -> Draft:
        raw, kind = entry.raw, entry.kind
        depends = self._depends(entry.place, raw)
        # A standalone node without dependencies waits for the root. A node inside a workflow starts with the workflow.
        if kind == NODE and not entry.container and not any(each.type == "Normal" for each in depends):
            depends = (Depends(f"{self._name}_root"), *depends)
        makes = (entry.id, *raw.get("outputs", ())) if kind in (NODE, WORKFLOW) else ()
        return Draft(
            id=entry.id,
            kind=kind,
            name=entry.name,
            path=entry.path,
            type=entry.type,
            container=entry.container.id if entry.container else "",
            command=raw.get("command", COMMANDS[kind]),
            script=raw.get("script", ""),
            description=raw.get("description", ""),
            owner=raw.get("owner", OWNER),
            cron=raw.get("cron", "00 00 00 * * ?"),
            recurrence=raw.get("recurrence", "Normal"),
            outputs=makes,
            depends=depends,
            uses=self._uses(entry.place, raw),
        )

    def _depends(self, place: str, raw: Raw) -> tuple[Depends, ...]:
        found = []
        for each in raw.get("after", ()):
            told = {"output": each} if isinstance(each, str) else _checked(each, "after", f"{place}.after")
            found.append(Depends(self._output(place, told.get("output", "")), told.get("type", "Normal")))
        return tuple(found)

    def _output(self, place: str, text: str) -> str:
        """Find the output of the node or workflow with this ID or name. A text with a dot is itself an output."""
        makers = [entry for entry in self._called.get(text, ()) if entry.kind in (NODE, WORKFLOW)]
        if len(makers) == 1:
            return makers[0].id
        if makers:
            raise ValueError(f"{place}: {text!r} is the name of {len(makers)} objects; write the ID")
        if "." in text or text == f"{self._name}_root":
            return text
        raise ValueError(f"{place}: after {text!r}: no such node; an output of another workspace has a dot")

    def _uses(self, place: str, raw: Raw) -> tuple[str, ...]:
        for name in raw.get("uses", ()):
            if not any(entry.kind in (RESOURCE, FUNCTION) for entry in self._called.get(name, ())):
                raise ValueError(f"{place}: uses {name!r}: no such resource or function")
        return tuple(raw.get("uses", ()))

    def _edit(self, place: str, raw: Any) -> Edit:
        _checked(raw, "edit", place)
        before = BEFORE.fullmatch(raw.get("before", ""))
        if before is None:
            raise ValueError(f"{place}: before is no ACTION:N, such as CreatePipelineRun:2")
        wanted = raw.get("object", "")
        edited = self._called.get(wanted, [])
        if len(edited) != 1:
            raise ValueError(f"{place}: object {wanted!r} is {len(edited)} objects")
        changes = {name: raw[name] for name in PLAIN if name in raw}
        changes |= {"depends": self._depends(place, raw)} if "after" in raw else {}
        changes |= {"uses": self._uses(place, raw)} if "uses" in raw else {}
        changes |= {"outputs": (edited[0].id, *raw["outputs"])} if "outputs" in raw else {}
        call = (before[1], int(before[2]))
        return Edit(call, edited[0].id, changes, removes=raw.get("remove", False))


def _numbered(raw: Raw, section: str, around: str = "") -> Iterator[tuple[str, Any]]:
    prefix = f"{around}." if around else ""
    return ((f"{prefix}{section}[{number}]", each) for number, each in enumerate(raw.get(section, ())))


def _checked(raw: Any, what: str, place: str) -> Raw:
    """Return an object of the file after checking its keys and their types."""
    fields = FIELDS[what]
    if not isinstance(raw, Mapping):
        raise ValueError(f"{place}: it is no JSON object")  # noqa: TRY004  # the text is wrong, not the code
    for key, value in raw.items():
        if key not in fields:
            raise ValueError(f"{place}: unknown key {key!r}; known are {', '.join(fields)}")
        if not isinstance(value, fields[key]):
            raise ValueError(f"{place}: {key} is no {fields[key].__name__}")  # noqa: TRY004
        if key in ("outputs", "uses") and not all(isinstance(each, str) for each in value):
            raise ValueError(f"{place}: {key} is no list of texts")
    return raw
