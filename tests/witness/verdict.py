"""The outcome of a step, by the outcomes of its objects: the worst of them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

EXIT_STATUS = {"succeeded": 0, "created": 0, "planned": 0, "unchanged": 0, "invalid": 2}  # any other is 1
GOOD = frozenset({"created", "succeeded", "planned", "unchanged"})
# From the worst to the best. With an object that was not started, the step is no better than failed.
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
    """The outcomes that count. An object that needs one left to a person does not make the outcome worse."""
    every = [*results]
    open_ = {
        each["object_id"]
        for each in every
        if each["reason"] == "left_to_person" and each["outcome"] == "created"
    }
    return [each["outcome"] for each in every if each["outcome"] != "skipped" or each["because"] not in open_]


def worst(outcomes: Collection[str]) -> str:
    """The outcome of a step that ended by itself. Without objects there was nothing to do."""
    return next((verdict for some, verdict in WORST_FIRST if some & {*outcomes}), "unchanged")


def cut_off(outcomes: Collection[str]) -> str:
    """The outcome of a step that was stopped or killed, which is never good."""
    return "unknown" if "unknown" in outcomes else "cancelled"


def possible(outcomes: Collection[str]) -> set[str]:
    """The possible outcomes of a step whose kind of end is not known.

    Objects that did not start before the deadline, or are not known by then, make it timed_out. An internal error makes
    it failed.
    """
    verdicts = {worst(outcomes), cut_off(outcomes)}
    if "unknown" not in outcomes and GOOD.issuperset(outcomes):
        verdicts.add("failed")
    if {*outcomes} <= GOOD | {"skipped"} and ("skipped" in outcomes or not outcomes):
        verdicts.add("timed_out")
    return verdicts
