"""What the image starts: the step, with the runner's variables. With --version it only prints the version."""

import gc
import sys

from dataworks_deploy import __version__
from dataworks_deploy.absent import leave_out
from dataworks_deploy.hosts.stop import Stop

if __name__ == "__main__":
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"dataworks-deploy {__version__}\n")
        sys.exit()
    stop = Stop()  # before the imports below, which take most of the time before the first call
    leave_out()
    # Imports leave next to no garbage, and what they make stays. To search through it takes a seventh of the time
    # before the first call.
    gc.disable()
    from dataworks_deploy.main import main

    gc.freeze()
    gc.enable()
    main(stop)
