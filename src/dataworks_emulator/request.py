"""A request as the service sees it, past the wire and the signature, and how its fields are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dataworks_emulator.answers import Refusal, refusal

MAX_PAGE = 100


@dataclass(frozen=True)
class Request:
    """One call. `refused` is set where the signature was bad; `age` makes a read look back in time."""

    action: str
    params: Mapping[str, str]
    caller: str
    nonce: str
    refused: Refusal | None = None
    number: int = 0
    age: float = 0.0

    @property
    def project(self) -> str:
        """Return the workspace that the call is about."""
        return self.params.get("ProjectId", "")


def required(params: Mapping[str, str], name: str) -> str:
    """Return a parameter that must be there."""
    value = params.get(name, "")
    if not value:
        raise refusal("MissingParameter", name)
    return value


def decimal(params: Mapping[str, str], name: str, default: int) -> int:
    """Return a positive whole number."""
    text = params.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise refusal("InvalidParameter", name)
    return int(text)


def paged(params: Mapping[str, str], rows_name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Cut one page out of the rows, with the numbers that belong to it."""
    number, size = decimal(params, "PageNumber", 1), decimal(params, "PageSize", 10)
    if size > MAX_PAGE:
        raise refusal("InvalidParameter", "PageSize")
    page = rows[(number - 1) * size : number * size]
    return {"PageNumber": number, "PageSize": size, "TotalCount": len(rows), rows_name: page}
