"""Where there is no runner to read commands, as in a shell: the same in plain lines."""

from collections.abc import Mapping

from .github.commands import Runner


def runner_of(environment: Mapping[str, str]) -> Runner:
    """GitHub's runner, or what understands it (act says so too), or a terminal."""
    return Runner(environment) if environment.get("GITHUB_ACTIONS") == "true" else Terminal(environment)


class Terminal(Runner):
    """Shows everything as text. Nobody takes masks here: to print them would show what they are to hide."""

    def mask(self, values: tuple[str, ...]) -> None:
        """See Runner. Texts come scrubbed."""

    def error(self, title: str, message: str) -> None:
        """See Runner."""
        self._show("error", title, message)

    def warning(self, title: str, message: str) -> None:
        """See Runner."""
        self._show("warning", title, message)

    def notice(self, title: str, message: str) -> None:
        """See Runner."""
        self._show("notice", title, message)

    def debug(self, text: str) -> None:
        """See Runner."""
        self.info(f"debug: {text}")

    def group(self, title: str) -> None:
        """See Runner."""
        self.info(title)

    def endgroup(self) -> None:
        """See Runner. A heading has no end."""

    def _show(self, kind: str, title: str, message: str) -> None:
        self.info(f"{kind}: {title}: " + message.replace("\n", "\n  "))
