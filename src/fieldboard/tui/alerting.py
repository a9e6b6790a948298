"""Says what a dispatcher should hear of, though nobody asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.board.alerts import Cause, Told, look
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.chrome.line import Part, Turn

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.desk_messages import Fresh


class Alerting:
    """Looks at each change for what should be heard of, and remembers what was told."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        self._told = Told()

    def alert(self, fresh: Fresh) -> None:
        """Say what a dispatcher should hear of: one line, perhaps a bell, and no move of the cursor."""
        screen = self.screen
        announced: tuple[PlannedVisit, ...] = ()
        if screen.view is not None:
            rows = (screen.view.board.row(one) for one in screen.view.announced)
            announced = tuple(row for row in rows if row is not None)
        before_told = self._told.started
        self._told, alerts = look(
            self._told, fresh.day, announced, fresh.operations, screen.now(),
            changed=None if fresh.everything else fresh.changed,
        )  # fmt: skip
        if not alerts or not (before_told or any(one.cause is Cause.REFUSED for one in alerts)):
            return
        first = alerts[0]
        more = f"  and {len(alerts) - 1} more" if len(alerts) > 1 else ""
        meaning = "error" if first.cause in (Cause.REFUSED, Cause.NEW_URGENT) else "warn"
        tail = (
            Part(f"   {screen.board_app.keymap.shown('decisions') or ':decisions'} decides", "faint", rank=1)
            if first.cause is Cause.REFUSED
            else Part("")
        )
        screen.saying.announce(
            first.cause.value, Turn.ALERT, Part(first.says, meaning, True), Part(more, "muted", rank=2), tail
        )
        if screen.board_app.options.bell:
            screen.app.bell()
