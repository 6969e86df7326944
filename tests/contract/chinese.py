"""What a page in Chinese must have in common with its English original."""

import re
from pathlib import Path

from dataworks_deploy.render.chinese import CHINESE

ROOT = Path(__file__).parents[2]
HAN = "\u4e00-\u9fff"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# The sentences of the action in Chinese. A sentence with a word from a list is here once for each word.
SAID = [
    text.replace("{what}", CHINESE.get(what, what)).replace("{kind}", CHINESE[kind]).replace(" ", "")
    for text in CHINESE.values()
    for what in ("name", "path", "ID")
    for kind in ("object", "node")
]


class Page:
    """A page of the repository, and the parts of it that must not depend on the language."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.text = (ROOT / path).read_text("utf-8")
        self.prose = BLOCK.sub("", self.text)

    def levels(self) -> list[int]:
        """The headings, each as its level."""
        return [len(signs) for signs in re.findall(r"^(#+) ", self.prose, re.MULTILINE)]

    def code(self) -> list[tuple[str, list[str]]]:
        """The blocks of code, without comments."""
        return [
            (language, [re.sub(r"(^| +)# .*$", "", line) for line in block.splitlines()])
            for language, block in BLOCK.findall(self.text)
        ]

    def rows(self) -> list[list[str]]:
        """The rows of all tables but their heads, each as its cells."""
        lines = re.findall(r"^\|.*\|$(?!\n\| ---)(?<! --- \|)", self.prose, re.MULTILINE)
        return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]

    def codes(self) -> list[list[set[str]]]:
        """The texts between backticks in each cell of each table."""
        return [[{*re.findall(r"`([^`]+)`", cell)} for cell in row] for row in self.rows()]

    def links(self) -> list[str]:
        """The pages that the page links to, without their language, in the order of the page."""
        links = re.findall(r"\]\(([^)#]*)[^)]*\)", self.prose)
        return [link.replace(".zh-CN.md", ".md") for link in links]

    def numbers(self) -> list[list[str]]:
        """The figures in each row of each table, outside of code."""
        return [
            sorted(re.findall(r"\d[\d.,]*\d|\d", re.sub("`[^`]*`", "", " ".join(row)))) for row in self.rows()
        ]

    def quotes(self) -> list[str]:
        """The sentences of the action that the first cells of the tables quote in Chinese."""
        return [quote for row in self.rows() for quote in re.findall("“([^”]+)”", row[0])]


def is_said(quote: str) -> bool:
    """Whether the action says this in Chinese, apart from spaces. `…` stands for a name, a number or the like."""
    return any(all(part in text for part in quote.replace(" ", "").split("…")) for text in SAID)


# Chinese and Latin letters or digits without a space between them, and half-width marks or spaces beside Chinese.
UNSET = re.compile(
    rf"[{HAN}][\[*]*[A-Za-z0-9`]|[A-Za-z0-9`][\]*]*[{HAN}]|[{HAN}][,;:!?()]|[,;:!?()][{HAN}]|[，。；：、（）] +[{HAN}]"
)


def unset(text: str) -> list[str]:
    """Where a text breaks the rules of Chinese typesetting. Code counts as a Latin word."""
    shown = re.sub(r"\]\([^)]*\)|<[^>]*>", "]", re.sub("`[^`]*`", "`x`", text))
    return UNSET.findall(shown)
