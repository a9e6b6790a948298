"""Values of ours that the server took: shown until a read shows them, and then confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fieldboard.backends.port import Row
from fieldboard.domain import fields
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Json, Kind, Operation, OpState
from fieldboard.domain.overlay import Echo
from fieldboard.domain.technician import Technician
from fieldboard.domain.view import NEW
from fieldboard.domain.visit import Visit
from fieldboard.sync.keeping import Keeping, value_or_none

ECHO_LASTS_S: Final = 120
"""After this any read decides what a field is that we have written."""

LAG_S: Final = 60
"""How long a list may lag behind an edit that its server took."""


_PLAN: Final = frozenset({fields.TECHNICIANS, fields.TIMES})
"""What of a visit is changed together: who goes, and when."""


class Echoes(Keeping):
    """The echoes of acknowledged edits, from the server's yes to the read that shows them."""

    def echo(self, operation: Operation) -> None:
        """The server took the operation: its values are shown until a read shows them."""
        ids = {
            change.id: known
            for change in operation.changes
            if (known := self.server_id(change.id)) is not None
        }
        self._writer.put_echo(operation, ids)

    def lift_old(self) -> None:
        """End the echoes of confirmed edits once no server can lag behind them any more."""
        echoes = self._writer.echoes()
        if not echoes:
            return
        acked = {one.op_id for one in self._outbox.live() if one.state is OpState.ACKED}
        for echo, at in echoes:
            if echo.op_id not in acked and not 0 <= self._now - at < LAG_S:
                self._writer.lift_echo(kind=echo.kind, entity_id=echo.id, field=echo.field)

    def has_echo(self, kind: Kind) -> bool:
        """Whether a value of ours of this kind waits for a read."""
        return any(echo.kind is kind for echo, _at in self._writer.echoes())

    def unconfirmed(self) -> list[tuple[Kind, str]]:
        """The entities whose values of ours no read has shown yet."""
        acked = [one for one in self._outbox.live() if one.state is OpState.ACKED]
        ids = {one.op_id for one in acked}
        waiting = [(echo.kind, echo.id) for echo, _at in self._writer.echoes() if echo.op_id in ids]
        for operation in acked:
            waiting.extend((one.kind, self._id(one.id)) for one in operation.changes)
        return list(dict.fromkeys(one for one in waiting if not one[1].startswith(f"{NEW}:")))

    def _shown(self, rows: Sequence[Row], *, decides: bool) -> None:
        """End the echoes that a read has answered, and confirm the edits that have none left.

        A read that `decides` ends an echo also by showing another value: one by id, or the list of a
        kind that cannot be read by id. Where such a list still shows what was before our edit, it
        may only lag behind: but not where it shows of the same plan what was never there before.
        """
        echoes = self._writer.echoes()
        told: set[tuple[Kind, str, str]] = set()
        acked = [one for one in self._outbox.live() if one.state is OpState.ACKED]
        if not echoes and not acked:
            return
        seen = {(row.kind, row.id): row.entity for row in rows}
        planned_anew = {
            (echo.op_id, echo.id)
            for echo, _at in echoes
            if echo.field in _PLAN and self._is_anothers(echo, seen.get((echo.kind, echo.id)))
        }
        for echo, at in echoes:
            entity = seen.get((echo.kind, echo.id))
            if not isinstance(entity, Job | Visit | Technician):
                continue
            value = value_or_none(entity, echo.field)
            # One from the future is from before this computer's clock was put back.
            age = self._now - at if self._now >= at else ECHO_LASTS_S
            if echo.field == fields.LOCATION and value is None:
                # Taken, and never told to anybody again: a read has said all that it will.
                over = True
            elif fields.shows(entity, echo.field, echo.value):
                # Another server may still lag behind the one that showed it.
                told.add((echo.kind, echo.id, echo.field))
                over = age >= LAG_S
            elif decides or echo.kind.value not in self._read_by_id:
                over = (
                    age >= LAG_S
                    or not self._stood_before(echo.op_id, echo.id, echo.field, value)
                    or (echo.field in _PLAN and (echo.op_id, echo.id) in planned_anew)
                )
            else:
                over = age >= ECHO_LASTS_S
            if over:
                self._writer.lift_echo(kind=echo.kind, entity_id=echo.id, field=echo.field)
        self._confirm(acked, set(seen), told)

    def _is_anothers(self, echo: Echo, entity: object) -> bool:
        """Whether a read shows what neither our edit wrote nor anybody had seen before it."""
        if not isinstance(entity, Job | Visit | Technician) or fields.shows(entity, echo.field, echo.value):
            return False
        value = value_or_none(entity, echo.field)
        return not self._stood_before(echo.op_id, echo.id, echo.field, value)

    def _stood_before(self, op_id: str, entity_id: str, name: str, value: Json) -> bool:
        """Whether a dispatcher had seen this value before the edit, or before one of ours shortly before it.

        Of several edits one after the other, a server that lags shows what was before the first.
        """
        own = self._outbox.get(op_id)
        if own is None:
            return False
        lately = [one for one in self._outbox.taken_since(self._now - LAG_S) if one.seq < own.seq]
        return any(
            change.field == name and change.expected == value and self._id(change.id) == entity_id
            for operation in (own, *lately)
            for change in operation.changes
        )

    def _confirm(
        self,
        acked: Sequence[Operation],
        seen: set[tuple[Kind, str]],
        told: set[tuple[Kind, str, str]],
    ) -> None:
        left = {
            echo.op_id for echo, _at in self._writer.echoes() if (echo.kind, echo.id, echo.field) not in told
        }
        for operation in acked:
            if operation.op_id in left:
                continue
            if all(self._is_shown(change, seen) for change in operation.changes):
                self._outbox.settle(operation.op_id, None, OpState.ACKED, OpState.CONFIRMED)

    def _is_shown(self, change: Change, seen: set[tuple[Kind, str]]) -> bool:
        """Whether the reads said what there is to say about a change that left no echo."""
        if change.field == fields.DELETED:
            return False
        if change.field == fields.CREATED:
            return (change.kind, self._id(change.id)) in seen
        return True

    def _confirm_gone(self, kind: Kind, ids: set[str]) -> None:
        """What the server took from us of something that is gone will never be shown by a read."""
        for operation in self._outbox.live():
            about = [one for one in operation.changes if one.kind is kind and self._id(one.id) in ids]
            if operation.state is not OpState.ACKED or not about:
                continue
            says = operation.reason
            if any(one.field != fields.DELETED for one in about):
                says = f"The {kind.value} was removed at the server since."
            self._outbox.settle(operation.op_id, None, OpState.ACKED, OpState.CONFIRMED, reason=says)
