"""Starts the image as GitHub's runner starts a container action, and reads the same files and streams."""

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..witness.command_files import parse
from .docker import IMAGE, removed_at_the_end, unique_name

ROOT = Path(__file__).parents[2]

# Variable of the step → the runner's name for the file.
COMMAND_FILES = {
    "GITHUB_OUTPUT": "set_output",
    "GITHUB_ENV": "set_env",
    "GITHUB_PATH": "add_path",
    "GITHUB_STATE": "save_state",
    "GITHUB_STEP_SUMMARY": "step_summary",
}

# The variables that the runner sets for every container action, with the values of a job on a hosted runner.
JOB = {
    "ACTIONS_CACHE_URL": "",
    "ACTIONS_RESULTS_URL": "",
    "ACTIONS_RUNTIME_TOKEN": "runtime-token-of-the-job",
    "ACTIONS_RUNTIME_URL": "",
    "CI": "true",
    "GITHUB_ACTION": "__self",
    "GITHUB_ACTION_REF": "",
    "GITHUB_ACTION_REPOSITORY": "",
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "octocat",
    "GITHUB_ACTOR_ID": "583231",
    "GITHUB_API_URL": "http://api.github.invalid",
    "GITHUB_BASE_REF": "",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_EVENT_PATH": "/github/workflow/event.json",
    "GITHUB_GRAPHQL_URL": "http://api.github.invalid/graphql",
    "GITHUB_HEAD_REF": "",
    "GITHUB_JOB": "deploy",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_REF_NAME": "main",
    "GITHUB_REF_PROTECTED": "false",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_REPOSITORY": "octo-org/data-platform",
    "GITHUB_REPOSITORY_ID": "748291056",
    "GITHUB_REPOSITORY_OWNER": "octo-org",
    "GITHUB_REPOSITORY_OWNER_ID": "9919",
    "GITHUB_RETENTION_DAYS": "90",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_RUN_ID": "16245980123",
    "GITHUB_RUN_NUMBER": "42",
    "GITHUB_SERVER_URL": "http://github.invalid",
    "GITHUB_SHA": "9f2c1d4be0a7c3586d21e4f0b9a8c7d6e5f40312",
    "GITHUB_TRIGGERING_ACTOR": "octocat",
    "GITHUB_WORKFLOW": "Deploy",
    "GITHUB_WORKFLOW_REF": "octo-org/data-platform/.github/workflows/deploy.yml@refs/heads/main",
    "GITHUB_WORKFLOW_SHA": "9f2c1d4be0a7c3586d21e4f0b9a8c7d6e5f40312",
    "GITHUB_WORKSPACE": "/github/workspace",
    "HOME": "/github/home",
    "RUNNER_ARCH": "X64",
    "RUNNER_ENVIRONMENT": "github-hosted",
    "RUNNER_NAME": "GitHub Actions 1000000042",
    "RUNNER_OS": "Linux",
    "RUNNER_TEMP": "/github/runner_temp",
    "RUNNER_TOOL_CACHE": "/opt/hostedtoolcache",
    "RUNNER_WORKSPACE": "/home/runner/work/data-platform",
}

# Modules that must not be imported from the working directory: of the standard library, start-up hooks, ours.
HOSTILE_MODULES = ("json", "sitecustomize", "usercustomize", "requests", "dataworks_deploy")
HOSTILE_CODE = """
print("imported from the workspace:", __name__)
with open("/github/workspace/imported.txt", "a") as trace:
    trace.write(__name__ + "\\n")
"""
# By default a test has only the calls of deployments, and objects come one by one.
PLAIN = {"preflight": "false", "max-parallel": "1"}


