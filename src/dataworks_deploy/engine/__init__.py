"""When and in what order: everything that waits, on the ports of `ports.py`."""
