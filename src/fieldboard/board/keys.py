"""The keys that hold: the defaults of the acts with the user's own laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from fieldboard.board.acts import ACTS, BY_ID, Act
from fieldboard.config import Config
from fieldboard.domain.value_class import value_class
from fieldboard.tomlfile import ConfigError, TomlFile

NONE: Final = "none"
"""Takes the keys of an act away."""

_NAMED: Final = frozenset(
    {"tab", "enter", "space", "escape", "up", "down", "left", "right", "home", "end"}
    | {"pageup", "pagedown", "backspace", "delete", "insert", *(f"f{number}" for number in range(1, 25))}
)
_CHORDS: Final = ("ctrl+", "shift+", "alt+")
_OTHER_NAMES: Final = {
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "page_up": "pageup",
    "page_down": "pagedown",
    "del": "delete",
    " ": "space",
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "full_stop": ".",
    "exclamation_mark": "!",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


class WrongKeys(ValueError):
    """The user's keys cannot hold; the text is one sentence that says which and what to do.

    `act` is the word of the `[keys]` table that is wrong.
    """

    def __init__(self, act: str, says: str) -> None:
        self.act = act
        super().__init__(says)


@value_class
class Keymap:
    """Which key means which act. `by_key` has every key, `by_act` the keys of every act that has one."""

    by_key: Mapping[str, Act]
    by_act: Mapping[str, tuple[str, ...]]

    def keys(self, act_id: str) -> tuple[str, ...]:
        """The keys of an act; empty for one that has none."""
        return self.by_act.get(act_id, ())

    def first(self, act_id: str) -> str:
        """The key of an act that footer and help show; '' for one that has none."""
        return next(iter(self.keys(act_id)), "")

    def act(self, key: str) -> Act | None:
        """The act of a key."""
        return self.by_key.get(key)

    def begins(self, typed: str) -> bool:
        """Whether a longer key of several characters begins with what was typed."""
        return any(
            len(key) > len(typed) and key.startswith(typed) and is_sequence(key) for key in self.by_key
        )


def is_sequence(key: str) -> bool:
    """Whether a key is characters typed one after the other (`gg`), not one key with a name."""
    return len(key) > 1 and key not in _NAMED and "+" not in key[1:]


def plain(key: str) -> str:
    """A key in the form of the table: `Ctrl+D` is `ctrl+d`, `esc` is `escape`, `G` stays `G`.

    Raises ValueError for a text that is no key.
    """
    text = key if key == " " else key.strip()
    text = _OTHER_NAMES.get(text.lower(), text) if len(text) != 1 or text == " " else text
    if len(text) == 1 and text.isprintable():
        return text
    low = text.lower()
    if low in _NAMED:
        return low
    if low.startswith(_CHORDS):
        chords, _, last = low.rpartition("+")
        if low.endswith("++"):
            chords, last = low[:-2], "+"
        wrong = [one for one in chords.split("+") if f"{one}+" not in _CHORDS]
        if not wrong and last and (len(last) == 1 or last in _NAMED):
            return f"{chords}+{last}"
    elif text.isprintable() and 2 <= len(text) <= 3 and " " not in text and "+" not in text:
        return text
    raise ValueError(
        f"{key!r} is no key; write a character, enter, space, f5, ctrl+d or two characters like gg"
    )


def keymap(own: Mapping[str, tuple[str, ...] | str] | None = None) -> Keymap:
    """The keys with the user's laid over the defaults.

    A default key that the user gave to another act is taken from the act that had it. Raises WrongKeys
    for an unknown act (naming the nearest), a text that is no key, and a key that two acts want.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    wanted: dict[str, str] = {}
    for act_id, value in (own or {}).items():
        if act_id not in BY_ID:
            near = get_close_matches(act_id, BY_ID, n=1, cutoff=0.4)
            hint = f"; did you mean {near[0]!r}?" if near else f"; the acts are {', '.join(BY_ID)}"
            raise WrongKeys(act_id, f"there is no act {act_id!r}{hint}")
        keys = _keys_of(act_id, value)
        for key in keys:
            other = wanted.setdefault(key, act_id)
            if other != act_id:
                raise WrongKeys(act_id, f"{key!r} is wanted by {other!r} and by {act_id!r}; give one another")
        chosen[act_id] = keys
    by_act: dict[str, tuple[str, ...]] = {}
    for act in ACTS:
        left = tuple(key for key in act.keys if key not in wanted)
        by_act[act.id] = chosen.get(act.id, left)
    by_key = {key: BY_ID[act_id] for act_id, keys in by_act.items() for key in keys}
    _check_sequences(by_key, wanted)
    return Keymap(by_key, by_act)


def keymap_of(config: Config) -> Keymap:
    """The keys of a configuration. Raises ConfigError, naming file and line, where they cannot hold."""
    try:
        return keymap(config.keys)
    except WrongKeys as wrong:
        line = TomlFile.read(config.path, "the configuration").line_of(("keys", wrong.act))
        raise ConfigError(f"{config.path}, line {line}: {wrong}") from None


def _keys_of(act_id: str, value: tuple[str, ...] | list[str] | str) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else list(value)
    if [text.strip().lower() for text in texts] == [NONE]:
        return ()
    keys: list[str] = []
    for text in texts:
        try:
            keys.append(plain(text))
        except ValueError as wrong:
            raise WrongKeys(act_id, f"{act_id}: {wrong}") from None
    return tuple(dict.fromkeys(keys))


def _check_sequences(by_key: Mapping[str, Act], wanted: Mapping[str, str]) -> None:
    """A key that is also the beginning of a longer one would never be known to be over."""
    for key, act in by_key.items():
        if not is_sequence(key):
            continue
        for end in range(1, len(key)):
            other = by_key.get(key[:end])
            if other is not None:
                culprit = wanted.get(key) or wanted.get(key[:end]) or act.id
                raise WrongKeys(
                    culprit, f"{key!r} of {act.id!r} begins with {key[:end]!r}, which is {other.id!r} already"
                )


DEFAULT: Final = keymap()
"""The keys without anybody's own."""
