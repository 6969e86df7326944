"""What a step needs of the place where it runs: what it is given there, and where it can say what came of it."""

from collections.abc import Collection, Mapping
from enum import Enum, StrEnum
from typing import Protocol

from dataworks_deploy.domain import frozen
from dataworks_deploy.domain.problem import FileFault, Slip, TargetFault

# Named values, or a page of Markdown.
Content = Mapping[str, str] | str


class Surface(Enum):
    """A report that a host may want."""

    OUTPUTS = "outputs"  # named values, for later steps
    STATE = "state"  # named values, for the post step
    SUMMARY = "summary"  # a page, for people
    REPORT = "report"  # the same in fewer bytes, in a file that the user names


class Level(StrEnum):
    """How much an annotation matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@frozen
class Limits:
    """What a host shows: so many annotations of a level, so many characters of one, so many bytes of a summary."""

    annotations: int
    annotation: int
    summary: int


@frozen
class Job:
    """Where the step's runs come from. A text that the host does not know is empty.

    `attempt` counts from 1. `note` describes a run whose description the user leaves to us, `session` names the
    sessions of a role; both say where they come from. `start` are the words of a command that starts the same workflow
    by hand, to which `-f` and an input may be added; none where there is no such command.
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
        """Whether a later attempt of the same job can find what this one leaves."""
        return bool(self.workflow_run_id)


@frozen
class Identity:
    """Where the job's ID token is asked for, and with which secret; both empty where the job may have none."""

    url: str
    token: str

    def __repr__(self) -> str:
        return "Identity(...)"


class Source(Protocol):
    """What the parser reads."""

    @property
    def job(self) -> Job:
        """The job that the step belongs to."""

    @property
    def identity(self) -> Identity:
        """What an ID token of the job is asked for with."""

    @property
    def ambient(self) -> Mapping[str, str]:
        """The process's environment, for variables that are no host's own."""

    @property
    def faults(self) -> tuple[Slip, ...]:
        """What is wrong with the host itself, so that no step can run on it."""

    @property
    def job_minutes(self) -> int | None:
        """After so many minutes it ends a job by itself, if nobody tells it otherwise; None where it does not."""

    def given(self, name: str) -> str:
        """The input of this name as it was written; empty where there is none."""

    def text_of(self, path: str, most: int) -> str | FileFault:
        """The text, in UTF-8, of a file with at most so many bytes that the job has in its workspace.

        Nothing outside the workspace is opened, whatever links lead there, and nothing is waited for.
        """

    def target_fault(self, path: str) -> TargetFault | None:
        """Why no report can be written to this file of the workspace; None where one can. Nothing is written yet."""


class Host(Protocol):
    """The place. Whatever it is told or writes is complete when the method returns: nothing stays in a buffer."""

    @property
    def source(self) -> Source:
        """What the step is given."""

    @property
    def limits(self) -> Limits:
        """What it shows at most."""

    @property
    def surfaces(self) -> Collection[Surface]:
        """The reports that it wants; others need not be made."""

    @property
    def debugs(self) -> bool:
        """Whether anybody reads details."""

    def kept(self, name: str) -> str:
        """What the main step has written as STATE under this name; empty where it is not kept, or not asked later."""

    def write(self, surface: Surface, content: Content) -> None:
        """Make this the report, in place of what was written before. One that it does not want goes nowhere.

        Raises OSError, with the name of a file; TooLongError where the host would not take so much.
        """

    def report_to(self, path: str) -> None:
        """Want the REPORT from now on, in this file of the workspace. What stands there is replaced."""

    def mask(self, values: tuple[str, ...]) -> None:
        """Have the values hidden in everything that is shown from now on."""

    def info(self, line: str) -> None:
        """A plain line, already harmless."""

    def debug(self, line: str) -> None:
        """A detail, for who reads those."""

    def group(self, title: str) -> None:
        """What comes until `endgroup` can be folded away under this title. Groups do not nest."""

    def endgroup(self) -> None:
        """See group."""

    def annotate(self, level: Level, title: str, text: str) -> None:
        """Show this to whoever looks at the job. A text may have several lines; what is too long is cut."""


class TooLongError(OSError):
    """With what others have written before, a report would be more than the host takes."""
