"""The step as a process of its own, like entrypoint.py, but on the clock of the test that starts it."""

import os

import dataworks_deploy.main as step

from .clock import FastClock

if __name__ == "__main__":
    beginning = os.environ.pop("TEST_CLOCK")
    setattr(step, "SystemClock", lambda: FastClock(beginning))  # noqa: B010 - mypy holds a class for constant
    step.main()
