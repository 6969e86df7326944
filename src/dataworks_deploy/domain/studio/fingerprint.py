"""What a FlowSpec holds, as a short hash that stays the same as long as nobody has edited the object."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from .catalog import Content
from .flowspec import NoFlowSpecError, parse_spec

# Hashed as well: with other rules no fingerprint is the same, and each object is deployed once more.
_RULES = "1"
_METADATA, _EDITED = "metadata", "gmtModified"
# What changes by itself is left out, each key only where it is known to stand (ImportWorkflowDefinition's reference).
# Nothing else is left out: a real change must never look like no change.
_CHANGES_BY_ITSELF = {
    _METADATA: frozenset(
        {
            "gmtCreate",  # a time; the object itself stays the same
            _EDITED,  # the time of the last saving, which may have changed nothing
            "innerVersion",  # counts savings for each part of the object
        }
    )
}
# The draft's ID of a script says nothing where the script itself is there.
_SCRIPT, _CONTENT, _ID = "script", "content", "id"
# The service promises no order in lists whose entries carry their own IDs or data. Parameters are not among them:
# a shell script takes them by their place.
_UNORDERED = frozenset({"nodes", "dependencies", "flow", "depends", "nodeOutputs", "tables"})


def content_of(spec: str | Mapping[str, Any], modified_ms: int | None) -> Content:
    """The content of an object by its FlowSpec and its ModifyTime. Raises NoFlowSpecError.

    The fingerprint has 16 characters of base32, over the whole FlowSpec with its scripts. The file of a resource is not
    in its FlowSpec: only the time of the last edit shows whether it is the same. Parts of a workflow may have times of
    their own, later than the workflow's.
    """
    root = parse_spec(spec)
    try:
        text = _canonical([_RULES, _settled("", root)])
        edited_ms = max(modified_ms, *_edits("", root)) if modified_ms else None
    except RecursionError:
        raise NoFlowSpecError("nested too deeply") from None
    return Content(base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:16], edited_ms)


def _edits(key: str, value: Any) -> Iterator[int]:
    """When parts of the FlowSpec were edited last (milliseconds UTC), and 0."""
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
    """The value of this key without what changes by itself, its lists in an order that does not."""
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
    """One text for one value, in ASCII: halves of characters have no other form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
