"""Carries a visit on the screen: keys and the mouse move it, the line says what letting go would do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from fieldboard.board.plan import Plan, title_of
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.status import ENDED
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui import carry as moves
from fieldboard.tui.carry import Carry, Person
from fieldboard.tui.carry_plans import again_of, plan_of
from fieldboard.tui.carry_words import Seen, aside, hints, meaning, sentence
from fieldboard.tui.chrome.footer import Hint
from fieldboard.tui.chrome.line import Part, Said
from fieldboard.tui.cursor import Cursor
from fieldboard.tui.panes.column_art import Ghost

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.domain.operation import Operation
    from fieldboard.tui.arrangement import Pane
    from fieldboard.tui.board_screen import BoardScreen

HOLD_S: Final = 0.008
"""Seconds for which a step waits for its preview: half a frame."""


class Carrier:
    """Holds the carry, shows it, asks for its preview and commits it."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        self.carry: Carry | None = None
        self.others: tuple[PlannedVisit, ...] = ()
        """What else is marked, and goes along."""
        self.said: Said | None = None
        self.plan: Plan | None = None
        self._planned: tuple[str | None, Instant, Instant] | None = None
        self.under_mouse: Pane | None = None
        """The pane in which the mouse holds it: that one does not scroll to where it is."""
        self._aside = False
        self._dropping = False
        self._untyped: Carry | None = None
        self._came_from: _Scene | None = None
        self._asked: tuple[str | None, Instant, Instant] | None = None
        self._held: asyncio.TimerHandle | None = None
        self._when_shown: list[Callable[[], object]] = []

    # Picking up

    def pick_up(
        self,
        visit: PlannedVisit,
        *,
        source: str | None = None,
        over: str | None = None,
        part: moves.Part = "whole",
    ) -> bool:
        """Take a visit; False (and why is said) where it cannot be moved."""
        screen, day = self.screen, self.screen.day
        if day is None:
            return False
        if visit.status in ENDED:
            screen.saying.error(f"{title_of(visit)} is {visit.status.value}: it cannot be moved any more")
            return False
        people = tuple(
            Person(column.technician.id, column.technician.name)
            for column in (day.columns[at] for at in screen.shown_columns)
            if column.technician.active
        )
        # With a queue and no place on the board yet, the column in sight that is first.
        first = screen.shown_columns[screen.board.first] if screen.shown_columns else None
        near = (
            over
            or screen.cursor.technician_id
            or (day.columns[first].technician.id if first is not None else None)
        )
        slot = min(screen.board.slot_minutes, 30) * MINUTE
        carry = moves.pick_up(
            visit, people, (day.start, day.end), slot, screen.now(), over=near, source=source, part=part
        )
        if carry is None:
            screen.saying.error("there is nobody to give it to: no technician is shown")
            return False
        self.others = self._along(visit) if part == "whole" else ()
        self.under_mouse, self._aside = None, False
        self.carry, self.plan, self._planned, self._dropping = carry, None, None, False
        self._asked = None
        self._untyped = None
        board, timeline = screen.board, screen.timeline
        self._came_from = _Scene(
            day.day, screen.cursor, (board.first, board.top), (timeline.top, timeline.start)
        )
        self.show()
        return True

    def _along(self, visit: PlannedVisit) -> tuple[PlannedVisit, ...]:
        """The other marked ones, by time, where the visit is one of them."""
        screen = self.screen
        if visit.id not in screen.marked:
            return ()
        others = [one for one in screen.subjects() if one.id != visit.id]
        return tuple(sorted(others, key=lambda one: (one.start is None, one.start or 0, one.number)))

    def put_back(self) -> None:
        """Put it back where it was, and show what was in sight then."""
        scene, screen = self._came_from, self.screen
        if self.carry is None or scene is None:
            return
        self.let_go()

        def as_before() -> None:
            # With another day to read, the cursor may have gone to another pane meanwhile.
            elsewhere = screen.cursor.pane != scene.cursor.pane
            screen.cursor = scene.cursor
            if elsewhere:
                screen.share_out()
            screen.board.scroll_to_place(*scene.board)
            screen.timeline.scroll_to_place(*scene.timeline)
            screen.show_cursor()

        if screen.day is not None and screen.day.day == scene.day:
            as_before()
        else:
            screen.showing.show_day(scene.day, as_before)

    def let_go(self) -> None:
        """Carry nothing any more, wherever that leaves what was carried."""
        if self.carry is None:
            return
        self.carry = self.said = self.plan = None
        self._is_shown()
        self.others = ()
        self._dropping = False
        screen = self.screen
        screen.board.carry(None, None)
        screen.timeline.carry(None, None)
        screen.queue.carry(None, target=False)
        screen.saying.info()

    # Moving

    def press(self, key: str) -> None:
        """A key while something is carried."""
        carry = self.carry
        if carry is None or self._dropping:
            return
        self.under_mouse = None
        if not carry.typed:
            self._untyped = carry
        zone = self.screen.look.zone
        if key in ("enter", "space"):
            self.drop()
        elif key == "escape" and carry.typed and self._untyped is not None:
            self.to(self._untyped)
        elif key == "escape":
            self.put_back()
        elif key in ("[", "]"):
            self._other_day(-1 if key == "[" else 1)
        elif key == "backspace":
            self.to(moves.rub_out(carry, zone))
        elif (stepped := moves.stepped(carry, key)) is not None:
            self.to(stepped)
        elif len(key) == 1 and key.isdigit():
            self.to(moves.type_digit(carry, key, zone))
        elif len(key) == 1 and key.isalpha():
            after = moves.type_letter(carry, key)
            self.to(after)
            if after is carry:
                self._complain(carry, f"nobody's name has {key!r}")
        else:
            self._complain(carry, f"{key} does nothing while a visit is carried")

    def _complain(self, carry: Carry, words: str) -> None:
        self.screen.info_line.say(self._sentence(carry, (Part(words, "warn"),)))

    def to(self, carry: Carry) -> None:
        """Carry it elsewhere."""
        if carry == self.carry and not self._aside:
            return
        self.carry, self._aside = carry, False
        if self._planned == carry.target:
            self.show()
            return
        # The desk mostly answers before a frame would be painted: then the step and what it means are one.
        self._ask(carry)
        if self._held is None:
            self._held = asyncio.get_running_loop().call_later(HOLD_S, self.show)

    def aside(self) -> None:
        """Hold it over nothing that takes it: letting go puts it back."""
        carry, screen = self.carry, self.screen
        if carry is None or self._aside:
            return
        self._aside = True
        self._is_shown()
        screen.board.carry(carry.visit.id, None)
        screen.timeline.carry(carry.visit.id, None)
        screen.queue.carry(carry.visit.id, target=False)
        self._say()

    def when_shown(self, then: Callable[[], object]) -> None:
        """Call `then` when the newest step is on its way to the screen: at once, or in a moment."""
        if self._held is None:
            then()
        else:
            self._when_shown.append(then)

    def _is_shown(self) -> None:
        if self._held is not None:
            self._held.cancel()
            self._held = None
        waiting, self._when_shown = self._when_shown, []
        for then in waiting:
            then()

    def _other_day(self, days: int) -> None:
        carry, screen = self.carry, self.screen
        if carry is None or screen.day is None:
            return
        day = screen.look.zone.date_of(carry.start) + timedelta(days=days)
        self.carry, self._aside = moves.to_day(carry, day, screen.look.zone), False
        screen.showing.show_day(day, self.show)

    # Showing

    def show(self) -> None:
        """Draw where it would land, and ask what that would mean."""
        carry, screen = self.carry, self.screen
        self._is_shown()
        if carry is None or self._aside:
            return
        known = self._known
        broken = bool(known and (known.warnings or known.refusal))
        clock = screen.look.zone.clock_text
        grid = screen.board.grid
        ghost = bar = None
        if carry.technician_id is not None:
            top = grid.nearest(carry.start)
            bottom = max(top + 1, grid.nearest(carry.end))
            times = f"{clock(carry.start)}{screen.look.glyphs.dash}{clock(carry.end)}"
            ghost = (carry.technician_id, Ghost(carry.visit, top, bottom, times, broken))
            bar = (carry.technician_id, carry.start, carry.end, carry.visit.number, broken)
            if screen.arrangement.board and self.under_mouse != "board":
                screen.board.reveal(carry.technician_id)
                if 0 <= top < grid.rows:
                    screen.board.reveal_rows(top, min(bottom, grid.rows))
            elif not screen.arrangement.board and self.under_mouse != "timeline":
                screen.timeline.reveal_time(carry.start)
        self._light(carry)
        screen.board.carry(carry.visit.id, ghost)
        screen.timeline.carry(carry.visit.id, bar)
        screen.queue.carry(carry.visit.id, target=carry.technician_id is None)
        self._say()
        if self._planned != carry.target:
            self._ask(carry)

    def show_place(self, *, reveal: bool) -> None:
        """Something else changed: light the place anew, with `reveal` in sight."""
        if self.carry is None:
            return
        if reveal:
            self.show()
        else:
            self._light(self.carry)
            self.screen.saying.info()

    def _light(self, carry: Carry) -> None:
        """Light the technician over whom it is carried."""
        board, timeline = self.screen.board, self.screen.timeline
        board.select(board.selected, carry.technician_id)
        timeline.select(timeline.selected, carry.technician_id)

    def _ask(self, carry: Carry) -> None:
        if self._asked == carry.target:
            return
        self._asked = carry.target
        others = self.others

        def plan(desk: Desk) -> tuple[Carry, Plan]:
            return carry, plan_of(desk, carry, others)

        self.screen.thread.ask(plan, self._answer, key="preview")

    def _answer(self, answer: tuple[Carry, Plan]) -> None:
        carry, plan = answer
        if self.carry is None or self.carry.target != carry.target:
            return
        drawn = self.screen.board.ghost
        before = drawn is not None and drawn[1].broken
        self.plan, self._planned = plan, carry.target
        if self._held is not None or before != bool(plan.warnings or plan.refusal):
            self.show()
        else:
            self._say()

    def _say(self) -> None:
        if self.carry is not None:
            look = self.screen.look
            self.said = (
                aside(self.carry, look)
                if self._aside
                else self._sentence(self.carry, meaning(self._known, look))
            )
            self.screen.saying.info()

    def _sentence(self, carry: Carry, tail: tuple[Part, ...]) -> Said:
        screen = self.screen
        day = screen.day.day if screen.day is not None else None
        return sentence(
            carry, tail, Seen(screen.look, day, screen.size.width, len(self.others), self._broken)
        )

    @property
    def _known(self) -> Plan | None:
        """What letting go here would do, once that is known."""
        carry = self.carry
        return self.plan if carry is not None and self._planned == carry.target else None

    @property
    def _broken(self) -> bool:
        """Whether letting go here is known to break a rule."""
        known = self._known
        return known is not None and bool(known.warnings)

    def hints(self) -> tuple[Hint, ...]:
        """The keys that hold while something is carried, those that end it first; they can be clicked."""
        return hints(self.carry, broken=self._broken) if self.carry is not None else ()

    # Letting go

    def drop(self, *, sure: bool = False) -> None:
        """Do it. A broken rule wants a second Enter (of the mouse: an Enter after the drop)."""
        carry, screen = self.carry, self.screen
        if carry is None:
            return
        if not carry.moved or self._aside:
            self.put_back()
            return
        sure = sure or carry.sure
        self._dropping = True
        others = self.others

        def commit(desk: Desk) -> tuple[Plan, tuple[Operation, ...] | None]:
            plan = plan_of(desk, carry, others)
            if plan.refusal is not None or plan.empty or (plan.needs_second_enter and not sure):
                return plan, None
            return plan, screen.thread.save(desk, plan)

        screen.thread.ask(commit, lambda answer: self._dropped(carry, *answer))

    def _dropped(self, carry: Carry, plan: Plan, operations: tuple[Operation, ...] | None) -> None:
        self._dropping = False
        if self.carry is None:
            return
        if operations is None and plan.needs_second_enter and plan.refusal is None:
            self.plan, self._planned = plan, carry.target
            self.carry = replace(self.carry, sure=True)
            self.show()
            return
        self.let_go()
        if operations is None:
            self.screen.show_cursor()
            self.screen.saying.error(plan.refusal or plan.sentence)
            return
        self.screen.acting.saving.saved(plan, operations, again_of(carry))
        if carry.technician_id is not None and self.screen.cursor.pane != "queue":
            self.screen.move_to(
                replace(
                    self.screen.cursor,
                    visit_id=carry.visit.id,
                    technician_id=carry.technician_id,
                    at=carry.start,
                )
            )


class _Scene(NamedTuple):
    """What was in sight when something was picked up."""

    day: date
    cursor: Cursor
    board: tuple[int, int]
    timeline: tuple[int, Instant]
