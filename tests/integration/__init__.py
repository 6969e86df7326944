"""The whole step, with the real SDK, against the emulated service over HTTP."""
