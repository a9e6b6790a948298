"""Marks that tell states apart without colour: one cell each, with ASCII twins.

None of them has an emoji presentation by default, so that terminals agree on their width.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from dataclasses import field
from typing import Final

from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.value_class import value_class

_STATUS: Final[Mapping[Status, str]] = {
    Status.DRAFT: "◌",
    Status.UNASSIGNED: "○",
    Status.ASSIGNED: "◆",
    Status.EN_ROUTE: "➤",
    Status.ON_SITE: "◉",
    Status.IN_PROGRESS: "▶",
    Status.ON_HOLD: "‖",
    Status.COMPLETED: "✓",
    Status.CLOSED: "■",
    Status.CANCELLED: "×",
    Status.SKIPPED: "»",
    Status.DECLINED: "¬",
    Status.FAILED: "✗",
    Status.UNKNOWN: "?",
}

_STATUS_ASCII: Final[Mapping[Status, str]] = {
    Status.DRAFT: ".",
    Status.UNASSIGNED: "o",
    Status.ASSIGNED: "*",
    Status.EN_ROUTE: ">",
    Status.ON_SITE: "@",
    Status.IN_PROGRESS: "P",
    Status.ON_HOLD: "H",
    Status.COMPLETED: "V",
    Status.CLOSED: "#",
    Status.CANCELLED: "X",
    Status.SKIPPED: "S",
    Status.DECLINED: "D",
    Status.FAILED: "F",
    Status.UNKNOWN: "?",
}

_MARKS: Final[Mapping[str, str]] = {
    "queued": "↑",
    "sending": "↑",
    "uncertain": "≈",
    "acked": "↑",
    "rejected": "✗",
    "conflict": "≠",
    "gone": "∅",
    "superseded": "↓",
    "duplicate": "≡",
    "ask": "?",
}

_MARKS_ASCII: Final[Mapping[str, str]] = {
    "queued": "^",
    "sending": "^",
    "uncertain": "~",
    "acked": "^",
    "rejected": "X",
    "conflict": "#",
    "gone": "0",
    "superseded": "v",
    "duplicate": "=",
    "ask": "?",
}

STATUS_WORDS: Final[Mapping[Status, str]] = {
    Status.DRAFT: "draft",
    Status.UNASSIGNED: "unassigned",
    Status.ASSIGNED: "assigned",
    Status.EN_ROUTE: "on the way",
    Status.ON_SITE: "on site",
    Status.IN_PROGRESS: "in progress",
    Status.ON_HOLD: "on hold",
    Status.COMPLETED: "completed",
    Status.CLOSED: "closed",
    Status.CANCELLED: "cancelled",
    Status.SKIPPED: "skipped",
    Status.DECLINED: "declined",
    Status.FAILED: "failed",
    Status.UNKNOWN: "unknown",
}
"""What each status is called on the screen."""

MARK_WORDS: Final[Mapping[str, str]] = {
    "queued": "waits to be sent",
    "sending": "is being sent",
    "uncertain": "its answer was lost",
    "acked": "sent, not yet read back",
    "rejected": "refused by the system",
    "conflict": "changed by somebody else",
    "gone": "no longer there",
    "superseded": "overtaken by a newer edit",
    "duplicate": "may exist twice",
    "ask": "waits for a decision",
}
"""What the mark of an edit that is not settled means."""


@value_class
class Glyphs:
    """One set of marks; every text is one cell wide."""

    ascii_only: bool
    status: Mapping[Status, str]
    mark: Mapping[str, str]
    urgent: str = "!"
    edge: str = "▌"
    edge_marked: str = "█"
    ghost_edge: str = "┊"
    hour_line: str = "┈"
    now_line: str = "╌"
    now_bar: str = "│"
    travel: str = "┊"
    shade: str = "░"
    bar_end: str = "▐"
    bar_full: str = "━"
    bar_rest: str = "─"
    actual: str = "▂"
    conflict: str = "▲"
    flag: str = "⚑"
    sending: str = "↑"
    live: str = "●"
    stale: str = "◐"
    offline: str = "○"
    left: str = "‹"
    right: str = "›"
    arrow: str = "→"
    dash: str = "–"
    dot: str = "·"
    more: str = "…"
    times: str = "×"
    picked: str = "◈"
    marked: str = "✚"
    technician: Mapping[str, str] = field(default_factory=dict)

    def of_status(self, status: Status) -> str:
        """The glyph of a visit's or job's status."""
        return self.status.get(status, "?")

    def of_mark(self, mark: str) -> str:
        """The glyph of an edit that is not settled; a space where there is none."""
        return self.mark.get(mark, "?" if mark else " ")

    def of_priority(self, priority: Priority | None) -> str:
        """Two cells that say how much a job presses."""
        if priority is Priority.URGENT:
            return self.urgent * 2
        if priority is Priority.HIGH:
            return self.urgent + " "
        if priority is Priority.LOW:
            return ("," if self.ascii_only else "◦") + " "
        return self.dot + " "

    def of_technician(self, word: str) -> str:
        """The glyph of what a technician is doing, by the first word of it that is known."""
        lowered = word.lower()
        for part, glyph in self.technician.items():
            if part in lowered:
                return glyph
        return self.dot


_TECHNICIAN: Final[Mapping[str, str]] = {
    "over": "●",
    "job": "●",
    "site": "●",
    "busy": "●",
    "travel": "◐",
    "way": "◐",
    "route": "◐",
    "driv": "◐",
    "break": "‖",
    "lunch": "‖",
    "hold": "‖",
    "free": "○",
    "avail": "○",
    "off": "×",
    "away": "×",
    "absent": "×",
    "holiday": "×",
    "sick": "×",
    "done": "✓",
    "late": "◑",
}

UNICODE: Final = Glyphs(False, _STATUS, _MARKS, technician=_TECHNICIAN)

ASCII: Final = Glyphs(
    True,
    _STATUS_ASCII,
    _MARKS_ASCII,
    edge="|",
    edge_marked="#",
    ghost_edge=":",
    hour_line=".",
    now_line="-",
    now_bar="|",
    travel=":",
    shade="/",
    bar_end="|",
    bar_full="=",
    bar_rest="-",
    actual="_",
    conflict="!",
    flag="!",
    sending="^",
    live="*",
    stale="~",
    offline="o",
    left="<",
    right=">",
    arrow=">",
    dash="-",
    dot=".",
    more="~",
    times="x",
    picked="+",
    marked="+",
    technician={
        **dict.fromkeys(("over", "job", "site", "busy"), "*"),
        **dict.fromkeys(("travel", "way", "route", "driv"), ">"),
        **dict.fromkeys(("break", "lunch", "hold"), "="),
        **dict.fromkeys(("free", "avail"), "o"),
        **dict.fromkeys(("off", "away", "absent", "holiday", "sick"), "x"),
        "done": "v",
        "late": "!",
    },
)


_TWINS: Final = str.maketrans(
    {
        "…": "~", "·": "-", "–": "-", "→": ">", "▌": ">", "▐": "|", "─": "-", "│": "|", "✓": "+", "⚠": "!",
        "×": "x", "▁": ".", "▂": ":", "▃": ":", "▄": "=", "▅": "=", "▆": "#", "▇": "#", "█": "#", "●": "*",
        "○": "o", "↵": "/", "‹": "<", "›": ">", "━": "=", "↑": "^", "↓": "v", "▸": ">", "’": "'", "≠": "#",
        "◦": ",", "✗": "X", "┊": ":", "•": "*", "▏": "|", "←": "<", "‘": "'", "“": '"', "”": '"', "—": "-",
        "≈": "~", "≡": "=", "∅": "0", "▲": "!", "⚑": "!", "\N{REPLACEMENT CHARACTER}": "?",
    }
)  # fmt: skip


def ascii_twins(text: str) -> str:
    """The text with marks such as ours replaced by their ASCII twins, in the same number of cells.

    Letters of any script stay what they are.
    """
    return text if text.isascii() else text.translate(_TWINS)


def utf8_terminal(environ: Mapping[str, str] | None = None) -> bool:
    """Whether the locale says that the terminal takes UTF-8 (LC_ALL, LC_CTYPE, LANG, in this order)."""
    environ = os.environ if environ is None else environ
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := environ.get(name):
            return "utf8" in value.lower().replace("-", "") or value.lower().startswith("c.utf")
    return locale.getpreferredencoding(do_setlocale=False).lower().replace("-", "") == "utf8"


def choose_glyphs(ascii_only: bool | None = None, environ: Mapping[str, str] | None = None) -> Glyphs:
    """The set to draw with: as asked, else by the locale."""
    if ascii_only is None:
        ascii_only = not utf8_terminal(environ)
    return ASCII if ascii_only else UNICODE
