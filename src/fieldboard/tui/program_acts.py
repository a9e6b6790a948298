"""Acts of the program itself: sync, outbox, help, palette, theme, the `:` line, leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fieldboard.tui.chrome.line import Part

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen


class ProgramActs:
    """What the keys of the groups Sync and Application do."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        self._lines: list[str] = []

    def do_sync(self) -> None:
        screen, options = self.screen, self.screen.board_app.options
        if options.offline or options.poke is None:
            screen.saying.error("offline by choice: start without --offline to sync")
            return
        poke = options.poke
        screen.asked_after = (screen.state.last_round_finished if screen.state is not None else None) or 0
        screen.thread.ask(
            lambda _: poke(), lambda _: screen.saying.say(Part("asked the system what is new", "muted"))
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
        from fieldboard.tui.marks import marks

        app = self.screen.board_app
        dialog = HelpDialog(
            ACTS, app.keymap, lacks=app.lacks, text=text, mouse=app.options.mouse, marks=marks(app.glyphs)
        )
        app.push_screen(dialog, lambda act: app.run_act(act) if act else None)

    def do_palette(self) -> None:
        from fieldboard.tui.palette import ActsPalette

        self.screen.app.push_screen(ActsPalette())

    def do_theme(self) -> None:
        app = self.screen.board_app
        names = sorted(app.options.themes)
        at = names.index(app.palette.name) if app.palette.name in names else -1
        app.set_theme(names[(at + 1) % len(names)])
        self.screen.saying.say(Part(f"theme {app.palette.name}", "muted"))

    def do_command_line(self) -> None:
        from fieldboard.tui.commands import open_command_line

        open_command_line(self.screen, self._lines)

    def do_quit(self) -> None:
        app = self.screen.board_app
        waiting = self.screen.header.facts.pending
        self.screen.remembering.now()
        app.exit(waiting)
