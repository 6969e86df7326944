"""The claims about the service, tried on the emulator, and the command that tries them live."""
