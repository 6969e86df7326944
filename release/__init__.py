"""What a release needs that can be done without GitHub: version, changelog, the image's digest, the examples."""
