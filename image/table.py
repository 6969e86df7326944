"""Makes the table in docs/supply-chain.md: python -m image.table ROOT, with the unpacked file system of the image."""

import sys
from collections.abc import Iterable
from pathlib import Path

from .contents import Package, packages_in
from .keep import PACKAGES

HEAD = "| package | licence | kB | why it is there |\n| --- | --- | ---: | --- |\n"


def table(packages: Iterable[Package]) -> str:
    """One row for each package. Raises KeyError for a package without a reason."""
    rows = (f"| {p.name} | {p.licence} | {p.size / 1000:,.0f} | {PACKAGES[p.name]} |\n" for p in packages)
    return HEAD + "".join(rows)


def packages_of(root: Path) -> list[Package]:
    """The packages in an unpacked image."""
    (site,) = root.glob("opt/dataworks-deploy/lib/python3*/site-packages")
    return packages_in(site)


if __name__ == "__main__":
    sys.stdout.write(table(packages_of(Path(sys.argv[1]))))
