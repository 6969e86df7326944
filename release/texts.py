"""What a release changes in the repository's files, as text in and text out."""

import re

from .version import Version

_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
_IMAGE = re.compile(r"^(  image: )\S+$", re.MULTILINE)
_DIGEST = re.compile(r"[a-z0-9.-]+(:\d+)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}")
_USES = re.compile(r"(\buses: )[\w.-]+/dataworks-deploy@[^\s#]+( #.*)?$", re.MULTILINE)
_REPOSITORY = re.compile(r"(\brepository: )[\w.-]+(?=/dataworks-deploy\b)")


def version_in(module: str) -> Version:
    """The version that the package says it has."""
    return Version.parse(_one(_VERSION, module, "__version__")[1])


def with_version(module: str, version: Version) -> str:
    """The package's module with another version in it."""
    found = _one(_VERSION, module, "__version__")
    return module[: found.start()] + f'__version__ = "{version}"' + module[found.end() :]


def pinned(action: str, image: str) -> str:
    """action.yml with a published image instead of the Dockerfile, so that users pull and never build.

    `image` is `registry/name@sha256:…`. A tag is refused with ValueError: it may be moved.
    """
    if not _DIGEST.fullmatch(image):
        raise ValueError(f"{image!r} does not name an image by its digest: registry/name@sha256:<64 digits>")
    found = _one(_IMAGE, action, "image")
    return action[: found.start()] + f"{found[1]}docker://{image}" + action[found.end() :]


def announced(page: str, reference: str, version: Version) -> str:
    """A page, or an example, whose workflows use the release of this reference: `OWNER/dataworks-deploy@<commit>`.

    Raises ValueError for a reference that may be moved.
    """
    if not re.fullmatch(r"[\w.-]+/dataworks-deploy@[0-9a-f]{40}", reference):
        raise ValueError(f"{reference!r} is not OWNER/dataworks-deploy@ and a commit of 40 digits")
    page = _USES.sub(lambda found: f"{found[1]}{reference} # {version.tag}", page)
    return _REPOSITORY.sub(lambda found: found[1] + reference.partition("/")[0], page)


def _one(form: re.Pattern[str], text: str, name: str) -> re.Match[str]:
    found = list(form.finditer(text))
    if len(found) != 1:
        raise ValueError(f"expected one line with {name}, found {len(found)}")
    return found[0]
