"""The queue's rows in the order in which they are shown: stable until the dispatcher asks.

What changes is drawn where it stands, what is gone leaves, what is new waits until it is asked for:
nothing moves under the cursor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldboard.board.queue_board import Group, QueueBoard
from fieldboard.domain.visit import PlannedVisit


@dataclass(frozen=True, slots=True)
class QueueView:
    """Rows as shown, and how many new ones wait.

    `groups` say which rows stand together, `announced` are the ids of new rows that are not shown yet.
    """

    board: QueueBoard
    rows: Sequence[PlannedVisit]
    groups: tuple[Group, ...] = ()
    announced: tuple[str, ...] = ()

    def position(self, visit_id: str | None) -> int | None:
        """The place of a visit among the rows; None where it is not shown."""
        if visit_id is None:
            return None
        if self.rows is self.board.rows:
            return self.board.position(visit_id)
        for at, row in enumerate(self.rows):
            if row.id == visit_id:
                return at
        return None


def whole(board: QueueBoard) -> QueueView:
    """Everything that the filter lets through, in its own order."""
    return QueueView(board, board.rows, board.groups)


def followed(view: QueueView, board: QueueBoard, welcome: frozenset[str] = frozenset()) -> QueueView:
    """The view after a change: rows stay where they are, new ones are announced.

    `welcome` are rows that the dispatcher put into the queue and expects to see at once.
    """
    if board is view.board:
        return view
    before = {row.id for row in view.rows}
    now = {row.id: row for row in board.rows}
    new = [row.id for row in board.rows if row.id not in before]
    if not new or all(visit_id in welcome for visit_id in new):
        kept = [row.id for row in view.rows if row.id in now]
        if all(visit_id in welcome for visit_id in new):
            order = [row.id for row in board.rows if row.id in before]
            if order == kept:
                return whole(board)
    rows = tuple(now[row.id] for row in view.rows if row.id in now)
    announced = tuple(visit_id for visit_id in new if visit_id not in welcome)
    shown = rows + tuple(now[visit_id] for visit_id in new if visit_id in welcome)
    return QueueView(board, shown, _regrouped(view, shown), announced)


def _regrouped(view: QueueView, rows: Sequence[PlannedVisit]) -> tuple[Group, ...]:
    if not view.groups:
        return ()
    names: dict[str, str] = {}
    for group in view.groups:
        for row in view.rows[group.start : group.start + group.size]:
            names[row.id] = group.name
    groups: list[Group] = []
    for at, row in enumerate(rows):
        name = names.get(row.id, "new")
        if groups and groups[-1].name == name:
            groups[-1] = Group(name, groups[-1].start, groups[-1].size + 1)
        else:
            groups.append(Group(name, at, 1))
    return tuple(groups)
