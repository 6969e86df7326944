"""One schedule: everything that can differ from the normal course, as values that can be read and removed."""

from dataclasses import dataclass, field


def object_id(number: int) -> str:
    """The object with this number, from 1."""
    return f"75674822772194{number:05d}"


ELSEWHERE = 100  # jobs from this name on belong to another repository
Pairs = tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class Kill:
    """A process is killed: `at` this many seconds after its start, or around its call number `call`.

    With an `action`, only the calls of this operation count. `phase` of that call: `before` it is sent, when it is
    `sent`, when it has `arrived`, or when it is `answered` and nobody has seen the answer yet.
    """

    at: float | None = None
    call: int = 0
    phase: str = ""
    action: str = ""


@dataclass(frozen=True)
class Step:
    """One attempt of a job. It starts `gap` seconds after the one before it has ended.

    `kill` is the kill of its process, `post_kill` that of its post step. With `resume` it continues the runs of that
    attempt: `alone`, `beside` their objects, or `mixed` with the wrong objects.
    """

    gap: float = 0.0
    kill: Kill | None = None
    stop: float | None = None
    post: bool = False
    post_kill: Kill | None = None
    skew: float = 0.0
    expires: float | None = None
    outage: tuple[float, float] | None = None
    resume: str = ""
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Job:
    """The attempts of one job, one after another. Parallel copies of a job have the same name and the same intents.

    Another `action` is another step of the same job, and other `inputs` may make another job of its matrix. These have
    their own intents.
    """

    name: int
    steps: tuple[Step, ...]
    start: float = 0.0
    action: str = "__self"
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Deed:
    """An action of a person in the console, with run number `run` of an object, or with this many runs."""

    at: float
    what: str
    object: int = 0
    run: int = 0


@dataclass(frozen=True)
class Held:
    """The request with this number is delayed on its way to the service."""

    action: str
    call: int
    seconds: float


@dataclass(frozen=True)
class Schedule:
    """The whole schedule. `seed` decides what is random: latencies, jitter, identifiers.

    It begins `begin` seconds after the epoch of the simulation. All other times count from there. The run with the
    number `unread` is visible only in lists: no answer to a call with its ID arrives.
    """

    seed: int
    objects: int = 1
    jobs: tuple[Job, ...] = (Job(0, (Step(),)),)
    settings: Pairs = ()
    faults: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    deeds: tuple[Deed, ...] = ()
    latency: float = 0.02
    begin: float = 0.0
    unread: int = 0
    inputs: tuple[tuple[str, str], ...] = field(default=())

    def setting(self, name: str, default: object = None) -> object:
        """One of the service's settings."""
        return dict(self.settings).get(name, default)

    @property
    def steps(self) -> list[Step]:
        """The attempts of all jobs."""
        return [step for job in self.jobs for step in job.steps]

    def size(self) -> int:
        """The number of parts that a reader must understand."""
        extras = sum(
            (step.kill is not None)
            + (step.stop is not None)
            + (step.post_kill is not None)
            + (step.expires is not None)
            + (step.outage is not None)
            + bool(step.skew)
            + bool(step.resume)
            + len(step.inputs)
            for step in self.steps
        )
        extras += (
            bool(self.begin)
            + bool(self.unread)
            + sum((job.action != Job.action) + len(job.inputs) for job in self.jobs)
        )
        parts = (self.settings, self.faults, self.held, self.deeds, self.inputs)
        return sum(map(len, parts)) + extras + 3 * len(self.steps) + 2 * len(self.jobs) + 2 * self.objects
