"""FieldCamp: jobs with visits, a list of changes, and a sandbox that knows replicas by itself."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Self

from fieldboard.backends.fieldcamp import open_fieldcamp
from fieldboard.backends.fieldcamp.rules import FIELDCAMP
from fieldboard.backends.fieldcamp.steps import follows
from fieldboard.backends.http import Transport
from fieldboard.backends.port import Backend, Step
from fieldboard.domain import fields as names
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Change, Kind
from fieldboard.sandbox.fieldcamp import Settings, create_app
from fieldboard.sandbox.fieldcamp.store import Store as Shelves
from fieldboard.sandbox.records import Job, Visit, World
from tests.simulation.clock import SimClock
from tests.simulation.systems.played import TOKEN, Facts, Office, Played, Ref, seconds, wire
from tests.simulation.world import TITLES

KEYS: Final = {
    "unscheduled": "open", "scheduled": "open", "travelling": "en_route", "arrived": "on_site",
    "working": "in_progress", "paused": "on_hold", "done": "completed", "cancelled": "cancelled",
    "draft": "draft", "open": "open", "active": "in_progress",
}  # fmt: skip
"""The world's words for a status, as edits compare them."""

_WALK: Final = {
    "scheduled": "in-transit", "travelling": "arrived", "arrived": "in-progress", "working": "completed",
    "paused": "in-progress",
}  # fmt: skip


