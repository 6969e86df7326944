"""What the image starts: the step, on the runner's variables."""

from dataworks_deploy.stop import Stop

if __name__ == "__main__":
    stop = Stop()  # before the imports below, which take most of a second
    from dataworks_deploy.main import main

    main(stop)
