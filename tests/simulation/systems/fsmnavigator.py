"""FSM Navigator: a job is its own visit, moves of the status are enforced, nothing tells of changes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import parse_qs

from fieldboard.backends.fsmnavigator import open_fsmnavigator, writing
from fieldboard.backends.fsmnavigator.rules import FSM_NAVIGATOR
from fieldboard.backends.http import Transport
from fieldboard.backends.port import Backend
from fieldboard.domain.instants import Zone
from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.fsmnavigator import Settings, create_app
from fieldboard.sandbox.fsmnavigator.book import MOVES, Book
from fieldboard.sandbox.fsmnavigator.wire import job_json
from fieldboard.sandbox.records import ENDED, Job, World
from tests.simulation.clock import SimClock
from tests.simulation.systems.played import OUR_ACTS, TOKEN, Facts, Office, Played, Ref, seconds, wire
from tests.simulation.world import TITLES

KEYS: Final = {
    "Pending": "open", "Assigned": "open", "In-Transit": "en_route", "Arrived": "on_site",
    "In Progress": "in_progress", "On Hold": "on_hold", "Completed": "completed", "Invoiced": "invoiced",
    "Paid": "paid", "Closed": "closed", "Cancelled": "cancelled", "Declined": "declined",
}  # fmt: skip
"""FSM Navigator's words for a status, as edits compare them."""

LISTED: Final = frozenset({"open", "in_progress", "on_hold"})
"""What a round that nobody waits for reads."""

_WALK: Final = {
    "Pending": "Assigned",
    "Assigned": "In Progress",
    "In Progress": "Completed",
    "On Hold": "In Progress",
}
_ON_THE_WAY: Final = {"Assigned": "travelling", "In-Transit": "arrived", "Arrived": "working"}
_WORDS: Final = {"low": "Low", "high": "High", "urgent": "Urgent"}


