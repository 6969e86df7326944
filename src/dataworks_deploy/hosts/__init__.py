"""What a step needs from the place where it runs: its inputs, and where to report its results."""

from collections.abc import Collection, Mapping
from enum import Enum, StrEnum
from typing import Protocol

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.problem import FileFault, Slip, TargetFault

# Named values, or a Markdown page.
Content = Mapping[str, str] | str


class Surface(Enum):
    """A report that a host may accept."""

    OUTPUTS = "outputs"  # named values, for later steps
    STATE = "state"  # named values, for the post step
    SUMMARY = "summary"  # a page, for people
    REPORT = "report"  # the same page in fewer bytes, in a file that the user names


class Level(StrEnum):
    """How serious an annotation is."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@frozen
class Limits:
    """What a host shows at most: annotations of each level, characters of one annotation, bytes of a summary."""

    annotations: int
    annotation: int
    summary: int


@frozen
class Job:
    """Where the step's runs come from. A text that the host does not know is empty.

    `attempt` counts from 1. `note` is the description of a run if the user gives none. `session` is the name for a
    role's sessions. Both say where they come from. `start` are the words of a command that starts the same workflow by
    hand. `-f` and an input may be added. Empty if there is no such command.
    """

    repository_id: str
    workflow_run_id: str
    job: str
    action: str
    attempt: int
    note: str
    session: str
    start: tuple[str, ...] = ()

    @property
    def is_in_workflow(self) -> bool:
        """Whether a later attempt of the same job can find the runs of this one."""
        return bool(self.workflow_run_id)


@frozen
class Identity:
    """Where to request the job's ID token, and with which secret. Both are empty if the job may have none."""

    url: str
    token: str

    def __repr__(self) -> str:
        return "Identity(...)"


class Source(Protocol):
    """What the input parser reads."""

    @property
    def job(self) -> Job:
        """The job of this step."""

    @property
    def identity(self) -> Identity:
        """How to request an ID token of the job."""

    @property
    def ambient(self) -> Mapping[str, str]:
        """The environment of the process, for variables that belong to no host."""

    @property
    def faults(self) -> tuple[Slip, ...]:
        """Problems of the host itself that stop every step."""

    @property
    def job_minutes(self) -> int | None:
        """After so many minutes the host ends a job, unless the workflow sets another limit. None if it does not."""

    def given(self, name: str) -> str:
        """The input of this name as written. Empty if it is not given."""

    def text_of(self, path: str, most: int) -> str | FileFault:
        """The UTF-8 text of a file in the job's workspace, with at most `most` bytes.

        It opens nothing outside the workspace, even through links, and does not wait.
        """

    def target_fault(self, path: str) -> TargetFault | None:
        """Why no report can be written to this file in the workspace, or None. It writes nothing yet."""


class Host(Protocol):
    """The place. When a method returns, everything is written completely: nothing stays in a buffer."""

    @property
    def source(self) -> Source:
        """The inputs and variables of the step."""

    @property
    def limits(self) -> Limits:
        """What the host shows at most."""

    @property
    def surfaces(self) -> Collection[Surface]:
        """The reports that the host accepts. The others need not be made."""

    @property
    def debugs(self) -> bool:
        """Whether debug logging is on."""

    def kept(self, name: str) -> str:
        """What the main step wrote as STATE under this name. Empty if it was not kept, or if this is the main step."""

    def write(self, surface: Surface, content: Content) -> None:
        """Write the report. It replaces what was written before. A report that the host does not accept is ignored.

        Raises OSError with the name of a file, or TooLongError if the host would not accept so much.
        """

    def report_to(self, path: str) -> None:
        """From now on, accept the REPORT and write it to this file in the workspace, replacing its content."""

    def mask(self, values: tuple[str, ...]) -> None:
        """Hide these values in all output from now on."""

    def info(self, line: str) -> None:
        """Write a plain line. It must not contain commands."""

    def debug(self, line: str) -> None:
        """Write a detail, for people who read those."""

    def group(self, title: str) -> None:
        """Put the output up to `endgroup` under this title, so that people can fold it. Groups do not nest."""

    def endgroup(self) -> None:
        """See group."""

    def annotate(self, level: Level, title: str, text: str) -> None:
        """Show this to everybody who looks at the job. A text may have several lines. A long text is cut."""


class TooLongError(OSError):
    """Together with what others have written before, a report exceeds the host's limit."""
