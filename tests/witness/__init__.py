"""The runner's rules, written a second time, because judges of the action must not use its code."""