def action() -> dict[str, Any]:
    """Return the content of action.yml, with every scalar as the text in the file."""
    loaded: dict[str, Any] = yaml.load((ROOT / "action.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
    return loaded


def input_variables(given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of all declared inputs: the given value, or that of PLAIN, or the default, or empty."""
    declared = {name: details.get("default", "") for name, details in action()["inputs"].items()}
    undeclared = given.keys() - declared.keys()
    assert not undeclared, f"no such inputs in action.yml: {sorted(undeclared)}"
    assert not any("${{" in default for default in declared.values()), (
        "a default that only a runner can evaluate"
    )
    # The runner changes only spaces to underscores. Hyphens stay.
    inputs = {**declared, **PLAIN, **given}
    return {f"INPUT_{name.replace(' ', '_').upper()}": text for name, text in inputs.items()}


@dataclass(frozen=True)
class Finished:
    """The results of a step whose container has ended."""

    exit_code: int
    stdout: str
    stderr: str
    outputs: Mapping[str, str]
    state: Mapping[str, str]
    summary: str

    @property
    def streams(self) -> str:
        """Everything that the runner would scan for commands and show in the log."""
        return self.stdout + "\n" + self.stderr


class Step:
    """A running container action. The docker client is the process that the runner sees and signals."""

    def __init__(self, client: subprocess.Popen[bytes], container: str, folder: Path) -> None:
        """Keep where the step runs and where it writes."""
        self._client, self.container, self._folder = client, container, folder

    @property
    def stdout(self) -> str:
        """What the step has written so far."""
        return (self._folder / "stdout").read_text("utf-8")

    @property
    def stderr(self) -> str:
        """What the step has written to its other stream so far."""
        return (self._folder / "stderr").read_text("utf-8")

    @property
    def summary(self) -> str:
        """The text of the job summary so far."""
        return self._command_file("GITHUB_STEP_SUMMARY")

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs so far, even of a killed step."""
        return parse(self._command_file("GITHUB_OUTPUT"))

    @property
    def state(self) -> dict[str, str]:
        """What the step has saved for its post step so far."""
        return parse(self._command_file("GITHUB_STATE"))

    @property
    def ended(self) -> bool:
        """Whether the docker client has ended."""
        return self._client.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Signal the docker client, as the runner does when a job is cancelled."""
        self._client.send_signal(number)

    def wait(self, timeout: float = 60.0) -> Finished:
        """Wait for the end of the docker client, and collect the results of the step."""
        exit_code = self._client.wait(timeout)
        return Finished(exit_code, self.stdout, self.stderr, self.outputs, self.state, self.summary)

    def _command_file(self, variable: str) -> str:
        """Read one file as the runner does: as UTF-8, without translating its line ends."""
        (file,) = (self._folder / "file_commands").glob(f"{COMMAND_FILES[variable]}_*")
        return file.read_bytes().decode("utf-8")


@dataclass(frozen=True)
class Runner:
    """A runner with one job, whose working directory stays from step to step. `options` are those of docker run."""

    folder: Path
    network: str
    options: tuple[str, ...] = ()

    @property
    def workspace(self) -> Path:
        """The checked-out repository of the user."""
        return self.folder / "workspace"

    def imported_from_workspace(self) -> list[str]:
        """Return the names of the hostile modules that were imported."""
        trace = self.workspace / "imported.txt"
        return trace.read_text("utf-8").split() if trace.exists() else []

    def run(self, inputs: Mapping[str, str], **variables: str) -> Finished:
        """Run the step to its end."""
        with self.step(inputs, **variables) as step:
            return step.wait()

    @contextmanager
    def step(self, inputs: Mapping[str, str], entrypoint: str = "", **variables: str) -> Iterator[Step]:
        """Start the step, and remove its container at the end of the block in any case."""
        container = unique_name()
        folder = self.folder / container
        environment = {
            **JOB,
            **_make_command_files(folder / "file_commands"),
            "PYTHONPATH": "/github/workspace",
            # The emulated service does not have a host name of the real service.
            "DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true",
            **input_variables(inputs),
            **variables,
        }
        command = self._docker_run(container, folder, entrypoint, environment)
        with (
            (folder / "stdout").open("wb") as stdout,
            (folder / "stderr").open("wb") as stderr,
            removed_at_the_end(container),
            # In a new session, so that it gets only the signals of the tests, and no Ctrl-C from the terminal.
            subprocess.Popen(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            ) as client,
        ):
            try:
                yield Step(client, container, folder)
            finally:
                client.kill()

    def _docker_run(
        self, container: str, folder: Path, entrypoint: str, environment: Mapping[str, str]
    ) -> list[str]:
        mounts = {name: self.folder / name for name in ("workspace", "workflow", "home", "runner_temp")}
        mounts["file_commands"] = folder / "file_commands"
        return [
            *("docker", "run", "--name", container, "--rm", "--network", self.network, *self.options),
            *("--workdir", "/github/workspace"),
            *(["--entrypoint", entrypoint] if entrypoint else []),
            # Only the names, because the values are in the environment of the client. The runner does the same.
            *(word for name in environment for word in ("-e", name)),
            *(word for name, path in mounts.items() for word in ("-v", f"{path}:/github/{name}")),
            IMAGE,
        ]


def make_runner(folder: Path, network: str) -> Runner:
    """Make the folders of a job, with a working directory that tries to get its modules imported."""
    for name in ("workspace", "workflow", "home", "runner_temp"):
        (folder / name).mkdir()
    (folder / "workflow" / "event.json").write_text("{}", "utf-8")
    for module in HOSTILE_MODULES:
        (folder / "workspace" / f"{module}.py").write_text(HOSTILE_CODE, "utf-8")
    return Runner(folder, network)


def _make_command_files(folder: Path) -> dict[str, str]:
    """Make the five empty files of a step, and return the variables that name them in the container."""
    folder.mkdir(parents=True)
    suffix = uuid.uuid4()
    files = {variable: f"{stem}_{suffix}" for variable, stem in COMMAND_FILES.items()}
    for file in files.values():
        (folder / file).touch()
    return {variable: f"/github/file_commands/{file}" for variable, file in files.items()}
