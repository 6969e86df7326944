"""The service through the official SDK, and the keys for it. Only this package imports the vendor's packages."""
