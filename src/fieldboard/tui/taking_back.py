"""Acts on what was done before: undo, redo, do it once more, try it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fieldboard.board import planning as plans
from fieldboard.board.plan import Plan
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.chrome.line import Part
from fieldboard.tui.saving import Planner, Saved, Saving, where_now
from fieldboard.tui.subjects import Subjects

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.tui.board_screen import BoardScreen


class TakingBack:
    """What undo, redo, repeat and retry do."""

    def __init__(self, screen: BoardScreen, saving: Saving, subjects: Subjects) -> None:
        self.screen = screen
        self.saving = saving
        self.subjects = subjects
        self._stuck: frozenset[str] = frozenset()

    def do_undo(self) -> None:
        past = self._stuck
        self.take_back(lambda desk: plans.plan_undo(desk, past=past), "redo")

    def do_redo(self) -> None:
        self.take_back(plans.plan_redo, "undo")

    def take_back(self, planner: Planner, back: Literal["undo", "redo"]) -> None:
        """Undo or redo: say where the visit stands now, and which key goes the other way (`back`)."""
        screen = self.screen

        def work(desk: Desk) -> tuple[Plan, Saved]:
            plan = planner(desk)
            return plan, screen.thread.save(desk, plan) if plan.refusal is None else ()

        def answer(answered: tuple[Plan, Saved]) -> None:
            plan, operations = answered
            if plan.refusal is not None:
                # The next press goes past what cannot be taken back.
                self._stuck |= {*plan.stuck}
                screen.saying.say(Part(plan.refusal, "warn"), *self._older(plan))
            else:
                # Where it stands is read after the edit has been laid over the cache.
                screen.thread.ask(lambda desk: where_now(desk, operations), lambda now: told(plan, *now))

        def told(plan: Plan, visits: list[PlannedVisit], now: str) -> None:
            waits = (
                " (kept, sent when the line is back)" if plan.drafts and screen.header.facts.offline else ""
            )
            tail = f" {screen.look.glyphs.dot} {now}" if now else ""
            # Note that was taken of an edit without effect is taken for good.
            way = back if plan.drafts or plan.cancels else None
            screen.saying.say(Part(plan.sentence + waits), Part(tail, "muted", rank=3), back=way)
            self.saving.follow(visits)

        screen.thread.ask(work, answer)

    def _older(self, plan: Plan) -> tuple[Part, ...]:
        """What the same key takes back next, where the newest act cannot be."""
        if not plan.older:
            return ()
        key, act = self.screen.board_app.keymap.shown("undo") or ":undo", plan.older[-1]
        told = act.label or act.entity if len(plan.older) == 1 else f"{len(plan.older)} edits"
        return (Part(f"   {key} again goes past it", "faint"), Part(f" to {told}", "faint", rank=1))

    def do_repeat(self) -> None:
        if self.saving.last is None:
            self.screen.saying.error("nothing was done yet that could be done again")
            return
        subjects = self.subjects.chosen()
        if subjects:
            self.saving.commit(self.saving.last(subjects), again=self.saving.last)

    def do_retry(self) -> None:
        """Try the refused edit of the selected visit again, else the newest refused one."""
        visit = self.screen.visit()

        def planner(desk: Desk) -> Plan:
            refused = [one for one in desk.operations() if "retry" in one.choices]
            if visit is not None and visit.mark:
                ids = {visit.id, visit.job_id}
                own = [one for one in refused if one.entity.partition(":")[2] in ids]
                refused = own or refused
            if not refused:
                return plans.refuse("no edit was refused")
            return plans.plan_retry(desk, refused[-1])

        self.saving.commit(planner, sure=True)
