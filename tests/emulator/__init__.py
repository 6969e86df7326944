"""The emulator by itself."""
