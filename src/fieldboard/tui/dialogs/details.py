"""Everything about one job, and from here every act on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

from textual import events
from textual.widget import Widget

from fieldboard.board.acts import BY_ID
from fieldboard.board.details import Details
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import UNDECIDED
from fieldboard.domain.status import ENDED
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.dialogs.base import Dialog
from fieldboard.tui.dialogs.history_dialog import change_spans
from fieldboard.tui.dialogs.ink import glyphs_of
from fieldboard.tui.dialogs.outbox_dialog import STATE_WORDS
from fieldboard.tui.dialogs.pager import Pager
from fieldboard.tui.dialogs.spans import Line, Span, column, cut, ends, words
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.dialogs.words import (
    day_words,
    length_words,
    moment_words,
    span_words,
    when_words,
    window_words,
)
from fieldboard.tui.glyphs import MARK_WORDS, STATUS_WORDS
from fieldboard.tui.keymap import Keymap, written
from fieldboard.tui.theme import priority_meaning, status_meaning

HERE: Final = (
    "assign",
    "status",
    "times",
    "edit",
    "note",
    "unassign",
    "copy",
    "open",
    "history",
    "delete",
    "decisions",
)
"""Acts that can be started from the details."""

PLANS: Final = frozenset({"assign", "times", "unassign"})
"""Acts on who and when."""

LABEL: Final = 11
"""Cells for a fact's name."""


