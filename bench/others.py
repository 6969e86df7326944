"""The action beside what people write instead: what each costs, and what each leaves behind after trouble."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .attempts import Action, Client, Scene, Script, lines_of
from .client import GUIDE, WrongResultError
from .left import Left, left
from .process import Ended
from .selecting import SERVICE
from .service import ROOT, service, witness
from .table import Table, say
from .workspace import object_ids

SIZES = (3, 10)
OBJECTS = 3
AT_ONCE = 8
HERE = ROOT / "bench"
PACKAGES = ROOT / "tests" / "clients" / "node" / "node_modules"


@dataclass(frozen=True, slots=True)
class Case:
    """Something that goes wrong: by flags for the service, or by a kill after so many executions of stages."""

    what: str
    flags: tuple[str, ...] = ()
    kill_after: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """How an attempt has ended, and what all attempts so far have left behind."""

    status: int
    left: Left

    def __str__(self) -> str:
        """Say it in a cell of a table."""
        return f"{'killed' if self.status < 0 else f'exit {self.status}'}; {self.left}"


CASES = (
    Case("the answer to the second creation is lost", ("--fault", "CreatePipelineRun:2:commit+drop")),
    Case("the second object fails", ("--fail", f"{object_ids(2)[1]}:PROD_CHECK:no such table")),
    # A client that deploys one object after another follows the second one then.
    Case("killed while it follows a run", kill_after=3),
)
FAULTS: dict[str, Callable[[Reading], int]] = {
    "duplicate runs": lambda each: each.left.doubled,
    "runs that nobody names": lambda each: each.left.unnamed,
    "untrue successes": lambda each: each.left.untrue,
}


def others(table: Table) -> None:
    """Print one table for all clients. They run side by side, because most of it is waiting."""
    clients = [
        Action("the action", HERE / "step.yml"),
        *_node(),
        Script("the guide's loop", HERE / "baseline.py", GUIDE),
    ]
    names = [each.name for each in clients]
    table.head(f"Beside others: {OBJECTS} objects, stages of 5 s, answers after 150 ms", *names)
    table.note("lines that the user has to own", _cells(lines_of(each.source) for each in clients))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # What takes longest starts first.
        good = {size: [pool.submit(_succeed, each, size) for each in clients] for size in reversed(SIZES)}
        bad = [[pool.submit(_go_wrong, each, case) for each in clients] for case in CASES]
        for size in SIZES:
            table.note(f"{size} objects succeed", _cells(each.result() for each in good[size]))
        readings = [[each.result() for each in row] for row in bad]
    for case, row in zip(CASES, readings, strict=True):
        first, second = zip(*row, strict=True)
        table.note(case.what, _cells(first))
        table.note("… then run again", _cells(second))
    for what, count in FAULTS.items():
        counts = [sum(max(map(count, each)) for each in column) for column in zip(*readings, strict=True)]
        table.row(f"{what} in all", _cells(counts), "the action: 0", met=counts[0] == 0)


def _node() -> Iterator[Client]:
    """The Node script, where it can run."""
    if shutil.which("node") and PACKAGES.exists():
        yield Script(
            "a Node script", HERE / "loop.js", ("node", str(HERE / "loop.js")), {"NODE_PATH": str(PACKAGES)}
        )
    else:
        say("\nThe Node script is left out: `make bench` needs Node.js and npm for it.")


def _succeed(client: Client, objects: int) -> str:
    """Deploy so many objects where nothing goes wrong, and return the time and the calls."""
    with _scene(objects) as scene:
        ended = client.attempt(scene, 1)
        seen, found = witness(scene.truth), _read(client, scene, ended, ended.log)
    named = set(client.claim.findall(ended.log))
    if ended.status != 0 or found.left != Left(objects, deployed=objects) or named != set(scene.objects):
        raise WrongResultError(f"{client.name}: {found}\n{ended.log[-2000:]}")
    return f"{seen.makespan:.1f} s, {seen.calls} calls"


def _go_wrong(client: Client, case: Case) -> tuple[Reading, Reading]:
    """Deploy where something goes wrong, and once more."""

    def must_die() -> bool:
        return scene.truth.read_text("utf-8").count('"stage_executed"') >= case.kill_after

    with _scene(OBJECTS, *case.flags) as scene:
        first = client.attempt(scene, 1, must_die if case.kill_after else None)
        if case.kill_after and first.status >= 0:
            raise WrongResultError(f"{client.name} has ended before it was killed:\n{first.log[-2000:]}")
        before = _read(client, scene, first, first.log)
        second = client.attempt(scene, 2)
        return before, _read(client, scene, second, first.log + second.log)


def _read(client: Client, scene: Scene, ended: Ended, said: str) -> Reading:
    """Compare the service's log with all that was said. The status 0 says that all objects have succeeded."""
    claimed = scene.objects if ended.status == 0 else client.claim.findall(ended.log)
    events = map(json.loads, scene.truth.read_text("utf-8").splitlines())
    return Reading(ended.status, left(events, scene.objects, said, claimed))


@contextmanager
def _scene(objects: int, *flags: str) -> Iterator[Scene]:
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with service(folder / "truth", *SERVICE, *flags) as endpoint:
            yield Scene(folder, endpoint, object_ids(objects))


def _cells(figures: Iterable[object]) -> str:
    return " | ".join(map(str, figures))
