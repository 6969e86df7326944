"""Lists that come in pages. Those shift while they are read, so one pass over several of them proves little."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refused, Symptom, Unclear

MOST_PAGES = 1000
MOST_PASSES = 6


class Page(Protocol):
    """What is common to the pages of all lists."""

    @property
    def total(self) -> int:
        """How many rows the list has, as the service claims: captures show "0" over ten rows."""

    @property
    def size(self) -> int:
        """How many rows a page has that is not the last one, as the answer itself says."""


class Identified(Protocol):
    """What is common to the rows of all lists."""

    @property
    def id(self) -> str:
        """Another one for each row."""


P = TypeVar("P", bound=Page)
Row = TypeVar("Row", bound=Identified)


@frozen
class Pass(Generic[Row]):
    """What one pass over so many pages has shown. `failed` says why it did not come to the last one."""

    rows: Mapping[str, Row]
    pages: int = 0
    total: int = 0
    failed: Refused | Unclear | None = None

    @property
    def is_short(self) -> bool:
        """Whether the service claims more rows than it has shown."""
        return len(self.rows) < self.total


async def read_pages(
    ask: Callable[[int], Awaitable[Ending[P]]], rows_of: Callable[[P], Sequence[Row]]
) -> Pass[Row]:
    """Ask for one page after the other (from 1) until the last one."""
    rows: dict[str, Row] = {}
    for number in range(1, MOST_PAGES + 1):
        ending = await ask(number)
        if not isinstance(ending, Ok):
            return Pass(rows, failed=ending)
        page, shown = ending.value, rows_of(ending.value)
        rows |= {row.id: row for row in shown}
        # The count is only a lower bound. A short page is the last one, unless the service gives smaller pages than it
        # says.
        if len(shown) < page.size and (len(rows) >= page.total or not shown):
            return Pass(rows, number, page.total)
    return Pass(rows, failed=Unclear(Fault(symptom=Symptom.LIST_ENDLESS, detail=str(MOST_PAGES))))
