"""Deliberate bugs of the action, and whether the judges and the tests find them: `python -m tests.bugs`."""
