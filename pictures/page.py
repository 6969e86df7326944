"""A job summary as a page of its own, made of what GitHub's pages are made of."""

from pathlib import Path
from typing import Literal

import cmarkgfm  # GitHub's own parser
from cmarkgfm.cmark import Options

Theme = Literal["light", "dark"]
HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
# HTML is passed on as it stands, although GitHub would clean it: what is dead here is dead there.
OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG

FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Job summary</title>
<link rel="stylesheet" href="{packages}/github-markdown-css/github-markdown-{theme}.css">
<style>body {{ margin: 0; padding: 24px }}</style>
<body class="markdown-body" data-theme="{theme}">
<main>{content}</main>
<script src="{packages}/mermaid/dist/mermaid.min.js"></script>
<script src="{here}/page.js"></script>
"""


def page(summary: str, theme: Theme) -> str:
    """The summary as HTML, to be opened from a file. Charts are drawn, and the page measured, by its script."""
    content = cmarkgfm.github_flavored_markdown_to_html(summary, OPTIONS)
    return FRAME.format(content=content, theme=theme, packages=PACKAGES.as_uri(), here=HERE.as_uri())
