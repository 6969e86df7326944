"""A request after the wire and the signature, and how to read its fields."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dataworks_emulator.answers import Refusal, refusal

T = TypeVar("T")
MAX_PAGE = 100
NUMBER = re.compile(r"[0-9]{1,9}")
PROJECT = re.compile(r"[1-9][0-9]{0,18}")
MOST_PROJECT = 2**63 - 1
SECRETS = frozenset({"OIDCToken"})


@dataclass(frozen=True)
class Request:
    """One call.

    `refused` is set if the signature was wrong. `age` makes a reading show an earlier time (seconds). `sent` is the
    request as it arrived, with its secrets.
    """

    action: str
    params: Mapping[str, str]
    caller: str
    nonce: str
    refused: Refusal | None = None
    number: int = 0
    age: float = 0.0
    sent: str = field(default="", repr=False)

    @property
    def project(self) -> str:
        """Return the workspace of the call."""
        return self.params.get("ProjectId", "")

    @property
    def shown(self) -> dict[str, str]:
        """Return the parameters in a form that may be logged."""
        return {name: "***" if name in SECRETS and value else value for name, value in self.params.items()}


def required(params: Mapping[str, str], name: str) -> str:
    """Return a parameter that must be given."""
    value = params.get(name, "")
    if not value:
        raise refusal("MissingParameter", name)
    return value


def decimal(params: Mapping[str, str], name: str, default: int) -> int:
    """Return a positive whole number."""
    text = params.get(name, "") or str(default)
    if not NUMBER.fullmatch(text) or int(text) < 1:
        raise refusal("InvalidParameter", name)
    return int(text)


def is_project(text: str) -> bool:
    """Tell whether this looks like a workspace ID: a positive 64-bit number."""
    return PROJECT.fullmatch(text) is not None and int(text) <= MOST_PROJECT


def paged(
    params: Mapping[str, str], rows_name: str, rows: Sequence[T], show: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """Cut one page out of the rows and render it, with its numbers."""
    number, size = decimal(params, "PageNumber", 1), decimal(params, "PageSize", 10)
    if size > MAX_PAGE:
        raise refusal("InvalidParameter", "PageSize")
    page = [show(row) for row in rows[(number - 1) * size : number * size]]
    return {"PageNumber": number, "PageSize": size, "TotalCount": len(rows), rows_name: page}
