"""Reads Data Studio: objects by ID, and lists of objects, several at once. A catalog keeps what was shown."""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar, assert_never

from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refusal, Refused, Symptom, Unclear
from dataworks_deploy.domain.error import denies_all, is_absent
from dataworks_deploy.domain.event import ListIsLong, ListIsShort, ReadingDenied
from dataworks_deploy.domain.model import ListPipelineRuns, ObjectId, Operation
from dataworks_deploy.domain.studio.catalog import Catalog, Kind, StudioObject
from dataworks_deploy.domain.studio.operations import (
    CYCLE,
    MANUAL,
    GetFunction,
    GetNode,
    GetResource,
    GetWorkflowDefinition,
    ListFunctions,
    ListNodes,
    ListResources,
    ListWorkflowDefinitions,
    Lookup,
    Shown,
    StudioList,
)
from dataworks_deploy.domain.studio.problem import NotRead, Problem, TooManyCalls, condensed
from dataworks_deploy.domain.studio.reading import Reading

from .calls import World
from .ledger import Begun
from .pages import MOST_PASSES, read_pages
from .read import TRIES, is_hopeless, repeated

T = TypeVar("T")
# At most AT_ONCE readings are sent at once. After that many were served, the rate of the account is known, and
# MOST_AT_ONCE may wait.
AT_ONCE, MOST_AT_ONCE = 10, 50
SURELY = 3  # passes that agree with the one before, where the service claims more rows than it has shown
# If names take more calls than this, whole lists are read instead.
MOST_NAME_CALLS = 40
# An account that serves only few calls is not asked for lists that take more calls.
MOST_SCARCE_CALLS = 50

_BY_KIND: dict[Kind, Callable[[ObjectId], Lookup]] = {
    Kind.NODE: GetNode,
    Kind.WORKFLOW: GetWorkflowDefinition,
    Kind.RESOURCE: GetResource,
    Kind.FUNCTION: GetFunction,
}
_List = Callable[[int], StudioList]
Unlisted = NotRead | TooManyCalls


