"""The built image under Docker, started as GitHub's runner starts it, against an emulated service."""
