"""The fate of an operation: which state may follow which, and what its author may then decide. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fieldboard.domain.operation import Intent, OpState

MOVES: Final[Mapping[OpState, frozenset[OpState]]] = {
    OpState.QUEUED: frozenset(
        {
            OpState.SENDING, OpState.ACKED, OpState.REJECTED, OpState.CONFLICT, OpState.GONE,
            OpState.SUPERSEDED,
            OpState.CANCELLED, OpState.ASK, OpState.DUPLICATE,
        }
    ),
    OpState.SENDING: frozenset(
        {
            OpState.ACKED, OpState.UNCERTAIN, OpState.QUEUED, OpState.REJECTED, OpState.CONFLICT,
            OpState.GONE,
            OpState.SUPERSEDED, OpState.ASK, OpState.DUPLICATE,
        }
    ),
    OpState.UNCERTAIN: frozenset(
        {
            OpState.ACKED, OpState.QUEUED, OpState.CONFLICT, OpState.SUPERSEDED, OpState.ASK, OpState.GONE,
            OpState.DUPLICATE,
        }
    ),
    OpState.ACKED: frozenset(
        {OpState.CONFIRMED, OpState.DUPLICATE, OpState.SUPERSEDED, OpState.CONFLICT, OpState.GONE}
    ),
    OpState.ASK: frozenset({OpState.ACKED, OpState.QUEUED, OpState.DUPLICATE}),
    OpState.CONFIRMED: frozenset({OpState.DUPLICATE}),
    OpState.DUPLICATE: frozenset({OpState.ACKED, OpState.CONFIRMED, OpState.QUEUED}),
}  # fmt: skip
"""`uncertain` never becomes `rejected`: what may have been carried out is not called refused."""

UNDOABLE: Final = frozenset(
    {OpState.QUEUED, OpState.SENDING, OpState.UNCERTAIN, OpState.ACKED, OpState.CONFIRMED}
)
"""States in which an operation has, or may have, an effect that can be taken back."""

TERMINAL: Final = frozenset(
    {
        OpState.CONFIRMED, OpState.REJECTED, OpState.CONFLICT, OpState.SUPERSEDED, OpState.GONE,
        OpState.DUPLICATE, OpState.ASK, OpState.CANCELLED,
    }
)  # fmt: skip
"""Nothing more is sent by itself."""

_STAYS: Final = frozenset({Intent.DELETE, Intent.NOTE})
_APPENDS: Final = frozenset({Intent.NOTE, Intent.CREW})


def choices_of(state: OpState, intent: Intent, *, noted: bool, sent: bool = False) -> tuple[str, ...]:
    """What may be decided about an operation, in the words of the command line.

    `sent` says that a request of it has left: what the system deleted or wrote below a text stays so.
    """
    if state in UNDOABLE:
        stays = intent in _STAYS and (sent or state is not OpState.QUEUED)
        return () if stays or state is OpState.SENDING else ("undo",)
    if noted or state is OpState.CANCELLED:
        return ()
    match state:
        case OpState.CONFLICT:
            return ("mine", "theirs", "both", "undo") if intent in _APPENDS else ("mine", "theirs", "undo")
        case OpState.REJECTED:
            return ("retry", "theirs", "undo")
        case OpState.ASK:
            return ("again", "found", "undo")
        case OpState.DUPLICATE:
            return ("this", "other", "both")
        case OpState.GONE:
            return ("theirs", "undo")
        case _:
            return ("retry", "theirs")
