"""Whole deployments on virtual time: thousands of seeded schedules of faults, held against the invariants."""
