"""Which host a step runs on. Another one is a folder or a module of its own, and a line here."""

from collections.abc import Mapping

from dataworks_deploy.hosts import Host

from .github import runs_commands
from .github.commands import Runner
from .terminal import Terminal


def host_of(environment: Mapping[str, str]) -> Host:
    """GitHub's runner, or what understands its commands, or a terminal."""
    return Runner(environment) if runs_commands(environment) else Terminal(environment)
