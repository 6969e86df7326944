"""Runs are followed: carried through their stages, watched, continued, left open and abolished."""
