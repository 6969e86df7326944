"""All licences in one folder: those that each package contains, and those of the base."""

import shutil
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from .contents import Package, SystemPackage

# Several packages of the SDK name this licence but do not contain it. It is this project's licence too.
APACHE = Path("LICENSE")


def collect(folder: Path, packages: Iterable[Package], system: Iterable[SystemPackage]) -> None:
    """Copy them to one folder for each package. Raises ValueError for a package without a licence text."""
    for package in packages:
        texts = package.texts or ((APACHE,) if package.licence == "Apache-2.0" else ())
        if not texts:
            raise ValueError(f"{package.name} has no licence text")
        _copy(texts, folder / package.name)
    for each in system:
        # A base without documents has no such file, for example the one used if no image registry can be reached.
        _copy([Path("/usr/share/doc") / each.name / "copyright"], folder / each.name)
    _copy([Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"], folder / "python")


def _copy(texts: Iterable[Path], folder: Path) -> None:
    for text in (text for text in texts if text.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(text, folder / text.name)
