"""The step as a real process that is killed at a chosen event of the service's own log."""
