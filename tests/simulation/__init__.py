"""Whole deployments on virtual time: thousands of seeded schedules of faults, checked against the invariants."""
