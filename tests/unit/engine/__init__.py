"""The engine on a scripted service, in virtual time."""
