"""Seeds draw all kinds of faults, and each drawn fault does what its name says."""

import pytest

from dataworks_emulator.faults import KINDS, PAGED

from ..integration.job import KEY
from ..witness.secrets import spellings
from .cells import FAULTS, hit, place
from .echoes import echoes
from .invariants import judge
from .operations import CREATE, GET, LIST, LISTS, LOOKUPS, NODE, WRITES
from .outputs import read_results
from .people import ELSEWHERE
from .play import play
from .schedule import Deed, Held, Job, Kill, Schedule, Step


def test_every_kind_of_fault_is_drawn_for_every_operation_that_it_makes_sense_for() -> None:
    known = {*KINDS}
    for action, faults in FAULTS.items():
        senseless: set[str] = set()
        if action not in {LIST, *LISTS}:
            senseless |= PAGED - ({"stale"} if action in {GET, *LOOKUPS} else set())
        if action not in WRITES:
            senseless |= {"late", "duplicate", "twice"}
        if action != CREATE:
            senseless |= {"lag", "no-description", "cut-description", "foreign-id"}
        drawn = {fault.removeprefix("commit+").partition(":")[0] for fault in faults}
        assert drawn == known - senseless, action


def test_a_refused_object_is_looked_up_and_a_fault_of_the_lookup_changes_nothing() -> None:
    told = []
    for fault in FAULTS[NODE]:
        spec = f"{fault[:-1]}0.2" if fault.endswith(":S") else fault
        history = play(Schedule(1, faults=(f"{CREATE}:1:error:no-object", f"{NODE}:1:{spec}")))

        assert judge(history).broken == []
        assert list(hit(history)) == [(CREATE, "error:no-object"), (place(NODE), fault)]
        told += [result["outcome"] for result in read_results(history.attempts[0], [])]
    assert {*told} == {"rejected"}


def test_a_run_with_our_mark_in_another_workspace_is_not_ours() -> None:
    settings = (("stage_seconds", 30.0),)
    steps = (Step(kill=Kill(at=1.0)), Step(gap=5.0))
    history = play(
        Schedule(
            1,
            jobs=(Job(0, steps),),
            settings=settings,
            deeds=(Deed(2.0, "elsewhere"), Deed(3.0, "elsewhere")),
        )
    )

    assert judge(history).broken == []
    ours, *theirs = history.service.runs
    assert [(run.project, run.description, run.status) for run in theirs] == [
        (ELSEWHERE, ours.description, "Running")
    ] * 2
    assert read_results(history.attempts[1], [])[0]["run_id"] == ours.id


def test_a_killed_post_step_does_nothing_more_and_the_re_run_can_begin() -> None:
    step = Step(kill=Kill(at=2.0), post=True, post_kill=Kill(at=0.01))
    settings = (("stage_seconds", 30.0),)
    history = play(Schedule(1, jobs=(Job(0, (step, Step(gap=1.0))),), settings=settings))

    first, second = history.attempts
    assert judge(history).broken == []
    assert (first.post_killed, first.post_ended) == (True, 2.01)
    assert second.began == pytest.approx(3.01)
    assert {sent.ending for sent in first.post_sent} == {None}
    assert first.post_runner.summary_text == ""


def test_echoes_contain_a_secret_in_every_spelling_that_the_judges_look_for() -> None:
    spelt = spellings(KEY.token)

    assert [echo for echo in echoes(KEY.token) if not any(form in echo for form in spelt)] == []
    assert [form for form in spelt if not any(form in echo for echo in echoes(KEY.token))] == []


def test_no_echo_of_a_secret_gets_out() -> None:
    """Each seed has a random spelling. All seeds together have all spellings."""
    for seed in range(40):
        history = play(Schedule(seed, faults=(f"{CREATE}:1:echo",)))

        assert judge(history).broken == []
        assert "***" in "\n".join(history.attempts[0].runner.lines)


KILLED = (CREATE, "kill:arrived")


@pytest.mark.parametrize("fault", ["drop", "status:500", "throttle", "echo"])
def test_a_fault_that_nobody_sees_and_that_changes_nothing_does_not_count_as_a_hit(fault: str) -> None:
    """The sender is dead, or its time limit has passed before its request arrives."""
    dead = Schedule(
        1, jobs=(Job(0, (Step(kill=Kill(call=1, phase="arrived")),)),), faults=(f"{CREATE}:1:{fault}",)
    )
    gone = Schedule(1, held=(Held(CREATE, 1, 60.0),), faults=(f"{CREATE}:1:{fault}",))
    seen = Schedule(1, faults=(f"{CREATE}:1:{fault}",))

    assert [len(play(each).service.truth.posts(CREATE)) for each in (dead, gone)] == [1, 2]
    assert [list(hit(play(each))) for each in (dead, gone, seen)] == [[KILLED], [], [(CREATE, fault)]]


@pytest.mark.parametrize("fault", ["commit+drop", "late:S", "delay:S", "duplicate", "no-description"])
def test_a_fault_that_changes_something_counts_as_a_hit_even_if_the_sender_is_dead(fault: str) -> None:
    step = Step(kill=Kill(call=1, phase="arrived"))
    history = play(Schedule(1, jobs=(Job(0, (step,)),), faults=(f"{CREATE}:1:{fault.replace('S', '5')}",)))

    assert list(hit(history)) == [KILLED, (CREATE, fault)]
    assert len(list(history.service.runs)) == 1
