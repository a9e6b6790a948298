"""`python -m fieldboard` is the same program as `fieldboard`."""

from __future__ import annotations

import sys

from fieldboard.cli import main

if __name__ == "__main__":
    sys.exit(main())
