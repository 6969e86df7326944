"""What only tests of following need."""

import pytest

from .. import clock


@pytest.fixture
def fast_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time run faster still, where long pauses are looked at and no single second matters.

    Ask for it before the site.
    """
    monkeypatch.setattr(clock, "SPEED", 4 * clock.SPEED)
