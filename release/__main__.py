"""The steps of a release: `python -m release prepare | check | notes | pin | tags | announce`."""

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from . import changelog, texts
from .version import Version, tags_of

MODULE = Path("src/dataworks_deploy/__init__.py")
CHANGELOG = Path("CHANGELOG.md")
ACTION = Path("action.yml")


def prepare(version: Version) -> None:
    """Set the version, and give what the changelog calls unreleased to it."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    edit(
        {
            CHANGELOG: lambda text: changelog.cut(text, version, today),
            MODULE: lambda text: texts.with_version(text, version),
        }
    )


def check(version: Version) -> None:
    """Refuse to go on where package, changelog and tags do not fit the version."""
    said = texts.version_in(MODULE.read_text("utf-8"))
    if said != version:
        raise ValueError(f"{MODULE} says {said}: run `python -m release prepare {version}` and commit")
    changelog.notes(CHANGELOG.read_text("utf-8"), version)
    tags_of(version, _git_tags("--list"))


def notes(version: Version) -> None:
    """Print the text of the release's page."""
    sys.stdout.write(changelog.notes(CHANGELOG.read_text("utf-8"), version) + "\n")


def tags(version: Version) -> None:
    """Print the tags that the release's commit, HEAD, gets, each on a line: again, too, where it has them already."""
    elsewhere = {*_git_tags("--list")} - {*_git_tags("--points-at=HEAD")}
    sys.stdout.write("\n".join(tags_of(version, elsewhere)) + "\n")


def pin(image: str) -> None:
    """Point action.yml to a published image, named by its digest."""
    edit({ACTION: lambda text: texts.pinned(text, image)})


def announce(version: Version, reference: str) -> None:
    """Let the README, the docs and the examples use a release: OWNER/dataworks-deploy@ and its commit."""
    pages = [
        page
        for pattern in ("README*.md", "docs/*.md", "examples/*.yml")
        for page in sorted(Path().glob(pattern))
    ]
    edit(dict.fromkeys(pages, lambda text: texts.announced(text, reference, version)))


def edit(changes: Mapping[Path, Callable[[str], str]]) -> None:
    """Write files anew and name those that changed: all of them, or none where one cannot be."""
    before = {path: path.read_text("utf-8") for path in changes}
    after = {path: change(before[path]) for path, change in changes.items()}
    for path in changes:
        if after[path] != before[path]:
            path.write_text(after[path], "utf-8")
            sys.stdout.write(f"{path}\n")


def main(words: list[str]) -> int:
    """Run one step; 1 and a sentence where it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    steps = parser.add_subparsers(required=True)
    for step, operands in STEPS.items():
        words_of = steps.add_parser(step.__name__, help=step.__doc__, description=step.__doc__)
        words_of.set_defaults(step=step)
        for operand in operands:
            words_of.add_argument(operand, type=_version if operand == "version" else str)
    given = vars(parser.parse_args(words))
    step = given.pop("step")
    try:
        step(**given)
    except ValueError as error:
        sys.stderr.write(f"release: {error}\n")
        return 1
    return 0


def _git_tags(which: str) -> list[str]:
    git = subprocess.run(["git", "tag", which], capture_output=True, text=True, check=True)
    return git.stdout.split()


def _version(text: str) -> Version:
    try:
        return Version.parse(text.removeprefix("v"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


STEPS: Mapping[Callable[..., None], tuple[str, ...]] = {
    prepare: ("version",),
    check: ("version",),
    notes: ("version",),
    tags: ("version",),
    pin: ("image",),
    announce: ("version", "reference"),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
