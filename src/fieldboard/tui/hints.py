"""Which keys the footer tells of, for what is under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fieldboard.board.filters import brief
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import ENDED
from fieldboard.tui.arrangement import PANES
from fieldboard.tui.chrome.footer import Hint

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen

FILTER: Final = 24
"""Cells that the footer spends on what a filter says."""

ANSWERS = (
    Hint("Enter", "does it all the same", "key:enter"),
    Hint("Esc", "leaves it as it is", "key:escape"),
)
"""While a question waits: which keys answer it."""


def hints_of(screen: BoardScreen) -> tuple[Hint, ...]:
    """The keys that are worth telling of now, the most useful first; the footer shows as many as fit."""
    if (carrier := screen.carrying) is not None:
        return carrier.hints()
    if screen.saying.ask_again is not None:
        return ANSWERS
    app = screen.board_app
    wanted = _wanted(screen)
    first = dict(reversed(wanted))
    order = dict.fromkeys(act for act, _ in wanted)
    return tuple(
        Hint(key, first[act], act, act in app.lacks) for act in order if (key := app.keymap.shown(act))
    )


def _filter_unsaid(screen: BoardScreen) -> str:
    """The filter that hides something here, where no title on the screen has room to say so."""
    said = screen.arrangement.shows("timeline")
    if screen.cursor.pane == "queue" or not screen.timeline.filter or said:
        return ""
    return f"filter {brief(screen.timeline.filter, FILTER, screen.look.glyphs.more)}".rstrip()


def _wanted(screen: BoardScreen) -> list[tuple[str, str]]:
    """Acts and how the footer calls them; the first name of an act counts."""
    pane, rules = screen.cursor.pane, screen.board_app.options.rules
    wanted: list[tuple[str, str]] = []
    visit, marked = screen.visit(), bool(screen.marked)
    if visit is not None and visit.status in ENDED and not marked:
        # What is over is not planned any more.
        wanted = [("status", "status"), ("details", "details")]
    elif visit is not None or marked:
        wanted = [("assign", "assign"), ("pick_up", "pick up"), ("status", "status")]
        if pane != "queue":
            wanted.append(("unassign", "unassign"))
            if rules.can(Ability.REORDER):
                wanted += [("earlier", "earlier"), ("later", "later")]
            wanted.append(("times", "times" if rules.can(Ability.CLOCK_TIMES) else "day"))
        wanted.append(("details", "details"))
    else:
        wanted += [("create", "new job"), ("undo", "undo")]
    if not all(screen.arrangement.shows(one) for one in PANES):
        # Nothing else on the screen says that there are other panes.
        wanted.insert(0, ("next_pane", PANES[(PANES.index(pane) + 1) % len(PANES)]))
    wanted.append(("search", "search"))
    if screen.view is not None and screen.view.announced:
        wanted.insert(0, ("show_new", f"{len(screen.view.announced)} new"))
    if unsaid := _filter_unsaid(screen):
        wanted.insert(0, ("filter", unsaid))
    if screen.header.facts.undecided:
        wanted.insert(0, ("decisions", f"decide {screen.header.facts.undecided}"))
    if screen.timeline.broken:
        wanted.append(("next_conflict", f"broken rules {screen.timeline.broken}"))
    wanted += [("undo", "undo"), ("next_pane", "pane"), ("create", "new job"), ("filter", "filter")]
    wanted += [("command_line", "command"), ("help", "help")]
    return wanted
