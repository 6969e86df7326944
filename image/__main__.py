"""Makes the image's file system: python -m image ENVIRONMENT ROOT.

The image also contains a list of its contents: an SBOM, and the licences.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from . import contents, licences, sbom
from .keep import LEFT_OUT, PACKAGES
from .prune import prune, site_of
from .tree import Tree


def main(home: Path, root: Path) -> None:
    """Copy the needed parts of an environment to a new root, then check and describe them."""
    tree = Tree(root)
    prune(home, tree)
    packages = contents.packages_in(root / site_of(home).relative_to("/"))
    contents.check(packages, PACKAGES, LEFT_OUT)
    system = contents.system_in([path for path in tree.files if home not in path.parents])
    moment = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    tree.write(str(home / "sbom.cdx.json"), sbom.describe(packages, system, moment))
    licences.collect(root / home.relative_to("/") / "licenses", packages, system)
    for each in system:
        # Scanners look here in an image without a package manager.
        tree.write(f"/var/lib/dpkg/status.d/{each.name}", each.status)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
