"""Every act in the command palette, with the key that reaches it now."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from functools import partial
from typing import ClassVar, Final, Protocol, cast

from textual.app import ComposeResult
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from fieldboard.board.acts import ACTS, Act
from fieldboard.tui.dialogs.ink import glyphs_of
from fieldboard.tui.glyphs import ascii_twins
from fieldboard.tui.keymap import Keymap, shown_key

KEY_SCORE: Final = 100.0
"""What is typed is the key of the act: nothing fits better."""

MOST: Final = 30
"""Hits that are given out: what is beyond them nobody reads, and each costs time to draw."""

TITLE: Final = 24
"""Cells for an act's title, so that the keys stand under each other."""


class RunsActs(Protocol):
    """What the palette needs of the app."""

    keymap: Keymap
    lacks: Mapping[str, str]

    def run_act(self, act_id: str) -> object:
        """Do an act, or say why it cannot be done."""
        ...


class ActsPalette(CommandPalette):
    """The palette over the acts: without an emoji, whose width terminals disagree about, and no spinner."""

    DEFAULT_CSS: ClassVar[str] = """
    ActsPalette SearchIcon { display: none; }
    ActsPalette LoadingIndicator { display: none; }
    ActsPalette #--input { padding: 0 1; }
    ActsPalette.-ascii #--input, ActsPalette.-ascii CommandList { border: none; scrollbar-size: 0 0; }
    """

    def __init__(self) -> None:
        super().__init__(providers=[ActsProvider], placeholder="an act, by its name or key")

    def compose(self) -> ComposeResult:
        self.set_class(glyphs_of(self.app).ascii_only, "-ascii")
        yield from super().compose()


class ActsProvider(Provider):
    """Finds acts by title, by what they do and by their word on the `:` line.

    An act that the system lacks is dimmed and says why instead of what it does.
    """

    @property
    def _board(self) -> RunsActs:
        return cast(RunsActs, self.app)

    async def discover(self) -> Hits:
        for act in _offered()[:MOST]:
            yield DiscoveryHit(
                self._display(act, Content(act.title)), self._run(act), act.title, self._help(act)
            )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        found: list[tuple[float, int, Act]] = []
        for index, act in enumerate(_offered()):
            score = max(
                matcher.match(act.title),
                0.9 * max((matcher.match(word) for word in act.words), default=0.0),
                0.6 * matcher.match(act.help),
                KEY_SCORE if query in self._board.keymap.keys_of(act.id) else 0.0,
            )
            if score > 0:
                found.append((score, -index, act))
        for score, _index, act in heapq.nlargest(MOST, found):
            title = matcher.highlight(act.title)

            yield Hit(min(1.0, score), self._display(act, title), self._run(act), act.title, self._help(act))

    def _display(self, act: Act, title: Content) -> Content:
        keys = " ".join(shown_key(key) for key in self._board.keymap.keys_of(act.id)[:2])
        gap = " " * max(2, TITLE - title.cell_length)
        keys = ascii_twins(keys or "–") if glyphs_of(self.app).ascii_only else keys or "–"
        whole = Content.assemble(title, gap, (keys, "bold $accent"))
        if act.command is not None:
            whole = Content.assemble(
                whole, " " * max(2, TITLE + 14 - whole.cell_length), (f":{act.command}", "dim")
            )
        return whole.stylize("dim") if act.id in self._board.lacks else whole

    def _help(self, act: Act) -> str:
        # Shown as markup by the palette; acts and reasons are our own words, brackets in them stay text.
        lacking = self._board.lacks.get(act.id)
        says = f"not here: {lacking}" if lacking is not None else act.help
        return says.replace("[", "\\[")

    def _run(self, act: Act) -> partial[object]:
        return partial(self._board.run_act, act.id)


def _offered() -> list[Act]:
    """The acts that make sense from a palette: planning first, moving the cursor not at all."""
    order = {"Plan": 0, "Job": 1, "Find": 2, "Day": 3, "View": 4, "Sync": 5, "Application": 6}
    some = [act for act in ACTS if act.group in order and act.id not in ("palette", "back")]
    return sorted(some, key=lambda act: order[act.group])
