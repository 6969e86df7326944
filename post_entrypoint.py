"""What the runner starts after the job: the post step, on the same variables and the saved state."""

from dataworks_deploy.absent import leave_out
from dataworks_deploy.stop import Stop

if __name__ == "__main__":
    stop = Stop()
    leave_out()
    from dataworks_deploy.post import main

    main(stop)
