"""Catches what people and later steps would see, and checks it with the witnesses."""

import contextlib
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from actions_toolkit.file_command import prepare_key_value_message

from dataworks_deploy.hosts import Content, Surface
from dataworks_deploy.hosts.github.commands import Runner
from dataworks_deploy.render.markup import markdown

from ..integration.job import action
from ..witness.command_files import parse
from ..witness.commands import read
from ..witness.markdown import alive
from .texts import FORMS

MOST_ANNOTATIONS, MOST_LOG = 10, 64 * 1024


class Page(Runner):
    """A runner that keeps log and files in memory. Everything before them is the action's real code."""

    surfaces = tuple(Surface)

    def __init__(self) -> None:
        super().__init__({})
        self.files: dict[str, str] = {}
        self._stream = io.StringIO()

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Catch the text that goes to stdout."""
        with contextlib.redirect_stdout(self._stream):
            yield

    @property
    def log(self) -> str:
        """The text that went to stdout."""
        return self._stream.getvalue()

    def write(self, surface: Surface, content: Content) -> None:
        """See Runner."""
        if not isinstance(content, str):
            pairs = (prepare_key_value_message(key, value) for key, value in content.items())
            content = "".join(f"{pair}\n" for pair in pairs)
        self.files[surface.value] = content


class Clock:
    """A clock that stands still, because nothing here waits."""

    def monotonic(self) -> float:
        """See Clock."""
        return 0.0

    def utc(self) -> datetime:
        """See Clock."""
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        """See Clock."""

    def spread(self) -> float:
        """See Clock."""
        return 0.5


def faults(page: Page, objects: Sequence[str | None], foreign: Sequence[str]) -> Iterator[str]:
    """What is wrong with a page that may contain these texts of others."""
    stream = read(page.log)
    names = {command.name for command in stream.commands}
    if not names <= {"error", "warning", "notice"}:
        yield f"the log holds the commands {names}"
    if len(stream.of("error")) > MOST_ANNOTATIONS:
        yield "more annotations than the runner shows"
    if len(page.log) > MOST_LOG:
        yield f"the log has {len(page.log)} characters"
    outputs = parse(page.files["outputs"])
    if outputs.keys() != action()["outputs"].keys():
        yield f"the outputs are {sorted(outputs)}"
    if [result["object_id"] for result in json.loads(outputs["results"])] != list(objects):
        yield "not one result for each object"
    whole = page.log + "".join(page.files.values())
    # A text may contain a part of a secret, and JSON may spell the character before it as the rest.
    spelt = json.dumps([*foreign])
    completed = {form for form in FORMS if form in spelt and not any(form in each for each in foreign)}
    shown = [form for form in FORMS if form in whole and form not in completed]
    if shown:
        yield f"a secret is shown as {shown}"
    for each in foreign:
        if alive(markdown(each)):
            yield f"{each!r} is alive in the summary: {alive(markdown(each))}"
