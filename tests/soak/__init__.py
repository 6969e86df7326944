"""Very many objects in one step, while some of all calls go wrong: real processes, real HTTP, real time."""
