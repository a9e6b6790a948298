"""What the desk's thread tells the screen: an answer, what changed, what was counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from textual.message import Message

from fieldboard.domain.operation import Operation
from fieldboard.domain.value_class import value_class

if TYPE_CHECKING:
    from fieldboard.board.day_board import DayBoard
    from fieldboard.board.queue_board import QueueBoard
    from fieldboard.domain.rules import SystemRules
    from fieldboard.tui.panes.queue_view import QueueView


class Answered(Message):
    """A piece of work is done: `then` is to be called with `value`, or `error` says why it failed."""

    def __init__(self, then: Callable[[Any], object] | None, value: object, error: Exception | None) -> None:
        super().__init__()
        self.then, self.value, self.error = then, value, error


@value_class
class Fresh:
    """What has changed: `changed` technicians of the day; `queue` None where it is as before.

    `everything` says that the day was read anew. `visit_ids` are the visits that changed, `operations`
    the edits that want a decision, `view` is how the queue is to be shown (None: in its own order), `ids`
    are the ids that the server gave to what was created at this board. `counts` are the system's own,
    `rules` what it can do as far as that is known by now.
    """

    day: DayBoard
    changed: frozenset[str]
    queue: QueueBoard | None
    visit_ids: tuple[str, ...]
    everything: bool
    state: Any
    pending: int
    undecided: int
    operations: tuple[Operation, ...] = ()
    view: QueueView | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    counts: tuple[tuple[str, int], ...] = ()
    rules: SystemRules | None = None


class Changed(Message):
    """The cache or the outbox changed, by whomever."""

    def __init__(self, fresh: Fresh) -> None:
        super().__init__()
        self.fresh = fresh


class Counted(Message):
    """The conflicts of a day have been counted."""

    def __init__(self, day: DayBoard) -> None:
        super().__init__()
        self.day = day
