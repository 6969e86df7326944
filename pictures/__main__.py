"""Draws a job summary and a preview of the demonstration, in both languages and themes: `python -m pictures FOLDER`."""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

from demo.run import FIRST, Step, emulator, run_action

from .browser import photograph
from .page import Theme, page

WIDTH = 900  # pixels, about what GitHub gives a summary
LANGUAGES = {"en": "", "zh": "-zh"}
# Another workflow run, after the first one, looks what it would deploy.
PREVIEW = replace(
    FIRST,
    objects="业务流程/**",
    inputs={"INPUT_DRY-RUN": "true", "INPUT_ONLY-CHANGED": "true", "GITHUB_RUN_ID": "1658821494"},
)


def main(folder: Path) -> None:
    """Write summary-light.png and so on into the folder: what is shown, the language unless English, the theme."""
    folder.mkdir(parents=True, exist_ok=True)
    for language, ending in LANGUAGES.items():
        with tempfile.TemporaryDirectory() as work:
            for name, markdown in _pages(Path(work), language):
                for theme in get_args(Theme):
                    source = Path(work, f"{theme}.html")
                    source.write_text(page(markdown, theme), "utf-8")
                    photograph(source, WIDTH, folder / f"{name}{ending}-{theme}.png")


def _pages(work: Path, language: str) -> Iterator[tuple[str, str]]:
    """The Markdown of the summary and of the preview."""
    with emulator(work) as (address, _):
        for name, step in (("summary", FIRST), ("preview", PREVIEW)):
            yield (
                name,
                _summary(replace(step, inputs={**step.inputs, "INPUT_LANGUAGE": language}), address, work),
            )


def _summary(step: Step, address: str, work: Path) -> str:
    files = {f"GITHUB_{each}": work / each for each in ("OUTPUT", "STATE", "STEP_SUMMARY")}
    for path in files.values():
        path.write_text("", "utf-8")
    if run_action(step, address, files) != step.exit_status:
        raise SystemExit(f"{step.title}: it did not end as it must")
    return files["GITHUB_STEP_SUMMARY"].read_text("utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m pictures", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    main(**vars(parser.parse_args()))