class DetailsDialog(Dialog[str]):
    """Customer, site, promises, items, fields, visits with planned and actual times, notes, edits, history.

    The keys of acts on a job work here too and give the act's id; those in `lacks` the system cannot do.
    """

    WIDTH: ClassVar[int] = 104
    HEIGHT: ClassVar[int] = 46

    def __init__(
        self,
        details: Details,
        zone: Zone,
        *,
        keymap: Keymap | None = None,
        lacks: Mapping[str, str] | None = None,
        deletes: bool = True,
    ) -> None:
        super().__init__("Job")
        self._deletes = deletes
        self._details, self._zone = details, zone
        self._keymap = keymap or Keymap()
        self._lacks = lacks or {}
        self._message = ""

    def body(self) -> Iterable[Widget]:
        yield SpansView(self._head, id="head")
        yield Pager(self._text, id="text")

    def on_mount(self) -> None:
        self.query_one(Pager).focus()
        self.call_after_refresh(self._say)

    def natural_height(self) -> int:
        inner = min(self.WIDTH, self.app.size.width - 2) - 6
        return len(self._text(inner)) + len(self._head(inner)) + 4

    def help_items(self) -> Sequence[tuple[str, str]]:
        if self._message:
            return ((f"⚠ {self._message}", ""),)
        items = [
            (self._keymap.shown(act), self._word(act))
            for act in HERE
            if self._keymap.shown(act) and self._matters(act) and self._why_not(act) is None
        ]
        return (*items[:5], ("Esc", "leaves"), *items[5:])

    def _word(self, act: str) -> str:
        """What a key does here, in a word or two: a system that deletes nothing cancels."""
        if act == "delete":
            return "delete" if self._deletes else "cancel"
        return BY_ID[act].title.lower().removesuffix(" in the system")

    def _matters(self, act: str) -> bool:
        return act != "decisions" or self._details.visit.mark in UNDECIDED

    def _why_not(self, act: str) -> str | None:
        """Why an act can do nothing here; None where it can."""
        visit = self._details.visit
        if act in PLANS and act not in self._lacks:
            if visit.status in ENDED:
                return f"it is {STATUS_WORDS[visit.status]}: that is not planned any more"
            if act == "unassign" and not visit.technician_ids:
                return "nobody has it: there is nothing to unassign"
        return self._lacks.get(act)

    # -- drawing --------------------------------------------------------------------------------

    def _head(self, width: int) -> list[Line]:
        visit, glyphs = self._details.visit, glyphs_of(self.app)
        press = visit.priority.word if visit.priority is not None else ""
        state: tuple[Span, ...] = (
            (
                f"{glyphs.of_status(visit.status)} {STATUS_WORDS[visit.status]}",
                f"{status_meaning(visit.status)} bold",
            ),
        )
        title = ends(
            ((visit.number or visit.job_id, "accent bold"), (f"  {visit.title}", "bold")), state, width
        )
        second: list[Span] = []
        if press:
            mark = glyphs.of_priority(visit.priority).strip()
            second += [(f"{mark} {press}", priority_meaning(visit.priority)), ("  ", "")]
        second.append((when_words(visit, self._zone), ""))
        crew = self._crew(visit)
        second += [("  ", ""), (crew, "") if visit.technician_ids else ("nobody yet", "muted")]
        if visit.mark:
            second += [
                ("  ", ""),
                (
                    f"{glyphs.of_mark(visit.mark)} {MARK_WORDS.get(visit.mark, visit.mark)}",
                    "error" if visit.mark in UNDECIDED else "pending",
                ),
            ]
        return [title, cut(tuple(second), width), *self._waiting(width), ()]

    def _waiting(self, width: int) -> list[Line]:
        """Why the visit bears its mark, and the key by which it is decided."""
        mark = self._details.visit.mark
        edit = next((op for op in self._details.edits if op.state == mark and not op.noted), None)
        if edit is None or not (edit.reason or edit.state in UNDECIDED):
            return []
        says = edit.reason or f"{edit.label}: {STATE_WORDS[edit.state][0]}."
        if edit.state not in UNDECIDED:
            return words(says, width, STATE_WORDS[edit.state][1], limit=2)
        key = self._keymap.shown("decisions") or ":decisions"
        return words(f"{says} {key} decides.", width, "error", limit=2)

    def _crew(self, visit: PlannedVisit) -> str:
        names = {one.id: one.name for one in self._details.technicians}
        return ", ".join(names.get(one, one) for one in visit.technician_ids)

    def _text(self, width: int) -> list[Line]:
        details = self._details
        lines: list[Line] = [
            line for says in details.conflicts for line in words(f"⚠ {says.says}", width, "warn")
        ]
        if lines:
            lines.append(())
        lines += self._facts(width)
        for title, some in (
            ("Items", self._items(width)),
            ("Assets", self._assets(width)),
            ("Fields", self._fields(width)),
            ("Visits", self._visits(width)),
            (
                "Notes",
                words(details.job.notes, width) if details.job is not None and details.job.notes else [],
            ),
            ("Edits of ours", self._edits(width)),
            ("History", self._history(width)),
        ):
            if some:
                rule = "─" * max(0, width - len(title) - 1)
                lines += [(), ((f"{title} ", "muted bold"), (rule, "border")), *some]
        return lines

    def _facts(self, width: int) -> list[Line]:
        visit, job = self._details.visit, self._details.job
        site = job.site if job is not None else None
        windows = "; ".join(window_words(one, self._zone) for one in visit.windows)
        rows: list[tuple[str, str]] = [
            ("Customer", visit.customer),
            ("Phone", (job.phone if job is not None else None) or ""),
            ("Site", " · ".join(part for part in (site, visit.address) if part)),
            ("Promised", windows or "no window"),
            ("Lasts", length_words(visit.minutes)),
            ("Needs", ", ".join(visit.skills)),
            ("Territory", visit.territory or ""),
            ("Kind", (job.kind if job is not None else None) or ""),
        ]
        if visit.raw_status and visit.raw_status.lower().replace("_", " ") != STATUS_WORDS[visit.status]:
            rows.append(("In system", visit.raw_status))
        if visit.created_at is not None:
            rows.append(("Created", moment_words(visit.created_at, self._zone)))
        lines: list[Line] = []
        for label, text in rows:
            if not text:
                continue
            first, *more = words(text, max(8, width - LABEL), "")
            lines.append((column(label, LABEL, "muted"), *first))
            lines += [((" " * LABEL, ""), *line) for line in more]
        return lines

    def _items(self, width: int) -> list[Line]:
        job = self._details.job
        return [
            cut(
                (
                    column(f"{one.quantity:g}", 6, "muted", right=True),
                    (" × ", "faint"),
                    (one.name, ""),
                    (f"  {one.detail}", "muted"),
                ),
                width,
            )
            for one in (job.items if job is not None else ())
        ]

    def _assets(self, width: int) -> list[Line]:
        job = self._details.job
        return [
            cut(
                (
                    column(one.tag or one.id, 14, "muted"),
                    (one.name or "not read yet", "" if one.name else "faint"),
                    (f"  {one.status}" if one.status else "", "muted"),
                    (f"  {one.relation.replace('_', ' ')}" if one.relation else "", "accent"),
                    (f"  {one.notes}" if one.notes else "", "muted"),
                ),
                width,
            )
            for one in ((job.assets or ()) if job is not None else ())
        ]

    def _fields(self, width: int) -> list[Line]:
        job = self._details.job
        some = job.fields if job is not None else ()
        label = min(24, max((len(one.name) for one in some), default=0) + 2)
        lines: list[Line] = []
        for one in some:
            first, *more = words(one.value, max(8, width - label))
            lines.append((column(one.name, label, "muted"), *first))
            lines += [((" " * label, ""), *line) for line in more]
        return lines

    def _visits(self, width: int) -> list[Line]:
        glyphs, zone = glyphs_of(self.app), self._zone
        lines: list[Line] = []
        for visit in self._details.visits:
            here = visit.id == self._details.visit.id
            when = when_words(visit, zone)
            lines.append(
                cut(
                    (
                        ("▸ " if here else "  ", "accent"), (f"{visit.nth}/{visit.of}  ", "muted"),
                        (f"{glyphs.of_status(visit.status)} ", status_meaning(visit.status)),
                        column(STATUS_WORDS[visit.status], 12, status_meaning(visit.status)),
                        column(when, 24), ("  ", ""),
                        (self._crew(visit) or "nobody yet", "bold" if here else ""),
                    ),
                    width,
                )
            )  # fmt: skip
            if visit.actual_start is not None:
                seen = "~" if visit.observed else ""
                told = "seen between two rounds" if visit.observed else "as the system says"
                day = zone.date_of(visit.actual_start)
                span = span_words(visit.actual_start, visit.actual_end, zone)
                if visit.actual_end is None:
                    span = f"{span}– still there"
                spans = (
                    (" " * 7, ""), column("actual", 14, "muted"),
                    column(f"{day_words(day)} {seen}{span}", 24, "ok"),
                    ("  ", ""), (told, "faint"),
                )  # fmt: skip
                lines.append(cut(spans, width))
        return lines

    def _edits(self, width: int) -> list[Line]:
        glyphs = glyphs_of(self.app)
        lines: list[Line] = []
        for op in self._details.edits:
            says, role = STATE_WORDS[op.state]
            mark = glyphs.of_mark(op.state.value) if op.state.value in glyphs.mark else "✓"
            left = (
                (f"{mark} ", role),
                (moment_words(op.created_at, self._zone), "muted"),
                (f"  {op.label}", ""),
            )
            lines.append(ends(left, ((says, role),), width))
            if op.reason:
                lines += [
                    (("   ", ""), *line) for line in words(op.reason, max(8, width - 3), "muted", limit=3)
                ]
        return lines

    def _history(self, width: int) -> list[Line]:
        lines: list[Line] = []
        last = None
        for one in self._details.history:
            day = self._zone.date_of(one.at if one.at is not None else one.seen_at)
            if day != last:
                last = day
                lines.append(((day_words(day, year=True), "faint"),))
            lines.append(((" ", ""), *change_spans(one, self._zone, width - 1)))
        return lines

    # -- keys -----------------------------------------------------------------------------------

    def _say(self) -> None:
        pager = self.query_one(Pager)
        self.count(f"to line {pager.seen} of {pager.count}" if pager.overflows else "")

    def on_lines_view_scrolled(self) -> None:
        self._say()

    def on_key(self, event: events.Key) -> None:
        if self._message:
            self._message = ""
            self.help_again()
        act = self._keymap.feed("", written(event.key, event.character)).act
        if act not in HERE:
            return
        event.stop()
        event.prevent_default()
        if (why := self._why_not(act)) is not None:
            self._message = why
            self.help_again()
            return
        self.dismiss(act)
