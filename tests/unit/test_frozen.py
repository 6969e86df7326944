"""Frozen values behave as frozen dataclasses do, and are told apart by their class."""

from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from dataworks_deploy.domain import frozen


@frozen
class Ended:
    """A value with a default and a fact that does not count."""

    run: str
    seconds: float = 0.0
    name: str = field(default="", compare=False)


@frozen
class Lost:
    """The same fields, and another meaning."""

    run: str
    seconds: float = 0.0


@frozen
class Key:
    """A value that says itself how it is shown."""

    secret: str

    def __repr__(self) -> str:
        return "Key(...)"


@dataclass(frozen=True, slots=True)
class Model:
    """What it is held to."""

    run: str
    seconds: float = 0.0
    name: str = field(default="", compare=False)


def test_equal_are_values_of_one_class_with_the_same_facts() -> None:
    assert Ended("r", 1.0) == Ended("r", 1.0)
    assert len({Ended("r"), Ended("r"), Lost("r"), Ended("s")}) == 3
    assert Ended("r") != Ended("s")
    assert Ended("r", name="n") == Ended("r")
    assert hash(Ended("r", name="n")) == hash(Ended("r"))


def test_a_value_is_shown_copied_and_taken_apart_as_a_dataclass_is() -> None:
    value, model = Ended("r"), Model("r")

    assert repr(value) == repr(model).replace("Model", "Ended")
    assert replace(value, seconds=2.0) == Ended("r", 2.0)
    assert [field.name for field in fields(value)] == [field.name for field in fields(model)]
    assert value.__match_args__ == model.__match_args__
    assert not hasattr(value, "__dict__")
    assert repr(Key("secret")) == "Key(...)"


def test_nothing_of_a_value_changes() -> None:
    value = Ended("r")

    with pytest.raises(FrozenInstanceError):
        value.run = "s"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del value.seconds
    with pytest.raises(AttributeError):
        value.other = 1  # type: ignore[attr-defined]


@frozen
class Seen:
    """A value with a default that is made for each one."""

    runs: list[str] = field(default_factory=list)


def test_each_value_has_a_default_of_its_own() -> None:
    assert Seen().runs == []
    assert Seen().runs is not Seen().runs
    assert Ended(seconds=1.0, run="r") == Ended("r", 1.0)


@pytest.mark.parametrize(
    ("facts", "named"),
    [((), {}), (("r", 1.0, "n", 4), {}), (("r",), {"run": "s"}), (("r",), {"other": 1}), ((), {"name": "n"})],
)
def test_a_value_is_made_with_all_its_facts_and_no_others(
    facts: tuple[Any, ...], named: dict[str, Any]
) -> None:
    for kind in (Ended, Model):
        with pytest.raises(TypeError):
            kind(*facts, **named)
