"""Where a step runs: what it is given there, and where it says what came of it."""
