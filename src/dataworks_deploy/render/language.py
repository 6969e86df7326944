"""The language that people read. English stands where it is said; `chinese.py` has the same sentences in Chinese."""

from dataworks_deploy.domain.model import Language

_words: dict[str, str] = {}


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
    return word(sentence).format(**facts)
