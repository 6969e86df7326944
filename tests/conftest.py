"""What holds for all tests: examples are drawn the same way each time, and no test waits for a slow machine."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    database=None,
    # `make mutate` runs the same tests in one process again and again.
    suppress_health_check=[HealthCheck.differing_executors],
)
settings.load_profile("repeatable")
