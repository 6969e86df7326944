"""The command: reads the flags, and serves until it is told to end."""

import asyncio
import signal
import sys

from dataworks_emulator.command import parse
from dataworks_emulator.emulator import Emulator


async def _serve(emulator: Emulator) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # As process 1 of a container it has no default handlers, and would ignore both signals.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def announce() -> None:
        sys.stdout.write(f"dataworks emulator listening on http://{emulator.endpoint}\n")
        sys.stdout.flush()

    await emulator.serve(stop, announce)


def main() -> int:
    """Run the emulator and return its exit status."""
    try:
        emulator = Emulator(parse(sys.argv[1:]))
        asyncio.run(_serve(emulator))
    except (OSError, ValueError) as failure:
        sys.stderr.write(f"dataworks emulator: {failure}\n")
        return 1
    emulator.truth.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
