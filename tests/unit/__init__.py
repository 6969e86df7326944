"""Values and pure functions: no sockets, no sleeping."""
