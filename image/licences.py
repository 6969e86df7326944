"""All licences in one place: what each package brings along, and what the base says of its own."""

import shutil
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from .contents import Package, SystemPackage

# What several packages of the SDK name and do not bring along; it is this project's too.
APACHE = Path("LICENSE")


def collect(folder: Path, packages: Iterable[Package], system: Iterable[SystemPackage]) -> None:
    """Copy them into a folder for each package. Raises ValueError for a package without any."""
    for package in packages:
        texts = package.texts or ((APACHE,) if package.licence == "Apache-2.0" else ())
        if not texts:
            raise ValueError(f"{package.name} has no licence text")
        _copy(texts, folder / package.name)
    for each in system:
        # A base without documents has none, such as the stand-in for machines without an image registry.
        _copy([Path("/usr/share/doc") / each.name / "copyright"], folder / each.name)
    _copy([Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"], folder / "python")


def _copy(texts: Iterable[Path], folder: Path) -> None:
    for text in (text for text in texts if text.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(text, folder / text.name)
