"""What holds for all tests: examples are drawn the same way each time, and no test waits for a slow machine."""

from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")
