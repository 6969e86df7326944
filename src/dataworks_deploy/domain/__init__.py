"""Values and decisions: no I/O, no clock, no SDK, no environment."""

from collections import Counter
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, fields, make_dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")
# A class gets an `__init__` of its own when so many values of it were made.
MANY = 50


@dataclass_transform(frozen_default=True)
def frozen(made: type[T]) -> type[T]:
    """A frozen dataclass with slots. A method that the class defines stays, such as the `__repr__` of a class that
    holds a secret. It has no `__post_init__`.

    `dataclass` writes and compiles six methods for each class, which takes a third of a millisecond at every start.
    A step makes only a few values of most classes. So all classes share these methods, and a class takes a tenth of
    that. A class of which many values are made gets an `__init__` of its own then, which is faster.
    """
    made = dataclass(eq=False, repr=False, init=False, slots=True)(made)
    for name in _SHARED - vars(made).keys():
        setattr(made, name, vars(_Methods)[name])
    return made


_SHARED = {"__init__", "__eq__", "__hash__", "__repr__", "__setattr__", "__delattr__"}


class _Methods:
    """The methods that all frozen values share."""

    def __init__(self, *facts: object, **named: object) -> None:
        kind, own, put = type(self), fields_of(self), object.__setattr__
        _made[kind] += 1
        if _made[kind] >= MANY:
            setattr(kind, "__init__", vars(_twin_of(kind))["__init__"])  # noqa: B010 - mypy allows no assignment
        if len(facts) > len(own):
            raise TypeError(type(self), facts)
        for each, fact in zip(own, facts, strict=False):
            put(self, each.name, fact)
        for each in own[len(facts) :]:
            put(self, each.name, named.pop(each.name) if each.name in named else _default(each))
        if named:
            raise TypeError(type(self), named)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and _facts(self) == _facts(other)

    def __hash__(self) -> int:
        return hash((type(self), _facts(self)))

    def __repr__(self) -> str:
        facts = (f"{each.name}={getattr(self, each.name)!r}" for each in fields_of(self))
        return f"{type(self).__qualname__}({', '.join(facts)})"

    def __setattr__(self, name: str, fact: object) -> None:
        raise FrozenInstanceError(name)

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(name)


def _default(of: Field[Any]) -> object:
    if of.default is not MISSING:
        return of.default
    if of.default_factory is MISSING:
        raise TypeError(of.name)
    return of.default_factory()


def fields_of(value: Any) -> tuple[Field[Any], ...]:
    """The fields of a value of a dataclass. `dataclasses.fields` searches for them at each call."""
    return _fields(value.__class__)


@cache
def _fields(kind: Any) -> tuple[Field[Any], ...]:
    return fields(kind)


_made = Counter[type]()


def _twin_of(kind: Any) -> type:
    """What `dataclass` makes of these fields."""
    own = [(each.name, each.type, each) for each in fields(kind)]
    return make_dataclass(kind.__name__, own, frozen=True, eq=False, repr=False)


def _facts(of: Any) -> Any:
    return _getter(of.__class__)(of)


@cache
def _getter(kind: Any) -> Callable[[object], Any]:
    names = [each.name for each in fields(kind) if each.compare]
    return attrgetter(*names) if names else lambda _: ()
