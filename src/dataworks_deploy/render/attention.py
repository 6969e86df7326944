"""What went wrong, why, and what to do: said once of all objects that it is true of, each with its own words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import TERMINAL
from dataworks_deploy.domain.outcome import Outcome, row_of
from dataworks_deploy.domain.record import Record, is_unsent

from .advice import meaning
from .errors import ASK, Advice, ask_all
from .faults import words
from .markup import OPEN_BYTES, REST, fair, folded, markdown, name
from .reasons import message
from .texts import AWAITS_APPROVAL, COUNTED, awaits_approval, number, spent

MOST_FOLDED = 130_000  # bytes
FEW_BLOCKS, FEW_OBJECTS = 10, 10
Group = Sequence[Record]
Say = Callable[[Record], str]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that are shown, and lines that are folded behind a title."""

    shown: list[str]
    title: str = ""
    folded: Sequence[str] = ()


def attention(results: Sequence[Record], url: str | None = None) -> Iterator[str]:
    """A block for each advice, linked to `url`. Of many blocks, or many objects in one, the first are not folded."""
    blocks = [_block(found, group, url) for (_, found), group in _groups(results).items()]
    if not blocks:
        return
    yield from ("### What needs attention", "")
    few, more = blocks[:FEW_BLOCKS], blocks[FEW_BLOCKS:]
    others = [line for block in more for line in (*block.shown, *block.folded, "")]
    rest = f"- {REST}"
    shown = fair(OPEN_BYTES, [block.shown for block in few], rest)
    folds = fair(MOST_FOLDED, [*(block.folded for block in few), others], rest)
    for block, lines, fold in zip(few, shown, folds[:-1], strict=True):
        yield from (*lines, "", *folded(block.title, fold))
    yield from folded(f"{len(more):,} more", folds[-1])


def _groups(results: Sequence[Record]) -> dict[tuple[str, Advice], list[Record]]:
    groups: dict[tuple[str, Advice], list[Record]] = {}
    for each in results:
        groups.setdefault((_title(each), meaning(each)), []).append(each)
    return groups


def _title(result: Record) -> str:
    if is_unsent(result):
        return "not sent"
    used_up = spent(result)
    counted = AWAITS_APPROVAL if awaits_approval(result) else COUNTED[result.outcome]
    return f"{counted}: {used_up}" if used_up else counted


def _block(found: Advice, group: Group, url: str | None) -> Block:
    """What is true of all of them, and a line for each that has something of its own to say."""
    shared = [say for say in FACTS if len({*map(say, group)}) == 1]
    head = [*_head(found, group, shared, url)]
    if len(group) == 1:
        return Block(head)
    lines = [f"- {_line(each, shared)}" for each in group]
    if len(shared) == len(FACTS):
        return Block(head, f"the {_many(group)}", lines)
    few = [*head, "", "Each of them:", "", *lines[:FEW_OBJECTS]]
    return Block(few, f"{len(group) - FEW_OBJECTS:,} more", lines[FEW_OBJECTS:])


def _head(found: Advice, group: Group, shared: Sequence[Say], url: str | None) -> Iterator[str]:
    first = group[0]
    stage, own, said, request_id, link = (say(first) if say in shared else "" for say in FACTS)
    who = name(first.object_id, url) if len(group) == 1 else _many(group)
    yield f"**{row_of(first.outcome).sign} {who}** {_title(first)}{_at(stage)}"
    yield ""
    points = (
        ("What happened", markdown(f"{found.what} {own}".strip())),
        ("Likely cause", markdown(found.cause)),
        ("What to do", markdown(found.fix.replace(ASK, ask_all([each.fault for each in group])))),
        ("The answer was", _quoted(said)),
        ("RequestId", name(request_id)),
        ("See also", link),
    )
    yield from (f"- {title}: {text}" for title, text in points if text)


def _many(group: Group) -> str:
    return number(len(group), "run" if group[0].alone else "object")


def _line(result: Record, shared: Sequence[Say]) -> str:
    """An object among others, with what is its own alone."""
    stage, own, said, request_id, link = ("" if say in shared else say(result) for say in FACTS)
    words = (markdown(own), _quoted(said), f"RequestId {name(request_id)}" if request_id else "", link)
    text = " · ".join(each for each in words if each)
    return f"**{name(result.object_id)}**{_at(stage)}" + (f": {text}" if text else "")


def _at(stage: str) -> str:
    return f" at {name(stage)}" if stage else ""


def _quoted(said: str) -> str:
    return f"“{markdown(said)}”" if said else ""


def _stage(result: Record) -> str:
    """Where it failed; nothing where the reason is not at the stage where the run stands."""
    stands_well = (
        result.outcome is Outcome.FAILED and result.fault is None and result.reading.status not in TERMINAL
    )
    return "" if stands_well else result.reading.stage or ""


def _own(result: Record) -> str:
    """What was refused is told in the words of the answer, and in them alone."""
    said = message(result)
    return "" if said == _answer(result.fault) else said


def _said(result: Record) -> str:
    said = _answer(result.fault)
    told = message(result)
    return said if told == said or said.rstrip(" .。") not in told else ""


def _request_id(result: Record) -> str:
    return (result.fault and result.fault.request_id) or result.request.id or ""


def _answer(fault: Fault | None) -> str:
    """What was said, cut as in the log: behind it may come the whole request, with its headers."""
    return words(fault) if fault else ""


def _link(result: Record) -> str:
    """Where Alibaba Cloud explains the error. Of an address only what is harmless was kept."""
    link = result.fault.recommend if result.fault else ""
    return f"[Alibaba Cloud on this error]({link})" if link and "*" not in link else ""


FACTS: tuple[Say, ...] = (_stage, _own, _said, _request_id, _link)
