"""Checks whether the deliberate bugs are found: `python -m tests.bugs [N] [NAME…]`."""

import sys

from .hunt import main

sys.exit(main(sys.argv[1:]))
