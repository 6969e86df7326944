"""Chooses the host by the environment: GitHub's runner, or a terminal without one."""

from collections.abc import Mapping

from dataworks_deploy.hosts import Host, Level

from .github import runs_commands
from .github.commands import Runner


class Terminal(Runner):
    """Shows everything as text. What variables of GitHub's say, if somebody has set them, holds here as well.

    Nobody takes masks here: to print them would show what they are to hide.
    """

    def mask(self, values: tuple[str, ...]) -> None:
        """See Host. Texts come scrubbed."""

    def debug(self, line: str) -> None:
        """See Host."""
        self.info(f"debug: {line}")

    def group(self, title: str) -> None:
        """See Host."""
        self.info(title)

    def endgroup(self) -> None:
        """See Host. A heading has no end."""

    def annotate(self, level: Level, title: str, text: str) -> None:
        """See Host. Nothing is cut."""
        self.info(f"{level}: {title}: " + text.replace("\n", "\n  "))


def host_of(environment: Mapping[str, str]) -> Host:
    """GitHub's runner, or what understands its commands, or a terminal."""
    return Runner(environment) if runs_commands(environment) else Terminal(environment)
