"""Report to plain values: one pure renderer per surface."""
