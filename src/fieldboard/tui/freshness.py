"""How old what is shown is, and what the board waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen


def freshness(screen: BoardScreen) -> dict[str, object]:
    """What the header tells of now, of the last round and of the one that goes on."""
    options, state = screen.board_app.options, screen.state
    facts: dict[str, object] = {
        "day": screen.day.day if screen.day is not None else None,
        "today": screen.today(),
        "clock": screen.look.zone.clock_text(screen.now()),
        "stale_after_s": options.stale_after_s,
    }
    if state is None:
        return facts
    last = state.last_ok
    trouble = options.sync_trouble() if options.sync_trouble is not None else None
    facts["age_s"] = max(0, screen.now() - last) if last is not None else None
    facts["offline"] = options.offline or state.offline_since is not None or trouble is not None
    facts["problem"] = "offline by choice" if options.offline else (trouble or state.error or "")
    facts["progress"] = (
        (state.progress_done, state.progress_total, state.progress_says or "")
        if state.progress_done is not None
        else None
    )
    return facts


def waiting_for(screen: BoardScreen) -> str:
    """Why nothing is there yet; empty where something was read."""
    options, state = screen.board_app.options, screen.state
    if state is None or state.last_ok is not None:
        return ""
    if options.offline:
        return "Nothing was read yet, and --offline reads nothing."
    if state.error:
        return f"Waiting for {options.system}: {state.error}"
    return f"Reading from {options.system} for the first time."
