"""The service through the official SDK, and the keys for it. The only room that imports the vendor's packages."""
