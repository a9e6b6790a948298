"""Acts on data: each asks what is needed, plans on the desk's thread, saves, and says what was saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from fieldboard.board import planning as plans
from fieldboard.board.candidates import Candidates, ranking_for
from fieldboard.board.plan import Plan, times_text, title_of
from fieldboard.domain.fields import STATUS
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.operation import Kind, Operation
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import ENDED
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.chrome.line import Part, Said, joined, parts
from fieldboard.tui.glyphs import STATUS_WORDS

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.domain.job import Job
    from fieldboard.tui.board_screen import BoardScreen

Planner = Callable[["Desk"], Plan]
"""Makes a plan, on the desk's thread."""

Again = Callable[[PlannedVisit], Planner]
"""The same act for another visit."""

Saved = tuple[Operation, ...]
"""What a plan became in the outbox."""


class Planning:
    """What the keys of groups Plan and Job do to data."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        self.last: Again | None = None
        self._stuck: frozenset[str] = frozenset()

    # Saving

    def commit(
        self, planner: Planner, *, again: Again | None = None, sure: bool = False, go: bool = False
    ) -> None:
        """Plan and save; where a rule would be broken say so first, and want an Enter.

        With `go` the cursor goes to what was done, on whatever day and in whatever pane that is.
        """

        def work(desk: Desk) -> tuple[Plan, Saved | None]:
            plan = planner(desk)
            if plan.refusal is not None or plan.empty or (plan.needs_second_enter and not sure):
                return plan, None
            return plan, self.screen.thread.save(desk, plan)

        def answer(answered: tuple[Plan, Saved | None]) -> None:
            plan, operations = answered
            if operations is not None:
                self.saved(plan, operations, again, go=go)
            elif plan.refusal is not None or plan.empty:
                self.screen.say_error(plan.refusal or plan.sentence or "nothing to do")
            else:
                self._doubt(plan, lambda: self.commit(planner, again=again, sure=True, go=go))

        self.screen.thread.ask(work, answer)

    def _doubt(self, plan: Plan, again: Callable[[], None]) -> None:
        look = self.screen.look
        says = (
            joined([warning.says for warning in plan.warnings]) or "this cannot be taken back at the system"
        )
        words = parts(
            Part("SURE?  ", "warn", True),
            Part(plan.sentence, "text", True),
            Part(f"  {look.glyphs.conflict} {says}", "warn"),
        )
        self.screen.warn(
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
        screen.say(Part(plan.sentence + tail), back=None if plan.final else "undo")
        screen.thread.ask(
            lambda desk: shown_now(desk, operations), lambda visits: self._follow(visits, go=go)
        )

    def _follow(self, visits: list[PlannedVisit], *, go: bool = False) -> None:
        if len(visits) == 1 and go:
            self.screen.go_to(visits[0])
        elif len(visits) == 1:
            self.screen.follow(visits[0])
        else:
            self.screen.show_cursor()

    def _each(self, subjects: list[PlannedVisit], again: Again, what: str) -> Planner:
        """One planner for all subjects, saved and undone as one."""
        if len(subjects) == 1:
            return again(subjects[0])

        def planner(desk: Desk) -> Plan:
            from fieldboard.board.batching import batched

            each = [again(visit)(desk) for visit in subjects]
            return batched(desk, plans.combine(each, f"{len(subjects)} jobs {what}"))

        return planner

    def _subjects(self) -> list[PlannedVisit]:
        subjects = self.screen.subjects()
        if not subjects:
            self.screen.say_error("no job is selected: arrows choose one, tab goes to another pane")
        return subjects

    def _jobs(self) -> list[PlannedVisit]:
        """The subjects, one of each job."""
        return list({visit.job_id: visit for visit in self._subjects()}.values())

    def _open_subjects(self, done: str) -> list[PlannedVisit]:
        """The subjects, those that are over last; where all are, that is said at once, without a dialog."""
        subjects = sorted(self._subjects(), key=lambda visit: visit.status in ENDED)
        if subjects and subjects[0].status in ENDED:
            says = f"{title_of(subjects[0])} is {STATUS_WORDS[subjects[0].status]}"
            if len(subjects) > 1:
                says = f"all {len(subjects)} are over: {says}"
            self.screen.say_error(f"{says}: it cannot be {done} any more")
            return []
        return subjects

    # Assigning and moving

    def do_assign(self) -> None:
        from fieldboard.tui.dialogs.assign_picker import AssignPicker

        screen = self.screen
        subjects = self._open_subjects("assigned")
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
                self.assign(subjects, choice.technician_id, choice.start, sure=choice.confirmed)

        day = ahead or (zone.date_of(first.start) if first.start is not None else screen.today())
        screen.app.push_screen(AssignPicker(first, rank, zone, day=day, others=len(subjects) - 1), chosen)

    def assign(
        self, subjects: list[PlannedVisit], technician_id: str, start: Instant | None, *, sure: bool = False
    ) -> None:
        """Give work to a technician: the first at that time, the others at the earliest that fits."""
        first = subjects[0]

        def again(visit: PlannedVisit) -> Planner:
            def planner(desk: Desk) -> Plan:
                at = start if visit.id == first.id else _earliest(desk, visit, technician_id)
                if at is not None and at == visit.start:
                    return plans.plan_assign(desk, visit, technician_id, at, visit.end)
                return plans.plan_assign(desk, visit, technician_id, at)

            return planner

        self.commit(self._each(subjects, again, "assigned"), again=again, sure=sure)

    def do_pick_up(self) -> None:
        screen = self.screen
        visit = screen.visit()
        if visit is None:
            screen.say_error("nothing is under the cursor to pick up")
            return
        source = screen.cursor.technician_id if screen.cursor.pane != "queue" else None
        screen.carrier.pick_up(visit, source=source)

    def do_unassign(self) -> None:
        subjects = self._open_subjects("unassigned")
        if subjects:
            again: Again = lambda visit: lambda desk: plans.plan_unassign(desk, visit)  # noqa: E731
            self.commit(self._each(subjects, again, "back to the queue"), again=again)

    def do_times(self) -> None:
        from fieldboard.tui.dialogs.times_dialog import TimesDialog

        screen = self.screen
        if self._one_by_one("given times"):
            return
        visit = screen.visit()
        if visit is None or screen.day is None:
            self._subjects()
            return
        if visit.status in ENDED:
            screen.say_error(
                f"{title_of(visit)} is {STATUS_WORDS[visit.status]}: it cannot be moved any more"
            )
            return

        def chosen(times: Any) -> None:
            if times is not None:
                self.commit(
                    lambda desk: plans.plan_reschedule(desk, visit, times.start, times.end),
                    again=lambda other: lambda desk: plans.plan_reschedule(desk, other, times.start),
                )

        clock = screen.board_app.options.rules.can(Ability.CLOCK_TIMES)
        screen.app.push_screen(
            TimesDialog(visit, screen.look.zone, day=screen.day.day, today=screen.today(), clock=clock),
            chosen,
        )

    def do_mark(self) -> None:
        screen = self.screen
        visit = screen.visit()
        if visit is not None:
            screen.mark(screen.marked ^ {visit.id})
            if screen.cursor.pane == "queue":
                screen.walking.do_down()

    # Jobs

    def do_status(self) -> None:
        from fieldboard.tui.dialogs.status_picker import StatusPicker

        screen = self.screen
        subjects = self._subjects()
        if not subjects:
            return
        first = subjects[0]

        def open_picker(choices: Any) -> None:
            if not choices:
                lacking = screen.board_app.options.rules.why_not(Ability.STATUS)
                screen.say_error(
                    lacking or f"{title_of(first)} is {STATUS_WORDS[first.status]}: nothing may follow"
                )
                return

            def chosen(answer: Any) -> None:
                if answer is not None:
                    status, reason, stage = answer.choice.status, answer.reason, answer.choice.stage

                    def again(visit: PlannedVisit) -> Callable[[Desk], Plan]:
                        return lambda desk: plans.plan_status(desk, visit, status, reason, stage=stage)

                    self.commit(self._each(subjects, again, status.value), again=again)

            screen.app.push_screen(StatusPicker(first, choices, others=len(subjects) - 1), chosen)

        screen.thread.ask(lambda desk: plans.status_choices(desk, first), open_picker)

    def do_note(self) -> None:
        from fieldboard.tui.dialogs.note import NoteDialog

        subjects = self._jobs()

        def open_dialog(visit: PlannedVisit, _job: Job) -> None:
            def chosen(text: str | None) -> None:
                if text:
                    self.commit(
                        self._each(
                            subjects,
                            lambda one: _of_job(one, lambda desk, job: plans.plan_note(desk, job, text)),
                            "with that note",
                        )
                    )

            self.screen.app.push_screen(NoteDialog(visit, len(subjects)), chosen)

        if subjects:
            self._with_job(open_dialog, subjects[0])

    def do_delete(self) -> None:
        from fieldboard.tui.dialogs.confirm import ConfirmDialog

        screen = self.screen
        rules = screen.board_app.options.rules
        deletes = rules.can(Ability.DELETE)
        subjects = self._jobs()
        several = len(subjects) > 1

        def planner_of(one: PlannedVisit) -> Planner:
            return _of_job(one, plans.plan_delete)

        planner = self._each(subjects, planner_of, "deleted" if deletes else "cancelled")

        def open_dialog(visit: PlannedVisit, job: Job) -> None:
            def chosen(yes: bool | None) -> None:
                if yes:
                    self.commit(planner, sure=True)

            def ask_first(plan: Plan) -> None:
                if plan.refusal is not None:
                    screen.say_error(plan.refusal)
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
            self._with_job(open_dialog, subjects[0])

    def do_create(self) -> None:
        from fieldboard.tui.forms import open_create

        open_create(self)

    def do_edit(self) -> None:
        from fieldboard.tui.forms import open_edit

        if not self._one_by_one("edited"):
            self._with_job(lambda visit, job: open_edit(self, visit, job))

    def _one_by_one(self, done: str) -> bool:
        """Say so where several are marked and the act is for one alone."""
        count = len(self.screen.marked)
        if count > 1:
            self.screen.say_error(f"{count} are marked, and jobs are {done} one by one: Esc drops the marks")
        return count > 1

    def _with_job(
        self, then: Callable[[PlannedVisit, Job], None], subject: PlannedVisit | None = None
    ) -> None:
        screen, visit = self.screen, subject or self.screen.visit()
        if visit is None:
            self._subjects()
            return

        def found(job: Job | None) -> None:
            if job is None:
                screen.say_error(f"the job of {title_of(visit)} is not in the cache")
            else:
                then(visit, job)

        screen.thread.ask(lambda desk: desk.store.job(visit.job_id), found)

    # Taking back

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
                screen.say(Part(plan.refusal, "warn"), *self._older(plan))
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
            screen.say(Part(plan.sentence + waits), Part(tail, "muted", rank=3), back=way)
            self._follow(visits)

        screen.thread.ask(work, answer)

    def _older(self, plan: Plan) -> tuple[Part, ...]:
        """What the same key takes back next, where the newest act cannot be."""
        if not plan.older:
            return ()
        key, act = self.screen.board_app.keymap.shown("undo") or ":undo", plan.older[-1]
        told = act.label or act.entity if len(plan.older) == 1 else f"{len(plan.older)} edits"
        return (Part(f"   {key} again goes past it", "faint"), Part(f" to {told}", "faint", rank=1))

    def do_repeat(self) -> None:
        if self.last is None:
            self.screen.say_error("nothing was done yet that could be done again")
            return
        subjects = self._subjects()
        if subjects:
            self.commit(self._each(subjects, self.last, "done likewise"), again=self.last)

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

        self.commit(planner, sure=True)


def _of_job(visit: PlannedVisit, plan: Callable[[Desk, Job], Plan]) -> Planner:
    """A plan for the job of a visit."""

    def planner(desk: Desk) -> Plan:
        job = desk.store.job(visit.job_id)
        return plan(desk, job) if job is not None else plans.refuse(f"{title_of(visit)} is not in the cache")

    return planner


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


def _earliest(desk: Desk, visit: PlannedVisit, technician_id: str) -> Instant | None:
    """When a technician could do a visit; its own time where it has one."""
    if visit.start is not None:
        return visit.start
    for candidate in ranking_for(desk, visit).all:
        if candidate.technician.id == technician_id:
            return candidate.start
    return None
