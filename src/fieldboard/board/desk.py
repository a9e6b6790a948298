"""A dispatcher's desk: what the board, the `:` line and the command line ask and do.

It reads through the cache's store and writes only operations. One desk belongs to one thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from fieldboard.board import day_board
from fieldboard.board.day_board import DayBoard
from fieldboard.board.filters import Filter
from fieldboard.board.people import People
from fieldboard.board.queue_board import QueueBoard
from fieldboard.board.queue_order import GroupBy, Order
from fieldboard.clock import Clock
from fieldboard.domain.fields import value_of
from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Json, Kind, Operation
from fieldboard.domain.rules import SystemRules
from fieldboard.domain.technician import Technician
from fieldboard.domain.view import NEW
from fieldboard.domain.visit import PlannedVisit
from fieldboard.roster import Roster

if TYPE_CHECKING:
    from fieldboard.board.plan import Plan
    from fieldboard.cache.state import SyncState
    from fieldboard.cache.store import Delta, Store

BOARDS_KEPT = 3
"""Days beside today that stay in memory, so that going back to one costs nothing."""

Stamp = tuple[int, int, int, int]
"""The numbers of the last writes: of what is seen, of the technicians, of our echoes, of our edits."""

_NEVER = 1 << 62
"""A number that no write will reach."""

REBUILD_FROM = 400
"""So many changed visits at once, and half of all, are read with their whole day, not one by one."""


class Desk:
    """One profile as a dispatcher works with it."""

    def __init__(  # noqa: PLR0917 - the parts of a profile, as everybody orders them
        self,
        store: Store,
        rules: SystemRules,
        roster: Roster,
        zone: Zone,
        clock: Clock,
        learn: Callable[[Mapping[str, str]], SystemRules] | None = None,
    ) -> None:
        """Sit down at a profile. Nothing is read yet.

        `learn` gives the rules that hold with what a live server has taught since.
        """
        self.store = store
        self.rules = rules
        self.zone = zone
        self.clock = clock
        self.people = People(store.technicians, roster, zone, clock)
        self._boards: dict[date, DayBoard] = {}
        self._committed: set[str] = set()
        self._given: list[str] = []
        self._last_delta: Delta | None = None
        self._last_changed: dict[str, PlannedVisit | None] = {}
        self._taken: QueueBoard | None = None
        self._learn = learn
        self._learned: Mapping[str, str] | None = None

    def now(self) -> Instant:
        """This moment."""
        return instant_of(self.clock.now())

    def today(self) -> date:
        """The day of this moment in the profile's zone."""
        return self.zone.date_of(self.now())

    # What there is

    def day(self, day: date) -> DayBoard:
        """The board of a day."""
        board = self._boards.get(day)
        if board is None:
            board = day_board.build(day, self.people.everybody(), self.store.day(day), self.zone, self.now())
        return self._keep(board)

    def queue(
        self, order: Order = Order.URGENCY, group_by: GroupBy = GroupBy.NOTHING, shown: Filter | None = None
    ) -> QueueBoard:
        """The queue, in an order, grouped and filtered."""
        taken, self._taken = self._taken, None
        if taken is not None:
            return taken.sorted_by(order, group_by).filtered(shown or Filter())
        return QueueBoard(self.store.queue(), order, group_by, shown, self.people.nearest())

    def stamp(self) -> Stamp:
        """What the files hold, told by their last writes: equal stamps mean equal boards and queues."""
        found = self.store.reader.changes(_NEVER, 0)
        return found.rev, found.technicians, found.echoes, self.store.outbox.rev()

    def take_over(
        self, day: DayBoard, queue: QueueBoard, stamp: Stamp, who: tuple[date, tuple[Technician, ...]]
    ) -> bool:
        """Go on with what another desk read just now, if nothing was written since; whether it was so.

        A hundred thousand rows are then in memory once, and read once; so is everybody (`who`, as the
        other desk tells it), with the same roster.
        """
        if self.stamp() != stamp:
            return False
        self.people.know(*who)
        self._keep(day)
        self._taken = queue
        return True

    def visits_of(self, technician_id: str, day: date) -> Sequence[PlannedVisit]:
        """A technician's visits of a day, in order of time."""
        column = self.day(day).column(technician_id)
        return column.visits if column is not None else ()

    def planned_of_job(self, job_id: str) -> Sequence[PlannedVisit]:
        """The visits of a job by time."""
        return self.store.planned_of_job(job_id)

    def search(self, text: str, limit: int = 200) -> list[PlannedVisit]:
        """Visits of all cached days by number, title, customer, address or phone, the nearest first."""
        return self.store.search(text, limit, self.now()) if text.strip() else []

    def operations(self) -> list[Operation]:
        """The edits that are on their way or want a decision, oldest first, as of the last `poll`."""
        return list(self.store.operations())

    def edits(self) -> list[Operation]:
        """Every edit that is kept, however it ended, oldest first."""
        return list(self.store.outbox.all(None))

    def state(self) -> SyncState:
        """How the sync stands."""
        return self.store.state()

    def counts(self) -> tuple[int, int]:
        """How many edits wait, and how many want a decision."""
        return self.store.counts()

    def learned_rules(self) -> SystemRules:
        """The rules as they are with what the server has taught by now."""
        if self._learn is not None and (learned := self.store.learned()) != self._learned:
            self._learned = learned
            rules = self._learn(learned)
            if rules != self.rules:
                self.rules = rules
        return self.rules

    def told_counts(self) -> tuple[tuple[str, int], ...]:
        """How many jobs the system itself counts in each status, in its own words."""
        if not self.rules.tells_counts:
            return ()
        try:
            counts = json.loads(self.store.learned().get("summary", "{}"))
        except ValueError:
            return ()
        return tuple(
            (str(word), number)
            for word, number in sorted(counts.items())
            if isinstance(number, int) and number and not word.startswith("total")
        )

    # What changed

    def poll(self) -> Delta | None:
        """What changed since the last call; None for nothing. Cheap enough for every tick."""
        delta = self.store.poll()
        if delta is None:
            return None
        self._taken = None
        if delta.technicians or delta.everything:
            self.people.forget()
            self._boards.clear()
        elif delta.visit_ids:
            if _many(delta, max((one.visits_count for one in self._boards.values()), default=0)):
                self._boards.clear()
            else:
                visits = self._changed(delta)
                for day, board in list(self._boards.items()):
                    fresh = day_board.with_visits(board, visits, self.people.by_id(), self.zone, self.now())
                    self._boards[day] = fresh[0]
        return delta

    def refresh_day(self, board: DayBoard, delta: Delta) -> tuple[DayBoard, frozenset[str]]:
        """The board after the change that `poll` told, and the technicians whose columns are other now."""
        if not (delta.visit_ids or delta.technicians or delta.everything):
            return board, frozenset()
        fresh = self.day(board.day)
        if fresh is board:
            return board, frozenset()
        if fresh.columns is board.columns:
            return self._keep(fresh), frozenset()
        return self._keep(fresh), day_board.difference(board, fresh)

    def refresh_queue(self, queue: QueueBoard, delta: Delta) -> QueueBoard:
        """The queue after a change, in the same order and under the same filter."""
        if delta.everything or delta.technicians:
            return self.queue(queue.order, queue.group_by, queue.filter)
        if not delta.visit_ids:
            return queue
        if _many(delta, queue.total) and delta is not self._last_delta:
            return self.queue(queue.order, queue.group_by, queue.filter)
        # Those that neither waited nor wait now are no concern of the queue.
        changed = self._changed(delta)
        waited = queue.has(changed)
        visits = {
            one: visit
            for one, visit in changed.items()
            if one in waited or (visit is not None and visit.queued)
        }
        if len(visits) >= max(REBUILD_FROM, queue.total // 2):
            return self.queue(queue.order, queue.group_by, queue.filter)
        return queue.changed(visits) if visits else queue

    def tick(self, board: DayBoard) -> tuple[DayBoard, frozenset[str]]:
        """The board as time goes by, and the technicians who do something else now."""
        fresh, changed = day_board.with_now(board, self.now())
        return self._keep(fresh), changed

    # What is done

    def commit(self, plan: Plan) -> tuple[Operation, ...]:
        """Save a plan; what is returned is on the disk.

        New operations are saved in one transaction. Raises CannotCommit for a plan that was refused or
        committed before, StorageError where this computer does not let it be saved.
        """
        from fieldboard.board.committing import commit

        return commit(self, plan, self._committed)

    def server_id(self, entity_id: str) -> str:
        """The id that the server gave to what was created here; the same id for everything else."""
        if not entity_id.startswith(f"{NEW}:"):
            return entity_id
        return self.store.outbox.idmap().get(entity_id, entity_id)

    def seen(self, kind: Kind, entity_id: str, field: str) -> Json:
        """The value of a field as it is shown now; None where the entity is unknown."""
        entity: Job | PlannedVisit | Technician | None
        if kind is Kind.JOB:
            entity = self.store.job(entity_id)
        elif kind is Kind.TECHNICIAN:
            entity = next((one for one in self.store.technicians() if one.id == entity_id), None)
        else:
            entity = next(iter(self.store.planned([entity_id])), None)
        if entity is None:
            return None
        try:
            return value_of(entity, field)
        except KeyError:
            return None

    def next_number(self) -> str:
        """A number for a new job: the highest seen plus one, with a suffix that is this desk's own."""
        from fieldboard.board.numbering import desk_suffix, next_number

        self._given.append(next_number([*self.store.numbers(), *self._given], desk_suffix()))
        return self._given[-1]

    def _keep(self, board: DayBoard) -> DayBoard:
        self._boards.pop(board.day, None)
        self._boards[board.day] = board
        others = [day for day in self._boards if day != self.today()]
        for day in others[: max(0, len(others) - BOARDS_KEPT)]:
            del self._boards[day]
        return board

    def _changed(self, delta: Delta) -> dict[str, PlannedVisit | None]:
        if delta is not self._last_delta:
            self._last_delta = delta
            self._last_changed = self.store.changed(delta)
        return self._last_changed


def _many(delta: Delta, among: int) -> bool:
    """Whether so much has changed that reading everything costs less."""
    return len(delta.visit_ids) >= max(REBUILD_FROM, among // 2)
