"""The reader of the runner's files has moved to tests/witness; the tests of plain values import it from here."""

from ..witness.command_files import MalformedFileError, parse

__all__ = ["MalformedFileError", "parse"]
