"""What the customers of jobs tell of them: a name, an address, a phone, the sites."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from fieldboard.cache.among import AMONG, ids_json
from fieldboard.cache.rows import sites_of
from fieldboard.domain.customer import Site
from fieldboard.domain.job import Job
from fieldboard.domain.named import NamedTuple


class Whose(NamedTuple):
    """What a job's customer tells of it: a name, an address, a phone, and the sites."""

    name: str | None = None
    address: str | None = None
    phone: str | None = None
    sites: str | None = None

    def placed(self, job: Job) -> Job:
        """The job with the phone of its customer, the address and the place of its site.

        Itself where that adds nothing, and where the system keeps no sites apart.
        """
        if job.site_id is None:
            return job
        phone = job.phone or self.phone
        site = next((one for one in sites_of(self.sites) if one.id == job.site_id), _NOWHERE)
        address = site.address or job.address
        lat, lng = site.place if site.place is not None else (job.lat, job.lng)
        if (phone, address, lat, lng) == (job.phone, job.address, job.lat, job.lng):
            return job
        return replace(job, phone=phone, address=address, lat=lat, lng=lng)


_NOWHERE: Final = Site("", "")
NOBODY: Final = Whose()
"""What is known of a job's customer where there is none."""


def wanted_of(jobs: Iterable[Job]) -> set[str]:
    """The ids of the customers of jobs."""
    return {job.customer_id for job in jobs if job.customer_id is not None}


def customers_of(db: sqlite3.Connection, wanted: Collection[str]) -> Mapping[str, Whose]:
    """What customers tell of their jobs, by the customer's id; those that are not known are left out."""
    if not wanted:
        return {}
    rows = db.execute(
        f"SELECT id, name, address, phone, sites FROM customer WHERE id IN {AMONG}", (ids_json(wanted),)
    )
    return {row[0]: Whose(*row[1:]) for row in rows}
