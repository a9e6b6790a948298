"""Acts on who does a visit and when: assign, pick up, back to the queue, times; and marking for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from fieldboard.board import planning as plans
from fieldboard.board.bulk_assign import plan_assign_all
from fieldboard.board.candidates import Candidates, ranking_for
from fieldboard.board.plan import title_of
from fieldboard.domain.instants import Instant
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import ENDED
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.glyphs import STATUS_WORDS
from fieldboard.tui.saving import Planner, Saving
from fieldboard.tui.subjects import Subjects, for_each

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.dialogs.assign_picker import AssignChoice


class Assigning:
    """What the keys of the group Plan do."""

    def __init__(self, screen: BoardScreen, saving: Saving, subjects: Subjects) -> None:
        self.screen = screen
        self.saving = saving
        self.subjects = subjects

    def do_assign(self) -> None:
        from fieldboard.tui.dialogs.assign_picker import AssignPicker

        screen = self.screen
        subjects = self.subjects.still_open("assigned")
        if not subjects or screen.day is None:
            return
        first, zone, shown = subjects[0], screen.look.zone, screen.day.day
        # Planning looks ahead: a past day that is being reviewed is no day to plan on.
        ahead = shown if shown > screen.today() and first.start is None else None
        thread = screen.thread

        async def rank(start: Instant | None) -> Candidates:
            return await thread.fetch(lambda desk: ranking_for(desk, first, start, ahead))

        def chosen(choice: Any) -> None:
            if choice is not None:
                self.assign(subjects, choice, ahead)

        day = ahead or (zone.date_of(first.start) if first.start is not None else screen.today())
        screen.app.push_screen(AssignPicker(first, rank, zone, day=day, others=len(subjects) - 1), chosen)

    def assign(self, subjects: list[PlannedVisit], choice: AssignChoice, day: date | None = None) -> None:
        """Give work to a technician: the first at that time, the others at the earliest that fits."""
        first, technician_id, start = subjects[0], choice.technician_id, choice.start

        def again(visits: Sequence[PlannedVisit]) -> Planner:
            mine = visits[0].id == first.id
            if mine and len(visits) == 1:
                end = first.end if start is not None and start == first.start else None
                return lambda desk: plans.plan_assign(desk, first, technician_id, start, end)
            at, on = (start, day) if mine else (None, None)
            return lambda desk: plan_assign_all(desk, visits, technician_id, at, on)

        self.saving.commit(again(subjects), again=again, sure=choice.confirmed)

    def do_pick_up(self) -> None:
        screen = self.screen
        visit = screen.visit()
        if visit is None:
            screen.saying.error("nothing is under the cursor to pick up")
            return
        source = screen.cursor.technician_id if screen.cursor.pane != "queue" else None
        screen.carrier.pick_up(visit, source=source)

    def do_unassign(self) -> None:
        subjects = self.subjects.still_open("unassigned")
        if subjects:
            again = for_each(lambda visit: lambda desk: plans.plan_unassign(desk, visit), "back to the queue")
            self.saving.commit(again(subjects), again=again)

    def do_times(self) -> None:
        screen = self.screen
        if self.subjects.one_by_one("given times"):
            return
        visit = screen.visit()
        if visit is None or screen.day is None:
            self.subjects.chosen()
            return
        if visit.status in ENDED:
            screen.saying.error(
                f"{title_of(visit)} is {STATUS_WORDS[visit.status]}: it cannot be moved any more"
            )
            return

        self.times(visit, screen.day.day)

    def times(self, visit: PlannedVisit, day: date) -> None:
        """Ask for the times of a visit, beginning with this day, and save them."""
        from fieldboard.tui.dialogs.times_dialog import TimesDialog

        screen = self.screen

        def chosen(times: Any) -> None:
            if times is not None:
                self.saving.commit(
                    lambda desk: plans.plan_reschedule(desk, visit, times.start, times.end),
                    again=for_each(
                        lambda one: lambda desk: plans.plan_reschedule(desk, one, times.start), "moved"
                    ),
                )

        clock = screen.board_app.options.rules.can(Ability.CLOCK_TIMES)
        screen.app.push_screen(
            TimesDialog(visit, screen.look.zone, day=day, today=screen.today(), clock=clock),
            chosen,
        )

    def do_mark(self) -> None:
        screen = self.screen
        visit = screen.visit()
        if visit is not None:
            screen.mark(screen.marked ^ {visit.id})
            if screen.cursor.pane == "queue":
                screen.acting.walking.do_down()
