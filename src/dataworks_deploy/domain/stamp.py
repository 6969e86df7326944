"""The mark of a creation together with what else it tells: whose it is, and what was deployed.

The oldest form, `[dwd1:<intent>:g<N>]`, says neither. A later one is `[dwd1:<intent>:g<N>:r<8>:c<16>]`: `r` is a short
hash of repository and workspace, `c` the fingerprint of the FlowSpec as it was read right before the creation.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass

from .mark import Mark

# Only at the very start, and whole. Parts that a later version of this action adds are passed over, so that it can
# stand beside this one: a run is recognised by intent and generation alone.
_STAMP = re.compile(r"\[dwd1:([A-Z2-7]{26}):g([1-9][0-9]{0,8})((?::[a-z][A-Z2-7]{1,32})*)\]")
_PART = re.compile(r":([a-z])([A-Z2-7]+)")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A mark, the owner whose workflows made it, and the content's fingerprint; empty where it does not say."""

    mark: Mark
    owner: str = ""
    content: str = ""

    def __str__(self) -> str:
        parts = (f":{letter}{text}" for letter, text in (("r", self.owner), ("c", self.content)) if text)
        return f"{str(self.mark).removesuffix(']')}{''.join(parts)}]"


def owner_of(repository_id: str, project_id: int) -> str:
    """Name the workflows of a repository that deploy to a workspace: 8 characters of base32."""
    digest = hashlib.sha256(json.dumps([repository_id, str(project_id)]).encode()).digest()
    return base64.b32encode(digest).decode()[:8]


def parse_stamp(description: str) -> Stamp | None:
    """The stamp that a description begins with, in any of its forms, or None."""
    found = _STAMP.match(description)
    if not found:
        return None
    parts = _PART.findall(found[3])
    told = dict(parts)
    # A letter that comes twice makes it no stamp.
    if len(told) < len(parts):
        return None
    return Stamp(Mark(found[1], int(found[2])), told.get("r", ""), told.get("c", ""))
