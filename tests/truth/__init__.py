"""The claims about the service, tested on the emulator, and the command that tests them on the real service."""
