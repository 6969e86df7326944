"""The fault schedule: what goes wrong with which call, given as rules or drawn from a seed."""

import random
from dataclasses import dataclass
from functools import cache

from dataworks_emulator.answers import ERRORS, RARE_ERRORS
from dataworks_emulator.settings import IDENTITY, WRITES, Settings

# What a kind takes after its colon: nothing, a number, or a text. With `?`, it is optional.
KINDS: dict[str, str] = {
    "refuse": "",
    "drop": "",
    "reset": "",
    "truncate": "",
    "empty": "",
    "quota": "",
    "hostile": "",
    "echo": "",
    "duplicate": "",
    "twice": "",
    "no-description": "",
    "foreign-id": "",
    "short-page": "",
    "garbled-page": "",
    "stale": "",
    "delay": "number",
    "late": "number",
    "lag": "number",
    "drip": "number",
    "cut-description": "number",
    "huge": "number",
    "status": "number",
    "throttle": "number?",
    "html": "number?",
    "json": "text",
    "error": "text",
    "redirect": "text",
}
# These kinds always carry out the operation, or never. So `commit+` before them would mean nothing.
TWISTED = {"lag", "drip", "duplicate", "twice", "no-description", "cut-description"}
PAGED = {"short-page", "garbled-page", "stale"}
PHASELESS = {"refuse", "late"} | TWISTED | PAGED
# The faults to draw for a call. These happen before the operation or after it.
EITHER = (
    "drop reset delay:0.3 truncate empty html html:502 status:500 status:503 status:408 huge:1000000 hostile"
)
EITHER += ' json:{} json:[] json:null json:{"Success":false}'
# These happen only before it: no client can handle a normal refusal of a creation that took place.
BEFORE = "refuse throttle throttle:50 quota error:Throttling.System redirect:http://127.0.0.1:9/"
# These are drawn only where they have an effect.
FOR_READS = "drip:0.2"
FOR_LISTS = 'short-page garbled-page stale json:{"PagingInfo":null}'
# Drawn only for calls with a token to quote. So the faults drawn for the API stay the same.
FOR_IDENTITY = "echo"
FOR_WRITES = "late:0.5 drip:0.2 duplicate twice"
FOR_CREATION = "lag:0.5 no-description cut-description:12 foreign-id commit+foreign-id"


# Not an operation: its calls are connections. A rule can break one before any byte is read.
CONNECT = "connect"


@dataclass(frozen=True)
class Fault:
    """One fault. With `commit`, the operation is carried out before the fault."""

    kind: str
    value: str = ""
    commit: bool = False

    @property
    def number(self) -> float:
        """Return the value of a fault that takes a number."""
        return float(self.value)

    def __str__(self) -> str:
        """Return the fault in the form in which it was written."""
        return f"{'commit+' if self.commit else ''}{self.kind}{':' + self.value if self.value else ''}"


@dataclass(frozen=True)
class Rule:
    """A fault for the calls `first` to `last` of an action, counted from 1. Without `last`, there is no end."""

    action: str
    first: int
    last: int | None
    fault: Fault

    def hits(self, action: str, number: int) -> bool:
        """Tell whether this call is one of them."""
        return self.action == action and self.first <= number and (self.last is None or number <= self.last)


def parse_fault(spec: str) -> Fault:
    """Read `[commit+]kind[:value]`. Raises ValueError with what is wrong."""
    commit = spec.startswith("commit+")
    kind, colon, value = spec.removeprefix("commit+").partition(":")
    takes = KINDS.get(kind)
    if takes is None:
        raise ValueError(f"fault {spec!r}: no such kind; choose one of {', '.join(sorted(KINDS))}")
    if commit and kind in PHASELESS:
        raise ValueError(f"fault {spec!r}: {kind} takes no commit+ in front")
    if bool(colon) != bool(takes) and not takes.endswith("?"):
        raise ValueError(
            f"fault {spec!r}: {kind} {'needs a value' if takes else 'takes no value'} after a colon"
        )
    if takes.startswith("number") and value and not _is_number(value):
        raise ValueError(f"fault {spec!r}: {value!r} is not a number")
    if kind == "error" and value not in (known := ERRORS | RARE_ERRORS):
        raise ValueError(f"fault {spec!r}: unknown error; choose one of {', '.join(known)}")
    return Fault(kind, value, commit)


def parse_rule(text: str) -> Rule:
    """Read `ACTION:N:SPEC`, `ACTION:N-M:SPEC` or `ACTION:*:SPEC`."""
    parts = text.split(":", 2)
    if len(parts) != 3:
        raise ValueError(
            f"fault {text!r}: write ACTION:CALLS:SPEC with N, N-M or * for CALLS, such as CreatePipelineRun:1:drop"
        )
    action, calls, spec = parts
    if calls == "*":
        return Rule(action, 1, None, parse_fault(spec))
    first, dash, last = calls.partition("-")
    if not first.isdigit() or (dash and not last.isdigit()):
        raise ValueError(f"fault {text!r}: {calls!r} is not N, N-M or *")
    return Rule(action, int(first), int(last if dash else first), parse_fault(spec))


class Schedule:
    """Finds the fault for a call: the first rule that matches, else one drawn from (seed, action, call number)."""

    def __init__(self, settings: Settings) -> None:
        """Read all rules and kinds now, so that a wrong one fails at the start."""
        self._rules = [parse_rule(rule) for rule in settings.faults]
        self._seed, self._rate = settings.fault_seed, settings.fault_rate
        self._kinds = [parse_fault(kind) for kind in settings.fault_kinds]
        self._without = frozenset(settings.fault_without)
        unknown = self._without - KINDS.keys()
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")

    def add(self, rule: str) -> None:
        """Add a rule. It comes before the older ones."""
        self._rules.insert(0, parse_rule(rule))

    def find(self, action: str, number: int) -> Fault | None:
        """Return the fault for that call, or None."""
        for rule in self._rules:
            if rule.hits(action, number):
                return rule.fault
        if self._seed is None or self._rate <= 0 or action == CONNECT:
            return None
        # Each call has its own generator, so the draw does not depend on the order of the calls.
        draw = random.Random(f"{self._seed}:{action}:{number}")  # noqa: S311  # repeatable, not secret
        if draw.random() >= self._rate:
            return None
        kinds = [kind for kind in self._kinds or _drawable(action) if kind.kind not in self._without]
        return draw.choice(kinds) if kinds else None


@cache
def _drawable(action: str) -> tuple[Fault, ...]:
    specs = [*EITHER.split(), *(f"commit+{spec}" for spec in EITHER.split()), *BEFORE.split()]
    specs += (FOR_WRITES if action in WRITES else FOR_READS).split()
    if action == "CreatePipelineRun":
        specs += FOR_CREATION.split()
    if action in IDENTITY:
        specs.append(FOR_IDENTITY)
    if action.startswith("List"):
        specs += FOR_LISTS.split()
    return tuple(parse_fault(spec) for spec in specs)


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False
