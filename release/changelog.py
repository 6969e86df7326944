"""CHANGELOG.md: a section for what is not released yet, and one for each release."""

import re

from .version import Version

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
UNRELEASED = "Unreleased"


def cut(changelog: str, version: Version, date: str) -> str:
    """Make a release of what is unreleased. Raises ValueError where that is nothing, or the version is not new."""
    newest = max(released(changelog), default=Version(0, 0, 0))
    if version <= newest:
        raise ValueError(f"{version} is not newer than {newest}, the changelog's newest release")
    body = section(changelog, UNRELEASED)
    if not body:
        raise ValueError("CHANGELOG.md has nothing under Unreleased: there is nothing to release")
    return changelog.replace(f"## {UNRELEASED}\n", f"## {UNRELEASED}\n\n## {version} ({date})\n", 1)


def notes(changelog: str, version: Version) -> str:
    """What a release's page says. Raises ValueError where the changelog does not know the version."""
    title = next((title for title in HEADING.findall(changelog) if title.split()[0] == str(version)), None)
    if title is None:
        raise ValueError(f"CHANGELOG.md has no section for {version}: run `python -m release prepare` first")
    # Headings inside a section are one level lower than its own.
    return re.sub(r"^###", "##", section(changelog, title), flags=re.MULTILINE)


def released(changelog: str) -> list[Version]:
    """The versions that have a section."""
    return [Version.parse(title.split()[0]) for title in HEADING.findall(changelog) if title != UNRELEASED]


def section(changelog: str, title: str) -> str:
    """The text under a heading, without it. Raises ValueError where there is no such heading."""
    _, found, rest = f"\n{changelog}".partition(f"\n## {title}\n")
    if not found:
        raise ValueError(f"CHANGELOG.md has no section {title}")
    following = HEADING.search(rest)
    return rest[: following.start() if following else None].strip()
