"""What the image starts: the step, on the runner's variables."""

from dataworks_deploy.main import main

if __name__ == "__main__":
    main()
