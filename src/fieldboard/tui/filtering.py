"""Acts on what the queue and the columns show: filter, order, what is new."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fieldboard.board.filters import Filter
from fieldboard.board.queue_board import QueueBoard
from fieldboard.board.queue_order import GroupBy, Order
from fieldboard.tui.chrome.line import Part
from fieldboard.tui.panes.queue_view import whole

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.panes.queue_view import QueueView


class Filtering:
    """What the keys of the group Find do that choose and order what is shown."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen

    def do_filter(self) -> None:
        from fieldboard.tui.dialogs.filter_dialog import FilterDialog

        screen = self.screen
        if screen.view is None:
            return
        board = screen.view.board

        def count(wanted: Filter) -> tuple[int, int]:
            found = len(board.filtered(wanted))
            screen.board_app.thread.worked_elsewhere()
            return found, board.total

        def chosen(wanted: Filter | None) -> None:
            if wanted is not None:
                self.filter(wanted)

        screen.app.push_screen(FilterDialog(board.filter, self._suggestions(board), count=count), chosen)

    def _suggestions(self, board: QueueBoard) -> list[str]:
        day = self.screen.day
        skills = {skill for row in list(board.rows)[:500] for skill in row.skills}
        territories = {row.territory for row in list(board.rows)[:500] if row.territory}
        if day is not None:
            skills |= {skill for column in day.columns for skill in column.technician.skills}
            territories |= {
                column.technician.territory for column in day.columns if column.technician.territory
            }
        return [f"skill:{one}" for one in sorted(skills)] + [f"terr:{one}" for one in sorted(territories)]

    def filter(self, wanted: Filter) -> None:
        """Show only what passes, in queue and columns."""
        self._requeue(lambda board: board.filtered(wanted))

    @property
    def filtered(self) -> bool:
        """Whether a filter hides something."""
        return self.screen.view is not None and self.screen.view.board.filter != Filter()

    def drop_filter(self) -> None:
        """Show everything again."""
        screen = self.screen
        key = screen.board_app.keymap.shown("filter")
        self.filter(Filter())
        screen.saying.say(Part("everything is shown again", "muted"), Part(f"   {key} filters", "faint"))

    def do_sort(self) -> None:
        from fieldboard.tui.dialogs.sort_dialog import SortDialog

        screen = self.screen
        if screen.view is None:
            return

        def chosen(answer: Any) -> None:
            if answer is not None:
                self.sort(answer.order, answer.group_by)

        board = screen.view.board
        screen.app.push_screen(SortDialog(board.order, board.group_by), chosen)

    def sort(self, order: Order, group_by: GroupBy) -> None:
        """Show the queue in another order."""
        self._requeue(lambda board: board.sorted_by(order, group_by))

    def do_show_new(self) -> None:
        screen = self.screen
        if screen.view is None or not screen.view.announced:
            screen.saying.error("nothing new has come in")
            return

        def show(view: QueueView | None) -> None:
            if view is None or screen.view is None:
                return
            new = screen.view.announced
            count = len(new)
            screen.showing.show_queue(view)
            # The most urgent of them is brought into sight; the cursor stays on its job.
            places = [at for one in new if (at := view.position(one)) is not None]
            screen.queue.reveal(min(places, default=None))
            screen.saying.say(Part(f"{count} new shown, the queue is in order again", "muted"))

        screen.thread.ask(lambda _: screen.thread.show_whole_queue(), show, early=True)

    def _requeue(self, change: Callable[[QueueBoard], QueueBoard]) -> None:
        screen, thread = self.screen, self.screen.thread

        def work(_: Desk) -> QueueBoard | None:
            board = thread.queue
            return None if board is None else thread.show_queue(change(board))

        def show(board: QueueBoard | None) -> None:
            if board is None or screen.view is None:
                return
            columns_before = screen.view.board.filter.columns
            screen.showing.show_queue(whole(board))
            if board.filter.columns != columns_before and screen.day is not None:
                screen.showing.show_columns()
            screen.remembering.soon()

        thread.ask(work, show, early=True)
