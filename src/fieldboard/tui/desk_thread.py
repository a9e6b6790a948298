"""The one thread that touches the cache and the outbox, so that no key waits for a disk.

Work is a function of the desk; it runs here, and its result travels to the screen as a message. Between
two pieces of work the thread looks for changes and brings the shown day and queue up to date.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from textual.message import Message

from fieldboard.domain.operation import UNDECIDED, Operation
from fieldboard.domain.value_class import record_class
from fieldboard.domain.view import NEW
from fieldboard.tui.desk_messages import Answered, Changed, Counted, Fresh
from fieldboard.tui.panes.queue_view import QueueView, followed, whole
from fieldboard.tui.spare_memory import give_back

if TYPE_CHECKING:
    from fieldboard.board.day_board import DayBoard
    from fieldboard.board.desk import Desk
    from fieldboard.board.plan import Plan
    from fieldboard.board.queue_board import QueueBoard

Result = TypeVar("Result")
POLL_S = 0.25
"""Seconds between two looks for changes."""
FIRST_POLL_S = 1.0
"""The same while a first sync runs: each of its commits brings thousands of rows, and each look at them
takes the interpreter from the keys."""
LOOKS_TAKE = 0.05
"""Of the time of a first sync so much at most, where a look takes longer."""
AT_ONCE = 16
"""Columns that are summed up before the thread looks whether it is needed elsewhere."""
SEEN_S = 0.25
"""Seconds at most for which the count of what has changed waits until that is on the screen."""
OWN_S = 120
"""Seconds for which what this board did is no news to it."""

_log = logging.getLogger(__name__)


@record_class
class _Work:
    run: Callable[[Desk], object]
    then: Callable[[Any], object] | None
    key: str | None
    early: bool = False
    failed: Callable[[Exception], object] | None = None


class DeskThread:
    """Owns the desk. `open_desk` is called on the thread itself: database connections belong to one."""

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        post: Callable[[Message], bool],
        *,
        poll_s: float = POLL_S,
    ) -> None:
        self._open_desk = open_desk
        self._post = post
        self._poll_s = poll_s
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._latest: dict[str, _Work] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._day: DayBoard | None = None
        self._queue: QueueBoard | None = None
        self._view: QueueView | None = None
        self._settled = False
        self._counted: tuple[date, int] | None = None
        self._frozen = False
        self._looked_at = -FIRST_POLL_S
        self._took = 0.0
        self._worked = True
        self._elsewhere = False
        self._flows = False
        self._minute = 0
        self._own: dict[str, float] = {}
        self._seen = threading.Event()
        self._seen.set()
        self.pending = 0
        """Pieces of work that were asked for and have not been answered."""
        self.asked = 0
        """Pieces of work that were ever asked for."""

    def start(self, day: DayBoard | None = None, queue_board: QueueBoard | None = None) -> None:
        """Start, with the day and the queue that are already on the screen."""
        self._day, self._queue = day, queue_board
        self._view = whole(queue_board) if queue_board is not None else None
        self._thread.start()

    @property
    def started(self) -> bool:
        """Whether the thread runs, or has run."""
        return self._thread.ident is not None

    def stop(self, timeout: float = 5.0) -> None:
        """Finish the work that was asked for, close the desk, end."""
        self._waiting.put(None)
        self._seen.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def seen(self) -> None:
        """What was handed over last is on the screen: the processor is free for the count."""
        self._seen.set()

    def worked_elsewhere(self) -> None:
        """Another thread has worked on what the board shows: what that left free is handed back, too."""
        self._elsewhere = True

    def ask(
        self,
        run: Callable[[Desk], Result],
        then: Callable[[Result], object] | None = None,
        *,
        key: str | None = None,
        early: bool = False,
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """Have `run` done with the desk and `then` called with its result, on the screen's own loop.

        Of several pieces of work with one `key` that still wait, only the last is done. `then` is called
        when what the work changed is on the screen; with `early` before that: for work whose result is
        itself to be shown, and must not come after something newer. `failed` is called with what went wrong,
        on the thread itself.
        """
        work = _Work(run, then, key, early, failed)
        with self._lock:
            self.asked += 1
            if key is not None:
                waits = key in self._latest
                self._latest[key] = work
                if waits:
                    return
            self.pending += 1
        self._waiting.put(work)
        self._seen.set()

    async def fetch(self, run: Callable[[Desk], Result]) -> Result:
        """The result of a piece of work, for whoever can await it (dialogs). Raises what it raises."""
        future: Future[Result] = Future()

        def work(desk: Desk) -> None:
            try:
                future.set_result(run(desk))
            except Exception as error:  # the waiting side raises it
                future.set_exception(error)

        def failed(error: Exception) -> None:
            if not future.done():
                future.set_exception(error)

        # Without a desk the work is not even begun.
        self.ask(work, failed=failed)
        return await asyncio.wrap_future(future)

    # What only the thread itself calls

    def show_day(self, desk: Desk, day: date) -> DayBoard:
        """Make this the day that is kept up to date. To be called from work."""
        self._counted = None
        self._day = desk.day(day)
        return self._day

    def show_queue(self, board: QueueBoard) -> QueueBoard:
        """Make this the queue that is kept up to date, in its own order. To be called from work."""
        self._queue, self._view = board, whole(board)
        return board

    def show_whole_queue(self) -> QueueView | None:
        """Show the queue in its own order, with what is new. To be called from work."""
        if self._queue is not None:
            self._view = whole(self._queue)
        return self._view

    @property
    def queue(self) -> QueueBoard | None:
        """The queue that is kept up to date. To be asked from work."""
        return self._queue

    @property
    def day(self) -> DayBoard | None:
        """The day that is kept up to date. To be asked from work."""
        return self._day

    def save(self, desk: Desk, plan: Plan) -> tuple[Operation, ...]:
        """Save a plan of this board: what it puts into the queue is no news here. To be called from work."""
        operations = desk.commit(plan)
        moment = desk.clock.now().timestamp()
        self._own.update((change.id, moment) for one in operations for change in one.changes)
        return operations

    def _run(self) -> None:
        desk: Desk | None = None
        while True:
            asked = True
            try:
                work = self._waiting.get(timeout=self._poll_s)
            except queue.Empty:
                work, asked = _Work(lambda _: None, None, None), False
            if work is None:
                break
            busy = asked
            if work.key is not None:
                with self._lock:
                    work = self._latest.pop(work.key)
            try:
                if desk is None:
                    desk = self._open_desk()
                    self._first(desk)
                value = work.run(desk)
                if work.early and work.then is not None:
                    self._post(Answered(work.then, value, None))
                if asked or self.due(desk):
                    began = desk.clock.monotonic()
                    busy |= self._look(desk)
                    self._took = desk.clock.monotonic() - began
            except Exception as error:
                _log.exception("a piece of work of the board failed")
                if work.failed is not None:
                    work.failed(error)
                self._post(Answered(work.then, None, error))
            else:
                if work.then is not None and not work.early:
                    self._post(Answered(work.then, value, None))
            try:
                self._count()
            except Exception:
                _log.exception("the conflicts of a day could not be counted")
            if asked:
                with self._lock:
                    self.pending -= 1
            elsewhere, self._elsewhere = self._elsewhere, False
            self._rest(busy=busy or elsewhere)
        if desk is not None:
            desk.store.close()

    def _first(self, desk: Desk) -> None:
        """What is shown may have been read a moment ago by somebody else: bring it up to date.

        What is as it was is not drawn a second time.
        """
        before, queue_before = self._day, self._queue
        if before is not None:
            self._day = day = desk.day(before.day)
            if queue_before is not None:
                self._queue = desk.queue(queue_before.order, queue_before.group_by, queue_before.filter)
            desk.poll()
            self._settled = desk.state().last_full_finished is not None
            new_queue = self._queue if self._queue is not queue_before else None
            if new_queue is not None:
                self._follow(desk, None)
            anew = day is not before
            self._show(self._fresh(desk, day, frozenset(), new_queue, (), everything=anew))

    def _look(self, desk: Desk) -> bool:
        """Bring what is shown up to date; whether anything was written since the last look."""
        day = self._day
        if day is None:
            return False
        delta = desk.poll()
        self._flows = delta is not None and not self._settled
        changed: frozenset[str] = frozenset()
        before = self._queue
        everything = False
        if delta is not None:
            fresh, changed = desk.refresh_day(day, delta)
            # Where only too much has changed to be named, most columns are as they were.
            everything = delta.everything and (delta.technicians or [*fresh.index] != [*day.index])
            if before is not None:
                self._queue = desk.refresh_queue(before, delta)
            day = self._day = fresh
        minute = int(desk.clock.now().timestamp()) // 60
        ticked = minute != self._minute
        if ticked:
            # Also where nothing looks different: something may be late now.
            self._minute = minute
            day, moved = desk.tick(day)
            self._day, changed = day, changed | moved
        if delta is None and not ticked:
            return False
        ids = tuple(delta.visit_ids) if delta is not None else ()
        new_queue = None
        if self._queue is not before:
            new_queue = self._queue
            whole_day = delta is None or delta.everything or delta.technicians
            self._follow(desk, None if whole_day else ids)
        self._show(self._fresh(desk, day, changed, new_queue, ids, everything=everything))
        return delta is not None

    def _show(self, fresh: Fresh) -> None:
        self._seen.clear()
        self._post(Changed(fresh))

    def _count(self) -> None:
        """Count the conflicts of the day, a few columns at a time and only while nobody asks for anything.

        That looks into every column, and lays none out: what is in sight waits for none of it, and needs
        none any more when it is on the screen, which is waited for. While a first sync brings more at each
        look it is left: the next look would find all of it stale.
        """
        day = self._day
        if day is None or day.counted or self._flows:
            return
        if self._waiting.empty():
            self._seen.wait(SEEN_S)
        for nth, column in enumerate(day.uncounted(), 1):
            column.sum_up()
            if nth % AT_ONCE == 0:
                # The screen's own thread may want the interpreter.
                time.sleep(0)
                if not self._waiting.empty():
                    return
        day.count()
        if not self._frozen:
            # What a thousand columns come to stays: the collector need not look at that either.
            self._frozen = True
            gc.freeze()
        said = day.day, day.broken
        if said != self._counted:
            self._counted = said
            self._post(Counted(day))

    def _rest(self, *, busy: bool) -> None:
        """Where nothing came any more, hand back what the work before has left free: once."""
        if self._worked and not busy:
            give_back()
        self._worked = busy

    def _follow(self, desk: Desk, ids: tuple[str, ...] | None) -> None:
        """Work out here how the queue is shown now: with many rows that takes longer than a key may."""
        if self._queue is None:
            return
        if self._view is None or not self._settled:
            # While the first sync runs nothing is new.
            self._view = whole(self._queue)
            return
        since = desk.clock.now().timestamp() - OWN_S
        recent = {one for one, moment in self._own.items() if moment >= since}
        own = recent | set(self._ids(desk).values())
        rows = self._queue.rows if ids is None and own else map(self._queue.row, ids or ())
        ours = frozenset(
            row.id
            for row in rows
            if row is not None and (row.id in own or row.job_id in own or (row.mark and ids is not None))
        )
        self._view = followed(self._view, self._queue, ours, ids)

    def _fresh(
        self,
        desk: Desk,
        day: DayBoard,
        changed: frozenset[str],
        queue_board: QueueBoard | None,
        ids: tuple[str, ...],
        *,
        everything: bool,
    ) -> Fresh:
        pending, undecided = desk.counts()
        refused: tuple[Operation, ...] = ()
        if undecided:
            refused = tuple(one for one in desk.operations() if one.state in UNDECIDED and not one.noted)
        state = desk.state()
        self._settled = state.last_full_finished is not None
        view = self._view if queue_board is not None else None
        return Fresh(
            *(day, changed, queue_board, ids, everything, state, pending, undecided, refused, view),
            ids=self._ids(desk),
            counts=desk.told_counts(),
            rules=desk.learned_rules(),
        )

    def due(self, desk: Desk) -> bool:
        """Whether it is time to look for changes, where nobody has asked for anything."""
        now = desk.clock.monotonic()
        rest = max(FIRST_POLL_S, self._took / LOOKS_TAKE)
        if not self._settled and now - self._looked_at < rest:
            return False
        self._looked_at = now
        return True

    def _ids(self, desk: Desk) -> dict[str, str]:
        """The server's ids of what was created here, by ours."""
        if not any(one.startswith(f"{NEW}:") for one in self._own):
            return {}
        return {one: theirs for one in self._own if (theirs := desk.server_id(one)) != one}
