"""The queue's rows in the order in which they are shown: stable until the dispatcher asks.

What changes is drawn where it stands, what is gone leaves, what is new waits until it is asked for:
nothing moves under the cursor.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from fieldboard.board.queue_board import QueueBoard
from fieldboard.board.queue_order import Group
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit

FEW = 500
"""Changed rows up to which they are looked at one by one."""


@value_class
class QueueView:
    """Rows as shown, and how many new ones wait.

    `groups` say which rows stand together, `announced` are the ids of new rows that are not shown yet,
    `places` the place of each row where the rows are not in the board's own order.
    """

    board: QueueBoard
    rows: Sequence[PlannedVisit]
    groups: tuple[Group, ...] = ()
    announced: tuple[str, ...] = ()
    places: Mapping[str, int] | None = None

    def position(self, visit_id: str | None) -> int | None:
        """The place of a visit among the rows; None where it is not shown."""
        if visit_id is None:
            return None
        if self.places is not None:
            return self.places.get(visit_id)
        return self.board.position(visit_id)


def whole(board: QueueBoard) -> QueueView:
    """Everything that the filter lets through, in its own order."""
    return QueueView(board, board.rows, board.groups)


def followed(
    view: QueueView,
    board: QueueBoard,
    welcome: frozenset[str] = frozenset(),
    changed: Collection[str] | None = None,
) -> QueueView:
    """The view after a change: rows stay where they are, new ones are announced.

    `welcome` are rows that the dispatcher put into the queue and expects to see at once. `changed` are the
    visits that may differ (None: any): where few do and none of them moves, no row is looked at twice.
    """
    if board is view.board:
        return view
    if changed is not None and _as_it_was(view, board, welcome, changed):
        return whole(board)
    before = {row.id for row in view.rows}
    now = {row.id: row for row in board.rows}
    new = [row.id for row in board.rows if row.id not in before]
    if all(visit_id in welcome for visit_id in new):
        kept = [row.id for row in view.rows if row.id in now]
        if [row.id for row in board.rows if row.id in before] == kept:
            return whole(board)
    rows = tuple(now[row.id] for row in view.rows if row.id in now)
    announced = tuple(visit_id for visit_id in new if visit_id not in welcome)
    shown = rows + tuple(now[visit_id] for visit_id in new if visit_id in welcome)
    places = {row.id: at for at, row in enumerate(shown)}
    return QueueView(board, shown, _regrouped(view, shown), announced, places)


def _as_it_was(view: QueueView, board: QueueBoard, welcome: frozenset[str], changed: Collection[str]) -> bool:
    """Whether the board's own order is what must be shown, told by the changed rows alone."""
    before = view.board
    same_order = (before.order, before.group_by, before.filter) == (board.order, board.group_by, board.filter)
    if view.places is not None or not same_order or len(changed) > FEW:
        return False
    for visit_id in changed:
        if board.position(visit_id) is None:
            continue
        if before.position(visit_id) is None:
            if visit_id not in welcome:
                return False
            continue
        old, new = before.row(visit_id), board.row(visit_id)
        if old is None or new is None or before.key(old) != board.key(new):
            return False
    return True


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
