"""Values and decisions: no I/O, no clock, no SDK, no environment."""

from dataclasses import Field, FrozenInstanceError, dataclass, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def frozen(made: type[T]) -> type[T]:
    """A frozen dataclass with slots, for the many kinds of value of which a step makes only a few.

    `dataclass` writes and compiles six methods for each class, 0.7 ms at every start. Here all classes share five of
    them, and a class costs a fifth. An instance costs more in turn: what is made by the thousand stays a `dataclass`.
    What a class defines by itself stands, as the `__repr__` of one that holds a secret.
    """
    made = dataclass(eq=False, repr=False, slots=True)(made)
    for name in {"__eq__", "__hash__", "__repr__", "__setattr__", "__delattr__"} - vars(made).keys():
        setattr(made, name, vars(_Methods)[name])
    return made


class _Methods:
    """What all frozen values have in common."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and _facts(self) == _facts(other)

    def __hash__(self) -> int:
        return hash((type(self), _facts(self)))

    def __repr__(self) -> str:
        facts = (f"{each.name}={getattr(self, each.name)!r}" for each in _fields(self))
        return f"{type(self).__qualname__}({', '.join(facts)})"

    def __setattr__(self, name: str, fact: object) -> None:
        # Set a field once, as the generated `__init__` does.
        if hasattr(self, name):
            raise FrozenInstanceError(name)
        object.__setattr__(self, name, fact)

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(name)


def _fields(of: Any) -> tuple[Field[Any], ...]:
    return fields(of)


def _facts(of: object) -> tuple[object, ...]:
    return tuple(getattr(of, each.name) for each in _fields(of) if each.compare)
