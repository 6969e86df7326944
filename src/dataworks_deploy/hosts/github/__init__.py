"""The variables in which the runner gives a step its inputs, its job and its state."""

import re
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlsplit

from dataworks_deploy.domain.problem import FileFault, Slip, TargetFault
from dataworks_deploy.hosts import Identity, Job

from .workspace import target_fault, text_of

# GITHUB_WORKFLOW_REF. Workflows start by hand only on branches and tags, and a pull request's ref is not one of them.
_WORKFLOW = re.compile(r"([^/@]+/[^/@]+)/\.github/workflows/([^/@]+)@(?:refs/(?:heads|tags)/(.+)|.*)")


class Variables:
    """A Source that reads the runner's environment. It reads only the given mapping, and files in the workspace."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.ambient = environment

    def given(self, name: str) -> str:
        """See Source."""
        # The runner turns spaces into underscores, but keeps hyphens.
        return self.ambient.get(f"INPUT_{name.upper()}", "")

    def text_of(self, path: str, most: int) -> str | FileFault:
        """See Source."""
        return text_of(self.workspace, path, most) if self.workspace else FileFault.NO_WORKSPACE

    def target_fault(self, path: str) -> TargetFault | None:
        """See Source."""
        return target_fault(self.workspace, path) if self.workspace else TargetFault.NO_WORKSPACE

    @property
    def workspace(self) -> str:
        """The folder with the job's files. Empty if there is none."""
        return self._of_job("WORKSPACE")

    @property
    def faults(self) -> tuple[Slip, ...]:
        """See Source. Without its outputs, nobody would learn which runs a step has created."""
        return (Slip.NO_OUTPUTS,) if runs_commands(self.ambient) and not self.file("OUTPUT") else ()

    @property
    def job_minutes(self) -> int | None:
        """See Source. The limit is from the docs of GitHub Actions, "Usage limits"."""
        return 360 if runs_commands(self.ambient) else None

    @cached_property
    def job(self) -> Job:
        """See Source."""
        repository, run_id = self._of_job("REPOSITORY"), self._of_job("RUN_ID")
        attempt = self._of_job("RUN_ATTEMPT")
        # act gives every run the ID 1. That counts as none: otherwise each run would believe that the previous one is
        # its own.
        found_again = "" if self._text("ACT") == "true" else run_id
        return Job(
            repository_id=self._of_job("REPOSITORY_ID"),
            workflow_run_id=found_again,
            job=self._of_job("JOB"),
            action=self._of_job("ACTION"),
            attempt=int(attempt) if attempt.isascii() and attempt.isdigit() and len(attempt) < 10 else 1,
            note=self._note(repository, found_again),
            session=_session(repository, run_id),
            start=self._start() if found_again else (),
        )

    @cached_property
    def identity(self) -> Identity:
        """See Source. Both exist only with `permissions: id-token: write`."""
        return Identity(
            self._text("ACTIONS_ID_TOKEN_REQUEST_URL"), self._text("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
        )

    @property
    def debugs(self) -> bool:
        """Whether somebody re-ran the job with debug logging."""
        return self.ambient.get("RUNNER_DEBUG") == "1"

    def file(self, name: str) -> str:
        """The path of a file that the runner reads after the step. Empty if there is none."""
        return self.ambient.get(f"GITHUB_{name}", "")

    def kept(self, name: str) -> str:
        """See Host."""
        return self.ambient.get(f"STATE_{name}", "")

    def _note(self, repository: str, run_id: str) -> str:
        """The repository, the commit and the link of the workflow run."""
        if not (repository and run_id):
            return ""
        server = self._of_job("SERVER_URL") or "https://github.com"
        return f"{repository}@{self._of_job('SHA')[:12]} {server}/{repository}/actions/runs/{run_id}"

    def _start(self) -> tuple[str, ...]:
        """The command of GitHub's CLI for the same branch or tag. Empty if a word has invisible characters: those must
        not go into a shell.
        """
        found = _WORKFLOW.fullmatch(self._of_job("WORKFLOW_REF"))
        if not found:
            return ()
        repository, file, ref = found.groups()
        try:
            host = urlsplit(self._of_job("SERVER_URL")).hostname or "github.com"
        except ValueError:  # for example half an IPv6 address
            return ()
        where = repository if host == "github.com" else f"{host}/{repository}"
        words = ("gh", "workflow", "run", file, f"--repo={where}", *([f"--ref={ref}"] if ref else []))
        return words if all(map(str.isprintable, words)) else ()

    def _of_job(self, name: str) -> str:
        return self._text(f"GITHUB_{name}")

    def _text(self, name: str) -> str:
        return self.ambient.get(name, "").strip()


def runs_commands(environment: Mapping[str, str]) -> bool:
    """Whether the runner reads stdout, or a program that understands its commands: act sets this too."""
    return environment.get("GITHUB_ACTIONS") == "true"


def _session(repository: str, run_id: str) -> str:
    """Repository and workflow run, so that ActionTrail shows where a call comes from. At most 64 characters."""
    name = re.sub(r"[^\w.-]", "-", repository, flags=re.ASCII)
    return f"github-{name[-36:]}-{run_id}"[:64].rstrip("-")
