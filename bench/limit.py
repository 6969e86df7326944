"""The makespan that no client can beat: arithmetic on the numbers of the service, all in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scene:
    """The service: how long a call takes, how long each stage, and how many writes fit into a second."""

    latency: float = 0.15
    stage: float = 5.0
    stages: int = 3
    writes_per_second: int = 20

    @property
    def writes(self) -> int:
        """The writes that one object needs: its creation, and an execution of each stage but the first."""
        return self.stages

    @property
    def chain(self) -> float:
        """One object alone, from the creation's arrival to the answer that confirms its end.

        The service starts a stage when the call arrives, so the answers to the creation and to the executions
        travel while the stage runs, and cost nothing. What nobody can hide: each stage; after each stage the
        reading that shows its end (one answer's time; the next execution leaves with it); and the last word
        read once more.
        """
        return self.stages * (self.stage + self.latency) + self.latency

    def earliest(self, number: int) -> float:
        """When the write of this number (from 1) can leave at the earliest, in a sliding window of a second."""
        return float((number - 1) // self.writes_per_second)

    def creations(self, objects: int) -> float:
        """The last object cannot be created before the quota lets it, and then has its whole chain ahead."""
        return self.earliest(objects) + self.chain

    def executions(self, objects: int) -> float:
        """The last of all writes executes a last stage, which then runs, is seen to end, and is read again."""
        return self.earliest(objects * self.writes) + self.stage + 2 * self.latency

    def limit(self, objects: int) -> float:
        """The larger of the two is what no client can beat."""
        return max(self.creations(objects), self.executions(objects))
