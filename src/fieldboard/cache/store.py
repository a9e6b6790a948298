"""What board and command line read: the cache with the edits that wait laid over it."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import field
from datetime import date, timedelta
from heapq import merge

from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.history import History
from fieldboard.cache.laying import Laid, lay
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.packing import fold
from fieldboard.cache.phones import phone_has, phone_parts
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.state import SyncState
from fieldboard.clock import Clock
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.job import Asset, Job
from fieldboard.domain.operation import Kind, Operation
from fieldboard.domain.overlay import with_edits
from fieldboard.domain.roll_up import queue_order
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.value_class import value_class
from fieldboard.domain.view import Shown
from fieldboard.domain.visit import PlannedVisit, touches

MANY = 2000
"""More changes than this are not named: all is to be read anew, which costs about as much as their names."""


@value_class
class Delta:
    """What is different since the last look. One without anything in it: only the state of the sync.

    `since` is the number of the write after which the changes of the cache came; None where it has none.
    """

    visit_ids: tuple[str, ...] = ()
    technicians: bool = False
    everything: bool = False
    operations: bool = False
    since: int | None = field(default=None, compare=False)


class Store:
    """One profile as it is shown. One thread; raises StorageError from every method."""

    def __init__(self, files: ProfileFiles, zone: Zone, clock: Clock) -> None:
        self.files, self.zone = files, zone
        self._laid = Laid()
        self._technicians_rev = self._echo_rev = self._rev = self._outbox_rev = -1
        self._versions = (-1, -1, -1)
        with ExitStack() as opened:
            self.reader = CacheReader(files, zone)
            opened.callback(self.reader.close)
            self.outbox = Outbox(files, clock)
            opened.callback(self.outbox.close)
            self.history = History(files, clock)
            self.poll()
            # All of it could be opened: it is closed by `close`.
            opened.pop_all()

    # What changed

    def poll(self) -> Delta | None:
        """What changed since the last call; None for nothing. Cheap enough for five times a second."""
        self._reopen()
        versions = (self.reader.data_version(), self.outbox.data_version(), self.outbox.own_writes)
        if versions == self._versions:
            return None
        cache_changed = versions[0] != self._versions[0]
        outbox_changed = versions[1:] != self._versions[1:]
        self._versions = versions
        visits: set[str] = set()
        technicians = everything = operations = False
        again = False
        since: int | None = None
        if cache_changed:
            # At the first look everything is new: naming it would only fill the memory.
            since = self._rev
            found = self.reader.changes(since, MANY if since >= 0 else 0, jobs=bool(self._laid.jobs))
            # Jobs alone, however many, draw nothing: what is shown of them their visits carry.
            everything = found.more or since < 0
            visits.update(found.visits)
            technicians = found.technicians != self._technicians_rev
            again = found.echoes != self._echo_rev or (
                bool(self._laid.jobs)
                and (everything or found.more_jobs or self._concerns(visits, found.jobs))
            )
            self._rev, self._technicians_rev, self._echo_rev = found.rev, found.technicians, found.echoes
        if outbox_changed:
            rev = self.outbox.rev()
            operations = rev != self._outbox_rev
            again = again or operations
            self._outbox_rev = rev
        if again:
            people = self._laid.over.technicians
            visits |= self._lay()
            technicians = technicians or people != self._laid.over.technicians
        return Delta(tuple(visits), technicians, everything, operations, since)

    def _reopen(self) -> None:
        """A damaged file was put aside and another one lies in its place: go on with that."""
        if self.reader.replaced():
            self.reader.close()
            self.reader = CacheReader(self.files, self.zone)
            self._versions = (-1, *self._versions[1:])
            self._technicians_rev = self._echo_rev = self._rev = -1
        if self.outbox.replaced():
            self.outbox.reopen()
            self._versions = (self._versions[0], -1, -1)
            self._outbox_rev = -1

    def _concerns(self, visits: set[str], jobs: Iterable[str]) -> bool:
        return (
            not self._laid.jobs.keys().isdisjoint(jobs)
            or not visits.isdisjoint(self._laid.visits)
            or bool(self._laid.over.visits)
        )

    def _lay(self) -> set[str]:
        """Lay the edits over anew; the visits that are shown differently from before."""
        before = self._laid
        self._laid = lay(self.reader, self.outbox)
        return self._laid.differs(before)

    # Visits

    def day(self, day: date) -> list[PlannedVisit]:
        """The visits that touch a local day, those moved into it by a waiting edit too."""
        base = self.reader.day(day)
        if not self._laid.visits:
            return base
        low, high = self.zone.day_bounds(day)
        return self._laid_over(base, lambda visit: touches(visit, day, low, high))

    def counts_by_day(self, first: date, last: date) -> dict[date, int]:
        """How many visits each day from `first` to `last` has; days without are missing."""
        counts = self.reader.counts_by_day(first, last)
        if self._laid.visits:
            for visit in self.reader.planned(self._laid.visits):
                for day in self._days_of(visit, first, last):
                    counts[day] -= 1
            for mine in self._laid.visits.values():
                for day in self._days_of(mine, first, last) if mine is not None else ():
                    counts[day] = counts.get(day, 0) + 1
        return {day: count for day, count in counts.items() if count}

    def _days_of(self, visit: PlannedVisit, first: date, last: date) -> Iterator[date]:
        """The days between the two that a visit touches."""
        if visit.start is None:
            if visit.date is not None and first <= visit.date <= last:
                yield visit.date
            return
        day = max(first, self.zone.date_of(visit.start))
        until = min(last, self.zone.date_of(max(visit.start, (visit.end or visit.start) - 1)))
        while day <= until:
            yield day
            day += timedelta(days=1)

    def queue(self) -> list[PlannedVisit]:
        """All that waits, of any day, in order."""
        base = self.reader.queue()
        if not self._laid.visits:
            return base
        kept = [visit for visit in base if visit.id not in self._laid.visits]
        for visit in self._laid.visits.values():
            if visit is not None and visit.queued:
                insort(kept, visit, key=queue_order)
        return kept

    def planned(self, visit_ids: Iterable[str]) -> list[PlannedVisit]:
        """Visits by their ids; one that is not shown is left out."""
        ids = list(visit_ids)
        base = self.reader.planned([one for one in ids if one not in self._laid.visits])
        return base + [visit for one in ids if (visit := self._laid.visits.get(one)) is not None]

    def changed(self, delta: Delta) -> dict[str, PlannedVisit | None]:
        """The visits that a delta names as they are shown now; None for one that is no more."""
        laid = self._laid.visits
        found: dict[str, PlannedVisit | None] = dict.fromkeys(delta.visit_ids)
        if delta.since is not None and not delta.everything:
            written = self.reader.planned_between(delta.since, self._rev)
            found.update([(visit.id, visit) for visit in written if visit.id in found])
        if laid:
            found.update([(one, laid[one]) for one in found.keys() & laid.keys()])
        # What an edit hid lies there since an earlier write; what was written once more, since a later one.
        others = [one for one, visit in found.items() if visit is None and one not in laid]
        if others:
            found.update([(visit.id, visit) for visit in self.reader.planned(others)])
        return found

    def planned_of_job(self, job_id: str) -> list[PlannedVisit]:
        """The visits of a job by time; the made-up one where it has none."""
        if job_id in self._laid.jobs:
            return list(self._laid.jobs[job_id].visits)
        return self.reader.planned_of_job(job_id)

    def visits(self) -> Iterator[PlannedVisit]:
        """Every visit, those with edits on them last."""
        yield from (visit for visit in self.reader.visits() if visit.id not in self._laid.visits)
        yield from (visit for visit in self._laid.visits.values() if visit is not None)

    def visit_ids(self) -> dict[str, tuple[str, ...]]:
        """The ids of the visits of every job, by time."""
        found = self.reader.visit_ids()
        found.update((one, tuple(visit.id for visit in job.visits)) for one, job in self._laid.jobs.items())
        return found

    def search(self, text: str, limit: int = 100, near: Instant = 0) -> list[PlannedVisit]:
        """Visits with `text` in number, title, customer, address or phone, those nearest to `near` first."""
        wanted = fold(text.strip())
        if not wanted:
            return []
        parts = phone_parts(text)
        mine = [
            visit
            for job in self._laid.jobs.values()
            for visit in job.visits
            if phone_has(_phone(job.job), parts)
            or wanted
            in fold("\n".join((visit.number, visit.title, visit.customer, visit.address, _phone(job.job))))
        ]
        base = [visit for visit in self.reader.search(text, limit, near) if visit.id not in self._laid.visits]
        return (mine + base)[:limit]

    # Jobs, technicians, customers

    def job(self, job_id: str) -> Job | None:
        """A job as it is shown; None for one that is unknown or deleted."""
        if job_id in self._laid.jobs:
            return self._laid.jobs[job_id].job
        return self.reader.job(job_id)

    def job_by_number(self, text: str) -> list[Job]:
        """The jobs with this number."""
        base = [job for job in self.reader.job_by_number(text) if job.id not in self._laid.jobs]
        return base + [
            one.job for one in self._laid.jobs.values() if one.job is not None and one.job.number == text
        ]

    def numbers(self) -> list[str]:
        """The numbers of all jobs, those made here too."""
        mine = [one.job.number for one in self._laid.jobs.values() if one.job is not None]
        return self.reader.numbers() + [number for number in mine if number]

    def jobs(
        self,
        *,
        day: date | None = None,
        status: Status | None = None,
        unassigned: bool = False,
        search: str | None = None,
    ) -> Iterator[Job]:
        """Jobs by number, narrowed by what is given."""
        base = self.reader.jobs(day=day, status=status, unassigned=unassigned, search=search)
        mine = self._laid_jobs(day=day, status=status, unassigned=unassigned, search=search)
        yield from merge(
            (job for job in base if job.id not in self._laid.jobs),
            sorted(mine, key=_by_number),
            key=_by_number,
        )

    def _laid_jobs(
        self, *, day: date | None, status: Status | None, unassigned: bool, search: str | None
    ) -> Iterator[Job]:
        """The jobs with edits on them, narrowed likewise."""
        wanted = fold(search.strip()) if search else ""
        for one in self._laid.jobs.values():
            job_shown = one.job
            if job_shown is None or (status is not None and job_shown.status is not status):
                continue
            if (unassigned and job_shown.technician_ids) or (day is not None and not self._on(one, day)):
                continue
            text = (job_shown.number, job_shown.title, job_shown.customer, job_shown.address, job_shown.phone)
            if not wanted or wanted in fold("\n".join(filter(None, (*text, job_shown.notes)))):
                yield job_shown

    def _on(self, one: Shown, day: date) -> bool:
        if one.job is not None and one.job.start is not None:
            return self.zone.date_of(one.job.start) == day
        return any(visit.date == day for visit in one.visits)

    def technicians(self) -> list[Technician]:
        """All technicians by name, inactive ones too."""
        over = self._laid.over
        found = self.reader.technicians()
        return [with_edits(one, over) for one in found] if over.technicians else found

    def assets(self) -> list[Asset]:
        """The assets that jobs are known to be linked with."""
        return self.reader.assets()

    def is_placed(self, customer: str, address: str) -> bool:
        """Whether it is known where a customer's address is."""
        return self.reader.is_placed(customer, address)

    def customer(self, customer_id: str) -> Customer | None:
        """A customer by id."""
        return self.reader.customer(customer_id)

    def customers(self, text: str, limit: int = 50) -> list[Customer]:
        """Customers with `text` in name, address or phone."""
        return self.reader.customers(text, limit)

    def raw(self, kind: Kind, entity_id: str) -> str | None:
        """What the server sent, cleaned."""
        return self.reader.raw(kind, entity_id)

    # The state of things

    def state(self) -> SyncState:
        """What the sync says of itself."""
        return self.reader.state()

    def counts(self) -> tuple[int, int]:
        """How many edits are pending, and how many wait for a decision."""
        return self.outbox.counts()

    def operations(self) -> Sequence[Operation]:
        """What is on its way or waits for a decision, as of the last `poll`."""
        return tuple(self._laid.operations)

    def learned(self) -> dict[str, str]:
        """What the server taught about itself."""
        return self.reader.learned()

    def close(self) -> None:
        """Close the files."""
        self.history.close()
        self.outbox.close()
        self.reader.close()

    def _laid_over(self, base: list[PlannedVisit], belongs: object) -> list[PlannedVisit]:
        assert callable(belongs)  # noqa: S101
        laid = self._laid.visits
        there = {visit.id for visit in base}
        found: list[PlannedVisit] = []
        for visit in base:
            if visit.id not in laid:
                found.append(visit)
            elif (mine := laid[visit.id]) is not None and belongs(mine):
                found.append(mine)
        found += [
            visit for one, visit in laid.items() if visit is not None and one not in there and belongs(visit)
        ]
        return found


def _by_number(job: Job) -> tuple[bool, str, str]:
    """The order in which the reader gives jobs: those without a number first."""
    return job.number is not None, job.number or "", job.id


def _phone(job: Job | None) -> str:
    return (job.phone if job is not None else None) or ""
