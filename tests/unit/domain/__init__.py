"""Decisions that depend on nothing but values."""
