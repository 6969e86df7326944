"""Decisions that depend only on values."""
