"""Deciding on the board: the dialog of what waits, and choosing anew what was contested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.board.deciding import decided_by, plan_decision
from fieldboard.board.decisions import Decision, decisions, made_of
from fieldboard.board.plan import Plan
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.assigning import Assigning
from fieldboard.tui.chrome.line import Part
from fieldboard.tui.job_acts import JobActs
from fieldboard.tui.saving import Saving
from fieldboard.tui.subjects import Subjects

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
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
        near = self._dialog.nearest_to(answer.decision) if self._dialog is not None else []

        def work(desk: Desk) -> tuple[Plan, tuple[Decision, ...]]:
            plan = _planned(desk, answer)
            if plan.refusal is None:
                self.screen.thread.save(desk, plan)
            return plan, decisions(desk)

        def done(answered: tuple[Plan, tuple[Decision, ...]]) -> None:
            plan, left = answered
            if plan.refusal is not None:
                screen.saying.error(plan.refusal)
                return
            screen.saying.say(Part(plan.sentence), back="undo" if plan.drafts and not plan.final else None)
            if any(one.urgent for one in left):
                still = {one.op.op_id for one in left}
                self._open(left, next((one for one in near if one in still), None))

        screen.thread.ask(work, done)

    def _anew(self, decision: Decision) -> None:
        """Open the dialog of the act for the visit as it is at the system now, or say why there is none.

        What is saved then takes note of the edit that it decides. What was to be created has no visit.
        """
        from fieldboard.tui.forms import open_create, open_edit

        screen, visit, act = self.screen, decision.visit, decision.edit_act
        saving = Saving(screen, lambda plan: decided_by(plan, decision.op))
        if act == "create":
            open_create(saving, made_of(decision.op))
            return
        if visit is None or act is None:
            screen.saying.error(f"{decision.title}: there is nothing to choose anew")
            return
        subjects = Subjects(screen, lambda: [visit])
        match act:
            case "assign":
                Assigning(screen, saving, subjects).do_assign()
            case "status":
                JobActs(screen, saving, subjects).do_status()
            case "times":
                start, today = visit.start, screen.today()
                day = screen.look.zone.date_of(start) if start is not None else today
                Assigning(screen, saving, subjects).times(visit, day)
            case _:
                subjects.with_job(lambda visit, job: open_edit(saving, visit, job), visit)


def _planned(desk: Desk, answer: DecisionAnswer) -> Plan:
    return plan_decision(desk, answer.decision, answer.choice, answer.found)


def _of(decision: Decision, visit: PlannedVisit | None) -> bool:
    if visit is None or decision.visit is None:
        return False
    return decision.visit.id == visit.id or decision.visit.job_id == visit.job_id