class PlayedFieldCamp(Played):
    """A FieldCamp account."""

    name = "fieldcamp"
    rules = FIELDCAMP
    unmarked = frozenset({"visit"})
    at_once = True
    fields: Mapping[str, tuple[str, ...]] = {  # type: ignore[misc]
        "visit": ("technicians", "times", "status"),
        "job": ("title", "priority", "status"),
    }

    @classmethod
    def drawn(cls, draw: random.Random, world: World, clock: SimClock) -> Self:
        def yes(share: float = 0.7) -> bool:
            return draw.random() < share

        values: Mapping[str, Any] = {
            "dialect": "schema" if yes() else "prose",
            "paging": "none" if yes(0.65) else "page",
            "page_size": draw.randint(3, 9),
            "versioned": yes(),
            "null_unassign": yes(0.8),
            "read_lag_s": draw.choice((0.0, 2.0, 12.0)),
            "duplicate_number": "allow" if yes() else "409",
            "number_required": yes(0.5),
            "visit_bumps_job": yes(0.3),
            "crew_follows": yes(),
            "window_follows": yes(),
            "visit_follows": yes(),
            "visits_follow_status": yes(),
            "errors": "string" if yes() else "object",
            "rate_limit": draw.choice((6000, 6000, 6000, 120)),
        }
        by_update = yes(0.5)
        played = cls(world, clock, Settings(**values))
        played.by_update = by_update
        return played

    def serve(self) -> Any:
        app = create_app(self.world, token=TOKEN, clock=self.stamp, settings=self.settings)
        shelves = app.state.warm.__self__
        assert isinstance(shelves, Shelves)
        self.shelves = shelves
        return app

    def open(
        self,
        line: Transport,
        zone: Zone,
        learned: Mapping[str, str],
        *,
        token: str = TOKEN,
        system: Mapping[str, object] | None = None,
    ) -> Backend:
        return open_fieldcamp(
            "http://127.0.0.1:9", token, zone=zone, transport=line, clock=self.clock, learned=learned,
            system=system,
        )  # fmt: skip

    def facts(self) -> dict[Ref, Facts]:
        found: dict[Ref, Facts] = {("job", job.id): _job_facts(job) for job in self.world.jobs.values()}
        found.update({("visit", visit.id): _visit_facts(visit) for visit in self.world.visits.values()})
        return found

    def rows(self) -> Mapping[str, object]:
        return {job_id: json.loads(row) for job_id, row in self.sent().items()}

    def sent(self) -> Mapping[str, bytes]:
        return {one.id: self.shelves.jobs.row(one) for one in self.world.jobs.values()}

    # -- people

    def new_job(self, rng: random.Random, number: str, someone: str, start: int) -> dict[str, Any]:
        values: dict[str, Any] = {
            "title": rng.choice(TITLES),
            "customer_id": rng.choice(sorted(self.world.clients)),
            "number": number,
        }
        if rng.random() < 0.7:
            values |= {"start": start, "end": start + 3600}
        if rng.random() < 0.6:
            values["technicians"] = [someone]
        return values

    def walks(self, office: Office, rng: random.Random) -> None:
        visits = office.some([one for one in self.world.visits.values() if one.status in _WALK])
        if visits:
            visit = rng.choice(visits)
            office.ask("PUT", f"/api/visits/{visit.id}", {"visitStatus": _WALK[visit.status]})

    def edits(self, office: Office, rng: random.Random) -> None:
        act = rng.choices(
            ("assign", "times", "cancel", "title", "priority", "create", "delete", "visit", "job_status"),
            (30, 25, 6, 10, 8, 8, 4, 4, 5),
        )[0]  # fmt: skip
        visits = office.some(
            [one for one in self.world.visits.values() if one.status not in ("done", "cancelled")]
        )
        jobs = office.some([*self.world.jobs.values()])
        if not jobs or (act in ("assign", "times", "cancel") and not visits):
            return
        job = rng.choice(jobs)
        someone = rng.choice(sorted(self.world.technicians))
        start = office.soon()
        visit = rng.choice(visits) if visits else None
        at = f"/api/visits/{visit.id}" if visit is not None else ""
        match act:
            case "assign" if visit is not None:
                office.ask("PUT", at, {"technicianId": someone})
            case "times" if visit is not None:
                end = start + 900 * rng.randint(2, 8)
                office.ask("PUT", at, {"scheduledStart": wire(start), "scheduledEnd": wire(end)})
            case "cancel" if visit is not None:
                office.ask("PUT", at, {"visitStatus": "cancelled"})
            case "title":
                line = {"itemName": rng.choice(TITLES), "quantity": 1, "price": 1, "type": "Service"}
                office.ask("PUT", f"/api/v1/jobs/{job.id}", {"jobItems": [line]})
            case "priority":
                office.ask(
                    "PUT", f"/api/v1/jobs/{job.id}", {"priority": rng.choice(("low", "high", "urgent"))}
                )
            case "create":
                office.ask("POST", "/api/v1/jobs", self._theirs(office, rng, start))
            case "delete":
                office.ask("DELETE", f"/api/v1/jobs/{job.id}", {})
            case "visit":
                body = {"jobId": job.id, "technicianId": someone, "scheduledStart": wire(start)}
                office.ask("POST", "/api/visits", body)
            case _:
                word = {"schema": "jobStatus", "prose": "status"}[self.settings.dialect]
                to = rng.choice(("scheduled", "in-progress", "completed"))
                office.ask("PUT", f"/api/v1/jobs/{job.id}", {word: to})

    def _theirs(self, office: Office, rng: random.Random, start: int) -> dict[str, Any]:
        return {
            "jobNumber": office.number(), "clientId": rng.choice(sorted(self.world.clients)),
            "lineItems": [{"itemName": rng.choice(TITLES), "quantity": 1, "unitPrice": 1}],
            "startDateTime": wire(start), "endDateTime": wire(start + 3600),
        }  # fmt: skip

    # -- what the line and the oracle ask

    def spoil(self, value: Any, rng: random.Random) -> Any:
        choice = rng.randrange(4)
        data = value.get("data") if isinstance(value, dict) else None
        if choice == 0 or not isinstance(data, dict):
            return {"success": True, "data": []}
        for name, rows in data.items():
            if choice == 1:
                data[name] = "none"
            elif isinstance(rows, list) and rows:
                row = rng.choice(rows)
                if choice == 2:
                    row["id"] = {"value": row["id"]}
                else:
                    row["jobNumber" if "jobNumber" in row else "scheduledStart"] = ["?"]
            elif isinstance(rows, dict):
                rows["id"] = 7 if choice == 2 else None
        return value

    def since(self, path: str, query: str) -> float | None:
        if "since=" not in query or not path.endswith("/jobs"):
            return None
        text = query.partition("since=")[2].partition("&")[0].replace("%3A", ":")
        return datetime.fromisoformat(text).timestamp()

    def stamps(self) -> Mapping[str, float]:
        return {job.id: job.updated_at.timestamp() for job in self.world.jobs.values()}

    def entity(self, method: str, path: str, query: str) -> str | None:  # noqa: ARG002
        entity = path.removeprefix("/api/v1").removeprefix("/api")
        return entity if entity.count("/") > 1 else None

    def follows(self, step: Step, change: Change) -> bool:
        return follows(step, change)

    def job_follows(self, change: Change) -> bool:
        # The job's own plan follows its visits, and the server may have let it follow already.
        return change.kind is Kind.JOB and change.field in (names.TECHNICIANS, names.TIMES)

    def idle_requests(self) -> int | None:
        return 6 if self.settings.paging == "none" else None

    # -- a replica that lags

    @contextmanager
    def reading(self, *, primary: bool) -> Iterator[None]:
        """The sandbox's own lag: the primary has no shadows."""
        shelves: tuple[Any, ...] = (self.shelves.jobs, self.shelves.visits, self.shelves.clients)
        if not primary:
            yield
            return
        shadows = [shelf._shadows for shelf in shelves]
        for shelf in shelves:
            shelf._shadows = {}
        try:
            yield
        finally:
            for shelf, kept in zip(shelves, shadows, strict=True):
                shelf._shadows = kept

    def moved(self, ids: Sequence[str]) -> None:
        for one in sorted(ids):
            for shelf in (self.world.jobs, self.world.visits):
                if one in shelf:
                    shelf[one] = shelf.pop(one)  # type: ignore[assignment]


def _visit_facts(visit: Visit) -> Facts:
    return {
        "technicians": [*visit.crew[:1]],
        "times": [seconds(visit.start), seconds(visit.end), None],
        "status": KEYS[visit.status],
        "job_id": visit.job_id,
    }


def _job_facts(job: Job) -> Facts:
    return {
        "status": KEYS[job.status],
        "title": job.title,
        "priority": job.priority,
        "number": job.number,
        "crew": [*job.crew],
    }
