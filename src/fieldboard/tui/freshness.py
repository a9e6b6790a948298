"""How old what is shown is, and what the board waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fieldboard.tui.chrome.line import Part, Turn
from fieldboard.tui.hints import hints_of

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen


REFUSED: Final = "refuses the token"
"""Words of a reason that the line has nothing to do with."""

OFFLINE: Final = "offline"
"""What is said of the line while it is down, and no longer when it is back."""


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
    facts["refused"] = REFUSED in str(facts["problem"])
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


def show_freshness(screen: BoardScreen, pending: int | None = None, undecided: int | None = None) -> None:
    """Bring the header up to date: what waits, how old what is shown is, the time."""
    decided, problem = screen.header.facts.undecided, screen.header.facts.problem
    facts = freshness(screen)
    if pending is not None and undecided is not None:
        facts.update(pending=pending, undecided=undecided)
    screen.header.say(**facts)
    shown = screen.header.facts
    if shown.offline and shown.problem and shown.problem != problem and not screen.board_app.options.offline:
        # The header has room for the word and the age; why is said once, here.
        screen.saying.announce(OFFLINE, Turn.ALERT, Part(f"offline: {shown.problem}", "warn"))
    if not shown.offline:
        screen.saying.drop(OFFLINE)
    _answer(screen)
    if (waits := waiting_for(screen)) != screen.queue.waiting_for:
        screen.queue.waiting_for = waits
        screen.queue.touch()
        screen.board.wait_for(waits)
        screen.saying.info()
    if shown.undecided != decided:
        screen.footer.show(hints_of(screen))


def _answer(screen: BoardScreen) -> None:
    """Say what came of the round that was asked for, where it failed; what it brought shows by itself."""
    state, asked = screen.state, screen.asked_after
    if state is None or asked is None or (state.last_round_finished or 0) <= asked:
        return
    screen.asked_after = None
    if state.offline_since is not None:
        # The reason itself says whether it was tried: without a token nobody was asked.
        why = state.error or f"{screen.board_app.options.system} could not be reached"
        screen.saying.error(f"not synced: {why}", OFFLINE)
