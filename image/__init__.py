"""What the Dockerfile runs to make the image's file system: prune, check, and say what is in it."""
