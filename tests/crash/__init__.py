"""The step as a real process that is killed at a given event in the service's own log."""
