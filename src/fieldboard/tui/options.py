"""What the board is told when it starts. Plain values; imports no Textual."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldboard.clock import Clock, SystemClock
from fieldboard.domain.instants import Zone
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.value_class import value_class

if TYPE_CHECKING:
    from fieldboard.board.day_board import DayBoard
    from fieldboard.board.queue_board import QueueBoard
    from fieldboard.domain.rules import SystemRules
    from fieldboard.themes_file import ThemeSpec


class FirstSight(NamedTuple):
    """What was read before Textual was imported, so that the first frame shows it."""

    day: DayBoard
    queue: QueueBoard
    state: Any
    pending: int = 0
    undecided: int = 0


@value_class
class BoardOptions:
    """How the board is to start.

    `profile` and `system` are the names in the header. `date` None means today. `themes` by name; a
    `theme` that is not among them is the default. `keys` are the user's own, by act. `place` is the
    remembered place (as `remember` was given it). `ascii_only` None: by the locale.
    `remember` saves the place, `poke` wakes the sync, `touch` says that somebody is at the board; all
    three are called on the desk's thread. `sync_trouble` says why nothing is synced (None: all is
    well); it is asked on the screen's own thread. `notices` are said in the line at the start. `profiles` are
    the names of all profiles of the configuration, each with its system's.
    """

    profile: str
    system: str
    zone: Zone
    rules: SystemRules
    themes: Mapping[str, ThemeSpec]
    clock: Clock = field(default_factory=SystemClock)
    date: date | None = None
    offline: bool = False
    mouse: bool = True
    bell: bool = False
    slot_minutes: int = 30
    theme: str | None = None
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Mapping[str, Any] = field(default_factory=dict)
    ascii_only: bool | None = None
    mono: bool | None = None
    stale_after_s: int = 90
    poll_s: float = 0.25
    log: Path | None = None
    notices: tuple[str, ...] = ()
    remember: Callable[[Mapping[str, Any]], object] | None = None
    poke: Callable[[], object] | None = None
    touch: Callable[[], object] | None = None
    profiles: tuple[tuple[str, str], ...] = ()
    sync_trouble: Callable[[], str | None] | None = None
