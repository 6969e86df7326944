"""Measures the time, calls and memory of the action on the emulated service."""
