"""The truth log: what the service really received and did. Tests compare a client's claims with it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

Event = dict[str, Any]


class Truth:
    """An append-only log in memory. With a path, also a file of JSON lines, each flushed at once."""

    def __init__(self, path: str | None = None) -> None:
        """Open the file now, so that a wrong path fails at the start."""
        self._events: list[Event] = []
        # Half of a surrogate pair cannot be written in UTF-8, so it becomes its JSON escape.
        self._file: TextIO | None = (
            Path(path).open("a", encoding="utf-8", errors="backslashreplace") if path else None  # noqa: SIM115
        )
        self._before_reading: Callable[[], object] = lambda: None
        self._on_event: Callable[[Event], object] = lambda _: None

    def record(self, event: str, time: float, **fields: object) -> None:
        """Append one event. `time` is when it happened. For a stage, that may be before somebody noticed."""
        entry: Event = {"seq": len(self._events) + 1, "time": round(time, 6), "event": event, **fields}
        self._events.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()
        self._on_event(entry)

    def on_event(self, act: Callable[[Event], object]) -> None:
        """Do something at each event, within the service's turn: nothing else happens before it is done."""
        self._on_event = act

    def before_reading(self, catch_up: Callable[[], object]) -> None:
        """Let the service record what is due, each time before the log is read."""
        self._before_reading = catch_up

    def close(self) -> None:
        """Close the file, if there is one. The events in memory can still be read."""
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
        """Return the events with this name whose fields have these values."""
        return [
            e for e in self.events if e["event"] == event and all(e.get(k) == v for k, v in fields.items())
        ]

    def runs(self, **fields: object) -> list[Event]:
        """Return the creations that were carried out, in order: `runs(object="123", creator=…)`."""
        return self.of("committed", **fields)

    def posts(self, action: str) -> list[Event]:
        """Return the requests for an action as they arrived, including refused ones."""
        return self.of("received", action=action)

    def nonces(self, action: str) -> list[str]:
        """Return the nonces of those requests, in order and with repeats."""
        return [event["nonce"] for event in self.posts(action)]

    def executed(self, run_id: str) -> list[str]:
        """Return the codes of the stages that calls have executed, in order."""
        return [event["stage"] for event in self.of("stage_executed", run_id=run_id)]

    def answers(self, action: str) -> list[str]:
        """Return how the requests for an action were answered: with a status, or `dropped`, `reset`, …"""
        return [event["how"] for event in self.of("answered", action=action)]
