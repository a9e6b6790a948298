"""The floor of a key: a program without a library that answers each byte with a frame."""

from __future__ import annotations

import os
import sys
import termios
import tty

FRAME = b"\x1b[?2026h" + b"\x1b[1;1H" + b"x" * 1500 + b"\x1b[?2026l"


def main() -> None:
    """Answer until `q`."""
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        os.write(1, b"READY")
        while os.read(0, 1) != b"q":
            os.write(1, FRAME)
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
    sys.exit(0)


if __name__ == "__main__":
    main()
