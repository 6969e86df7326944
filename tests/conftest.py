"""Settings for all tests: examples are the same each time, and no example fails because a machine is slow."""

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
# For a longer search that differs each time: --hypothesis-profile long.
settings.register_profile(
    "long", parent=settings.get_profile("repeatable"), derandomize=False, print_blob=True, max_examples=20_000
)
settings.load_profile("repeatable")


# The long tests of these folders start processes that must end within real seconds.
IN_REAL_TIME = {"crash", "integration", "soak", "truth"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """If several processes run tests (`make long`), let only one test in real time run at a time."""
    for item in items:
        if item.get_closest_marker("long") and not IN_REAL_TIME.isdisjoint(item.path.parts):
            item.add_marker(pytest.mark.xdist_group("in real time"))


@pytest.fixture
def swept() -> None:
    """For tests that reach the limit of recursion.

    Finalizing objects of earlier tests would fail there, and nobody would know which test they came from. What is alive
    now is not looked at again: that takes a third of a second after some thousand tests.
    """
    gc.collect()
    gc.freeze()


def pytest_collection_finish() -> None:
    """Freeze what is loaded: to look through it at each garbage collection takes a seventh of the tests' time.

    The rest is collected less often than by default, because a test leaves little.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
