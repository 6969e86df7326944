"""Official clients of other languages, and the asynchronous one of Python, against the emulator."""
