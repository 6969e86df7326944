"""A short hash of a FlowSpec that stays the same until somebody edits the object."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from .catalog import Content
from .flowspec import NoFlowSpecError, parse_spec

# Part of the hash. If these rules change, every fingerprint changes, and each object is deployed once more.
_RULES = "1"
_METADATA, _EDITED = "metadata", "gmtModified"
# Leave out what changes without an edit, but only at the place that the reference of ImportWorkflowDefinition gives.
# Leave out nothing else: a real change must never look like no change.
_CHANGES_BY_ITSELF = {
    _METADATA: frozenset(
        {
            "gmtCreate",  # a time; the object itself stays the same
            _EDITED,  # the time of the last save, which may have changed nothing
            "innerVersion",  # counts the saves of each part of the object
        }
    )
}
# If the script itself is there, its ID adds nothing.
_SCRIPT, _CONTENT, _ID = "script", "content", "id"
# The service promises no order for lists whose entries have their own IDs or data. Parameters are not among them: a
# shell script uses their positions.
_UNORDERED = frozenset({"nodes", "dependencies", "flow", "depends", "nodeOutputs", "tables"})


def content_of(spec: str | Mapping[str, Any], modified_ms: int | None) -> Content:
    """Return the content of an object from its FlowSpec and its ModifyTime (milliseconds UTC). Raises NoFlowSpecError.

    The fingerprint is 16 characters of base32, over the whole FlowSpec with its scripts. A resource's file is not in
    the FlowSpec: only the time of the last edit shows a change. Parts of a workflow may have later times than the
    workflow.
    """
    root = parse_spec(spec)
    try:
        text = _canonical([_RULES, _settled("", root)])
        edited_ms = max(modified_ms, *_edits("", root)) if modified_ms else None
    except RecursionError:
        raise NoFlowSpecError("nested too deeply") from None
    return Content(base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:16], edited_ms)


def _edits(key: str, value: Any) -> Iterator[int]:
    """When parts of the FlowSpec were last edited (milliseconds UTC), and 0."""
    yield 0
    if isinstance(value, Mapping):
        if key == _METADATA and isinstance(value.get(_EDITED), int):
            yield value[_EDITED]
        for name, each in value.items():
            yield from _edits(name, each)
    elif isinstance(value, list):
        for each in value:
            yield from _edits("", each)


def _settled(key: str, value: Any) -> Any:
    """The value of this key without what changes without an edit. Lists without a fixed order are sorted."""
    if isinstance(value, Mapping):
        left_out = _CHANGES_BY_ITSELF.get(key, frozenset())
        if key == _SCRIPT and isinstance(value.get(_CONTENT), str):
            left_out = frozenset({_ID})
        return {name: _settled(name, each) for name, each in value.items() if name not in left_out}
    if isinstance(value, list):
        entries = [_settled("", each) for each in value]
        return sorted(entries, key=_canonical) if key in _UNORDERED else entries
    return value


def _canonical(value: Any) -> str:
    """One ASCII text for each value. ASCII can also hold halves of surrogate pairs."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
