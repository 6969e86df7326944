"""The truth log: what the service really received and did, for tests to hold a client's claims against."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

Event = dict[str, Any]


class Truth:
    """An append-only log, kept in memory and, where a path is given, as JSON lines flushed one by one."""

    def __init__(self, path: str | None = None) -> None:
        """Open the file at once, so that a wrong path fails at the start."""
        self._events: list[Event] = []
        # What UTF-8 cannot write, half of a surrogate pair, stands as the escape that JSON has for it.
        self._file: TextIO | None = (
            Path(path).open("a", encoding="utf-8", errors="backslashreplace") if path else None  # noqa: SIM115
        )
        self._before_reading: Callable[[], object] = lambda: None
        self._on_event: Callable[[Event], object] = lambda _: None

    def record(self, event: str, time: float, **fields: object) -> None:
        """Append one event. `time` is when it happened, which for a stage may be before it was noticed."""
        entry: Event = {"seq": len(self._events) + 1, "time": round(time, 6), "event": event, **fields}
        self._events.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()
        self._on_event(entry)

    def on_event(self, act: Callable[[Event], object]) -> None:
        """Have something done at each event, within the service's turn: nothing goes on before it is done."""
        self._on_event = act

    def before_reading(self, catch_up: Callable[[], object]) -> None:
        """Let the service note what has become due, each time before the log is read."""
        self._before_reading = catch_up

    def close(self) -> None:
        """Close the file, if there is one. The events in memory stay readable."""
        self._before_reading = lambda: None
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def events(self) -> list[Event]:
        """Return a copy of all events so far."""
        self._before_reading()
        return list(self._events)

    def of(self, event: str, **fields: object) -> list[Event]:
        """Return the events of that name whose fields have these values."""
        return [
            e for e in self.events if e["event"] == event and all(e.get(k) == v for k, v in fields.items())
        ]

    def runs(self, **fields: object) -> list[Event]:
        """Return the creations that were carried out, in order: `runs(object="123", creator=…)`."""
        return self.of("committed", **fields)

    def posts(self, action: str) -> list[Event]:
        """Return the requests for an action as they arrived, refused ones included."""
        return self.of("received", action=action)

    def nonces(self, action: str) -> list[str]:
        """Return the nonces of those requests, in order and with repeats."""
        return [event["nonce"] for event in self.posts(action)]

    def executed(self, run_id: str) -> list[str]:
        """Return the codes of the stages that were executed by a call, in order."""
        return [event["stage"] for event in self.of("stage_executed", run_id=run_id)]

    def answers(self, action: str) -> list[str]:
        """Return how the requests for an action were answered: a status, or `dropped`, `reset`, …"""
        return [event["how"] for event in self.of("answered", action=action)]
