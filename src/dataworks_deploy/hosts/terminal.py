"""Where there is no runner to read commands, as in a shell: the same in plain lines."""

from dataworks_deploy.hosts import Level

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
