"""Frozen values behave like frozen dataclasses, and values of different classes differ."""

from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from dataworks_deploy.domain import MANY, frozen


@frozen
class Ended:
    """A value with a default, and with a fact that comparisons ignore."""

    run: str
    seconds: float = 0.0
    name: str = field(default="", compare=False)


@frozen
class Lost:
    """The same fields with another meaning."""

    run: str
    seconds: float = 0.0


@frozen
class Key:
    """A value with its own `__repr__`."""

    secret: str

    def __repr__(self) -> str:
        return "Key(...)"


@dataclass(frozen=True, slots=True)
class Model:
    """The same as a dataclass, to compare with."""

    run: str
    seconds: float = 0.0
    name: str = field(default="", compare=False)


def test_values_of_one_class_with_the_same_facts_are_equal() -> None:
    assert Ended("r", 1.0) == Ended("r", 1.0)
    assert len({Ended("r"), Ended("r"), Lost("r"), Ended("s")}) == 3
    assert Ended("r") != Ended("s")
    assert Ended("r", name="n") == Ended("r")
    assert hash(Ended("r", name="n")) == hash(Ended("r"))


def test_a_value_is_shown_copied_and_matched_like_a_dataclass() -> None:
    value, model = Ended("r"), Model("r")

    assert repr(value) == repr(model).replace("Model", "Ended")
    assert replace(value, seconds=2.0) == Ended("r", 2.0)
    assert [field.name for field in fields(value)] == [field.name for field in fields(model)]
    assert value.__match_args__ == model.__match_args__
    assert not hasattr(value, "__dict__")
    assert repr(Key("secret")) == "Key(...)"


def test_a_value_never_changes() -> None:
    value = Ended("r")

    with pytest.raises(FrozenInstanceError):
        value.run = "s"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del value.seconds
    with pytest.raises(AttributeError):
        value.other = 1  # type: ignore[attr-defined]


def test_the_many_values_of_a_class_are_like_the_first() -> None:
    @frozen
    class Page:
        number: int
        runs: list[str] = field(default_factory=list)
        size: int = 100

    pages = [Page(number, size=number) for number in range(2 * MANY)]

    assert [(each.number, each.runs, each.size) for each in pages] == [
        (number, [], number) for number in range(2 * MANY)
    ]
    assert len({id(each.runs) for each in pages}) == len(pages)
    assert replace(pages[0], number=7, size=7) == replace(pages[7], runs=[])
    assert vars(Page)["__init__"] is not vars(Seen)["__init__"], "made for this class"
    with pytest.raises(FrozenInstanceError):
        pages[-1].number = 1  # type: ignore[misc]


@frozen
class Seen:
    """A value whose default is made for each instance."""

    runs: list[str] = field(default_factory=list)


def test_each_value_gets_its_own_default() -> None:
    assert Seen().runs == []
    assert Seen().runs is not Seen().runs
    assert Ended(seconds=1.0, run="r") == Ended("r", 1.0)


@pytest.mark.parametrize("made", [0, MANY])
@pytest.mark.parametrize(
    ("facts", "named"),
    [((), {}), (("r", 1.0, "n", 4), {}), (("r",), {"run": "s"}), (("r",), {"other": 1}), ((), {"name": "n"})],
)
def test_a_value_needs_exactly_its_facts(facts: tuple[Any, ...], named: dict[str, Any], made: int) -> None:
    @frozen
    class Other:
        run: str
        seconds: float = 0.0
        name: str = field(default="", compare=False)

    for each in range(made):
        Other(str(each))
    for kind in (Other, Model):
        with pytest.raises(TypeError):
            kind(*facts, **named)
