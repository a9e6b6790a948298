"""Acts that look at one job: its details, its history, what can be copied of it, its page at the system."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fieldboard.board.details import Details, details_of
from fieldboard.board.plan import title_of
from fieldboard.domain.rules import Ability
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.chrome.line import Part

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen


class Looking:
    """What the keys do that show a job and change nothing."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen

    def do_details(self) -> None:
        from fieldboard.tui.dialogs.details import DetailsDialog

        def show(_: PlannedVisit, details: Details) -> None:
            app = self.screen.board_app
            deletes = app.options.rules.can(Ability.DELETE)
            dialog = DetailsDialog(
                details, self.screen.look.zone, keymap=app.keymap, lacks=app.lacks, deletes=deletes
            )
            app.push_screen(dialog, lambda act: app.run_act(act) if act else None)

        self._with_details(show)

    def do_history(self) -> None:
        from fieldboard.tui.dialogs.history_dialog import HistoryDialog

        def show(visit: PlannedVisit, details: Details) -> None:
            title = f"History of {title_of(visit)}"
            self.screen.app.push_screen(HistoryDialog(details.history, self.screen.look.zone, title=title))

        self._with_details(show)

    def do_copy(self) -> None:
        from fieldboard.tui.dialogs.copy_menu import CopyItem, CopyMenu

        screen = self.screen

        def copied(text: str | None) -> None:
            if text:
                screen.app.copy_to_clipboard(text)
                screen.saying.say(Part("copied  ", "muted"), Part(text, "text", True))

        def show(_: PlannedVisit, details: Details) -> None:
            items = [CopyItem(name[0], name, text) for name, text in details.copies()]
            screen.app.push_screen(CopyMenu(items), copied)

        self._with_details(show)

    def _with_details(self, show: Callable[[PlannedVisit, Details], None]) -> None:
        """Go on with the visit under the cursor, and with all that is known of its job, once that is read."""
        visit = self.screen.visit()
        if visit is None:
            self.screen.saying.error("no job is selected")
            return
        self.screen.thread.ask(
            lambda desk: details_of(desk, visit), lambda details: show(visit, details), key="details"
        )

    def do_open(self) -> None:
        screen, visit = self.screen, self.screen.visit()
        url = screen.board_app.options.rules.job_url
        if visit is None or url is None:
            screen.saying.error("no job is selected" if url else "the system names no page of a job")
            return
        from urllib.parse import quote

        address = url.replace("{id}", quote(visit.job_id, safe=""))
        screen.app.open_url(address)
        screen.saying.say(Part("opened  ", "muted"), Part(address))
