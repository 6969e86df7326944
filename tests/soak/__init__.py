"""A graph of very many objects in one step, while a part of all calls fails: real processes, real HTTP, real time."""
