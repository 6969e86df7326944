"""Whether production holds the same as the draft."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from dataworks_deploy.domain.model import ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.reconcile import Mark
from dataworks_deploy.domain.studio.catalog import Content, StudioObject
from dataworks_deploy.domain.studio.changes import Cause, Changed, Unchanged, compare

MINE, THEIRS = "AAAAAAAA", "BBBBBBBB"
X, Y = "X" * 16, "Y" * 16
HOUR = 3_600_000


def draft_of(
    fingerprint: str = X, edited_ms: int | None = 1_000_000, *, in_production: bool = True
) -> StudioObject:
    """The object as it was just read."""
    return StudioObject(ObjectId("1"), in_production=in_production, content=Content(fingerprint, edited_ms))


NOW = draft_of()


def stages(*statuses: str, kind: str = "Deploy") -> tuple[Stage, ...]:
    """The stages of a run in simple mode, with the status of each."""
    rows = (("BUILD_PACKAGE", "Build"), ("PROD_CHECK", "Check"), ("PROD", kind))
    return tuple(
        Stage(code, "", step, type_, status)
        for step, ((code, type_), status) in enumerate(zip(rows, statuses, strict=True), 1)
    )


DONE = stages("Success", "Success", "Success")


def past(
    name: str,
    created_ms: int,
    owner: str = MINE,
    content: str = X,
    *,
    took_ms: int = 60_000,
    **changes: object,
) -> Run:
    """A successful run of ours, with these changes."""
    description = str(Mark("A" * 26, 1, owner, content))
    run = Run(
        RunId(name),
        "Success",
        description=description,
        created_ms=created_ms,
        modified_ms=created_ms + took_ms,
        stages=DONE,
    )
    return replace(run, **changes)  # type: ignore[arg-type]


LAST = past("last", 2 * HOUR)
OFF = stages("Success", "Success", "Success", kind="Offline")


@pytest.mark.parametrize(
    "others",
    [
        (),
        (past("older", HOUR, content=Y),),
        (past("theirs", HOUR, THEIRS, Y),),
        (past("out", HOUR, stages=OFF),),
        (past("failed", HOUR, status="Fail", stages=stages("Success", "Success", "Fail")),),
        (
            past(
                "at its check",
                HOUR,
                status="Running",
                stages=stages("Success", "Init", "Init"),
                took_ms=9 * HOUR,
            ),
        ),
        (past("newer", 3 * HOUR, status="Running", stages=stages("Success", "Init", "Init")),),
        (past("abolished", 3 * HOUR, status="Termination", stages=stages("Success", "Init", "Init")),),
        (past("not built", 3 * HOUR, status="Fail", stages=stages("Fail", "Init", "Init")),),
        (past("just created", 3 * HOUR, status="Init", stages=()),),
    ],
    ids=lambda others: others[0].id if others else "",
)
def test_what_this_repository_deployed_last_is_unchanged(others: tuple[Run, ...]) -> None:
    assert compare(NOW, (*others, LAST), MINE) == Unchanged(LAST)
    assert compare(NOW, (LAST, *others), MINE) == Unchanged(LAST)


@pytest.mark.parametrize(
    ("draft", "runs", "cause", "by"),
    [
        (NOW, None, Cause.CANNOT_TELL, None),
        (NOW, (), Cause.NEVER_DEPLOYED, None),
        (NOW, (past("t", HOUR, THEIRS),), Cause.NEVER_DEPLOYED, None),
        (NOW, (past("p", HOUR, description="by hand"),), Cause.NEVER_DEPLOYED, None),
        (NOW, (past("f", HOUR, status="Fail"),), Cause.NEVER_DEPLOYED, None),
        (NOW, (past("b", HOUR, description=" "),), Cause.DESCRIPTION_NOT_SHOWN, None),
        (NOW, (past("o", HOUR, "", ""), past("b", HOUR, description="")), Cause.CANNOT_TELL, None),
        (replace(NOW, content=None), (LAST,), Cause.CANNOT_TELL, "last"),
        (draft_of(edited_ms=None), (LAST,), Cause.CANNOT_TELL, "last"),
        (draft_of(edited_ms=0), (LAST,), Cause.CANNOT_TELL, "last"),
        (draft_of(in_production=False), (LAST,), Cause.TAKEN_OUT, "last"),
        (draft_of(Y), (LAST,), Cause.EDITED, "last"),
        (draft_of(edited_ms=2 * HOUR), (LAST,), Cause.EDITED, "last"),
        (draft_of(edited_ms=2 * HOUR - 2000), (LAST,), Cause.EDITED, "last"),
        (NOW, (LAST, past("out", 3 * HOUR, stages=OFF)), Cause.TAKEN_OUT, "out"),
        (NOW, (LAST, past("t", 3 * HOUR, THEIRS)), Cause.DEPLOYED_BY_OTHERS, "t"),
        (NOW, (LAST, past("p", 3 * HOUR, description="")), Cause.DEPLOYED_BY_OTHERS, "p"),
        (NOW, (LAST, past("o", 3 * HOUR, "", "")), Cause.CANNOT_TELL, "o"),
        (NOW, (LAST, past("o", 3 * HOUR, MINE, "")), Cause.CANNOT_TELL, "o"),
        (NOW, (LAST, past("?", 3 * HOUR, stages=())), Cause.CANNOT_TELL, "?"),
        # Created before it, and not ended when it was created.
        (NOW, (LAST, past("out", HOUR, stages=OFF, took_ms=HOUR)), Cause.TAKEN_OUT, "out"),
        (NOW, (LAST, past("t", HOUR, THEIRS, took_ms=2 * HOUR)), Cause.DEPLOYED_BY_OTHERS, "t"),
        (NOW, (LAST, past("m", HOUR, took_ms=2 * HOUR)), Cause.CANNOT_TELL, "m"),
        (NOW, (LAST, past("o", HOUR, "", "", took_ms=HOUR - 2000)), Cause.CANNOT_TELL, "o"),
        (NOW, (LAST, past("m", HOUR, modified_ms=0)), Cause.CANNOT_TELL, "m"),
        # Failed or still open, with its last stage started.
        (
            NOW,
            (LAST, past("f", 3 * HOUR, status="Fail", stages=stages("Success", "Success", "Fail"))),
            Cause.CANNOT_TELL,
            "f",
        ),
        (
            NOW,
            (
                LAST,
                past(
                    "r",
                    HOUR,
                    status="Running",
                    stages=stages("Success", "Success", "Running"),
                    took_ms=2 * HOUR,
                ),
            ),
            Cause.CANNOT_TELL,
            "r",
        ),
        (NOW, (LAST, past("f", 3 * HOUR, status="Fail", stages=())), Cause.CANNOT_TELL, "f"),
        # Last read before it was created, and still deploying: no reading shows that it is over.
        (
            NOW,
            (LAST, past("r", HOUR, status="Running", stages=stages("Success", "Success", "Running"))),
            Cause.CANNOT_TELL,
            "r",
        ),
        # It has deployed, and stages of other types come after that.
        *(
            (
                NOW,
                (
                    LAST,
                    past(
                        "d", 3 * HOUR, status=status, stages=(*stages("Success", "Success", "Success"), last)
                    ),
                ),
                Cause.CANNOT_TELL,
                "d",
            )
            for status in ("Running", "Fail", "Termination")
            for last in (Stage("CLEAN", "", 4, "Delete", "Init"), Stage("NOTE", "", 4, "Notice", "Init"))
        ),
    ],
)
def test_every_doubt_is_a_change(
    draft: StudioObject, runs: tuple[Run, ...] | None, cause: Cause, by: str | None
) -> None:
    found = compare(draft, runs, MINE)

    assert isinstance(found, Changed)
    assert (found.cause, found.run.id if found.run else None) == (cause, by)


def test_in_standard_mode_only_the_last_stage_changes_production() -> None:
    """A run that was left after its deployment to development leaves production unchanged."""
    dev = Stage("DEV", "", 2, "Deploy", "Success")
    prod = Stage("PROD", "", 3, "Deploy", "Init")
    left = past("left", 3 * HOUR, status="Running", stages=(prod, dev))
    begun = past("left", 3 * HOUR, status="Running", stages=(replace(prod, status="Running"), dev))

    assert compare(NOW, (LAST, left), MINE) == Unchanged(LAST)
    assert compare(NOW, (LAST, begun), MINE) == Changed(Cause.CANNOT_TELL, begun)


def test_a_run_whose_stages_all_leave_production_alone_changes_nothing() -> None:
    check = past("c", 3 * HOUR, status="Fail", stages=stages("Success", "Fail", "Init")[:2])

    assert compare(NOW, (LAST, check), MINE) == Unchanged(LAST)


def test_of_several_later_runs_the_latest_is_named() -> None:
    early, late = (past(name, HOUR + at, took_ms=3 * HOUR) for name, at in (("early", 0), ("late", 1)))

    assert compare(NOW, (early, LAST, late), MINE) == Changed(Cause.CANNOT_TELL, late)


@dataclass
class World:
    """The real draft, the real content of production, and the runs between them."""

    # How answers show the times of drafts and of runs.
    shows_draft: Callable[[int], int]
    shows_run: Callable[[int], int]
    time: int = HOUR
    draft: str = X
    edited: int = 0
    production: str = ""
    built: dict[str, str] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)

    def edit(self, content: str) -> None:
        """Somebody saves the draft."""
        self.draft, self.edited = content, self.time

    def create(self, name: str, owner: str, kind: str, content: str) -> None:
        """A run is created. Its mark was made from what was read before."""
        open_stages = stages("Init", "Init", "Init", kind=kind)
        created = past(
            name, self.shows_run(self.time), owner, content, status="Running", stages=open_stages, took_ms=0
        )
        self.runs[name] = created

    def move(self, name: str, *, good: bool) -> None:
        """The next stage of a run begins, or ends as a success or failure."""
        run = self.runs[name]
        stage = next((each for each in run.ordered if each.status != "Success"), None)
        if run.ended or stage is None:
            return
        status = "Running" if stage.status == "Init" else "Success" if good else "Fail"
        rows = tuple(replace(each, status=status) if each is stage else each for each in run.ordered)
        whole = "Fail" if status == "Fail" else "Success" if rows[-1].status == "Success" else "Running"
        self.runs[name] = replace(run, stages=rows, status=whole, modified_ms=self.shows_run(self.time))
        if stage.type == "Build" and status == "Running":
            self.built[name] = self.draft
        elif stage.type not in {"Build", "Check"} and status in {"Success", "Fail"}:
            self.production = "" if stage.type == "Offline" else self.built[name]


# Exactly, cut, or rounded to whole seconds.
SHOWN: tuple[Callable[[int], int], ...] = (
    int,
    lambda moment: moment // 1000 * 1000,
    lambda moment: round(moment / 1000) * 1000,
)
SOON = (0, 1, 300, 700, 1100, 2500)
MANY = 5_000


def lived(seed: int) -> World:
    """A world after some history. People edit shortly before or after a creation. Runs of anybody continue at once or
    much later.

    A mark holds the draft as it was read. Somebody may edit between that and the creation, and before the build.
    """
    draw = random.Random(seed)
    world, events, made = (
        World(draw.choice(SHOWN), draw.choice(SHOWN)),
        list[tuple[int, str, str, str]](),
        HOUR,
    )
    for number in range(draw.choice((1, 2, 2, 3))):
        name, made = f"r{number}", made + draw.choice((500, 20_000, 60_000, 60_000))
        owner = draw.choice((MINE, MINE, MINE, MINE, MINE, THEIRS, ""))
        kind = draw.choice(("Deploy", "Deploy", "Deploy", "Deploy", "Offline"))
        events += [(made - draw.choice(SOON), "read", name, ""), (made, "create", name, f"{owner} {kind}")]
        moved = made
        for _ in range(draw.choice((2, 6, 6, 6, 6))):
            moved += draw.choice((*SOON, *SOON, *SOON, 90_000))
            events.append((moved, "move", name, ""))
        if draw.random() < 0.6:
            at = made + draw.choice((-1, -1, 1)) * draw.choice((*SOON, 10_000))
            events.append((at, "edit", name, draw.choice((X, Y))))
            # Somebody may undo the edit.
            events.append((at + draw.choice((100, 200, 300, 20_000)), "edit", name, draw.choice((X, Y))))
    read = dict[str, str]()
    for world.time, deed, name, what in sorted(events):
        if deed == "edit":
            world.edit(what)
        elif deed == "read":
            read[name] = world.draft
        elif deed == "create":
            owner, _, kind = what.partition(" ")
            world.create(name, owner, kind, read.get(name, world.draft))
        elif name in world.runs:
            world.move(name, good=draw.random() < 0.93)
    return world


def judged(world: World) -> Unchanged | Changed:
    """What the action decides about a world."""
    edited_ms = world.shows_draft(world.edited)
    draft = draft_of(world.draft, edited_ms, in_production=bool(world.production))
    return compare(draft, [*world.runs.values()], MINE)


def test_unchanged_is_never_wrong() -> None:
    """Whoever edits, deploys, takes offline or fails, and whenever: an object called unchanged is in production as
    read.
    """
    seen = Counter[str]()
    for seed in range(MANY):
        world = lived(seed)
        found = judged(world)
        if isinstance(found, Unchanged):
            assert world.production == world.draft, f"seed {seed}"
        seen[found.cause if isinstance(found, Changed) else "unchanged"] += 1
    # This proves nothing about an answer that no history shows.
    assert {*seen} == {*Cause, "unchanged"} - {Cause.DESCRIPTION_NOT_SHOWN}
    assert min(seen.values()) > 100
