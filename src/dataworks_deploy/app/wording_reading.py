"""Sentences about readings: that they fail, and that they show what nobody knows."""

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import STATUSES, SUCCESS, TERMINAL, Run
from dataworks_deploy.domain.outcome import ObjectResult

from .wording import quoted

MOST_ODD = 5


def name_of(fault: Fault) -> str:
    """An error in a word."""
    return fault.code or (f"HTTP status {fault.http_status}" if fault.http_status else fault.message)


def detailed(fault: Fault) -> str:
    """What was said, with what identifies it."""
    said = quoted(fault)
    status = f"HTTP status {fault.http_status}" if fault.http_status else ""
    more = [status] if status and status not in said else []
    more += [f"RequestId {fault.request_id}"] if fault.request_id else []
    return ", ".join([said, *more])


def not_read(what: str, count: int, fault: Fault) -> str:
    """Readings that have failed so often in a row."""
    times = f" {count} times in a row" if count > 1 else ""
    return f"reading {what} failed{times} ({detailed(fault)}), trying again"


def odd(run: Run) -> str:
    """What is strange about a reading, empty where nothing is: statuses that nobody knows, or a stage that has
    failed in a run that goes on as if nothing had happened."""
    places = [("the run", run.status), *((f"stage {each.code}", each.status) for each in run.ordered)]
    found = [f"{place} is {status or 'nothing'}" for place, status in places if status not in STATUSES]
    if found:
        return f"Its status is not a known one: {', '.join(found[:MOST_ODD])}."
    broken = next((each for each in run.ordered if each.status in TERMINAL - {SUCCESS}), None)
    if run.ended or broken is None:
        return ""
    why = f": {broken.message}" if broken.message else "."
    return f"Stage {broken.code} has ended as {broken.status}, while the run is {run.status} still{why}"


def unseen(entry: ObjectResult) -> str:
    """Why it is not known better how a run stands."""
    if entry.unread and entry.fault:
        return f"The last {entry.unread} readings failed, the last one with: {detailed(entry.fault)}."
    return entry.odd
