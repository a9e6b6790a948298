"""Acts that look for something: search and its matches, the next broken rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fieldboard.board.plan import title_of
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.chrome.line import Part, Said
from fieldboard.tui.cursor import crew_in_sight

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen


class Finding:
    """What the keys of the group Find do that move the cursor."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        self.found: tuple[PlannedVisit, ...] = ()
        self._at = 0
        self._said: Said | None = None
        self._conflict_at = 0

    # Search

    def do_search(self) -> None:
        self.search("")

    def search(self, text: str) -> None:
        """Open the search with a text in it."""
        from fieldboard.tui.dialogs.search_dialog import MOST, SearchDialog

        screen = self.screen
        thread, day = screen.thread, screen.day

        async def run(typed: str) -> list[PlannedVisit]:
            return await thread.fetch(lambda desk: desk.search(typed, MOST + 1))

        def name(technician_id: str) -> str:
            column = day.column(technician_id) if day is not None else None
            return column.technician.name if column is not None else technician_id

        def chosen(answer: Any) -> None:
            if answer is not None:
                self.found = answer.found
                self._at = next((at for at, one in enumerate(self.found) if one.id == answer.visit.id), 0)
                self._go()

        screen.app.push_screen(SearchDialog(run, screen.look.zone, text=text, names=name), chosen)

    def do_next_match(self) -> None:
        self._match_by(1)

    def do_previous_match(self) -> None:
        self._match_by(-1)

    def _match_by(self, steps: int) -> None:
        if not self.found:
            self.screen.saying.error("nothing was searched for yet: / searches")
            return
        self._at = (self._at + steps) % len(self.found)
        self._go()

    def _go(self) -> None:
        visit = self.found[self._at]
        self.screen.saying.say(
            Part(f"found {self._at + 1} of {len(self.found)}  ", "muted"), Part(title_of(visit), "text", True)
        )
        self.screen.following.go_to(visit)
        self._said = self.screen.saying.happened

    def quiet(self) -> None:
        """Another day is shown: what was found is no longer what just happened."""
        if self._said is not None and self.screen.saying.happened == self._said:
            self.screen.saying.hush()
        self._said = None

    def forget(self) -> None:
        """Forget what was found."""
        self.found = ()
        self.screen.saying.info()

    # Broken rules

    def do_next_conflict(self) -> None:
        screen, day = self.screen, self.screen.day
        breaking = day.breaking if day is not None else ()
        if day is None or not breaking:
            screen.saying.error("no rule is broken on this day")
            return
        ids = [one for one in breaking if crew_in_sight(day, screen.shown_columns, one)]
        if not ids:
            key = screen.board_app.keymap.shown("filter")
            screen.saying.error(f"the filter hides whoever breaks a rule on this day: {key} changes it")
            return
        at = ids.index(screen.cursor.visit_id) + 1 if screen.cursor.visit_id in ids else self._conflict_at
        self._conflict_at = at % len(ids)
        visit_id = ids[self._conflict_at]
        self._conflict_at += 1
        block = day.block(visit_id)
        if block is not None:
            pane = screen.cursor.pane if screen.cursor.pane != "queue" else "board"
            crew = crew_in_sight(day, screen.shown_columns, visit_id)
            technician = next((one for one in crew if one in day.index), None)
            screen.move_to(
                replace(
                    screen.cursor,
                    pane=pane,
                    visit_id=visit_id,
                    technician_id=technician,
                    at=block.visit.start,
                )
            )
