"""The emulator alone, without the action."""
