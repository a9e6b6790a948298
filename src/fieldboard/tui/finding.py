"""Acts that look for something, and those of the application: search, filter, sort, help, leaving."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fieldboard.board.alerts import Cause, Told, look
from fieldboard.board.details import Details, details_of
from fieldboard.board.filters import Filter
from fieldboard.board.plan import title_of
from fieldboard.board.queue_board import GroupBy, Order, QueueBoard
from fieldboard.domain.rules import Ability
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.chrome.line import Part, Said, Turn
from fieldboard.tui.panes.queue_view import whole

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.desk_thread import Fresh
    from fieldboard.tui.panes.queue_view import QueueView


class Finding:
    """What the keys of groups Find, Sync and Application do, and what is announced."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        self.found: tuple[PlannedVisit, ...] = ()
        self._at = 0
        self._said: Said | None = None
        self._conflict_at = 0
        self._told = Told()
        self._lines: list[str] = []

    # Search

    def do_search(self) -> None:
        self.search("")

    def search(self, text: str) -> None:
        """Open the search with a text in it."""
        from fieldboard.tui.dialogs.search_dialog import SearchDialog

        screen = self.screen
        thread, day = screen.thread, screen.day

        async def run(typed: str) -> list[PlannedVisit]:
            return await thread.fetch(lambda desk: desk.search(typed))

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
            self.screen.say_error("nothing was searched for yet: / searches")
            return
        self._at = (self._at + steps) % len(self.found)
        self._go()

    def _go(self) -> None:
        visit = self.found[self._at]
        self.screen.say(
            Part(f"found {self._at + 1} of {len(self.found)}  ", "muted"), Part(title_of(visit), "text", True)
        )
        self.screen.go_to(visit)
        self._said = self.screen.happened

    def quiet(self) -> None:
        """Another day is shown: what was found is no longer what just happened."""
        if self._said is not None and self.screen.happened == self._said:
            self.screen.hush()
        self._said = None

    def forget(self) -> None:
        """Forget what was found."""
        self.found = ()
        self.screen.say_info()

    # Filter, order, what is new, conflicts

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
        screen.say(Part("everything is shown again", "muted"), Part(f"   {key} filters", "faint"))

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
            screen.say_error("nothing new has come in")
            return

        def show(view: QueueView | None) -> None:
            if view is None or screen.view is None:
                return
            new = screen.view.announced
            count = len(new)
            screen.show_queue(view)
            # The most urgent of them is brought into sight; the cursor stays on its job.
            places = [at for one in new if (at := view.position(one)) is not None]
            screen.queue.reveal(min(places, default=None))
            screen.say(Part(f"{count} new shown, the queue is in order again", "muted"))

        screen.thread.ask(lambda _: screen.thread.show_whole_queue(), show, early=True)

    def _requeue(self, change: Any) -> None:
        screen, thread = self.screen, self.screen.thread

        def work(_: Desk) -> QueueBoard | None:
            board = thread.queue
            return None if board is None else thread.show_queue(change(board))

        def show(board: QueueBoard | None) -> None:
            if board is None or screen.view is None:
                return
            columns_before = screen.view.board.filter.columns
            screen.show_queue(whole(board))
            if board.filter.columns != columns_before and screen.day is not None:
                screen.show_columns()
            screen.remembering.soon()

        thread.ask(work, show, early=True)

    def do_next_conflict(self) -> None:
        screen, day = self.screen, self.screen.day
        ids = list(dict.fromkeys(one for one, _ in day.conflicts)) if day is not None else []
        if day is None or not ids:
            screen.say_error("no rule is broken on this day")
            return
        at = ids.index(screen.cursor.visit_id) + 1 if screen.cursor.visit_id in ids else self._conflict_at
        self._conflict_at = at % len(ids)
        visit_id = ids[self._conflict_at]
        self._conflict_at += 1
        block = day.block(visit_id)
        if block is not None:
            pane = screen.cursor.pane if screen.cursor.pane != "queue" else "board"
            technician = next((one for one in day.where[visit_id] if one in day.index), None)
            screen.move_to(
                replace(
                    screen.cursor,
                    pane=pane,
                    visit_id=visit_id,
                    technician_id=technician,
                    at=block.visit.start,
                )
            )

    # One job

    def do_details(self) -> None:
        from fieldboard.tui.dialogs.details import DetailsDialog

        screen, visit = self.screen, self.screen.visit()
        if visit is None:
            screen.say_error("no job is selected")
            return

        def show(details: Details) -> None:
            app = screen.board_app
            deletes = app.options.rules.can(Ability.DELETE)
            dialog = DetailsDialog(
                details, screen.look.zone, keymap=app.keymap, lacks=app.lacks, deletes=deletes
            )
            screen.app.push_screen(dialog, lambda act: app.run_act(act) if act else None)

        screen.thread.ask(lambda desk: details_of(desk, visit), show, key="details")

    def do_history(self) -> None:
        from fieldboard.tui.dialogs.history_dialog import HistoryDialog

        screen, visit = self.screen, self.screen.visit()
        if visit is None:
            screen.say_error("no job is selected")
            return

        def show(details: Details) -> None:
            screen.app.push_screen(
                HistoryDialog(details.history, screen.look.zone, title=f"History of {title_of(visit)}")
            )

        screen.thread.ask(lambda desk: details_of(desk, visit), show, key="details")

    def do_copy(self) -> None:
        from fieldboard.tui.dialogs.copy_menu import CopyItem, CopyMenu

        screen, visit = self.screen, self.screen.visit()
        if visit is None:
            screen.say_error("no job is selected")
            return

        def copied(text: str | None) -> None:
            if text:
                screen.app.copy_to_clipboard(text)
                screen.say(Part("copied  ", "muted"), Part(text, "text", True))

        def show(details: Details) -> None:
            items = [CopyItem(name[0], name, text) for name, text in details.copies()]
            screen.app.push_screen(CopyMenu(items), copied)

        screen.thread.ask(lambda desk: details_of(desk, visit), show, key="details")

    def do_open(self) -> None:
        screen, visit = self.screen, self.screen.visit()
        url = screen.board_app.options.rules.job_url
        if visit is None or url is None:
            screen.say_error("no job is selected" if url else "the system names no page of a job")
            return
        from urllib.parse import quote

        address = url.replace("{id}", quote(visit.job_id, safe=""))
        screen.app.open_url(address)
        screen.say(Part("opened  ", "muted"), Part(address))

    # Sync and application

    def do_sync(self) -> None:
        screen, options = self.screen, self.screen.board_app.options
        if options.offline or options.poke is None:
            screen.say_error("offline by choice: start without --offline to sync")
            return
        poke = options.poke
        screen.thread.ask(
            lambda _: poke(), lambda _: screen.say(Part("asked the system what is new", "muted"))
        )

    def do_outbox(self) -> None:
        from fieldboard.board.planning import plan_retry, plan_undo
        from fieldboard.tui.dialogs.outbox_dialog import OutboxDialog

        screen = self.screen

        def show(operations: Any) -> None:
            def chosen(choice: Any) -> None:
                if choice is None:
                    return
                op = next(one for one in operations if one.op_id == choice.op_id)
                plan = plan_retry if choice.what == "retry" else plan_undo
                screen.acting.saving.commit(lambda desk: plan(desk, op), sure=True)

            screen.app.push_screen(OutboxDialog(operations, screen.look.zone), chosen)

        screen.thread.ask(lambda desk: desk.edits(), show)

    def do_help(self) -> None:
        self.help("")

    def help(self, text: str) -> None:
        """Open the help with a text in it."""
        from fieldboard.board.acts import ACTS
        from fieldboard.tui.dialogs.help_dialog import HelpDialog

        app = self.screen.board_app
        dialog = HelpDialog(ACTS, app.keymap, lacks=app.lacks, text=text, mouse=app.options.mouse)
        app.push_screen(dialog, lambda act: app.run_act(act) if act else None)

    def do_palette(self) -> None:
        from fieldboard.tui.palette import ActsPalette

        self.screen.app.push_screen(ActsPalette())

    def do_theme(self) -> None:
        app = self.screen.board_app
        names = sorted(app.options.themes)
        at = names.index(app.palette.name) if app.palette.name in names else -1
        app.set_theme(names[(at + 1) % len(names)])
        self.screen.say(Part(f"theme {app.palette.name}", "muted"))

    def do_command_line(self) -> None:
        from fieldboard.tui.commands import open_command_line

        open_command_line(self.screen, self._lines)

    def do_quit(self) -> None:
        app = self.screen.board_app
        waiting = self.screen.header.facts.pending
        self.screen.remembering.now()
        app.exit(waiting)

    # What is announced

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
        screen.announce(
            first.cause.value, Turn.ALERT, Part(first.says, meaning, True), Part(more, "muted", rank=2), tail
        )
        if screen.board_app.options.bell:
            screen.app.bell()
