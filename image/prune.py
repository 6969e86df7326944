"""Makes the image's file system from an installed environment: what the entry scripts can reach, and no more."""

import base64
import compileall
import hashlib
import shutil
import ssl
import subprocess
import sysconfig
from importlib.metadata import Distribution, distributions
from modulefinder import ModuleFinder
from pathlib import Path
from py_compile import PycInvalidationMode

from dataworks_deploy.absent import ABSENT, GUESSES

from . import models
from .keep import DATA, LIBRARIES, UNNAMED, UNUSED
from .tree import Tree

STDLIB = Path(sysconfig.get_path("stdlib"))
SDK = "alibabacloud_dataworks_public20240518"
SCRIPTS = ("entrypoint.py", "post_entrypoint.py")
METADATA = ("METADATA", "RECORD", "licenses", "LICENSE", "LICENCE", "NOTICE", "COPYING", "AUTHORS")


def prune(home: Path, tree: Tree) -> None:
    """Copy what runs from the environment, and what that needs from the system."""
    site = site_of(home)
    adapter = (site / "dataworks_deploy" / "dataworks" / "service.py").read_text("utf-8")
    models.prune(site / SDK, models.models_of(site / SDK, models.calls_of(adapter)))
    for path in [home / "pyvenv.cfg", home / "bin" / "python", *(home / name for name in SCRIPTS)]:
        tree.take(path)
    for path in reachable([home / name for name in SCRIPTS], site):
        tree.take(path)
    for path in (path for pattern in DATA for path in site.glob(pattern)):
        tree.take(path)
    for distribution in distributions(path=[str(site)]):
        take_metadata(tree, site, distribution)
    take_system(tree)
    for modules in (site, STDLIB):
        compile_all(tree.root, modules)


def site_of(home: Path) -> Path:
    """The folder with the packages of an environment."""
    (site,) = home.glob("lib/python3*/site-packages")
    return site


def reachable(scripts: list[Path], site: Path) -> set[Path]:
    """The files of all modules that the scripts can reach through import statements, executed or not."""
    folders = [str(site), str(STDLIB), str(STDLIB / "lib-dynload")]
    finder = ModuleFinder(path=folders, excludes=[*ABSENT, GUESSES, *UNUSED])
    for script in scripts:
        finder.run_script(str(script))
    for name in UNNAMED:
        finder.import_hook(name)
    files = (getattr(module, "__file__", None) for module in finder.modules.values())
    return {Path(file) for file in files if file} - set(scripts)


def take_metadata(tree: Tree, site: Path, distribution: Distribution) -> None:
    """For a distribution with remaining files, keep what scanners read. Its RECORD lists exactly those files."""
    listed = [Path(str(file)) for file in distribution.files or ()]
    info = next(path.parent for path in listed if path.name == "METADATA")
    if not any(site / path in tree.files for path in listed):
        return
    for path in listed:
        if info in path.parents and path.relative_to(info).parts[0].startswith(METADATA):
            tree.take(site / path)
    left = sorted(path for path in listed if site / path in tree.files and path.name != "RECORD")
    rows = [f"{path},{_digest(site / path)},{(site / path).stat().st_size}" for path in left]
    tree.write(str(site / info / "RECORD"), "\n".join([*rows, f"{info / 'RECORD'},,"]) + "\n")


def _digest(path: Path) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256={digest.decode().rstrip('=')}"


def take_system(tree: Tree) -> None:
    """Keep what the interpreter needs from the system: libraries, certificates, names."""
    trusted = Path(ssl.get_default_verify_paths().openssl_cafile)
    for path in (trusted, trusted.parent / "openssl.cnf", Path("/etc/os-release")):
        tree.take(path)
    for name in LIBRARIES:
        tree.take(_library(name))
    tree.take_libraries()
    tree.write("/etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\n")
    tree.write("/etc/group", "root:x:0:\n")
    tree.write("/etc/nsswitch.conf", "hosts: files dns\n")
    (tree.root / "tmp").mkdir()
    (tree.root / "tmp").chmod(0o1777)
    # The loader's cache, so that it finds the libraries where the base has them.
    for path in [Path("/etc/ld.so.conf"), *Path("/etc/ld.so.conf.d").glob("*.conf")]:
        tree.take(path)
    subprocess.run(["ldconfig", "-X", "-r", str(tree.root)], check=True)
    shutil.rmtree(tree.root / "var", ignore_errors=True)


def _library(name: str) -> Path:
    cache = subprocess.run(["ldconfig", "-p"], capture_output=True, encoding="utf-8", check=True).stdout
    return next(Path(line.split()[-1]) for line in cache.splitlines() if line.split()[:1] == [name])


def compile_all(root: Path, modules: Path) -> None:
    """Compile every module without later checks: files in an image never change, and their times are not kept."""
    done = compileall.compile_dir(
        root / modules.relative_to("/"),
        quiet=1,
        maxlevels=20,
        stripdir=str(root),
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        workers=0,
    )
    if not done:
        raise ValueError("some module cannot be compiled")
