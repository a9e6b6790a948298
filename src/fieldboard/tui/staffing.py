"""Acts of the board that not every system has: an order of the day, technicians, crews, further visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fieldboard.board import planning as plans
from fieldboard.tui.subjects import for_each

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.domain.technician import Technician
    from fieldboard.tui.board_screen import BoardScreen


class Staffing:
    """What `<`, `>`, `T` and `A` do."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen

    # The order of a day

    def do_earlier(self) -> None:
        self._shift(-1)

    def do_later(self) -> None:
        self._shift(1)

    def do_reorder(self) -> None:
        self.screen.saying.error("reorder [JOB] PLACE: which place in the day, counted from 1")

    def _shift(self, by: int) -> None:
        visit = self.screen.visit()
        if visit is None:
            self.screen.saying.error("no visit is selected: arrows choose one")
            return
        self.screen.acting.saving.commit(
            lambda desk: plans.plan_shift(desk, visit, by),
            again=for_each(lambda one: lambda desk: plans.plan_shift(desk, one, by), "moved"),
        )

    # Technicians

    def do_technician(self) -> None:
        from fieldboard.tui.dialogs.pick import Option, Pick

        screen, saving = self.screen, self.screen.acting.saving
        technician_id = screen.cursor.technician_id
        words = screen.board_app.options.rules.technician_words

        def open_picker(technician: Technician | None) -> None:
            if technician is None:
                screen.saying.error(
                    "no technician is selected: go to a column of the board or a row below it"
                )
                return
            now = technician.status or ""
            options = [Option(one, one.replace("_", " "), now=one == now) for one in words]
            heading = f"{technician.name}: {now.replace('_', ' ') or 'nobody said'}"
            screen.app.push_screen(Pick("Technician", heading, options, does="sets it"), chosen(technician))

        def chosen(technician: Technician) -> Any:
            def take(word: str | None) -> None:
                if word is not None:
                    saving.commit(lambda desk: plans.plan_technician(desk, technician, status=word))

            return take

        if technician_id is None:
            open_picker(None)
        else:
            screen.thread.ask(lambda desk: _seen(desk, technician_id), open_picker)

    def do_crew(self) -> None:
        self.screen.saying.error("crew [JOB] +TECHNICIAN or -TECHNICIAN: who comes along, or stays away")

    # Visits

    def do_visit_add(self) -> None:
        from fieldboard.tui.dialogs.times_dialog import TimesDialog

        screen = self.screen
        visit = screen.visit()
        if visit is None or screen.day is None:
            screen.saying.error("no job is selected: arrows choose one, tab goes to another pane")
            return
        technician_id = screen.cursor.technician_id if screen.cursor.pane != "queue" else None

        def planned(desk: Desk, times: Any) -> plans.Plan:
            job = desk.store.job(visit.job_id)
            if job is None:
                return plans.refuse("the job is not in the cache")
            return plans.plan_visit_add(desk, job, times.start, times.end, technician_id)

        def chosen(times: Any) -> None:
            if times is not None:
                screen.acting.saving.commit(lambda desk: planned(desk, times))

        blank = visit._replace(start=None, end=None, date=None)
        today = screen.today()
        screen.app.push_screen(
            TimesDialog(
                blank, screen.look.zone, day=max(screen.day.day, today), today=today, title="One more visit"
            ),
            chosen,
        )

    # Other profiles

    def do_profile(self) -> None:
        from fieldboard.tui.dialogs.pick import Option, Pick

        screen, app = self.screen, self.screen.board_app
        here = app.options.profile
        others = app.options.profiles
        if len(others) < 2:
            screen.saying.error("this is the only profile; fieldboard init adds another")
            return
        options = [Option(name, name, system, now=name == here) for name, system in others]

        def chosen(name: str | None) -> None:
            if name is not None:
                app.switch_to(name)

        screen.app.push_screen(Pick("Profile", f"Now: {here}", options, does="opens it"), chosen)


def _seen(desk: Desk, technician_id: str) -> Technician | None:
    """The technician with the status that the system told."""
    return next((one for one in desk.store.technicians() if one.id == technician_id), None)
