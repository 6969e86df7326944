"""What the action costs in time, calls and memory, measured on the emulated service."""
