"""What a step has to say of itself, by what its objects say: the worst of them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

EXIT_STATUS = {"succeeded": 0, "created": 0, "planned": 0, "unchanged": 0, "invalid": 2}  # any other is 1
GOOD = frozenset({"created", "succeeded", "planned", "unchanged"})
# From the worst to the best. An object that was not started makes nothing better than a failure.
WORST_FIRST = (
    (frozenset({"unknown"}), "unknown"),
    (frozenset({"failed", "terminated", "cancelled", "rejected", "conflict"}), "failed"),
    (frozenset({"timed_out", "waiting"}), "timed_out"),
    (frozenset({"skipped"}), "failed"),
    (frozenset({"planned"}), "planned"),
    (frozenset({"created"}), "created"),
    (frozenset({"succeeded"}), "succeeded"),
)


def deciding(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """The outcomes that count: an object that needs one which was left to a person makes nothing worse."""
    every = [*results]
    open_ = {
        each["object_id"]
        for each in every
        if each["reason"] == "left_to_person" and each["outcome"] == "created"
    }
    return [each["outcome"] for each in every if each["outcome"] != "skipped" or each["because"] not in open_]


def worst(outcomes: Collection[str]) -> str:
    """What a step is that came to its own end. Where there is no object at all, nothing was to be done."""
    return next((verdict for some, verdict in WORST_FIRST if some & {*outcomes}), "unchanged")


def cut_off(outcomes: Collection[str]) -> str:
    """What a step is that was told to stop, or left behind by a kill: never good."""
    return "unknown" if "unknown" in outcomes else "cancelled"


def possible(outcomes: Collection[str]) -> set[str]:
    """What a step may be of which nobody knows what has ended it.

    What the deadline kept from starting is late, and an error of the step's own makes it fail: none of them is good.
    """
    verdicts = {worst(outcomes), cut_off(outcomes)}
    if "unknown" not in outcomes and GOOD.issuperset(outcomes):
        verdicts.add("failed")
    if {*outcomes} <= GOOD | {"skipped"} and "skipped" in outcomes:
        verdicts.add("timed_out")
    return verdicts