class PlayedFsmNavigator(Played):
    """An FSM Navigator account."""

    name = "fsmnavigator"
    rules = FSM_NAVIGATOR
    chances = (writing,)
    fields: Mapping[str, tuple[str, ...]] = {  # type: ignore[misc]
        "job": ("technicians", "times", "status", "title", "priority"),
    }
    acts: Mapping[str, int] = {**OUR_ACTS, "status": 16, "add": 0}  # type: ignore[misc]

    @classmethod
    def drawn(cls, draw: random.Random, world: World, clock: SimClock) -> Self:
        lag_s = draw.choice((0.0, 2.0, 12.0))
        settings = Settings(
            app_words=draw.random() < 0.3,
            put_null=draw.choices(("accept", "refuse", "ignore"), (0.7, 0.15, 0.15))[0],
            put_assigns=draw.random() < 0.3,
            created_as=draw.choice(("data.job_id", "data.id", "job.id")),
            embeds=draw.random() < 0.7,
            location_key=draw.choice(("location_id", "id", "customer_location_id")),
            announces=draw.random() < 0.7,
            list_limit=draw.choice((3000, 3000, 60)),
            write_limit=draw.choice((600, 600, 30)),
        )
        for job in world.jobs.values():
            # A job is one visit here.
            for visit in job.visits[1:]:
                del world.visits[visit.id]
            del job.visits[1:]
        # Lists have the newest first: what somebody creates shifts their pages.
        played = cls(world, clock, settings)
        played.lag_s = lag_s
        return played

    def serve(self) -> Any:
        app = create_app(self.world, token=TOKEN, clock=self.stamp, settings=self.settings)
        book = app.state.book
        assert isinstance(book, Book)
        self.book = book
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
        return open_fsmnavigator(
            "http://127.0.0.1:9", token, zone=zone, transport=line, clock=self.clock, learned=learned,
            system=system,
        )  # fmt: skip

    def facts(self) -> dict[Ref, Facts]:
        return {("job", job.number): self._facts(job) for job in self.book.jobs()}

    def _facts(self, job: Job) -> Facts:
        start, end = self.book.scheduled(job)
        who = self.book.crew(job)
        return {
            "technicians": [str(self.book.technician_id(who))] if who is not None else [],
            "times": [seconds(start), seconds(end), None],
            "status": KEYS[self.book.status(job)],
            "title": job.title,
            "priority": job.priority,
        }

    def rows(self) -> Mapping[str, object]:
        return {job.number: job_json(self.book, job) for job in self.book.jobs()}

    # -- people

    def technicians(self) -> list[str]:
        return sorted(str(self.book.technician_id(one)) for one in self.world.technicians)

    def job_id(self, own: str) -> str:
        return self.world.jobs[own].number

    def new_job(self, rng: random.Random, number: str, someone: str, start: int) -> dict[str, Any]:
        client = rng.choice(sorted(self.world.clients))
        values: dict[str, Any] = {
            "title": f"{rng.choice(TITLES)} {number}",
            "customer_id": str(self.book.client_id(client)),
            "location_id": str(self.book.site_id(client)),
        }
        if rng.random() < 0.7:
            values |= {"start": start, "end": start + 3600}
        if rng.random() < 0.6:
            values["technicians"] = [someone]
        return values

    def walks(self, office: Office, rng: random.Random) -> None:
        jobs = office.some(
            [one for one in self.book.jobs() if self.book.status(one) in {**_WALK, **_ON_THE_WAY}]
        )
        if not jobs:
            return
        job = rng.choice(jobs)
        word = self.book.status(job)
        onward = _ON_THE_WAY.get(word)
        if onward is not None and self.settings.app_words and (word not in _WALK or rng.random() < 0.5):
            office.does(f"{job.number} {onward}", lambda now: self._goes_on(job, onward, now))
            return
        to = "On Hold" if word == "In Progress" and rng.random() < 0.2 else _WALK[word]
        office.ask("PATCH", f"/api/v1/jobs?id={job.number}", {"job_status": to})

    def _goes_on(self, job: Job, to: str, now: datetime) -> None:
        """A technician's telephone says a word that the API does not take."""
        lifecycle.set_visit_status(self.world, self.book.presence(job, now), to, now)  # type: ignore[arg-type]
        self.world.touch(job, now)

    def edits(self, office: Office, rng: random.Random) -> None:
        act = rng.choices(
            ("assign", "times", "cancel", "title", "priority", "create", "delete", "decline", "books",
             "status"),
            (30, 25, 5, 8, 8, 8, 4, 2, 5, 7),
        )[0]  # fmt: skip
        jobs = office.some([*self.book.jobs()])
        going = [one for one in jobs if one.status not in ("done", "cancelled")]
        if not jobs or (act in ("assign", "times", "cancel") and not going):
            return
        job = rng.choice(going if act in ("assign", "times", "cancel") else jobs)
        at, start = f"/api/v1/jobs?id={job.number}", office.soon()
        word = self.book.status(job)
        match act:
            case "assign":
                office.ask("PUT", at, {"assigned_technician_id": int(rng.choice(self.technicians()))})
            case "times":
                end = start + 900 * rng.randint(2, 8)
                office.ask("PUT", at, {"scheduled_start": wire(start), "scheduled_end": wire(end)})
            case "cancel":
                office.ask("PATCH", at, {"job_status": "Cancelled"})
            case "title":
                office.ask("PUT", at, {"job_title": rng.choice(TITLES)})
            case "priority":
                office.ask("PUT", at, {"job_priority": _WORDS[rng.choice(("low", "high", "urgent"))]})
            case "create":
                client = rng.choice(sorted(self.world.clients))
                body: dict[str, Any] = {
                    "job_title": rng.choice(TITLES),
                    "customer_location_id": self.book.site_id(client),
                    "scheduled_start": wire(start),
                    "scheduled_end": wire(start + 3600),
                }
                office.ask("POST", "/api/v1/jobs", body)
            case "delete":
                self._delete(office, job)
            case "decline":
                self._decline(office, job)
            case "books" if on := {"Completed": "Invoiced", "Invoiced": "Paid", "Paid": "Closed"}.get(word):
                office.ask("PATCH", at, {"job_status": on})
            case _:
                office.ask("PATCH", at, {"job_status": rng.choice(MOVES.get(word) or ("Assigned",))})

    def _delete(self, office: Office, job: Job) -> None:
        """The API deletes nothing, but its web application may; no number is given twice."""
        if int(job.number) < max(int(one.number) for one in self.book.jobs()):
            office.does(f"deletes {job.number}", lambda _: self._forget(job))

    def _forget(self, job: Job) -> None:
        lifecycle.delete_job(self.world, job)
        self.book.jobs()

    def _decline(self, office: Office, job: Job) -> None:
        """A technician says no: a word of the web application."""
        visit = self.book.visit(job)
        if (
            self.settings.app_words
            and job.status == "open"
            and visit is not None
            and visit.status not in ENDED
        ):

            def no(now: datetime) -> None:
                self.book.declined.add(job.id)
                self.world.touch(job, now)

            office.does(f"{job.number} declined", no)

    # -- what the line and the oracle ask

    def spoil(self, value: Any, rng: random.Random) -> Any:
        choice = rng.randrange(5)
        data = value.get("data") if isinstance(value, dict) else None
        if choice == 0 or not isinstance(data, list | dict):
            return {"data": {}} if isinstance(data, list) else {"data": []}
        row = data if isinstance(data, dict) else rng.choice(data) if data else None
        match choice:
            case 1:
                value["data"] = "none"
            case 2 if isinstance(value.get("pagination"), dict):
                value["pagination"] = {"page": "1", "total": None}
            case 3 if row is not None:
                row["job_id" if "job_id" in row else "customer_id"] = {"value": 1}
            case _ if row is not None:
                row["scheduled_start"] = row["first_name"] = ["?"]
        return value

    def entity(self, method: str, path: str, query: str) -> str | None:
        one = parse_qs(query).get("id")
        return f"{path} {one[0]}" if one and method != "POST" else None

    def tier(self, method: str, path: str, query: str) -> str:  # noqa: ARG002 - one path serves all
        return "write" if method != "GET" else "single" if "id" in parse_qs(query) else "list"

    def is_told(self, facts: Facts, known: Facts) -> bool:
        return facts.get("status") in LISTED or known.get("status") in LISTED

    def tells_by_itself(self) -> bool:
        return False

    def idle_requests(self) -> int | None:
        # Four lists of open ones; once a minute the technicians, and each job that no list shows.
        apart = [one for one in self.book.jobs() if self.book.status(one) in ("In-Transit", "Arrived")]
        return 5 + len(apart)

    # -- a replica that lags

    def state(self) -> tuple[Any, ...]:
        return (self.book,)

    def moved(self, ids: Sequence[str]) -> None:
        """Its lists are in the order in which jobs were taken down."""
