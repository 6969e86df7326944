"""What the image contains: packages from the lock, and packages of the base that own some of the files."""

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .keep import GENERATED

_SPDX = {"Apache License 2.0": "Apache-2.0"}


@dataclass(frozen=True, slots=True)
class Package:
    """A Python package. `licence` is an SPDX expression, `size` is in bytes without the compiled files."""

    name: str
    version: str
    licence: str
    size: int
    requires: tuple[Requirement, ...]
    texts: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """A package of the base, and what its package manager says about it."""

    name: str
    version: str
    architecture: str
    status: str


def packages_in(site: Path) -> list[Package]:
    """The packages whose metadata exists, sorted by name."""
    return sorted((_package(each) for each in distributions(path=[str(site)])), key=lambda each: each.name)


def _package(found: Distribution) -> Package:
    paths = [Path(str(file.locate())) for file in found.files or ()]
    metadata = found.metadata.json
    licence = str(metadata.get("license_expression") or metadata.get("license") or "")
    requires = (Requirement(text) for text in found.requires or ())
    return Package(
        name=canonicalize_name(found.name),
        version=found.version,
        licence=_SPDX.get(licence, licence),
        size=sum(path.stat().st_size for path in paths if path.exists()),
        requires=tuple(
            each for each in requires if each.marker is None or each.marker.evaluate({"extra": ""})
        ),
        texts=tuple(
            path for path in paths if path.name.startswith(("LICEN", "NOTICE", "COPYING", "AUTHORS"))
        ),
    )


def check(packages: Iterable[Package], kept: Mapping[str, str], left_out: Mapping[str, str]) -> None:
    """Check that every package has a reason, and that only packages left out on purpose are missing.

    Raises ValueError.
    """
    versions = {each.name: each.version for each in packages}
    wrong, missed = [], set()
    for package in packages:
        for needed in package.requires:
            name = canonicalize_name(needed.name)
            if name in left_out:
                missed.add(name)
            elif name not in versions or not needed.specifier.contains(versions[name], prereleases=True):
                wrong.append(f"{package.name} requires {needed}, there is {versions.get(name, 'none')}")
    wrong += [f"{name} is there for no known reason" for name in versions.keys() - kept.keys()]
    wrong += [f"{name} is to be kept, but is not there" for name in kept.keys() - versions.keys()]
    wrong += [f"{name} is left out, but is there" for name in left_out.keys() & versions.keys()]
    wrong += [f"{name} is left out, but nothing requires it" for name in left_out.keys() - missed]
    if wrong:
        raise ValueError("\n".join(["the packages do not fit together:", *sorted(wrong)]))


def system_in(files: Iterable[Path]) -> list[SystemPackage]:
    """The base's packages that own these files, by name. Files from Python's own build belong to none."""
    names = set()
    for path in files:
        owner = GENERATED.get(str(path)) or _owner(path)
        if owner:
            names.add(owner)
        elif not path.is_relative_to("/usr/local"):
            raise ValueError(f"nobody knows whose file {path} is")
    return [_system_package(name) for name in sorted(names)]


def _owner(path: Path) -> str:
    # Since /bin and /lib became links, packages list their files with or without /usr.
    for name in (str(path), str(path).removeprefix("/usr")):
        told = _dpkg("--search", name)
        if told:
            return told.partition(":")[0].partition(",")[0]
    return ""


def _system_package(name: str) -> SystemPackage:
    version, architecture = _dpkg("--show", "--showformat=${Version} ${Architecture}", name).split()
    return SystemPackage(name, version, architecture, _dpkg("--status", name))


def _dpkg(*arguments: str) -> str:
    return subprocess.run(
        ["dpkg-query", *arguments], capture_output=True, encoding="utf-8", check=False
    ).stdout
