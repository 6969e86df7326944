"""A runner in memory: what it would show, and its files as the action writes them."""

from actions_toolkit.file_command import prepare_key_value_message

from dataworks_deploy.hosts import Content, Level, Surface
from dataworks_deploy.hosts.github.commands import Runner


class MemoryRunner(Runner):
    """Keeps everything. When it is sealed, because its step is dead, it changes no more."""

    # A summary file is written only if an input names one, and has the same text as the summary.
    surfaces = tuple({*Surface} - {Surface.REPORT})

    def __init__(self) -> None:
        super().__init__({})
        self.lines: list[str] = []
        self.sealed = False
        self.summary_text = ""
        self.state: dict[str, str] = {}
        self._outputs: dict[str, str] = {}
        self._written: tuple[dict[str, str], str] = (self._outputs, "")

    def mask(self, values: tuple[str, ...]) -> None:
        """See Runner. The real runner would hide the masked values."""

    def info(self, line: str) -> None:
        """See Runner."""
        self._show("", line)

    def debug(self, line: str) -> None:
        """See Runner."""
        self._show("debug ", line)

    def group(self, title: str) -> None:
        """See Runner."""
        self._show("group ", title)

    def endgroup(self) -> None:
        """See Runner."""
        self._show("endgroup", "")

    def annotate(self, level: Level, title: str, text: str) -> None:
        """See Runner."""
        self._show(f"{level} ", text if level is Level.WARNING else f"{title}: {text}")

    def write(self, surface: Surface, content: Content) -> None:
        """See Runner."""
        if self.sealed:
            return
        if isinstance(content, str):
            self.summary_text = content
        elif surface is Surface.STATE:
            self.state = dict(content)
        else:
            self._outputs = dict(content)

    @property
    def output_file(self) -> str:
        """The current text of GITHUB_OUTPUT."""
        if self._written[0] is not self._outputs:
            pairs = (prepare_key_value_message(name, value) for name, value in self._outputs.items())
            self._written = (self._outputs, "".join(f"{pair}\n" for pair in pairs))
        return self._written[1]

    def _show(self, kind: str, line: str) -> None:
        if not self.sealed:
            self.lines.append(kind + line)
