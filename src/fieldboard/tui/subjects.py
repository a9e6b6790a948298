"""What an act is for: the marked visits, else the one under the cursor; and one plan for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fieldboard.board import planning as plans
from fieldboard.board.plan import Plan, title_of
from fieldboard.domain.status import ENDED
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.glyphs import STATUS_WORDS

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.domain.job import Job
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.saving import Again, Planner


class Subjects:
    """The visits that an act is for: those of the screen, or others that are `given`."""

    def __init__(self, screen: BoardScreen, given: Callable[[], list[PlannedVisit]] | None = None) -> None:
        self.screen = screen
        self._given = given if given is not None else screen.subjects

    def chosen(self) -> list[PlannedVisit]:
        """All of them; where there is none, that is said."""
        subjects = self._given()
        if not subjects:
            self.screen.saying.error("no job is selected: arrows choose one, tab goes to another pane")
        return subjects

    def jobs(self) -> list[PlannedVisit]:
        """The subjects, one of each job."""
        return list({visit.job_id: visit for visit in self.chosen()}.values())

    def still_open(self, done: str) -> list[PlannedVisit]:
        """The subjects, those that are over last; where all are, that is said at once, without a dialog."""
        subjects = sorted(self.chosen(), key=lambda visit: visit.status in ENDED)
        if subjects and subjects[0].status in ENDED:
            says = f"{title_of(subjects[0])} is {STATUS_WORDS[subjects[0].status]}"
            if len(subjects) > 1:
                says = f"all {len(subjects)} are over: {says}"
            self.screen.saying.error(f"{says}: it cannot be {done} any more")
            return []
        return subjects

    def one_by_one(self, done: str) -> bool:
        """Say so where several are marked and the act is for one alone."""
        count = len(self.screen.marked)
        if count > 1:
            self.screen.saying.error(
                f"{count} are marked, and jobs are {done} one by one: Esc drops the marks"
            )
        return count > 1

    def with_job(
        self, then: Callable[[PlannedVisit, Job], None], subject: PlannedVisit | None = None
    ) -> None:
        """Go on with a visit and its job, once that is read: the one under the cursor, without another."""
        screen, visit = self.screen, subject or self.screen.visit()
        if visit is None:
            self.chosen()
            return

        def found(job: Job | None) -> None:
            if job is None:
                screen.saying.error(f"the job of {title_of(visit)} is not in the cache")
            else:
                then(visit, job)

        screen.thread.ask(lambda desk: desk.store.job(visit.job_id), found)


def for_each(one: Callable[[PlannedVisit], Planner], what: str) -> Again:
    """An act for any number of visits, made of the act for one; saved and undone as one."""

    def again(subjects: Sequence[PlannedVisit]) -> Planner:
        if len(subjects) == 1:
            return one(subjects[0])

        def planner(desk: Desk) -> Plan:
            from fieldboard.board.batching import batched

            each = [one(visit)(desk) for visit in subjects]
            return batched(desk, plans.combine(each, f"{len(subjects)} jobs {what}"))

        return planner

    return again


def of_job(visit: PlannedVisit, plan: Callable[[Desk, Job], Plan]) -> Planner:
    """A plan for the job of a visit."""

    def planner(desk: Desk) -> Plan:
        job = desk.store.job(visit.job_id)
        return plan(desk, job) if job is not None else plans.refuse(f"{title_of(visit)} is not in the cache")

    return planner
