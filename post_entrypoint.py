"""What the runner starts after the job: the post step, with the same variables and the saved state.

Nearly always nothing is left to do. It finds that out before it imports a large module.
"""

import os

from dataworks_deploy.absent import leave_out
from dataworks_deploy.hosts.github import Variables
from dataworks_deploy.hosts.stop import Stop
from dataworks_deploy.render.state import restored

if __name__ == "__main__":
    Stop()  # a signal must not end it in the middle
    if restored(Variables(os.environ).kept):
        leave_out()
        from dataworks_deploy.main import end_process, isolated_environment
        from dataworks_deploy.post import run

        end_process(lambda: run(isolated_environment()))
