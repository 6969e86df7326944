"""Versions as in semantic versioning, without pre-releases: what is not ready is not released."""

import re
from collections.abc import Iterable
from typing import NamedTuple, Self

_FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


class Version(NamedTuple):
    """Compares as versions do."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1.2.3`. Raises ValueError for anything else."""
        found = _FORM.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is not a version: it has to be three numbers, such as 1.2.3")
        return cls(*map(int, found.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def tag(self) -> str:
        """The tag that never moves."""
        return f"v{self}"

    @property
    def major_tag(self) -> str:
        """The tag that moves on with each release of this major version."""
        return f"v{self.major}"


def tags_of(version: Version, existing: Iterable[str]) -> list[str]:
    """The tags that a release gets: its own, and the major one unless a later release has it already.

    Raises ValueError where the version was released before: a version's tag never moves.
    """
    released = {Version.parse(tag[1:]) for tag in existing if _FORM.fullmatch(tag[1:]) and tag[0] == "v"}
    if version in released:
        raise ValueError(f"{version.tag} exists already, and never moves: release a new version")
    later = any(other > version for other in released if other.major == version.major)
    return [version.tag] if later else [version.tag, version.major_tag]
