"""What a release changes in files, tested on texts."""

from pathlib import Path

import pytest
import yaml

from release import changelog, texts
from release.version import Version

ROOT = Path(__file__).parents[2]
IMAGE = f"registry.example/owner/dataworks-deploy@sha256:{'0123456789abcdef' * 4}"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
LOG = """# Changelog

Words.

## Unreleased

### Added

- New thing.

## 0.9.0 (2026-01-02)

- Old thing.
"""


class TestVersions:
    @pytest.mark.parametrize(
        "text", ["1.2", "1.2.3.4", "01.2.3", "1.2.3-rc.1", "v1.2.3", "1.2.x", "", "1.2.3\n", "١.2.3"]
    )
    def test_a_text_that_is_not_a_version_is_refused_and_shown(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not a version"):
            Version.parse(text)


class TestTheChangelog:
    def test_the_unreleased_section_becomes_the_release(self) -> None:
        cut = changelog.cut(LOG, Version(1, 0, 0), "2026-11-23")

        assert changelog.section(cut, "Unreleased") == ""
        assert changelog.notes(cut, Version(1, 0, 0)) == "## Added\n\n- New thing."
        assert changelog.notes(cut, Version(0, 9, 0)) == "- Old thing."
        assert cut.startswith("# Changelog\n\nWords.\n")

    def test_a_release_without_changes_is_refused(self) -> None:
        cut = changelog.cut(LOG, Version(1, 0, 0), "2026-11-23")

        with pytest.raises(ValueError, match="nothing to release"):
            changelog.cut(cut, Version(1, 0, 1), "2026-11-24")

    @pytest.mark.parametrize("version", [Version(0, 9, 0), Version(0, 8, 9)])
    def test_a_version_that_is_not_newer_is_refused(self, version: Version) -> None:
        with pytest.raises(ValueError, match=r"not newer than 0\.9\.0"):
            changelog.cut(LOG, version, "2026-11-23")


class TestTheImageInTheAction:
    ACTION = (ROOT / "action.yml").read_text("utf-8")

    def test_only_the_image_changes(self) -> None:
        before, after = (yaml.safe_load(text) for text in (self.ACTION, texts.pinned(self.ACTION, IMAGE)))

        assert after["runs"].pop("image") == f"docker://{IMAGE}"
        assert before["runs"].pop("image") == "Dockerfile"
        assert after == before
        assert len(texts.pinned(self.ACTION, IMAGE).splitlines()) == len(self.ACTION.splitlines())

    @pytest.mark.parametrize(
        "image",
        [
            "",
            "dataworks-deploy",
            "registry.example/o/r:v1",
            IMAGE[:-1],
            IMAGE + "0",
            IMAGE + "\n",
            f" {IMAGE}",
        ],
    )
    def test_an_image_that_is_not_named_by_its_digest_is_refused(self, image: str) -> None:
        with pytest.raises(ValueError, match="by its digest"):
            texts.pinned(self.ACTION, image)


class TestTheReferenceInThePages:
    PAGE = "    - uses: OWNER/dataworks-deploy@v0\n    - uses: actions/checkout@v1\n"

    def test_the_reference_names_the_commit_and_for_readers_the_version(self) -> None:
        new = texts.announced(self.PAGE, f"somebody/dataworks-deploy@{COMMIT}", Version(1, 2, 3))

        assert new == (
            f"    - uses: somebody/dataworks-deploy@{COMMIT} # v1.2.3\n    - uses: actions/checkout@v1\n"
        )

    def test_the_next_release_replaces_the_reference(self) -> None:
        first = texts.announced(self.PAGE, f"somebody/dataworks-deploy@{COMMIT}", Version(1, 2, 3))
        other = COMMIT[::-1]

        assert texts.announced(first, f"o/dataworks-deploy@{other}", Version(1, 2, 4)) == texts.announced(
            self.PAGE, f"o/dataworks-deploy@{other}", Version(1, 2, 4)
        )

    def test_a_checkout_of_the_repository_names_its_owner(self) -> None:
        page = "      repository: OWNER/dataworks-deploy # why\n      repository: OWNER/other\n"

        new = texts.announced(page, f"somebody/dataworks-deploy@{COMMIT}", Version(1, 2, 3))

        assert new == "      repository: somebody/dataworks-deploy # why\n      repository: OWNER/other\n"

    @pytest.mark.parametrize(
        "reference", ["o/dataworks-deploy@v1", f"o/other@{COMMIT}", f"dataworks-deploy@{COMMIT}"]
    )
    def test_a_reference_without_a_full_commit_is_refused(self, reference: str) -> None:
        with pytest.raises(ValueError, match="commit of 40 digits"):
            texts.announced(self.PAGE, reference, Version(1, 2, 3))


def test_the_package_names_its_version_once() -> None:
    module = (ROOT / "src/dataworks_deploy/__init__.py").read_text("utf-8")

    assert texts.version_in(texts.with_version(module, Version(4, 5, 6))) == Version(4, 5, 6)
