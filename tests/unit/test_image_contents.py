"""How the image is pruned: the models of the calls, the packages required, and the libraries of a file."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from image import models
from image.contents import Package, check
from image.keep import LEFT_OUT, PACKAGES
from image.tree import Tree

ROOT = Path(__file__).parents[2]
ADAPTER = (ROOT / "src" / "dataworks_deploy" / "dataworks" / "service.py").read_text("utf-8")
SDK = Path(str(distribution("alibabacloud-dataworks-public20240518").locate_file(""))) / (
    "alibabacloud_dataworks_public20240518"
)


@pytest.mark.long
def test_the_models_follow_from_the_calls() -> None:
    needed = models.models_of(SDK, {"get_pipeline_run_with_options"})

    assert needed == {
        "GetPipelineRunRequest",
        "GetPipelineRunResponse",
        "GetPipelineRunResponseBody",
        "GetPipelineRunResponseBodyPipeline",
        "GetPipelineRunResponseBodyPipelineStages",
    }


def test_the_calls_follow_from_the_adapter() -> None:
    calls = models.calls_of(ADAPTER)

    assert "create_pipeline_run_with_options" in calls
    assert all(ADAPTER.count(call) for call in calls)
    assert len(calls) == ADAPTER.count("self._client.") - ADAPTER.count("self._client._endpoint")


@pytest.mark.long
def test_an_adapter_without_calls_or_with_an_unknown_call_is_noticed() -> None:
    with pytest.raises(ValueError, match="makes no calls"):
        models.calls_of("client.create_pipeline_run_with_options()")
    with pytest.raises(KeyError, match="delete_everything"):
        models.models_of(SDK, {"delete_everything_with_options"})


@pytest.mark.long
def test_a_pruned_sdk_has_these_models_and_its_client_can_be_imported(tmp_path: Path) -> None:
    copy = tmp_path / SDK.name
    shutil.copytree(SDK, copy)

    models.prune(copy, models.models_of(copy, {"get_pipeline_run_with_options"}))

    code = f"import {SDK.name}.client as client; print(*vars(client.main_models), *vars(client.Client))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True
    )
    assert "GetPipelineRunResponseBodyPipelineStages" in done.stdout
    assert "get_pipeline_run_with_options" in done.stdout
    assert not re.search("create_?pipeline_?run", done.stdout.lower())
    left = {path.name for path in (copy / "models").iterdir() if path.suffix == ".py"}
    # The models inside a model have their own modules.
    assert left == {
        "__init__.py",
        *(f"_get_pipeline_run_{kind}.py" for kind in ("request", "response", "response_body")),
    }


def package(name: str, *requires: str, version: str = "1.0") -> Package:
    """A package with only the parts that matter here."""
    return Package(name, version, "MIT", 1, tuple(map(Requirement, requires)), ())


def test_a_required_package_is_there_or_left_out_on_purpose() -> None:
    check([package("a", "b>=1", "c"), package("b")], {"a": "", "b": ""}, {"c": "not used"})


@pytest.mark.parametrize(
    ("packages", "left_out", "fault"),
    [
        ([package("a", "b")], {}, "a requires b, there is none"),
        ([package("a", "b>=2"), package("b")], {}, "a requires b>=2, there is 1.0"),
        ([package("a")], {"c": ""}, "c is left out, but nothing requires it"),
        ([package("a", "c"), package("c")], {"c": ""}, "c is left out, but is there"),
        ([package("a"), package("d")], {}, "d is there for no known reason"),
        ([package("b")], {}, "a is to be kept, but is not there"),
    ],
    ids=["missing", "too old", "needless", "both", "unknown", "vanished"],
)
def test_everything_that_does_not_fit_is_named(
    packages: list[Package], left_out: dict[str, str], fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        check(packages, {"a": "", "b": ""}, left_out)


def test_nothing_is_both_kept_and_left_out() -> None:
    assert PACKAGES.keys() & LEFT_OUT.keys() == set()


def test_a_file_is_copied_with_every_link_on_its_path(tmp_path: Path) -> None:
    base = tmp_path / "base"
    (base / "usr" / "lib").mkdir(parents=True)
    (base / "usr" / "lib" / "real.1").write_text("content", "utf-8")
    (base / "usr" / "lib" / "short").symlink_to("../lib/real.1")
    (base / "lib").symlink_to("usr/lib")
    tree = Tree(tmp_path / "root")

    really = tree.take(base / "lib" / "short")

    there = tree.root / base.relative_to("/")
    assert really == base / "usr" / "lib" / "real.1"
    assert tree.files == {really}
    assert (there / "lib").readlink() == Path("usr/lib")
    assert (there / "lib" / "short").read_text("utf-8") == "content"
