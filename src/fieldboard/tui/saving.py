"""Plans and saves on the desk's thread, and says what was saved; a broken rule is asked about first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from fieldboard.board.plan import Plan, times_text
from fieldboard.domain.fields import STATUS
from fieldboard.domain.instants import MINUTE
from fieldboard.domain.operation import Kind, Operation
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.chrome.line import Part, Said, joined, parts
from fieldboard.tui.glyphs import STATUS_WORDS

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.tui.board_screen import BoardScreen

Planner = Callable[["Desk"], Plan]
"""Makes a plan, on the desk's thread."""

Again = Callable[[Sequence[PlannedVisit]], Planner]
"""The same act for other visits, at least one; for several it is one act."""

Saved = tuple[Operation, ...]
"""What a plan became in the outbox."""


class Saving:
    """What all acts on data end in. `amend` changes every plan before it is looked at and saved."""

    def __init__(self, screen: BoardScreen, amend: Callable[[Plan], Plan] | None = None) -> None:
        self.screen = screen
        self.last: Again | None = None
        """The last act that can be done again, for other visits."""
        self._amend = amend

    def commit(
        self, planner: Planner, *, again: Again | None = None, sure: bool = False, go: bool = False
    ) -> None:
        """Plan and save; where a rule would be broken say so first, and want an Enter.

        With `go` the cursor goes to what was done, on whatever day and in whatever pane that is.
        """

        def work(desk: Desk) -> tuple[Plan, Saved | None]:
            plan = planner(desk)
            if self._amend is not None:
                plan = self._amend(plan)
            if plan.refusal is not None or plan.empty or (plan.needs_second_enter and not sure):
                return plan, None
            return plan, self.screen.thread.save(desk, plan)

        def answer(answered: tuple[Plan, Saved | None]) -> None:
            plan, operations = answered
            if operations is not None:
                self.saved(plan, operations, again, go=go)
            elif plan.refusal is not None or plan.empty:
                self.screen.saying.error(plan.refusal or plan.sentence or "nothing to do")
            else:
                self._doubt(plan, lambda: self.commit(planner, again=again, sure=True, go=go))

        self.screen.thread.ask(work, answer)

    def _doubt(self, plan: Plan, again: Callable[[], None]) -> None:
        look = self.screen.look
        says = (
            joined(plan.doubts or [warning.says for warning in plan.warnings])
            or "this cannot be taken back at the system"
        )
        words = parts(
            Part("SURE?  ", "warn", True),
            Part(plan.sentence, "text", True),
            Part(f"  {look.glyphs.conflict} {says}", "warn"),
        )
        self.screen.saying.warn(
            Said(
                words, f"Enter does it all the same {look.glyphs.dot} Esc leaves it", "late_bg", "Enter again"
            ),
            again,
        )

    def saved(self, plan: Plan, operations: Saved, again: Again | None = None, *, go: bool = False) -> None:
        """An act was saved: say so, and how it is taken back; the cursor stays with what it was done to."""
        if again is not None:
            self.last = again
        screen = self.screen
        if screen.marked:
            screen.mark(frozenset())
        waits = plan.drafts and screen.header.facts.offline
        tail = " (kept, sent when the line is back)" if waits else ""
        back: Literal["undo", "until sent"] = "until sent" if plan.stays_once_sent else "undo"
        screen.saying.say(Part(plan.sentence + tail), back=None if plan.final else back)
        screen.thread.ask(lambda desk: shown_now(desk, operations), lambda visits: self.follow(visits, go=go))

    def follow(self, visits: list[PlannedVisit], *, go: bool = False) -> None:
        """Stay with what something was done to, where that is one visit; with `go` on whatever day it is."""
        if len(visits) == 1 and go:
            self.screen.following.go_to(visits[0])
        elif len(visits) == 1:
            self.screen.following.stay_with(visits[0])
        else:
            self.screen.show_cursor()


def shown_now(desk: Desk, operations: Saved) -> list[PlannedVisit]:
    """What the operations were done to, as it is shown now."""
    found: dict[str, PlannedVisit] = {}
    for change in (change for one in operations for change in one.changes):
        target = desk.server_id(change.id)
        by_job = change.kind is Kind.JOB
        visits = desk.planned_of_job(target) if by_job else desk.store.planned([target])
        found.update((visit.id, visit) for visit in visits)
    return list(found.values())


def where_now(desk: Desk, operations: Saved) -> tuple[list[PlannedVisit], str]:
    """What the operations were done to, and for a single visit where it is now, in words."""
    visits = shown_now(desk, operations)
    if len(visits) != 1:
        return visits, ""
    visit = visits[0]
    if all(one.field == STATUS for operation in operations for one in operation.changes):
        return visits, f"now {STATUS_WORDS[visit.status]}"
    if visit.queued:
        return visits, "now in the queue"
    names = " and ".join(desk.people.name_of(one) for one in visit.technician_ids)
    if visit.start is None:
        return visits, f"now {names}"
    end = visit.end if visit.end is not None else visit.start + visit.minutes * MINUTE
    return visits, f"now {names} {times_text(visit.start, end, desk.zone, desk.today())}"
