"""What a terminal sends, with each bracketed paste taken as one text, whatever stands in it.

Textual's own parser looks for keys in a paste, too: where it holds an escape, what follows is lost or comes
as keys before the text that stood in front of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

from fieldboard.text import LIMIT, clean

_KEPT: Final = max(len(BRACKETED_PASTE_START), len(BRACKETED_PASTE_END)) - 1
"""So many characters of what came before may be the beginning of a bracket."""


class PasteParser(XTermParser):
    """Parses keys and the mouse as Textual does; between the brackets of a paste all is text, and cleaned."""

    def __init__(self, debug: bool = False) -> None:
        self._before = ""
        self._pasted: list[str] | None = None
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """Take what was read. Raises ParseError after the end, which is an empty text."""
        if not data:
            yield from super().feed(data)
        while data:
            if self._pasted is None:
                seen = self._before + data
                at = seen.find(BRACKETED_PASTE_START)
                if at < 0:
                    self._before = seen[-_KEPT:]
                    yield from self._keys(data)
                    return
                end = at + len(BRACKETED_PASTE_START) - len(self._before)
                yield from self._keys(data[:end])
                data, self._before, self._pasted = data[end:], "", []
            else:
                # A long paste comes in many parts: only the end of those before can belong to the bracket.
                seen = self._before + data
                at = seen.find(BRACKETED_PASTE_END)
                if at < 0:
                    self._pasted.append(seen[:-_KEPT])
                    self._before = seen[-_KEPT:]
                    return
                text = "".join((*self._pasted, seen[:at]))
                data, self._before, self._pasted = seen[at + len(BRACKETED_PASTE_END) :], "", None
                # Textual's parser has seen the bracket open, and waits for its end.
                yield from self._keys(BRACKETED_PASTE_END)
                yield events.Paste(clean(text, max(LIMIT, len(text))))

    def _keys(self, data: str) -> Iterable[Message]:
        return (one for one in super().feed(data) if not isinstance(one, events.Paste))
