"""What holds for all tests: examples are drawn the same way each time, and no test waits for a slow machine."""

import gc

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    database=None,
    # `make mutate` runs the same tests in one process again and again.
    suppress_health_check=[HealthCheck.differing_executors],
)
# For a search that is not over in seconds, and goes another way each time: --hypothesis-profile long.
settings.register_profile(
    "long", parent=settings.get_profile("repeatable"), derandomize=False, print_blob=True, max_examples=20_000
)
settings.load_profile("repeatable")


# The long tests of these folders start processes that must end within real seconds.
IN_REAL_TIME = {"crash", "integration", "soak", "truth"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes run tests (`make long`), let only one of those in real time run at a time."""
    for item in items:
        if item.get_closest_marker("long") and not IN_REAL_TIME.isdisjoint(item.path.parts):
            item.add_marker(pytest.mark.xdist_group("in real time"))


@pytest.fixture
def swept() -> None:
    """For who goes as deep as recursion does.

    There nothing is to be finalized that earlier tests have left: that fails, and whom it belonged to stays open.
    """
    gc.collect()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look through it at each collection of garbage is a seventh of the tests' time.

    The rest is collected less often than by default: a test leaves little.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
