"""Reads the files that a step writes for the runner: by the runner's rules, without code of the action."""


class MalformedFileError(Exception):
    """The runner would fail the step because of this file."""


def parse(text: str) -> dict[str, str]:
    """Parse `key=value` and `key<<delimiter` entries. The last value of a key wins."""
    # Only a line feed ends a line. str.splitlines() would split at other characters too.
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    values: dict[str, str] = {}
    at = 0
    while at < len(lines):
        if lines[at] == "":
            at += 1
            continue
        key, value, at = _entry(lines, at)
        values[key] = value
    return values


def _entry(lines: list[str], at: int) -> tuple[str, str, int]:
    """Read the entry that begins at a line, and return key, value and the number of the line after it."""
    line = lines[at]
    equals, marker = line.find("="), line.find("<<")
    if marker >= 0 and (equals < 0 or marker < equals):
        key, delimiter = line.split("<<", 1)
        if not key or not delimiter:
            raise MalformedFileError(f"no key or no delimiter: {line!r}")
        if delimiter not in lines[at + 1 :]:
            raise MalformedFileError(f"the delimiter of {key} does not return")
        end = lines.index(delimiter, at + 1)
        return key, "\n".join(lines[at + 1 : end]), end + 1
    if equals <= 0:
        raise MalformedFileError(f"neither key=value nor key<<delimiter: {line!r}")
    return line[:equals], line[equals + 1 :], at + 1
