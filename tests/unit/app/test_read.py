"""A run that is read by a call of its own is asked for until it is read, or it is certain that it cannot be."""

import pytest
from dataworks_deploy.app.read import LostSightError, read_run

from dataworks_deploy.domain.ending import CERTAIN, Ok, Refusal
from dataworks_deploy.domain.model import RunId

from .watching import MENDED, OPEN, SURE, unheard
from .world import LOST, Scripted, refused


def test_it_is_one_call() -> None:
    script = Scripted(run=[Ok(OPEN)])

    assert script.play(read_run(script.world, RunId("r"), unheard)) == OPEN
    assert script.service.of("run") == [("r",)]


@pytest.mark.parametrize("ending", [LOST, *map(refused, MENDED)])
def test_it_is_tried_until_it_succeeds(ending: object) -> None:
    script = Scripted(run=[ending] * 5 + [Ok(OPEN)])

    assert script.play(read_run(script.world, RunId("r"), unheard)) == OPEN
    assert script.service.times("run") == [0, 0.75, 2.25, 5.25, 11.25, 23.25]


def test_the_service_says_how_long_to_wait() -> None:
    script = Scripted(run=[refused(Refusal.THROTTLED, 20.0), Ok(OPEN)])

    script.play(read_run(script.world, RunId("r"), unheard))

    assert script.service.times("run") == [0, 20]


@pytest.mark.parametrize(
    ("why", "final"), [*((why, CERTAIN) for why in SURE), (Refusal.OTHER, frozenset({Refusal.OTHER}))]
)
def test_a_refusal_that_patience_does_not_mend_is_believed_the_third_time(
    why: Refusal, final: frozenset[Refusal]
) -> None:
    script = Scripted(run=[refused(why)])

    with pytest.raises(LostSightError) as lost:
        script.play(read_run(script.world, RunId("r"), unheard, final))

    assert (lost.value.why, lost.value.fault) == (why, refused(why).fault)
    assert str(lost.value) == "no"
    assert script.service.times("run") == [0, 0.75, 2.25]
