"""What the edits that wait make of the jobs and visits that they concern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace

from fieldboard.cache.outbox import Outbox
from fieldboard.cache.reader import CacheReader
from fieldboard.domain.fields import CREATED
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Operation, OpState
from fieldboard.domain.value_class import value_class
from fieldboard.domain.view import NOTHING, Overlay, Shown, overlay, shown
from fieldboard.domain.visit import PlannedVisit


@value_class
class Laid:
    """The jobs over which something lies, as they are shown, and their visits; None for a hidden visit."""

    operations: Sequence[Operation] = ()
    over: Overlay = NOTHING
    jobs: dict[str, Shown] = field(default_factory=dict)
    visits: dict[str, PlannedVisit | None] = field(default_factory=dict)

    def differs(self, before: Laid) -> set[str]:
        """The visits that are shown differently from `before`."""
        new, old = self.visits, before.visits
        visits = {one for one in new.keys() | old.keys() if new.get(one) != old.get(one)}
        return visits | (new.keys() ^ old.keys())


def lay(reader: CacheReader, outbox: Outbox) -> Laid:
    """Read what waits and lay it over the jobs that it concerns. Raises StorageError."""
    operations = outbox.live()
    ids = outbox.ids() if operations else {}
    over = overlay(operations, reader.echoes(), ids, copies=_copies(outbox, operations))
    if not over:
        return Laid(operations)
    of_visits = {one.id: one.job_id for one in reader.planned(over.visits)}
    # A visit that is not there was made up for a job, and goes by its id.
    job_ids = {*over.jobs, *over.created_jobs, *over.created_visits}
    job_ids.update(of_visits.get(one, one) for one in over.visits)
    own = reader.own_jobs(job_ids)
    over = replace(over, customers=_customer_names(reader, operations, own.values()))
    base = reader.planned_of_jobs(job_ids)
    laid = Laid(operations, over)
    for job_id in job_ids:
        there = base.get(job_id, [])
        result = shown(own.get(job_id), there, over, job_id)
        laid.jobs[job_id] = result
        laid.visits.update(dict.fromkeys((one.id for one in there), None))
        laid.visits.update((one.id, one) for one in result.visits)
    return laid


def _copies(outbox: Outbox, operations: Sequence[Operation]) -> dict[str, list[str]]:
    """The ids of all that an operation has created, where it has done so more than once."""
    return {
        one.op_id: [
            str(copy)
            for met in outbox.contests_of(one.op_id)
            if met.field == CREATED and isinstance(met.theirs, list)
            for copy in met.theirs
        ]
        for one in operations
        if one.state is OpState.DUPLICATE and not one.noted
    }


def _customer_names(
    reader: CacheReader, operations: Sequence[Operation], jobs: Iterable[Job]
) -> dict[str, str]:
    """The names of the customers of jobs, and of those that edits would make the customer of one."""
    wanted = {job.customer_id for job in jobs if job.customer_id is not None}
    for operation in operations:
        for change in operation.changes:
            value = change.value
            if change.field == "customer_id" and isinstance(value, str):
                wanted.add(value)
            elif isinstance(value, dict) and isinstance(value.get("customer_id"), str):
                wanted.add(str(value["customer_id"]))
    return {one: known.name for one, known in reader.customers_by_id(wanted).items()} if wanted else {}
