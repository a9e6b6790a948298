"""What the line below the panes says of the place of the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.domain.conflicts import Conflict
from fieldboard.tui.chrome.line import NOTHING, Part, Said, parts
from fieldboard.tui.cursor import crew_in_sight
from fieldboard.tui.sentences import about_column, about_visit

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen


def about_cursor(screen: BoardScreen) -> Said:
    """What the line says of what is marked, else of what lies under the cursor."""
    if screen.marked:
        hidden, key = len(_hidden(screen)), screen.board_app.keymap.shown("mark")
        return Said(
            parts(
                Part(f"{len(screen.marked)} marked", "accent", True),
                Part(f", {hidden} hidden by the filter" if hidden else "", "warn"),
                Part("  an act is for all of them", "muted"),
            ),
            f"{key} marks · Esc drops the marks" if key else "Esc drops the marks",
            "surface",
        )
    visit = screen.visit()
    if visit is not None:
        conflicts: tuple[Conflict, ...] = ()
        if screen.cursor.pane != "queue" and screen.day is not None and (block := screen.day.block(visit.id)):
            conflicts = block.conflicts
        return about_visit(visit, screen.look, conflicts, wide=screen.size.width >= 140)
    if screen.cursor.pane != "queue" and screen.day is not None and screen.cursor.technician_id is not None:
        column = screen.day.column(screen.cursor.technician_id)
        if column is not None:
            return about_column(column, screen.look, unread=bool(screen.board.waiting_for))
    return NOTHING


def _hidden(screen: BoardScreen) -> frozenset[str]:
    """The marked visits that no pane shows, because a filter hides them."""
    if not screen.acting.filtering.filtered:
        return frozenset()
    view, day, columns = screen.view, screen.day, screen.shown_columns
    return frozenset(
        one
        for one in screen.marked
        if (view is None or view.position(one) is None)
        and (day is None or not crew_in_sight(day, columns, one))
    )
