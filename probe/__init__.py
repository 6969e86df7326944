"""What the action leans on in the service, as claims that can be tried: on the emulator in CI, by users live."""
