"""The runner's side of a step in memory: what it would show, and its files as the action writes them."""

from collections.abc import Mapping

from actions_toolkit.file_command import prepare_key_value_message

from dataworks_deploy.hosts.github.commands import Runner


class MemoryRunner(Runner):
    """Keeps everything. Once sealed it keeps what was there: its step is dead."""

    def __init__(self) -> None:
        super().__init__({})
        self.lines: list[str] = []
        self.sealed = False
        self.summary_text = ""
        self.kept: Mapping[str, str] = {}
        self._outputs: Mapping[str, str] = {}
        self._written: tuple[Mapping[str, str], str] = (self._outputs, "")

    def mask(self, values: tuple[str, ...]) -> None:
        """See Runner. What is to be hidden is hidden by the runner, which is not there."""

    def info(self, line: str) -> None:
        """See Runner."""
        self._show("", line)

    def debug(self, text: str) -> None:
        """See Runner."""
        self._show("debug ", text)

    def group(self, title: str) -> None:
        """See Runner."""
        self._show("group ", title)

    def endgroup(self) -> None:
        """See Runner."""
        self._show("endgroup", "")

    def error(self, title: str, message: str) -> None:
        """See Runner."""
        self._show("error ", f"{title}: {message}")

    def warning(self, title: str, message: str) -> None:
        """See Runner."""
        self._show("warning ", message)

    def notice(self, title: str, message: str) -> None:
        """See Runner."""
        self._show("notice ", f"{title}: {message}")

    def outputs(self, values: Mapping[str, str]) -> None:
        """See Runner."""
        if not self.sealed:
            self._outputs = values

    def state(self, values: Mapping[str, str]) -> None:
        """See Runner."""
        if not self.sealed:
            self.kept = values

    def summary(self, markdown: str) -> None:
        """See Runner."""
        if not self.sealed:
            self.summary_text = markdown

    @property
    def output_file(self) -> str:
        """The text of GITHUB_OUTPUT as it stands."""
        if self._written[0] is not self._outputs:
            pairs = (prepare_key_value_message(name, value) for name, value in self._outputs.items())
            self._written = (self._outputs, "".join(f"{pair}\n" for pair in pairs))
        return self._written[1]

    def _show(self, kind: str, line: str) -> None:
        if not self.sealed:
            self.lines.append(kind + line)
