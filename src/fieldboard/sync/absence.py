"""What the server may have no more: what lists lack, what reads do not find, what is taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fieldboard.backends.port import Row
from fieldboard.domain import fields
from fieldboard.domain.instants import Instant
from fieldboard.domain.operation import Kind, OpState
from fieldboard.domain.view import NEW
from fieldboard.sync.echoes import Echoes

APART_S: Final = 30
"""How far apart two lists must be before both of them lacking something means that it is gone."""

NEW_S: Final = 60.0
"""How long something counts as created just now, whose clock ever said so."""

KNOWN_AFTER_S: Final = 16.0
"""How long to wait for something new that a read by id does not know, before it is read again."""


class Absences(Echoes):
    """What is absent, since when, and what of it is known to be gone."""

    told_offset_s: float | None = None
    """How far the server's clock is before ours by the lists of this round; None: as it was kept."""

    def count(self, kind: Kind) -> int:
        """How many of a kind the server had when last seen."""
        return self._writer.known(kind)

    def jobs(self) -> int:
        """How many jobs there are."""
        return self._writer.known(Kind.JOB)

    def holds(self, kind: Kind, entity_id: str) -> bool:
        """Whether the cache shows the entity."""
        return kind is Kind.JOB and self._reader.job(entity_id) is not None

    def visits_of_gone_jobs(self, ids: Sequence[str]) -> list[str]:
        """Those of the visits whose job is known to be gone; one that is not shown any more went with it."""
        shown = {visit.id: visit.job_id for visit in self._reader.planned(ids)}
        return [one for one in ids if one not in shown or (Kind.JOB, shown[one]) in self._gone]

    def may_lag(self, kind: Kind, entity_id: str) -> bool:
        """Whether an entity is so new that a server which lags behind itself may not know it yet."""
        return self.lag_left(kind, entity_id) > 0

    def lag_left(self, kind: Kind, entity_id: str) -> float:
        """For how many seconds more something may be too new for every part of the server to know it."""
        if kind not in (Kind.JOB, Kind.VISIT) or self._deleted_by_us(kind, entity_id):
            return 0.0
        born = self._job_born_at(entity_id) if kind is Kind.JOB else self._visit_born_at(entity_id)
        made = self._made_at(kind, entity_id)
        ages = [float(abs(self._now - made))] if made is not None else []
        if born is not None:
            said = self.told_offset_s if self.told_offset_s is not None else self.state().server_offset_s
            ages.append(abs(self._now + (said or 0.0) - born))
        return max(0.0, NEW_S - min(ages)) if ages else 0.0

    def _made_at(self, kind: Kind, entity_id: str) -> Instant | None:
        """When the server said yes to an edit of ours that made something, by this computer's clock."""
        for (of, temporary), known in self._outbox.ids().items():
            if of is kind and known == entity_id:
                steps = self._outbox.steps_of(temporary.removeprefix(f"{NEW}:"))
                return max((one.finished_at for one in steps if one.finished_at is not None), default=None)
        return None

    def _job_born_at(self, job_id: str) -> Instant | None:
        """When a job was made; one that no list has shown, as far as its visits tell."""
        job = self._reader.job(job_id)
        if job is not None:
            return job.created_at
        born = [one.created_at for one in self._reader.planned_of_job(job_id) if one.created_at is not None]
        return max(born, default=None)

    def _visit_born_at(self, visit_id: str) -> Instant | None:
        return next((one.created_at for one in self._reader.planned([visit_id])), None)

    def jobs_of(self, visit_ids: Sequence[str]) -> list[str]:
        """The jobs of visits, each once."""
        return list(dict.fromkeys(one.job_id for one in self._reader.planned(visit_ids)))

    def _deleted_by_us(self, kind: Kind, entity_id: str) -> bool:
        """Whether the server said yes to our deletion: that it is gone is then no lag."""
        return any(
            operation.state is OpState.ACKED
            and any(
                change.field == fields.DELETED and change.kind is kind and self._id(change.id) == entity_id
                for change in operation.changes
            )
            for operation in self._outbox.live()
        )

    def absent(self, kind: Kind) -> Mapping[str, Instant]:
        """What complete clean lists lacked, each since when."""
        return {one: int(at) for one, at in (self._own(f"absent.{kind.value}") or {}).items()}

    def absent_again(self, kind: Kind, entity_id: str, now: Instant) -> bool:
        """Note that a list lacks something; True where another did so long enough before."""
        absent = dict(self.absent(kind))
        since = absent[entity_id] = min(absent.get(entity_id, now), now)
        self._keep(f"absent.{kind.value}", absent)
        return now - since >= APART_S

    def sighted(self, rows: Sequence[Row]) -> None:
        """What was shown just now is not absent, whatever lists of before lacked."""
        for kind in Kind:
            if not (absent := self.absent(kind)):
                continue
            shown = {row.id for row in rows if row.kind is kind}
            if not shown.isdisjoint(absent):
                self._keep(
                    f"absent.{kind.value}", {one: at for one, at in absent.items() if one not in shown}
                )

    def is_hollow(self, kind: Kind, listed: int | None) -> bool:
        """Whether a list of so many is empty although there is more than what edits wait for or lists lacked.

        That all of it has gone at once is less likely than a wrong answer, so it proves nothing of one.
        """
        if listed != 0:
            return False
        doubtful = {*(one for of, one in self._waited_for() if of is kind), *self.absent(kind)}
        return self.count(kind) > sum(self.is_here(kind, one) for one in doubtful)

    def keep_absent_only(self, kind: Kind, ids: Sequence[str]) -> None:
        """What the newest list shows again is not absent; what edits wait for may be gone here already.

        Or it has never been here: what was made and not seen yet.
        """
        absent = self.absent(kind)
        if not absent:
            return
        waited_for = (one for of, one in {*self._waited_for(), *self.unconfirmed()} if of is kind)
        missing = {*ids, *(one for one in waited_for if not self.is_here(kind, one))}
        left = {one: at for one, at in absent.items() if one in missing}
        if left != absent:
            self._keep(f"absent.{kind.value}", left)

    def _waited_for(self) -> set[tuple[Kind, str]]:
        """What edits that are not yet settled are about."""
        return {
            (change.kind, self._id(change.id))
            for operation in self._outbox.live()
            if operation.state in (OpState.QUEUED, OpState.SENDING, OpState.UNCERTAIN)
            for change in operation.changes
            if change.field != fields.DELETED
        }

    def is_here(self, kind: Kind, entity_id: str) -> bool:
        """Whether the cache has it as the server's."""
        return self._reader.raw(kind, entity_id) is not None

    def known_gone(self, kind: Kind, entity_id: str) -> None:
        """A read said that something does not exist."""
        self._gone.add((kind, entity_id))

    def gone_by_read(self, kind: Kind, entity_id: str) -> None:
        """A read said so while an edit waited for it: taken away once its edits are settled."""
        self._gone.add((kind, entity_id))

    def gone(self, kind: Kind, ids: Sequence[str]) -> int:
        """Take away what is confirmed to be gone; what edits still wait for stays. Returns how many."""
        waited_for = self._waited_for()
        free = [one for one in ids if (kind, one) not in waited_for]
        self._gone |= {(kind, one) for one in ids}
        if free:
            self._writer.mark_gone(kind, free)
            self._confirm_gone(kind, set(free))
            self.keep_absent_only(kind, [one for one in self.absent(kind) if one not in set(free)])
        return len(free)
