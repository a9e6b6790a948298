"""Acts on what a job is: status, note, delete, create, edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fieldboard.board import planning as plans
from fieldboard.board.plan import Plan, title_of
from fieldboard.domain.rules import Ability
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.glyphs import STATUS_WORDS
from fieldboard.tui.saving import Planner, Saving
from fieldboard.tui.subjects import Subjects, for_each, of_job

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.domain.job import Job
    from fieldboard.tui.board_screen import BoardScreen


class JobActs:
    """What the keys of the group Job do."""

    def __init__(self, screen: BoardScreen, saving: Saving, subjects: Subjects) -> None:
        self.screen = screen
        self.saving = saving
        self.subjects = subjects

    def do_status(self) -> None:
        from fieldboard.tui.dialogs.status_picker import StatusPicker

        screen = self.screen
        subjects = self.subjects.chosen()
        if not subjects:
            return
        first = subjects[0]

        def open_picker(choices: Any) -> None:
            if not choices:
                lacking = screen.board_app.options.rules.why_not(Ability.STATUS)
                screen.saying.error(
                    lacking or f"{title_of(first)} is {STATUS_WORDS[first.status]}: nothing may follow"
                )
                return

            def chosen(answer: Any) -> None:
                if answer is not None:
                    status, reason, stage = answer.choice.status, answer.reason, answer.choice.stage

                    def one(visit: PlannedVisit) -> Callable[[Desk], Plan]:
                        return lambda desk: plans.plan_status(desk, visit, status, reason, stage=stage)

                    again = for_each(one, status.value)
                    self.saving.commit(again(subjects), again=again)

            screen.app.push_screen(StatusPicker(first, choices, others=len(subjects) - 1), chosen)

        screen.thread.ask(lambda desk: plans.status_choices(desk, first), open_picker)

    def do_note(self) -> None:
        from fieldboard.tui.dialogs.note import NoteDialog

        subjects = self.subjects.jobs()

        def open_dialog(visit: PlannedVisit, _job: Job) -> None:
            def chosen(text: str | None) -> None:
                if text:
                    self.saving.commit(
                        for_each(
                            lambda one: of_job(one, lambda desk, job: plans.plan_note(desk, job, text)),
                            "with that note",
                        )(subjects)
                    )

            self.screen.app.push_screen(NoteDialog(visit, len(subjects)), chosen)

        if subjects:
            self.subjects.with_job(open_dialog, subjects[0])

    def do_delete(self) -> None:
        from fieldboard.tui.dialogs.confirm import ConfirmDialog

        screen = self.screen
        rules = screen.board_app.options.rules
        deletes = rules.can(Ability.DELETE)
        subjects = self.subjects.jobs()
        several = len(subjects) > 1

        def planner_of(one: PlannedVisit) -> Planner:
            return of_job(one, plans.plan_delete)

        def open_dialog(visit: PlannedVisit, job: Job) -> None:
            def chosen(yes: bool | None) -> None:
                if yes:
                    self.saving.commit(planner, sure=True)

            def ask_first(plan: Plan) -> None:
                if plan.refusal is not None:
                    screen.saying.error(plan.refusal)
                    return
                verb = "Delete" if deletes else "Cancel"
                details = [f"{visit.customer}" if visit.customer else ""]
                if deletes:
                    it = "them, they" if several else "it, it"
                    details.append(f"Once {rules.title} has deleted {it} cannot be brought back.")
                question = f"{verb} {len(subjects)} jobs?" if several else f"{verb} {title_of(job)}?"
                if several:
                    details = [", ".join(title_of(one) for one in subjects)]
                screen.app.push_screen(
                    ConfirmDialog(
                        question, [one for one in details if one], yes=f"{verb} {'them' if several else 'it'}"
                    ),
                    chosen,
                )

            screen.thread.ask(planner, ask_first)

        if subjects:
            planner = for_each(planner_of, "deleted" if deletes else "cancelled")(subjects)
            self.subjects.with_job(open_dialog, subjects[0])

    def do_create(self) -> None:
        from fieldboard.tui.forms import open_create

        open_create(self.saving)

    def do_edit(self) -> None:
        from fieldboard.tui.forms import open_edit

        if not self.subjects.one_by_one("edited"):
            self.subjects.with_job(lambda visit, job: open_edit(self.saving, visit, job))
