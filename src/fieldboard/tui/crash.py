"""What is said when the board fails: that the edits are safe, and where to look."""

from __future__ import annotations

from pathlib import Path

from fieldboard.text import clean, one_line


def crash_text(error: BaseException, log: Path, *, waiting: int = 0, profile: str | None = None) -> str:
    """The lines for a terminal after a crash; `waiting` edits were saved and not yet sent.

    The error's own text may quote what a server sent: it is cleaned, cut, and on one line.
    """
    cause = one_line(clean(str(error), limit=200))
    kind = type(error).__name__
    what = f"{kind}: {cause}" if cause else kind
    board = f"fieldboard board --profile {profile}" if profile else "fieldboard"
    if waiting == 1:
        safe = "One edit waits to be sent. It is kept on this computer and goes out by itself."
    elif waiting:
        safe = f"{waiting:,} edits wait to be sent. They are kept on this computer and go out by themselves."
    else:
        safe = "Nothing waits to be sent."
    return "\n".join(
        (
            "",
            "The board has failed. Your edits are safe: each was saved before it was shown.",
            "",
            f"  what happened   {what}",
            f"  edits           {safe}",
            f"  log             {log}",
            f"  open it again   {board}",
            "  report it       fieldboard doctor --bundle  (holds no customer data and no token)",
            "",
        )
    )
