"""What the Dockerfile runs to make the image's file system: prune it, check it, and list its contents."""
