"""The cells of (operation × phase × fault or kill): those that schedules must hit, and those that a history has hit."""

from collections.abc import Iterator

from .operations import ABOLISH, CREATE, EXECUTE, GET, LIST, LISTS, LOOKUPS, WRITES
from .play import History
from .seen import refused, succeeded
from .virtual import EPOCH
from .wire import TICK

# What can happen to a call before it is carried out, or after.
EITHER = (
    "drop reset truncate empty html html:502 status:500 status:503 status:408 huge:20000 hostile delay:S "
)
EITHER += "redirect:http://127.0.0.1:9/ json:{} json:[] json:null json:7"
# Refusals that prove that nothing was carried out. After a write that was carried out they would be wrong.
REFUSALS = "refuse throttle throttle:50 quota error:Throttling.System error:9990020002 error:NoPermission "
REFUSALS += "error:Forbidden.Access error:InvalidSecurityToken.Expired error:not-running error:stage-order "
REFUSALS += "status:404 error:InternalError.System echo error:Forbidden.Not.Server drip:S"
FOR_ALL = [*EITHER.split(), *(f"commit+{fault}" for fault in EITHER.split()), *REFUSALS.split()]
FOR_WRITES = ["late:S", "duplicate", "twice"]
FOR_LISTS = ["short-page", "garbled-page", "stale", 'json:{"PagingInfo":null}']
# The most important faults are drawn more often.
FOR_CREATION = ["late:S", "commit+delay:S", "delay:S", "commit+drop"]
FOR_RUNS = [
    "lag:S",
    "no-description",
    "cut-description:12",
    "error:no-object",
    "foreign-id",
    "commit+foreign-id",
]
# With these faults a request is always carried out, now or later, once or twice.
CARRIED_OUT = {"delay", "late", "lag", "drip", "duplicate", "twice", "no-description", "cut-description"}
# Not a fault of one call, but something that happens to a run or its mark.
SHOWN_LATE, HIDDEN, USED_BEFORE = (
    "shown late after a used nonce",
    "descriptions not shown",
    "nonce used before",
)
FAULTS: dict[str, list[str]] = {
    CREATE: [*FOR_ALL, *FOR_WRITES, *FOR_CREATION * 3, *FOR_RUNS],
    EXECUTE: [*FOR_ALL, *FOR_WRITES],
    ABOLISH: [*FOR_ALL, *FOR_WRITES],
    GET: [*FOR_ALL, "stale"],
    LIST: [*FOR_ALL, *FOR_LISTS, *FOR_LISTS],
    **{action: [*FOR_ALL, "stale"] for action in LOOKUPS},
    **{action: [*FOR_ALL, *FOR_LISTS] for action in LISTS},
}
# The same code reads all of these.
ALIKE: dict[str, str] = {
    **dict.fromkeys(LOOKUPS, "lookup in Data Studio"),
    **dict.fromkeys(LISTS, "list of Data Studio"),
}
# The phases of a call in which its sender may be killed.
PHASES = ("before", "sent", "arrived", "answered")


def all_cells() -> list[tuple[str, str]]:
    """Every (operation, fault), and every (operation, kill of the caller in one of the phases of the call)."""
    kills = [(action, f"kill:{phase}") for action in FAULTS for phase in PHASES]
    calls = dict.fromkeys((place(action), what) for action, what in (*all_faults(), *kills))
    return [*calls, *((CREATE, name) for name in (USED_BEFORE, SHOWN_LATE, HIDDEN))]


def place(action: str) -> str:
    """The name of the operation in the cells."""
    return ALIKE.get(action, action)


def all_faults() -> list[tuple[str, str]]:
    """Every (operation, fault), with its phase in the fault's name."""
    return [(action, kind(fault)) for action, faults in FAULTS.items() for fault in dict.fromkeys(faults)]


def kind(fault: str) -> str:
    """The fault without its random time."""
    name, colon, value = fault.partition(":")
    timed = name.removeprefix("commit+") in {"delay", "late", "lag", "drip"}
    return f"{name}:S" if timed else f"{name}{colon}{value}"


def hit(history: History) -> Iterator[tuple[str, str]]:
    """The cells that were really hit. A fault that nobody saw and that changed nothing does not count."""
    calls = [sent for attempt in history.attempts for sent in (*attempt.sent, *attempt.post_sent)]
    yield from ((place(sent.action), f"kill:{sent.died}") for sent in calls if sent.died)
    yield from ((CREATE, name) for name in _come_to(history))
    seen = {(sent.action, sent.call): sent.answered + TICK for sent in calls if sent.answered is not None}
    for event in history.service.truth.events:
        if event["event"] == "received" and event["fault"]:
            # After the time limit an answer has an earlier time than its arrival, although nobody saw it.
            answered = seen.get((event["action"], event["call"]), 0.0)
            if answered >= event["time"] - EPOCH or _acts(event["action"], event["fault"]):
                yield place(event["action"]), kind(event["fault"])


def _come_to(history: History) -> Iterator[str]:
    """Things that happen to runs without a call."""
    reruns = [attempt for attempt in history.attempts if attempt.number > 1]
    used = [attempt for attempt in reruns if any(refused(sent, "NONCE_USED") for sent in attempt.sent)]
    if used:
        yield USED_BEFORE
    callers = {attempt.caller for attempt in used}
    created = [event for event in history.service.truth.of("committed") if event["call"]]
    doubled = {event["description"] for event in created if event["who"] in callers}
    if any(event["description"] in doubled and event["who"] not in callers for event in created):
        yield SHOWN_LATE
    read = any(sent.action == GET and succeeded(sent) for each in history.attempts for sent in each.sent)
    if read and not history.service.settings.show_descriptions:
        yield HIDDEN


def _acts(action: str, fault: str) -> bool:
    """Whether a fault changes what the service does, even if nobody waits for the answer."""
    return action in WRITES and (fault.startswith("commit+") or fault.partition(":")[0] in CARRIED_OUT)
