"""When things happen, and in what order: everything that waits. It reaches the outside through the ports of
`calls.py`.
"""
