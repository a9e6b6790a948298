"""Deciding on the board: the dialog of what waits, and choosing anew what was contested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fieldboard.board import planning as plans
from fieldboard.board.deciding import decided_by, plan_decision
from fieldboard.board.decisions import Decision, decisions, made_of
from fieldboard.board.plan import Plan
from fieldboard.domain.rules import Ability
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.chrome.line import Part
from fieldboard.tui.planning import Again, Planner, Planning

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.domain.job import Job
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.dialogs.decisions import DecisionAnswer, DecisionsDialog


class Deciding:
    """What `C` does: show what waits, decide it, go on with the next until none is left."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        self._dialog: DecisionsDialog | None = None

    def renew(self) -> None:
        """Show in the dialog, where it is open, what waits now: others go on deciding and changing."""
        dialog = self._dialog
        if dialog is not None and dialog.is_attached:
            now = self.screen.now
            self.screen.thread.ask(
                decisions, lambda waiting: dialog.renew(waiting, now()), key="decisions anew"
            )

    def do_decisions(self) -> None:
        """Open on the edit of the selected visit, where one of it waits."""
        visit = self.screen.visit()

        def found(waiting: tuple[Decision, ...]) -> None:
            self._open(waiting, next((one.op.op_id for one in waiting if _of(one, visit)), None))

        self.screen.thread.ask(decisions, found, key="decisions")

    def _open(self, waiting: tuple[Decision, ...], start: str | None = None) -> None:
        from fieldboard.tui.dialogs.decisions import DecisionsDialog

        screen = self.screen

        async def check(answer: DecisionAnswer) -> Plan:
            return await screen.thread.fetch(lambda desk: _planned(desk, answer))

        dialog = DecisionsDialog(waiting, screen.look.zone, now=screen.now(), check=check, start=start)
        self._dialog = dialog
        screen.app.push_screen(dialog, self._answered)

    def _answered(self, answer: DecisionAnswer | None) -> None:
        if answer is None:
            return
        if answer.choice == "edit":
            self._anew(answer.decision)
            return
        screen = self.screen

        def work(desk: Desk) -> tuple[Plan, tuple[Decision, ...]]:
            plan = _planned(desk, answer)
            if plan.refusal is None:
                self.screen.thread.save(desk, plan)
            return plan, decisions(desk)

        def done(answered: tuple[Plan, tuple[Decision, ...]]) -> None:
            plan, left = answered
            if plan.refusal is not None:
                screen.say_error(plan.refusal)
                return
            screen.say(Part(plan.sentence), back="undo" if plan.drafts and not plan.final else None)
            if any(one.urgent for one in left):
                self._open(left)

        screen.thread.ask(work, done)

    def _anew(self, decision: Decision) -> None:
        visit, act = decision.visit, decision.edit_act
        if act == "create":
            from fieldboard.tui.forms import open_create

            open_create(Anew(self.screen, decision, visit), made_of(decision.op))
        elif visit is None or act is None:
            self.screen.say_error(f"{decision.title}: there is nothing to choose anew")
        else:
            Anew(self.screen, decision, visit).choose(act, visit)


class Anew(Planning):
    """The acts on one visit as the decision about an edit of it: what is saved takes note of that edit.

    What was to be created has no visit.
    """

    def __init__(self, screen: BoardScreen, decision: Decision, visit: PlannedVisit | None) -> None:
        super().__init__(screen)
        self._decision, self._visit = decision, visit

    def choose(self, act: str, visit: PlannedVisit) -> None:
        """Open the dialog of an act for the visit as it is at the system now."""
        match act:
            case "assign":
                self.do_assign()
            case "status":
                self.do_status()
            case "times":
                self._times(visit)
            case _:
                self._edit(visit)

    def commit(
        self, planner: Planner, *, again: Again | None = None, sure: bool = False, go: bool = False
    ) -> None:
        op = self._decision.op
        super().commit(lambda desk: decided_by(planner(desk), op), again=again, sure=sure, go=go)

    def _subjects(self) -> list[PlannedVisit]:
        return [self._visit] if self._visit is not None else []

    def _times(self, visit: PlannedVisit) -> None:
        from fieldboard.tui.dialogs.times_dialog import TimesDialog

        screen = self.screen
        day = screen.look.zone.date_of(visit.start) if visit.start is not None else screen.today()

        def chosen(times: Any) -> None:
            if times is not None:
                self.commit(lambda desk: plans.plan_reschedule(desk, visit, times.start, times.end))

        clock = screen.board_app.options.rules.can(Ability.CLOCK_TIMES)
        screen.app.push_screen(
            TimesDialog(visit, screen.look.zone, day=day, today=screen.today(), clock=clock), chosen
        )

    def _edit(self, visit: PlannedVisit) -> None:
        from fieldboard.tui.forms import open_edit

        def found(job: Job | None) -> None:
            if job is not None:
                open_edit(self, visit, job)

        self.screen.thread.ask(lambda desk: desk.store.job(visit.job_id), found)


def _planned(desk: Desk, answer: DecisionAnswer) -> Plan:
    return plan_decision(desk, answer.decision, answer.choice, answer.found)


def _of(decision: Decision, visit: PlannedVisit | None) -> bool:
    if visit is None or decision.visit is None:
        return False
    return decision.visit.id == visit.id or decision.visit.job_id == visit.job_id
