"""The language that people read. English stands where it is said; `chinese.py` has the same sentences in Chinese."""

import re
from functools import lru_cache
from string import Formatter

from dataworks_deploy.domain.model import Language

_words: dict[str, str] = {}
_WIDE = "，。；：、（）"
_HAN, _LATIN = re.compile("[\u4e00-\u9fff]"), re.compile(r"[A-Za-z0-9()\[\]`]")


def speak(language: Language) -> None:
    """From now on everything is said in this language: one process is one step, for one reader."""
    global _words  # noqa: PLW0603 - otherwise every sentence needs the language as an argument
    if language is Language.ENGLISH:
        _words = {}
    else:
        from .chinese import CHINESE  # noqa: PLC0415 - a step in English does without it

        _words = CHINESE


def word(english: str) -> str:
    """The same in the language of the step, with the places of its facts as they are.

    What is not in Chinese is said in English, so that people lose no fact. A test finds it first.
    """
    return _words.get(english, english)


def words(*sentences: str) -> str:
    """Several sentences, one behind the other. Chinese has no blank between two."""
    return word(" ").join(map(word, sentences))


def say(sentence: str, /, **facts: object) -> str:
    """A sentence in the language of the step, with its facts in their places."""
    if not _words:
        return sentence.format(**facts)
    text = ""
    for before, place in _parts(word(sentence)):
        text = _set(_set(text, before), place.format(**facts))
    return text


@lru_cache(maxsize=2048)
def _parts(sentence: str) -> tuple[tuple[str, str], ...]:
    """What stands before each place of a sentence, and the place. Behind the last place there may be more text."""
    return tuple(
        (before, "" if name is None else f"{{{name}{f'!{how}' if how else ''}:{form}}}")
        for before, name, form, how in Formatter().parse(sentence)
    )


def _set(before: str, behind: str) -> str:
    """Two parts of a Chinese sentence, where a fact meets the rest of it.

    There is a blank between Chinese and Latin letters or digits, and none beside a full-width mark. No sentence can say
    that by itself, because a fact may begin and end with either.
    """
    if not before or not behind:
        return before + behind
    left, right = before.rstrip(" "), behind.lstrip(" ")
    if left[-1:] in _WIDE or right[:1] in _WIDE:
        return left + right
    last, first = before[-1], behind[0]
    apart = (_HAN.match(last) and _LATIN.match(first)) or (_LATIN.match(last) and _HAN.match(first))
    return f"{before} {behind}" if apart else before + behind
