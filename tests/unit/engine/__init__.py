"""The engine with a scripted service, in virtual time."""
