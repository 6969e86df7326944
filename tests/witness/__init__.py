"""The runner's rules, written down a second time: what judges the action must not be made of its parts."""
