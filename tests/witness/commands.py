"""Reads a step's streams as the runner does: which lines are commands, and which are text."""

import re
from dataclasses import dataclass
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\r|\n")
_OLD = re.compile(r"##\[(?P<name>[^\] ]+)(?: (?P<properties>[^\]]*))?\](?P<data>.*)")
_NEW = re.compile(r"::(?P<name>[^: ]+)(?: (?P<properties>.*?))?::(?P<data>.*)")


class Command(NamedTuple):
    """A command that the runner would carry out."""

    name: str
    properties: dict[str, str]
    data: str


@dataclass(frozen=True)
class Stream:
    """One stream of a step, divided into commands and text."""

    commands: list[Command]
    text: list[str]

    def of(self, name: str) -> list[Command]:
        """Return the commands with this name."""
        return [command for command in self.commands if command.name == name]


def read(stream: str) -> Stream:
    """Divide a stream. Any word counts as a command, because the runner may get new ones."""
    commands, text = [], []
    for line in _LINE_END.split(stream):
        # The old form works anywhere in a line, the new one after leading spaces.
        found = _OLD.search(line) or _NEW.match(line.lstrip())
        if found:
            commands.append(
                Command(found["name"].lower(), _properties(found["properties"] or ""), _plain(found["data"]))
            )
        else:
            text.append(line)
    return Stream(commands, text)


def faults(stream: Stream) -> list[str]:
    """Return what the runner would not show properly: open groups, and too many or too long annotations."""
    found, is_open = [], False
    for command in stream.commands:
        if command.name in {"group", "endgroup"}:
            if is_open == (command.name == "group"):
                found.append(f"{command.name} {command.data}".strip())
            is_open = command.name == "group"
    found += ["a group stays open"] if is_open else []
    for kind in ("error", "warning", "notice"):
        number = len(stream.of(kind))
        found += [f"{number} of type {kind}"] if number > 10 else []
        found += [f"a long {kind}" for command in stream.of(kind) if len(command.data) > 4096]
    return found


def _properties(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(","))
    return {name.strip(): _plain(value).replace("%3A", ":").replace("%2C", ",") for name, _, value in pairs}


def _plain(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
