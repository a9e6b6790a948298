"""The footer: the keys that matter here, now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.domain.named import NamedTuple
from fieldboard.tui.ink import Ink, width_of
from fieldboard.tui.lines import LineField
from fieldboard.tui.panes.look import Look

if TYPE_CHECKING:
    from textual.strip import Strip


class Hint(NamedTuple):
    """A key and what it does; `dim` where the system lacks the act."""

    key: str
    word: str
    act: str = ""
    dim: bool = False


class Footer(LineField):
    """One line of hints, the most important first; what has no room is left out whole."""

    DEFAULT_CSS = "Footer { height: 1; width: 100%; }"

    def __init__(self, look: Look) -> None:
        super().__init__(id="footer")
        self.look = look
        self.hints: tuple[Hint, ...] = ()
        self._spans: list[tuple[int, int, str]] = []

    def show(self, hints: tuple[Hint, ...]) -> None:
        """Show other hints; the same again costs nothing."""
        if hints != self.hints:
            self.hints = hints
            self.touch()

    def set_look(self, look: Look, *, repaint: bool) -> None:
        """Another theme, or another minute."""
        self.look = look
        if repaint:
            self.touch()

    def act_at(self, x: int) -> str:
        """The act whose hint stands at a cell; empty for none."""
        return next((act for first, last, act in self._spans if first <= x < last), "")

    def draw(self, y: int, width: int) -> Strip:
        palette = self.look.palette
        ink = Ink(width, palette("muted", "panel")).gap()
        self._spans = []
        # Help keeps its place: whoever is lost must find it.
        last = [hint for hint in self.hints if hint.act == "help"]
        keep = sum(width_of(hint.key) + width_of(hint.word) + 1 for hint in last)
        for hint in [hint for hint in self.hints if hint.act != "help"] + last:
            needed = width_of(hint.key) + width_of(hint.word) + 1
            if needed > ink.left - (0 if hint in last else keep + 4):
                continue
            at = width - ink.left
            self._spans.append((at, at + needed, hint.act))
            key = palette("faint" if hint.dim else "accent", "panel", bold=not hint.dim)
            ink.put(hint.key, key).gap()
            ink.put(hint.word, palette("faint" if hint.dim else "text", "panel")).gap(3)
        return ink.strip()
