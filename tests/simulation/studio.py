"""Data Studio at any time, as the emulator kept it: the objects, their dependencies, and production."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dataworks_emulator.drafts import FUNCTION, NODE, RESOURCE, WORKFLOW, Draft
from dataworks_emulator.service import Service

from ..witness.lines import Thing
from .virtual import EPOCH
from .wire import TICK

KINDS = {NODE: "node", WORKFLOW: "workflow", RESOURCE: "resource", FUNCTION: "function"}
RANKS = {RESOURCE: 0, FUNCTION: 1, NODE: 2, WORKFLOW: 2}
Links = Mapping[str, frozenset[str]]
Makers = Mapping[str, Sequence[Draft]]


@dataclass(frozen=True)
class Snapshot:
    """One moment. `live` are the objects, and nodes inside workflows, that are in production."""

    drafts: Mapping[str, Draft]
    live: frozenset[str]

    @cached_property
    def things(self) -> list[Thing]:
        """All objects that can be selected, and the nodes inside workflows."""
        return [
            Thing(each.id, KINDS[each.kind], each.name, each.path, each.container)
            for each in self.drafts.values()
        ]

    @cached_property
    def parts(self) -> dict[str, list[Draft]]:
        """Each object with the nodes inside it."""
        found: dict[str, list[Draft]] = {}
        for each in self.drafts.values():
            found.setdefault(each.container or each.id, []).append(each)
        return found

    @cached_property
    def makers(self) -> Makers:
        """The drafts that give each output."""
        found: dict[str, list[Draft]] = {}
        for each in self.drafts.values():
            for data in each.outputs:
                found.setdefault(data, []).append(each)
        return found

    @cached_property
    def reads(self) -> Links:
        """The objects whose outputs each object reads."""
        return self.reading(self.makers)

    def reading(self, makers: Makers, unread: Collection[str] = (), *, listed: bool = False) -> Links:
        """The objects whose outputs each object reads, if these `makers` give the outputs.

        `listed`: as lists show it. They do not distinguish dependencies on an earlier day. They do not show either that
        a node is inside a workflow: if it is `unread`, it may be an object of its own.
        """
        wholes = {*self.parts, *(self.drafts if listed else ())}
        return {whole: frozenset(self._read(whole, makers, unread, listed=listed)) for whole in wholes}

    def _read(self, whole: str, makers: Makers, unread: Collection[str], *, listed: bool) -> Iterator[str]:
        for made in (made for data in self._inputs(whole, listed=listed) for made in makers.get(data, ())):
            yield from _wholes(made, unread) - {whole}

    def _inputs(self, whole: str, *, listed: bool) -> Iterator[str]:
        alone = [self.drafts[whole]] if listed and whole in self.drafts else []
        # Resources and functions have no inputs.
        for part in (each for each in self.parts.get(whole, alone) if RANKS[each.kind] == RANKS[NODE]):
            yield from (each.output for each in part.depends) if listed else part.needs

    @cached_property
    def uses(self) -> Links:
        """The resources and functions that each object uses."""
        return {whole: frozenset(self._used(whole)) for whole in self.parts}

    def _used(self, whole: str) -> Iterator[str]:
        names = {name for part in self.parts[whole] for name in part.uses}
        rank = self.rank(whole)
        yield from (
            each.id for each in self.drafts.values() if RANKS[each.kind] < min(rank, 2) and each.name in names
        )

    def rank(self, object_id: str) -> int:
        """Resources come first, then functions, then everything else."""
        draft = self.drafts.get(object_id)
        return RANKS[draft.kind] if draft else RANKS[NODE]

    def missing(
        self,
        chosen: Iterable[str],
        listed: Collection[str] = (),
        unseen: Collection[str] = (),
        without: Collection[str] = (),
    ) -> set[str]:
        """The objects that these need, directly or indirectly, and that are neither selected nor in production.

        For objects that are only `listed`, everything in the lists counts. What `unseen` nodes give out, nobody misses.
        Those that the step must do `without` do not count, nor what only they need.
        """
        known, ahead = {*chosen}, {*chosen}
        while ahead:
            new = {up for each in ahead for up in self._missed(each, known, listed, unseen)} - {*without}
            ahead = new - known
            known |= new
        return known - {*chosen}

    def _missed(
        self, whole: str, known: set[str], listed: Collection[str], unseen: Collection[str]
    ) -> Iterator[str]:
        for data in self._inputs(whole, listed=whole in listed):
            made = [each for each in self.makers.get(data, ()) if each.id not in unseen]
            if not any(each.id in self.live or (each.container or each.id) in known for each in made):
                yield from (up for each in made for up in _wholes(each, listed))

    def is_cyclic(self, chosen: Iterable[str]) -> bool:
        """Whether some of these objects wait for each other."""
        left = {each: self.reads.get(each, frozenset()) & {*chosen} for each in chosen}
        while free := [each for each, ups in left.items() if not ups & left.keys()]:
            for each in free:
                del left[each]
        return bool(left)


def _wholes(made: Draft, unread: Collection[str]) -> set[str]:
    """The object that this draft belongs to: the workflow around a node. An `unread` node may also be its own."""
    whole = made.container or made.id
    return {whole, made.id} if made.id in unread else {whole}


class Studio:
    """Data Studio at all moments. Times count from the beginning of the simulation."""

    def __init__(self, service: Service) -> None:
        self._catalog = service.catalog
        self._known: dict[float, Snapshot] = {}

    @cached_property
    def _changes(self) -> list[float]:
        """The times of changes in Data Studio or in production."""
        drafts = self._catalog.drafts
        edits = {since - EPOCH for each in drafts.ids for since, _ in drafts.versions(each)}
        return sorted(edits | {since - EPOCH for since in self._catalog.deployments})

    def between(self, since: float, until: float) -> list[Snapshot]:
        """The state at the beginning and after each change, in order."""
        moments = [since, *(each for each in self._changes if since < each <= until)]
        return [self.at(each) for each in moments]

    def at(self, when: float) -> Snapshot:
        """The state at this time."""
        # All times between two changes have the same state.
        since = max((each for each in self._changes if each <= when), default=when)
        if since not in self._known:
            self._known[since] = self._read(when + EPOCH + TICK)
        return self._known[since]

    def _read(self, when: float) -> Snapshot:
        drafts = {each.id: each for each in self._catalog.drafts.listed(*KINDS, when=when)}
        live = (part.id for each in self._catalog.drafts.ids for part in self._catalog.live(each, when))
        return Snapshot(drafts, frozenset(live))