class Studio:
    """What was read of Data Studio. `settle` is how long to retry what the step cannot do without, in seconds.

    `absent` are IDs of which no reading shows anything. `looked_up` are the IDs that were read by themselves, and
    `read_whole` are those of them that exist. `begun` gets the runs that were read to find out whether an object
    exists. `needless`: a step with IDs and without checks would read nothing.
    """

    def __init__(self, world: World, settle: float, begun: Begun, *, needless: bool = True) -> None:
        self._world = world
        self._needless = needless
        self._settle = settle
        self.absent: set[ObjectId] = set()
        self.read_whole: set[ObjectId] = set()
        self._begun = begun
        self._rows: list[StudioObject] = []  # from lists
        self._specs: list[StudioObject] = []
        self._known, self._counted = Catalog(), (0, 0)
        self.looked_up: set[ObjectId] = set()
        self.failed: dict[ObjectId, NotRead] = {}  # why an object could not be read
        self._listed: frozenset[Kind] = frozenset()
        self._denied: dict[str, Fault] = {}
        self._shut: Fault | None = None  # why no call at all is allowed
        self._slots, self._served = asyncio.Semaphore(AT_ONCE), 0

    @property
    def catalog(self) -> Catalog:
        """All objects that a reading has shown. A FlowSpec counts more than a list, even one that was read later.

        In a list, a dependency on an earlier day looks like one that gives an order.
        """
        counts = len(self._rows), len(self._specs)
        if self._counted != counts:  # the number of readings only grows
            self._counted, self._known = counts, Catalog.of((*self._rows, *self._specs))
        return self._known

    async def read(self, reading: Reading, *, for_upstream: bool = False) -> tuple[Problem, ...]:
        """Read everything, several calls at once. Returns the problems: what could not be read although it is
        needed.
        """
        if reading.calls - len(reading.ids) > MOST_NAME_CALLS:
            reading = reading.by_lists
        lists = [each for kind in sorted(reading.lists - self._listed) for each in _lists_of(kind, "")]
        lists += [
            each
            for name in reading.names
            for kind in sorted(name.kinds)
            for each in _lists_of(kind, name.text)
        ]
        async with asyncio.TaskGroup() as group:
            whole = [group.create_task(self._list(each)) for each in lists]
            for object_id in reading.ids:
                group.create_task(self._look_up(object_id))
        # One denied call may fail in many lists, each time with another RequestId. Report it once.
        problems = {
            (type(problem), problem.operation): problem for task in whole if (problem := task.result())
        }
        self._listed |= reading.lists
        told = [replace(each, for_upstream=for_upstream) for each in problems.values()]
        if for_upstream:
            return tuple(told[:1] if self._shut else told)
        all_failed = len(told) == len({type(each(1)) for each in lists}) and not self.looked_up
        return condensed(told) if all_failed or self._shut else tuple(told)

    async def detail(self, objects: Iterable[StudioObject]) -> bool:
        """Read the objects that only lists have shown so far. Returns whether there were any."""
        needed = [each for each in objects if each.kind and each.id not in self.looked_up]
        async with asyncio.TaskGroup() as group:
            for each in needed:
                group.create_task(self._look_up(each.id, each.kind))
        return bool(needed)

    async def _look_up(self, object_id: ObjectId, kind: Kind | None = None) -> None:
        """Read one object, of any kind. It is absent if no kind shows it and it has no runs."""
        self.looked_up.add(object_id)
        certain = True
        for operation in (_BY_KIND[kind],) if kind else _BY_KIND.values():
            read = operation(object_id)
            async with self._slots:
                ending = await self._ask(read, TRIES)
            match ending:
                case Ok(described):
                    self.failed.pop(object_id, None)
                    self.read_whole.add(object_id)
                    self._specs += (described.object, *described.others)
                    return
                case Refused(_, fault) if is_absent(fault):
                    continue
                case Refused(_, fault) | Unclear(fault):
                    self.failed[object_id] = NotRead(type(read).__name__, fault, for_upstream=True)
                    if not (isinstance(ending, Refused) and ending.why is Refusal.DENIED):
                        return
                    certain = False
                case _ as never:
                    assert_never(never)
        if certain and kind is None and not await self._has_runs(object_id):
            self.absent.add(object_id)

    async def _has_runs(self, object_id: ObjectId) -> bool:
        """Whether the object has runs, or may have. Then it was deleted in Data Studio, but is in production."""
        ending = await self._world.calls.make(ListPipelineRuns(object_id))
        if isinstance(ending, Ok):
            self._begun.meet(object_id, ending.value.runs)
        return not isinstance(ending, Ok) or bool(ending.value.runs)

    async def _list(self, pages: _List) -> Unlisted | None:
        """Read a list until a pass shows nothing new: pages shift while they are read. A single page cannot shift."""
        name, known, before, agreed = type(pages(1)).__name__, set[str](), None, 0
        too_many: TooManyCalls | None = None

        async def ask(number: int) -> Ending[Shown]:
            nonlocal too_many
            ending = await self._ask(pages(number), None)
            if isinstance(ending, Ok):
                too_many = self._weigh(name, ending.value, number, is_first=before is None)
            return Refused(Refusal.THROTTLED, Fault()) if too_many else ending

        for _ in range(MOST_PASSES):
            async with self._slots:
                one = await read_pages(ask, lambda page: page.objects)
            self._rows += one.rows.values()
            if one.failed:
                return too_many or NotRead(name, one.failed.fault)
            is_new = not known.issuperset(one.rows)
            known |= one.rows.keys()
            agreed = agreed + 1 if one.rows.keys() == before else 0
            # Two passes can miss the same object. Where the service claims more, it takes two more passes.
            lacks = len(known) < one.total
            by_one_page = one.pages == 1 and not one.is_short
            if by_one_page or agreed >= (SURELY if lacks else 1) or (not is_new and len(known) >= one.total):
                if lacks:
                    self._world.journal.warn(None, ListIsShort(name, len(known), one.total))
                return None
            before = one.rows.keys()
        return NotRead(name, Fault(symptom=Symptom.LIST_UNSTABLE))

    def _weigh(self, name: str, page: Shown, number: int, *, is_first: bool) -> TooManyCalls | None:
        """From the first page of a list, report how many calls it takes. After each page, check whether the rest is too
        much.
        """
        calls = (1 + is_first) * -(-page.total // page.size)  # mostly two passes agree
        if self._world.calls.surely_scarce and calls - number > MOST_SCARCE_CALLS:
            return TooManyCalls(name, calls)
        if is_first and number == 1 and page.total > page.size:
            self._world.journal.tell(None, ListIsLong(name, page.total, calls))
        return None

    async def _ask(self, operation: Operation[T], tries: int | None) -> Ending[T]:
        """Read `tries` times at most, or for `settle` seconds if that is None. Do not repeat what is refused
        for good.
        """
        name = type(operation).__name__
        if denied := self._shut or self._denied.get(name):
            return Refused(Refusal.DENIED, denied)
        until = math.inf if tries else self._world.clock.monotonic() + self._settle
        ending = await repeated(self._world, operation, _is_final, tries=tries or math.inf, until=until)
        if isinstance(ending, Ok) or _is_final(ending):
            self._note(name, ending, matters=tries is None)
            self._widen()
        return ending

    def _widen(self) -> None:
        """One more call was served. Once the rate of the account is known, more calls may wait for their turn."""
        self._served += 1
        if self._served == AT_ONCE:
            for _ in range(MOST_AT_ONCE - AT_ONCE):
                self._slots.release()

    def _note(self, name: str, ending: Ending[object], *, matters: bool) -> None:
        """Report each denied call once. If it `matters`, the caller reports it as a problem instead."""
        if not (isinstance(ending, Refused) and ending.why is Refusal.DENIED):
            return
        if denies_all(ending.fault):
            # The first creation gets the same refusal, and its report says what to do.
            self._shut = ending.fault
        elif name not in self._denied:
            self._denied[name] = ending.fault
            if not matters:
                self._world.journal.warn(None, ReadingDenied(name, ending.fault, needless=self._needless))


def _is_final(ending: Refused | Unclear) -> bool:
    """Whether asking again would show the same."""
    return is_hopeless(ending) or (isinstance(ending, Refused) and is_absent(ending.fault))


def _lists_of(kind: Kind, name: str) -> list[_List]:
    """The lists of a kind, filtered by names that contain `name`."""
    match kind:
        case Kind.NODE:
            return [lambda number: ListNodes(name, number)]
        case Kind.WORKFLOW:
            return [
                lambda number: ListWorkflowDefinitions(name, number, CYCLE),
                lambda number: ListWorkflowDefinitions(name, number, MANUAL),
            ]
        case Kind.RESOURCE:
            return [lambda number: ListResources(name, number)]
        case Kind.FUNCTION:
            return [lambda number: ListFunctions(name, number)]
        case _ as never:
            assert_never(never)
