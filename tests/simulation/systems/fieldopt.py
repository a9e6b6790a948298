"""FieldOpt in both dialects: status and assignment apart, slots on a day, no list of changes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, Self

from fieldboard.backends.fieldopt import open_fieldopt, writing
from fieldboard.backends.fieldopt.reading import Known, row_of
from fieldboard.backends.fieldopt.rules import FIELDOPT, fieldopt_rules
from fieldboard.backends.fieldopt.slots import Zones
from fieldboard.backends.http import Transport
from fieldboard.backends.port import Backend
from fieldboard.domain.fields import value_of
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import Job as OurJob
from fieldboard.domain.operation import Change, Json, Kind, Operation
from fieldboard.sandbox.fieldopt import Settings, code_rows, create_app, wiki_rows
from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.records import Job, World
from tests.simulation.clock import SimClock
from tests.simulation.systems.played import OUR_ACTS, TOKEN, Facts, Office, Played, Ref

LISTED: Final = frozenset({"open", "in_progress", "on_hold"})
_ZONES: Final = Zones(Zone("Europe/London"), Zone("UTC"))
_NEXT: Final = {"assigned": "start", "in_progress": "complete"}


class PlayedFieldOpt(Played):
    """A FieldOpt server that speaks as its wiki has it."""

    name = "fieldopt"
    rules = FIELDOPT
    unmarked = frozenset({"job"})
    chances = (writing,)
    dialect: Literal["wiki", "code"] = "wiki"
    fields: Mapping[str, tuple[str, ...]] = {"job": ("technicians", "times", "status")}  # type: ignore[misc]
    acts: Mapping[str, int] = {**OUR_ACTS, "status": 14, "add": 0}  # type: ignore[misc]

    @classmethod
    def drawn(cls, draw: random.Random, world: World, clock: SimClock) -> Self:
        lag_s = draw.choice((0.0, 2.0, 12.0))
        settings = Settings(
            dialect=cls.dialect,
            assigned_as=draw.choice(("id", "id", "object")),
            answers=draw.choice(("entity", "partial", "nothing")),
            capacity=draw.choice(("day", "all", "off", "off")),
            openapi=draw.random() < 0.7,
        )
        played = cls(world, clock, settings)
        played.lag_s = lag_s
        return played

    def serve(self) -> Any:
        app = create_app(self.world, clock=self.stamp, settings=self.settings)
        book = app.state.book
        assert isinstance(book, Book)
        self.book = book
        self.rules = fieldopt_rules({}, {"dialect": "code" if self.dialect == "code" else "documented"})
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
        return open_fieldopt(
            "http://127.0.0.1:9", token, zone=zone, transport=line, clock=self.clock, learned=learned,
            system=system,
        )  # fmt: skip

    def facts(self) -> dict[Ref, Facts]:
        return {("job", self._number(job)): self._facts(job) for job in self.book.jobs()}

    def _facts(self, job: Job) -> Facts:
        """What a row says is read as the adapter reads it; who goes is asked of the server itself."""
        row = {**self._row(job), "assigned_technician": None}
        who = self.book.crew(job)
        person = str(self.book.people[who].id) if who in self.book.people else None
        entity = row_of(Kind.JOB, row, Known(_ZONES)).entity  # type: ignore[arg-type]
        assert isinstance(entity, OurJob)
        return {
            "technicians": [person] if person is not None else [],
            "times": value_of(entity, "times"),
            "status": value_of(entity, "status"),
            "customer": entity.customer,
        }

    def _row(self, job: Job) -> dict[str, object]:
        if self.dialect == "code":
            return code_rows.job_row(self.book, job)
        return wiki_rows.job_row(self.book, job)

    def _number(self, job: Job) -> str:
        return str(self.book.card(job).id)

    def rows(self) -> Mapping[str, object]:
        return {self._number(job): self._row(job) for job in self.book.jobs()}

    # -- people

    def technicians(self) -> list[str]:
        return sorted(str(self.book.people[one].id) for one in self.world.technicians)

    def job_id(self, own: str) -> str:
        return self._number(self.world.jobs[own])

    def new_job(self, rng: random.Random, number: str, someone: str, start: int) -> dict[str, Any]:
        client = self.world.clients[rng.choice(sorted(self.world.clients))]
        values: dict[str, Any] = {
            "kind": rng.choice(("install", "repair")), "customer": f"{client.name} {number}",
            "address": client.site.street, "date": datetime.fromtimestamp(start, UTC).date().isoformat(),
            "start": start, "end": start + 3600,
        }  # fmt: skip
        if self.dialect == "code":
            values["set"] = {"latitude": "51.5", "longitude": "-0.1"}
        if rng.random() < 0.6:
            values["technicians"] = [someone]
        return values

    def changes(self, rng: random.Random) -> dict[str, Any]:
        return {"customer": f"Customer {rng.randint(1, 99)}"}

    def walks(self, office: Office, rng: random.Random) -> None:
        going = [job for job in self.book.jobs() if self.book.word(job) in _NEXT]
        jobs = office.some(going)
        if jobs:
            job = rng.choice(jobs)
            office.ask("POST", f"/api/v1/jobs/{self._number(job)}/{_NEXT[self.book.word(job)]}", {})

    def edits(self, office: Office, rng: random.Random) -> None:
        act = rng.choices(
            ("assign", "unassign", "times", "cancel", "customer", "create", "delete"),
            (35, 6, 25, 5, 12, 8, 4),
        )[0]
        jobs = office.some(self.book.jobs())
        if not jobs:
            return
        job = rng.choice(jobs)
        number, start = int(self._number(job)), office.soon()
        at = f"/api/v1/jobs/{number}"
        match act:
            case "assign":
                self._assign(office, job, number, int(rng.choice(self.technicians())))
            case "unassign":
                office.ask("POST", "/api/v1/assignments/unassign", {"job_id": number})
            case "times":
                office.ask("PATCH", at, self._slot(start, start + 900 * rng.randint(4, 8)))
            case "cancel":
                office.ask("POST", f"{at}/cancel", {})
            case "customer":
                name = "customer" if self.dialect == "wiki" else "customer_name"
                office.ask("PATCH", at, {name: f"Firm {rng.randint(1, 99)}"})
            case "create":
                office.ask("POST", "/api/v1/jobs/", self._theirs(rng, start))
            case _:
                self._delete(office, job, at)

    def _assign(self, office: Office, job: Job, number: int, who: int) -> None:
        if self.book.crew(job) is not None and self.dialect == "code":
            office.ask("POST", "/api/v1/assignments/unassign", {"job_id": number})
        if self.book.crew(job) is not None:
            office.ask("POST", "/api/v1/assignments/reassign", {"job_id": number, "new_technician_id": who})
        else:
            office.ask("POST", "/api/v1/assignments/", {"job_id": number, "technician_id": who})

    def _delete(self, office: Office, job: Job, at: str) -> None:
        if self.dialect == "code":
            office.ask("DELETE", at, {})
        elif job.status not in ("active", "done"):

            def gone(_: datetime) -> None:
                self.book.forget(job)

            office.does(f"deletes {at}", gone)

    def _slot(self, start: int, end: int) -> dict[str, Any]:
        zone = self.world.zone
        first, last = (datetime.fromtimestamp(one, UTC).astimezone(zone) for one in (start, end))
        if self.dialect == "wiki":
            return {"scheduled_date": first.date().isoformat(), "time_slot": f"{first:%H:%M}-{last:%H:%M}"}
        return {
            "scheduled_date": f"{first.date().isoformat()}T12:00:00Z",
            "time_slot_start": f"{first:%H:%M}",
            "time_slot_end": f"{last:%H:%M}",
        }

    def _theirs(self, rng: random.Random, start: int) -> dict[str, Any]:
        name = f"Firm {rng.randint(1, 99)}"
        if self.dialect == "wiki":
            return {
                "type": "repair", "customer": name, "address": "1 High Street", "skills_required": [],
                **self._slot(start, start + 3600),
            }  # fmt: skip
        return {
            "job_type": "repair", "customer_name": name, "service_address": "1 High Street", "latitude": 51.5,
            "longitude": -0.1, **self._slot(start, start + 3600),
        }  # fmt: skip

    # -- what the line and the oracle ask

    def spoil(self, value: Any, rng: random.Random) -> Any:
        choice = rng.randrange(4)
        row = rng.choice(value) if isinstance(value, list) and value else value
        if choice == 0 or not isinstance(row, dict):
            return {"detail": []} if isinstance(value, list) else []
        match choice:
            case 1:
                row["id"] = {"value": 1}
            case 2:
                row["time_slot"] = row["time_slot_start"] = ["?"]
            case _:
                row["status"] = row["name"] = 7
        return value

    def entity(self, method: str, path: str, query: str) -> str | None:  # noqa: ARG002
        return "/".join(path.split("/")[:5]) if path.startswith("/api/v1/jobs/") and path[13:] else None

    def may_be_half_way(self, operation: Operation, change: Change, value: Json) -> bool:
        # A move is two requests, and an assignment bears no mark of who took it away.
        return operation.ever_uncertain and change.field == "technicians" and value == []

    def is_told(self, facts: Facts, known: Facts) -> bool:
        return facts.get("status") in LISTED or known.get("status") in LISTED

    def tells_by_itself(self) -> bool:
        return False

    # -- a replica that lags

    def state(self) -> tuple[Any, ...]:
        return (self.book,)

    def moved(self, ids: Sequence[str]) -> None:
        """Its lists are in the order of their ids."""


class PlayedFieldOptCode(PlayedFieldOpt):
    """A FieldOpt server of the public releases."""

    name = "fieldopt-code"
    unmarked = frozenset()
    dialect = "code"
