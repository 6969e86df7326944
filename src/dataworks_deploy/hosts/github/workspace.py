"""Files in the workspace that inputs name. Other steps of the job also write there, so any of them may change at any
time.
"""

import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from dataworks_deploy.domain.problem import FileFault, TargetFault

# If the file is replaced after the check, these flags follow no link and do not wait for a pipe.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_FAULTS: Mapping[int | None, FileFault] = {
    errno.ENOENT: FileFault.MISSING,
    errno.ENOTDIR: FileFault.MISSING,
    errno.ENAMETOOLONG: FileFault.MISSING,
    errno.ENXIO: FileFault.NO_PLAIN_FILE,  # a socket
}
_TARGET_FAULTS = {
    FileFault.MISSING: TargetFault.UNWRITABLE,
    FileFault.OUTSIDE: TargetFault.OUTSIDE,
    FileFault.LINKED_OUT: TargetFault.LINKED_OUT,
}


def text_of(workspace: str, path: str, most: int) -> str | FileFault:
    """The text of a file with at most so many bytes. The path starts in the workspace and must not lead out of it."""
    real = _real(workspace, path)
    if isinstance(real, FileFault):
        return real
    try:
        content = _content(real, most)
    except OSError as error:
        return _FAULTS.get(error.errno, FileFault.UNREADABLE)
    try:
        return content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        return FileFault.NOT_UTF8


def target_fault(workspace: str, path: str) -> TargetFault | None:
    """Why this file cannot be written. None if it is an ordinary file in the workspace, or can become one."""
    real = FileFault.OUTSIDE if ".." in Path(path).parts else _real(workspace, path)
    if isinstance(real, FileFault):
        return _TARGET_FAULTS[real]
    try:
        mode = real.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    except OSError:
        return TargetFault.UNWRITABLE if _is_folder(real.parent) else TargetFault.NO_FOLDER
    if not stat.S_ISREG(mode):
        return TargetFault.FOLDER if stat.S_ISDIR(mode) else TargetFault.NO_PLAIN_FILE
    if not _is_folder(real.parent):
        return TargetFault.NO_FOLDER
    # A file can be replaced if its folder is writable. Otherwise it is overwritten.
    is_open = os.access(real.parent, os.W_OK | os.X_OK) or os.access(real, os.W_OK)
    return None if is_open else TargetFault.UNWRITABLE


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # the name is too long for any folder
        return False


def _real(workspace: str, path: str) -> Path | FileFault:
    """Where a path in the workspace really leads."""
    named = Path(workspace, path)
    try:
        root, real = Path(os.path.realpath(workspace)), Path(os.path.realpath(named))
    except ValueError:  # no file has such a name: it contains a NUL, or half of a surrogate pair
        return FileFault.MISSING
    if real.is_relative_to(root):
        return real
    links_out = Path(os.path.normpath(named)).is_relative_to(os.path.normpath(workspace))
    return FileFault.LINKED_OUT if links_out else FileFault.OUTSIDE


def _content(path: Path, most: int) -> bytes | FileFault:
    descriptor = os.open(path, _FLAGS)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            return FileFault.FOLDER
        if not stat.S_ISREG(mode):
            return FileFault.NO_PLAIN_FILE
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(most + 1)
        return content if len(content) <= most else FileFault.TOO_LARGE
    finally:
        os.close(descriptor)
