"""Lists that come in pages. Pages shift while they are read, so one pass over several pages proves little."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.ending import Ending, Fault, Ok, Refused, Symptom, Unclear

MOST_PAGES = 1000
MOST_PASSES = 6


class Page(Protocol):
    """What all pages have in common."""

    @property
    def total(self) -> int:
        """How many rows the service claims. It may be wrong: some recorded answers show "0" with ten rows."""

    @property
    def size(self) -> int:
        """The page size, from the answer itself. Only the last page may have fewer rows."""


class Identified(Protocol):
    """What all rows have in common."""

    @property
    def id(self) -> str:
        """Unique for each row."""


P = TypeVar("P", bound=Page)
Row = TypeVar("Row", bound=Identified)


@frozen
class Pass(Generic[Row]):
    """What one pass over the pages has shown. `failed` says why it did not reach the last page."""

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
    """Read one page after another (from 1) until the last one."""
    rows: dict[str, Row] = {}
    for number in range(1, MOST_PAGES + 1):
        ending = await ask(number)
        if not isinstance(ending, Ok):
            return Pass(rows, failed=ending)
        page, shown = ending.value, rows_of(ending.value)
        rows |= {row.id: row for row in shown}
        # `total` is only a lower bound. A short page is the last one, unless the service returns smaller pages than it
        # says.
        if len(shown) < page.size and (len(rows) >= page.total or not shown):
            return Pass(rows, number, page.total)
    return Pass(rows, failed=Unclear(Fault(symptom=Symptom.LIST_ENDLESS, detail=str(MOST_PAGES))))
