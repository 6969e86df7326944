"""Random values of any kind, drawn by their annotations. A new member of a closed union is drawn automatically."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.event import CallEnded
from dataworks_deploy.domain.model import Run
from dataworks_deploy.domain.outcome import End, Outcome
from dataworks_deploy.domain.reason import AnswerLost, NotTakenUp
from dataworks_deploy.domain.record import Phase, Record, Withdrawal
from dataworks_deploy.domain.studio.operations import AnyOperation

Drawn = st.SearchStrategy[Any]
SIMPLE: dict[Any, Drawn] = {
    NoneType: st.none(),
    bool: st.booleans(),
    int: st.integers(0, 9),
    float: st.floats(0, 1e6),
    datetime: st.integers(0, 10**9).map(lambda n: datetime.fromtimestamp(n, UTC)),
    timedelta: st.integers(0, 10**6).map(lambda n: timedelta(seconds=n)),
    object: st.none(),
}


def members(union: Any) -> set[Any]:
    """The classes of a closed union, at any depth."""
    return {union} if isinstance(union, type) else {each for one in get_args(union) for each in members(one)}


@cache
def drawn(kind: Any, texts: Drawn) -> Drawn:
    """Any value of this annotation, with these texts in it."""
    if kind in SIMPLE:
        return SIMPLE[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return st.one_of(*(drawn(part, texts) for part in parts))
    if origin is tuple and parts[-1] is Ellipsis:
        return st.lists(drawn(parts[0], texts), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(drawn(part, texts) for part in parts))
    if isinstance(origin or kind, type) and issubclass(origin or kind, Enum):
        return st.sampled_from(kind)
    if is_dataclass(origin or kind):
        return _of_class(origin or kind, texts)
    return texts  # a str, or a NewType of one


def _of_class(kind: type, texts: Drawn) -> Drawn:
    hints = get_type_hints(kind)
    parts = {each.name: _of_field(kind, each.name, hints[each.name], texts) for each in fields(kind)}
    if kind is not Record:
        return st.builds(kind, **parts)
    # Only a record that is done has an outcome that it ended with.
    under_way = st.sampled_from([each for each in Phase if each is not Phase.DONE])
    going = {"phase": under_way, "ended_as": st.none()}
    done = {"phase": st.just(Phase.DONE), "ended_as": st.sampled_from(Outcome)}
    return st.builds(Record, **parts | going) | st.builds(Record, **parts | done)


def _of_field(kind: type, name: str, hint: Any, texts: Drawn) -> Drawn:
    particular = PARTICULAR.get((kind, name))
    return particular(texts) if particular else st.deferred(lambda: drawn(hint, texts))


# Rules that an annotation cannot say.
PARTICULAR: dict[tuple[type, str], Callable[[Drawn], Drawn]] = {
    (Run, "created_ms"): lambda _: st.sampled_from((0, 1_777_636_800_000)),
    (AnswerLost, "lost"): lambda texts: st.lists(drawn(Fault, texts), min_size=1, max_size=2).map(tuple),
    (NotTakenUp, "by"): lambda _: st.sampled_from((End.CANCEL, End.TIMEOUT)),
    (Withdrawal, "by"): lambda _: st.sampled_from((End.CANCEL, End.TIMEOUT, End.FAILURE)),
    (CallEnded, "operation"): lambda texts: drawn(AnyOperation, texts),
}
