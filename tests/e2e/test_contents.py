"""What the image contains, what it says about its contents, and that it contains nothing else."""

import json
import re
import tarfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from dataworks_deploy import __version__
from image.table import HEAD, packages_of, table

from .docker import IMAGE, docker, in_image, label, removed_at_the_end, unique_name
from .runner import ROOT

pytestmark = pytest.mark.docker

HOME = "opt/dataworks-deploy"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's file system, unpacked."""
    folder, name = tmp_path_factory.mktemp("image"), unique_name()
    with removed_at_the_end(name):
        docker("create", "--name", name, IMAGE)
        docker("export", "--output", str(folder / "tar"), name)
    with tarfile.open(folder / "tar") as tar:
        tar.extractall(folder / "root", filter="tar")
    return folder / "root"


@pytest.fixture(scope="module")
def sbom(root: Path) -> dict[str, Any]:
    """The list of contents in the image."""
    said: dict[str, Any] = json.loads((root / HOME / "sbom.cdx.json").read_text("utf-8"))
    return said


def components(sbom: dict[str, Any], kind: str) -> dict[str, str]:
    """Return the versions of the components of one kind, by name."""
    listed = [sbom["metadata"]["component"], *sbom["components"]]
    return {each["name"]: each["version"] for each in listed if each["purl"].startswith(f"pkg:{kind}/")}


def test_the_image_prints_its_version_and_nothing_else() -> None:
    assert (
        docker("run", "--rm", "--network", "none", IMAGE, "--version") == f"dataworks-deploy {__version__}\n"
    )


def test_the_labels_describe_the_image() -> None:
    assert label("version") == __version__
    assert label("title") == "DataWorks Deploy"
    assert label("licenses") == "Apache-2.0"
    assert "DataWorks" in label("description")
    assert label("base.name")


def test_the_image_contains_no_program_except_python(root: Path) -> None:
    programs = [path for name in ("bin", "sbin") for folder in root.rglob(name) for path in folder.iterdir()]

    assert len([path for path in programs if not path.is_symlink()]) == 1
    assert all(
        path.name.startswith("python3") for path in programs if path.parent.parent.name != "dataworks-deploy"
    )
    assert [path for path in root.rglob("*") if path.name in {"sh", "bash", "dash", "busybox", "pip"}] == []


def test_the_image_contains_no_tests_no_tools_and_no_packages_that_are_never_imported(root: Path) -> None:
    ours = next(root.rglob("dataworks_deploy"))
    names = {path.stem for path in root.rglob("*") if HOME in path.as_posix() and ours not in path.parents}

    assert "dataworks_deploy" in names
    unwanted = {"dataworks_emulator", "tests", "pytest", "pip", "setuptools", "github", "nacl", "jwt"}
    assert names & (unwanted | {"aiohttp", "cryptography", "apscheduler"}) == set()
    assert list(root.rglob("ensurepip")) + list(root.rglob("idlelib")) == []


def test_every_module_is_compiled_from_the_source_beside_it(root: Path) -> None:
    """A module without a valid .pyc would be compiled and written again in every step of every user."""
    told = in_image(COMPILED).split()

    modules = [path for path in root.rglob("*.py") if path.parent != root / HOME]
    assert told == [str(len(modules))]


COMPILED = """
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

count = 0
for path in (path for each in sys.path if Path(each).is_dir() for path in Path(each).rglob("*.py")):
    head = Path(cache_from_source(path)).read_bytes()[:16]
    # Flags 1: Python never compares the file with the source again.
    if head != MAGIC_NUMBER + b"\\1\\0\\0\\0" + source_hash(path.read_bytes()):
        sys.exit(f"{path} has no valid compiled file")
    count += 1
print(count)
"""


def test_the_sbom_follows_its_standard(root: Path) -> None:
    text = (root / HOME / "sbom.cdx.json").read_text("utf-8")

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    broken = text.replace('"type": "library"', '"type": "libary"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None


def test_the_sbom_lists_the_versions_that_the_packages_say_themselves(
    root: Path, sbom: dict[str, Any]
) -> None:
    (site,) = (root / HOME).glob("lib/python3*/site-packages")
    installed = {
        each.name.lower().replace("_", "-"): each.version for each in distributions(path=[str(site)])
    }

    assert components(sbom, "pypi") == installed
    assert installed["dataworks-deploy"] == __version__
    assert {"actions-toolkit", "alibabacloud-tea-openapi"} < installed.keys()


def test_the_sbom_lists_the_packages_of_the_base(root: Path, sbom: dict[str, Any]) -> None:
    debian = components(sbom, "deb")

    assert {"libc6", "ca-certificates"} < debian.keys()
    assert any(name.startswith("libssl3") for name in debian)
    assert components(sbom, "generic").keys() == {"python"}
    # Scanners look for them in these places.
    assert {path.name for path in (root / "var/lib/dpkg/status.d").iterdir()} == debian.keys()
    assert (root / "etc/os-release").exists()


def test_every_record_lists_only_existing_files(root: Path) -> None:
    (site,) = (root / HOME).glob("lib/python3*/site-packages")
    missing = [
        file
        for each in distributions(path=[str(site)])
        for file in each.files or ()
        if not Path(str(file.locate())).exists()
    ]

    assert missing == []


def test_every_package_has_its_licence_in_one_place(root: Path, sbom: dict[str, Any]) -> None:
    folders = {path.parent.name for path in (root / HOME / "licenses").glob("*/*") if path.stat().st_size}

    assert components(sbom, "pypi").keys() <= folders


def test_the_page_of_dependencies_is_correct(root: Path) -> None:
    """All texts must be equal, and the sizes within a third, because wheels differ between machines."""
    made = table(packages_of(root))
    page = (ROOT / "docs" / "supply-chain.md").read_text("utf-8")
    said = page[page.index(HEAD) :].partition("\n\n")[0] + "\n"
    size = re.compile(r"(?<=\| )[\d,]+(?= \|)")

    assert size.sub("", said) == size.sub("", made), made
    sizes = [[int(text.replace(",", "")) for text in size.findall(rows)] for rows in (said, made)]
    assert all(old == pytest.approx(new, rel=1 / 3, abs=10) for old, new in zip(*sizes, strict=True)), made


def test_all_public_authorities_are_trusted(root: Path) -> None:
    trusted = (
        "from dataworks_deploy.absent import leave_out; leave_out();"
        "from dataworks_deploy.dataworks.connections import trust;"
        "print(trust().cert_store_stats()['x509_ca'])"
    )
    bundle = (root / "etc/ssl/certs/ca-certificates.crt").read_text("utf-8")

    assert int(in_image(trusted)) >= bundle.count("BEGIN CERTIFICATE") > 100


def test_the_image_has_the_system_files_that_the_interpreter_needs() -> None:
    code = "import os, socket, tempfile; print(os.path.expanduser('~root'), tempfile.gettempdir()); "
    code += "print(socket.gethostbyname('localhost'))"

    assert in_image(code).split() == ["/root", "/tmp", "127.0.0.1"]


def test_the_image_is_small() -> None:
    """This is the uncompressed size in bytes. docs/performance.md has the compressed size."""
    assert int(docker("image", "inspect", "--format", "{{.Size}}", IMAGE)) < 60_000_000
