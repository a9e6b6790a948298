"""The lines above the footer: what would happen, and what just happened."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from fieldboard.domain.instants import Instant
from fieldboard.domain.named import NamedTuple
from fieldboard.text import ELLIPSIS, fit
from fieldboard.tui.ink import Ink, width_of
from fieldboard.tui.lines import LineField
from fieldboard.tui.panes.look import Look

if TYPE_CHECKING:
    from textual.strip import Strip


class Part(NamedTuple):
    """A run of words and what they mean (a meaning of the theme).

    `rank` says how much it matters where there is no room for all: 0 stays, and of the others the lowest
    come first. What has the same rank stays or goes together.
    """

    text: str
    meaning: str = "text"
    bold: bool = False
    rank: int = 0


class Said(NamedTuple):
    """What a line says: words from the left, words at the right end, and the ground below them.

    `brief` is what stands at the right end where the words leave no room for `right`.
    """

    parts: tuple[Part, ...] = ()
    right: str = ""
    ground: str = "background"
    brief: str = ""


NOTHING = Said()


WORDS: Final = 24
"""Cells that words keep before what stands behind them: with fewer they say nothing."""

SPOKEN_S: Final = 6
"""Seconds for which what was said of an act, or of something urgent, stands before less is said over it."""


class Turn(IntEnum):
    """How much something matters that wants to be said: what matters less waits until it has had its time."""

    NOTE = 0
    ALERT = 1
    ACT = 2


class Turns:
    """Who may speak on the line of what happened: acts at once, what nobody asked for in its turn.

    Of one subject only the last words are said. An alert that an act cuts short comes again after it.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Turn, tuple[Part, ...]]] = {}
        self._now: tuple[str, Turn, tuple[Part, ...]] = ("", Turn.NOTE, ())
        self._until = 0

    def act(self, now: Instant) -> None:
        """What was done is told now, whatever is being said."""
        about, turn, words = self._now
        if turn is Turn.ALERT and now < self._until:
            self._waiting.setdefault(about, (turn, words))
        self._now, self._until = ("", Turn.ACT, ()), now + SPOKEN_S

    def ask(self, about: str, turn: Turn, words: tuple[Part, ...]) -> None:
        """Something wants to be said."""
        self._waiting[about] = turn, words

    def drop(self, about: str) -> None:
        """It is no longer so."""
        self._waiting.pop(about, None)
        if self._now[0] == about:
            self._now = ("", Turn.NOTE, ())

    @property
    def about(self) -> str:
        """What the last words that nobody asked for were about; empty after an act."""
        return self._now[0]

    def next(self, now: Instant) -> tuple[Part, ...]:
        """What is to be said now, what matters most first; empty for nothing."""
        if not self._waiting:
            return ()
        about, (turn, words) = max(self._waiting.items(), key=lambda item: item[1][0])
        if now < self._until and turn <= self._now[1]:
            return ()
        del self._waiting[about]
        self._now, self._until = (about, turn, words), now + SPOKEN_S
        return words


class SayingLine(LineField):
    """One line of words."""

    DEFAULT_CSS = "SayingLine { height: 1; width: 100%; }"

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(id=name)
        self.look = look
        self.said = NOTHING

    def say(self, said: Said) -> None:
        """Say something else; the same again costs nothing."""
        if said != self.said:
            self.said = said
            self.touch()

    def set_look(self, look: Look, *, repaint: bool) -> None:
        """Another theme, or another minute."""
        self.look = look
        if repaint:
            self.touch()

    def draw(self, y: int, width: int) -> Strip:
        palette, said = self.look.palette, self.said
        ink = Ink(width, palette("text", said.ground)).gap()
        needed = sum(width_of(part.text) for part in said.parts)
        right = f"{said.right} " if said.right else ""
        # What is said matters more than the keys, which the footer names too.
        if needed + width_of(right) + 3 > width:
            right = f" {said.brief} " if said.brief else ""
        taken = width_of(right)
        for part in fitting(said.parts, ink.left - taken - 1):
            ink.put(part.text, palette(part.meaning, said.ground, bold=part.bold))
        if taken:
            ink.fill(keep=taken).put(
                right, palette("warn" if said.brief else "muted", said.ground, bold=bool(said.brief))
            )
        return ink.strip()


def fitting(some: Sequence[Part], room: int) -> tuple[Part, ...]:
    """The parts for which there is room, in their order: those that stay, then as many others as fit whole.

    Where even those that stay are too long, the longest of them ends between two words.
    """
    left = room - sum(width_of(part.text) for part in some)
    if left >= 0:
        return tuple(some)
    left = room - sum(width_of(part.text) for part in some if not part.rank)
    kept = {0}
    for rank in sorted({part.rank for part in some} - kept):
        needed = sum(width_of(part.text) for part in some if part.rank == rank)
        if needed <= left:
            kept.add(rank)
            left -= needed
    shown = [part for part in some if part.rank in kept]
    if left >= 0:
        return tuple(shown)
    cut: list[Part] = []
    for at, part in enumerate(shown):
        behind = sum(width_of(later.text) for later in shown[at + 1 :])
        # What stands behind long words, such as the key that goes on from there, is short and worth more.
        own = room - behind if room - behind >= WORDS else room
        if width_of(part.text) <= own:
            cut.append(part)
            room -= width_of(part.text)
            continue
        cut.append(part._replace(text=_between_words(part.text, own)))
        if own == room:
            break
        room -= width_of(cut[-1].text)
    return tuple(cut)


def _between_words(text: str, room: int) -> str:
    """As many whole words as fit with an ellipsis; a single word that is too long is cut."""
    first, *words = text.split(" ")
    head = first
    for word in words:
        longer = f"{head} {word}"
        if width_of(longer) >= room:
            break
        head = longer
    return f"{head}{ELLIPSIS}" if head.strip() and width_of(head) < room else fit(text, room)


def over_two(said: Said, width: int) -> tuple[Said, Said | None]:
    """What one line of so many cells holds of it, and what goes on to a second line; None where all fits.

    It is parted between sentences, where the last run of words has several.
    """
    if not said.parts:
        return said, None
    brief = width_of(f" {said.brief} ") if said.brief else 0
    *first, last = said.parts
    room = width - 2 - brief - sum(width_of(part.text) for part in first)
    if width_of(last.text) <= room:
        return said, None
    sentences = last.text.split("; ")
    fits = 0
    while fits < len(sentences) and width_of("; ".join(sentences[: fits + 1])) + 1 <= room:
        fits += 1
    rest = "; ".join(sentences[fits:])
    kept = (last._replace(text="; ".join(sentences[:fits]) + ";"),) if fits else ()
    return (
        said._replace(parts=(*first, *kept)),
        Said((last._replace(text=rest),), ground=said.ground),
    )


def parts(*words: Part | str | None) -> tuple[Part, ...]:
    """Parts from words, leaving out what is empty."""
    made = (Part(word) if isinstance(word, str) else word for word in words if word is not None)
    return tuple(part for part in made if part.text)


def joined(sentences: Sequence[str], between: str = "; ") -> str:
    """Sentences as one run of words."""
    return between.join(sentence.rstrip(".") for sentence in sentences if sentence)
