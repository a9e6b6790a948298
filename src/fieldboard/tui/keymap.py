"""From keys to acts: one table for the board's own dispatch, the footer and the help.

Textual's own keymap silently drops keys that clash and cannot read sequences; this one is built from
the board's checked table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fieldboard.board.keys import is_sequence, keymap
from fieldboard.domain.named import NamedTuple

_NAMES: Final = {
    "return": "enter",
    "ctrl+m": "enter",
    "ctrl+i": "tab",
    "esc": "escape",
    "page_up": "pageup",
    "page_down": "pagedown",
    "pgup": "pageup",
    "pgdn": "pagedown",
}

_SHOWN: Final = {
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def written(key: str, character: str | None) -> str:
    """A key as acts write it: the character where it prints one, else its name."""
    if character is not None and len(character) == 1 and character.isprintable() and character != " ":
        return character
    return _NAMES.get(key, key)


class Step(NamedTuple):
    """What one key led to: an act, the beginning of a sequence, or nothing."""

    act: str | None
    pending: str = ""


class Keymap:
    """Which key does what. `own` maps an act to the user's keys; none take its keys away.

    Raises WrongKeys for what cannot hold.
    """

    def __init__(self, own: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._keys = keymap(own)
        self._prefixes = {
            key[:end] for key in self._keys.by_key if is_sequence(key) for end in range(1, len(key))
        }

    def feed(self, pending: str, key: str) -> Step:
        """What `key` means after `pending` (the beginning of a sequence, or nothing)."""
        if pending and (act := self._keys.act(pending + key)) is not None:
            return Step(act.id)
        if key in self._prefixes and self._keys.act(key) is None:
            return Step(None, key)
        act = self._keys.act(key)
        return Step(act.id if act is not None else None)

    def keys_of(self, act_id: str) -> tuple[str, ...]:
        """The keys of an act that reach it now, as they are written."""
        return self._keys.keys(act_id)

    def shown(self, act_id: str) -> str:
        """The first key of an act as people read it; empty where it has none."""
        keys = self.keys_of(act_id)
        return shown_key(keys[0]) if keys else ""


def shown_key(key: str) -> str:
    """A key as people read it."""
    return key.upper() if is_function_key(key) else _SHOWN.get(key, key)


def is_function_key(key: str) -> bool:
    """Whether a key is one of F1 and its row."""
    return key[:1] == "f" and key[1:].isdecimal()
