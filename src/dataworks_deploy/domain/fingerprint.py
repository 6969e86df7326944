"""A short hash of what a FlowSpec says, the same as long as nobody has changed it."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .flowspec import NoFlowSpecError, parse_spec

# Hashed as well: with other rules no fingerprint is the same, and each object is deployed once more.
_RULES = "1"
# What changes by itself is left out, each key only where it is known to stand (ImportWorkflowDefinition's reference).
# Nothing else is left out: a real change must never look like no change.
_CHANGES_BY_ITSELF = {
    "metadata": frozenset(
        {
            "gmtCreate",  # a time; the object itself stays the same
            "gmtModified",  # the time of the last saving, which may have changed nothing
            "innerVersion",  # counts savings for each part of the object
        }
    )
}
# The draft's ID of a script says nothing where the script itself is there.
_SCRIPT, _CONTENT, _ID = "script", "content", "id"
# The service promises no order in lists whose entries carry their own IDs or data. Parameters are not among them:
# a shell script takes them by their place.
_UNORDERED = frozenset({"nodes", "dependencies", "flow", "depends", "nodeOutputs", "tables"})


def fingerprint(spec: str | Mapping[str, Any]) -> str:
    """16 characters of base32 over the whole FlowSpec, scripts included. Raises NoFlowSpecError.

    The file of a resource is not in its FlowSpec. Only the time of the last change shows whether it is the same.
    """
    try:
        text = _canonical([_RULES, _settled("", parse_spec(spec))])
    except RecursionError:
        raise NoFlowSpecError("nested too deeply") from None
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:16]


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
