"""What a visit looks like: its colours, its marks, the sentences that go on it."""

from __future__ import annotations

from fieldboard.board.doing import Late, lateness
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.operation import PENDING, UNDECIDED
from fieldboard.domain.status import Status
from fieldboard.domain.timetable import span_of
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.glyphs import Glyphs
from fieldboard.tui.theme import Palette, status_meaning


@value_class
class Look:
    """What every drawing needs: colours, glyphs, the zone, and what time it is."""

    palette: Palette
    glyphs: Glyphs
    zone: Zone
    now: Instant


DAY = 24 * 60
"""Minutes after which lateness is old news: a past day is reviewed, not chased."""


class Tint(NamedTuple):
    """Meanings (or mixed colours) of a visit's edge, ground and text."""

    edge: str
    ground: str
    text: str
    quiet: str


def lag_of(visit: PlannedVisit, look: Look) -> Late | None:
    """How the visit lags behind its plan now; None where it does not, or began the day before."""
    late = lateness(visit, look.now)
    return late if late is not None and late.minutes < DAY else None


def tint_of(visit: PlannedVisit, look: Look) -> Tint:
    """The colours of a visit as it stands now."""
    key = visit.status, visit.mark, lag_of(visit, look) is not None
    tint: Tint | None = look.palette.tints.get(key)
    if tint is None:
        tint = look.palette.tints[key] = _made(*key, look.palette)
    return tint


def _made(status: Status, mark: str, late: bool, palette: Palette) -> Tint:
    stem = status_meaning(status)
    edge, ground, text = stem, f"{stem}_bg", f"{stem}_text"
    if late:
        edge, ground = "late", "late_bg"
    if mark in PENDING:
        edge, ground = "pending", palette.mix(ground, "pending", 0.16)
    elif mark in UNDECIDED:
        edge = "error"
    return Tint(edge, ground, text, palette.quieter(text, ground, 0.42))


def remark(visit: PlannedVisit, look: Look) -> str:
    """What a dispatcher should know about the visit now, in a few words; empty for nothing."""
    if visit.mark in ("queued", "sending"):
        return f"saved {look.glyphs.dot} sending"
    if visit.mark == "acked":
        return "sent"
    if visit.mark == "uncertain":
        return "answer lost"
    if visit.mark:
        return {"rejected": "refused", "conflict": "changed elsewhere"}.get(visit.mark, visit.mark)
    late = lag_of(visit, look)
    if late is None:
        return ""
    return f"runs {span_text(late.minutes)} over" if late.over else f"{span_text(late.minutes)} late"


def short_remark(visit: PlannedVisit, look: Look) -> str:
    """The remark in the space of a number: `+25`; empty for nothing."""
    late = lag_of(visit, look)
    if late is None:
        return ""
    return f"+{late.minutes}" if late.minutes < 600 else f"+{late.minutes // 60}h"


def span_text(minutes: int) -> str:
    """A length of time, `25 min`, `2 h`, `1 h 30`, `3 d`."""
    if minutes < 60:
        return f"{minutes} min"
    if minutes >= 48 * 60:
        return f"{minutes // 1440} d"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


def length_text(minutes: int) -> str:
    """A planned length in few cells: `45m`, `2h`, `1h30`, `3d`."""
    if minutes < 60:
        return f"{minutes}m"
    if minutes >= 24 * 60 and minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    hours, rest = divmod(minutes, 60)
    return f"{hours}h{rest:02}" if rest else f"{hours}h"


def times_text(visit: PlannedVisit, look: Look) -> str:
    """The planned times, `10:45–12:45`; estimated ones with `~`; the observed end likewise."""
    span = span_of(visit)
    if span is None:
        return "any time" if visit.date is not None else "no date"
    clock = look.zone.clock_text
    sign = "~" if visit.estimated or visit.observed else ""
    return f"{sign}{clock(span[0])}{look.glyphs.dash}{clock(span[1])}"
