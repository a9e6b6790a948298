"""The first thing somebody sees who has no configuration yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen

from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.ink import default_palette, glyphs_of
from fieldboard.tui.dialogs.spans import Line, column, hints, words
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.glyphs import Glyphs, choose_glyphs
from fieldboard.tui.theme import Palette

Answer = Literal["demo", "init"]


class _Way(NamedTuple):
    answer: Answer | None
    letter: str
    title: str
    says: str


WAYS: tuple[_Way, ...] = (
    _Way("demo", "d", "Try the demo", "a day of a made-up company; nothing is kept"),
    _Way("init", "i", "Set it up", "for the system you work with; needs its token"),
    _Way(None, "q", "Leave", ""),
)

# A little day: three technicians, their visits, and one about to be placed.
_PICTURE: tuple[Line, ...] = (
    (("      07   08   09   10   11   12   13   14  ", "faint"),),
    (("Amara ", "muted"), ("▌4401   ", "status_completed status_completed_bg"), ("   ", ""),
     ("▌4418      ", "status_in_progress status_in_progress_bg"), ("  ", ""),
     ("▌4433  ", "status_assigned status_assigned_bg"), ("       ", "")),
    (("Ben   ", "muted"), ("  ", ""), ("▌4403  ", "status_completed status_completed_bg"), ("    ", ""),
     ("▌4420    ", "status_en_route status_en_route_bg"), ("     ", ""),
     ("▌4437       ", "status_assigned status_assigned_bg"), ("", "")),
    (("Dai   ", "muted"), ("▌4409  ", "status_completed status_completed_bg"), ("          ", ""),
     ("┊4471 +       ", "ghost ghost_bg bold"), ("  ", ""), ("▌4441 ", "status_assigned status_assigned_bg")),
)  # fmt: skip


class WelcomeScreen(Screen[Answer]):
    """Offers the demo and the set-up; gives `demo`, `init` or None."""

    DEFAULT_CSS: ClassVar[str] = """
    WelcomeScreen { align: center middle; background: $background; }
    WelcomeScreen > #frame {
        width: 100%; max-width: 74; height: auto; margin: 0 2; padding: 1 3;
        background: $surface; border: round $primary;
    }
    WelcomeScreen.-ascii > #frame { border: ascii $primary; }
    WelcomeScreen ChoiceList { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", "leave", show=False)]

    def __init__(self, config: Path | None = None) -> None:
        """Say that there is no configuration at `config`."""
        super().__init__()
        self._config = config

    def compose(self) -> ComposeResult:
        self.set_class(glyphs_of(self.app).ascii_only, "-ascii")
        with Vertical(id="frame"):
            yield SpansView(self._head, id="head")
            yield ChoiceList[_Way](self._draw, WAYS, single_click=True, id="list")
            yield SpansView(self._foot, id="help")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()

    def _head(self, width: int) -> Sequence[Line]:
        lines: list[Line] = [
            (("fieldboard", "accent bold"), ("  a dispatch board for the terminal", "muted")),
            (),
        ]
        if self.app.size.height >= 22 and width >= 48:
            margin = (" " * ((width - 46) // 2), "")
            lines += [*((margin, *line) for line in _PICTURE), ()]
        lines += words(
            "Technicians, jobs and the day, answered from a local copy; your field service system gets every "
            "edit, also the ones made with the line down.",
            width,
        )
        lines.append(())
        return lines

    def _foot(self, width: int) -> list[Line]:
        lines: list[Line] = [()]
        if self._config is not None:
            lines += words(f"There is no configuration yet at {self._config}", width, "faint", limit=2)
            lines.append(())
        lines.append(hints((("Enter", "takes it"), ("↑ ↓", "move"), ("d i q", "at once")), width))
        return lines

    def _draw(self, way: _Way, width: int) -> Line:
        return (
            (way.letter, "accent bold"), ("  ", ""), column(way.title, 14, "bold"),
            column(way.says, max(0, width - 17), "muted"),
        )  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        for way in WAYS:
            if event.character == way.letter:
                event.stop()
                self.dismiss(way.answer)

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        self.dismiss(WAYS[event.index].answer)

    def action_leave(self) -> None:
        self.dismiss(None)


class WelcomeApp(App[Answer]):
    """Shows the welcome alone and ends with its answer."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, config: Path | None = None, palette: Palette | None = None) -> None:
        super().__init__()
        self.palette = palette or default_palette(mono=bool(os.environ.get("NO_COLOR")))
        self.glyphs: Glyphs = choose_glyphs()
        self._config_path = config

    def on_mount(self) -> None:
        from fieldboard.paths import theme_files
        from fieldboard.themes_file import load_theme
        from fieldboard.tui.theme import textual_theme

        spec = next(spec for spec in map(load_theme, theme_files()) if spec.name == self.palette.name)
        theme = textual_theme(spec)
        self.register_theme(theme)
        self.theme = theme.name
        self.push_screen(WelcomeScreen(self._config_path), self.exit)
