"""Draws a job summary, light and dark: `python -m pictures SUMMARY.md FOLDER`."""

import argparse
import tempfile
from pathlib import Path
from typing import get_args

from .browser import photograph
from .page import Theme, page

WIDTH = 900  # pixels, about what GitHub gives a summary


def main(summary: Path, folder: Path) -> None:
    """Write summary-light.png and summary-dark.png into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        for theme in get_args(Theme):
            source = Path(work, f"{theme}.html")
            source.write_text(page(summary.read_text("utf-8"), theme), "utf-8")
            photograph(source, WIDTH, folder / f"summary-{theme}.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m pictures", description=__doc__)
    parser.add_argument("summary", type=Path, help="a job summary in Markdown")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    main(**vars(parser.parse_args()))
