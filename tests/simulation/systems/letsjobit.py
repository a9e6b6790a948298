"""LetsJobIt: days and an order instead of clock times, flags instead of a status, no list of changes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Self

from fieldboard.backends.http import Transport
from fieldboard.backends.letsjobit import open_letsjobit, writing
from fieldboard.backends.letsjobit.rules import LETSJOBIT, letsjobit_rules
from fieldboard.backends.port import Backend
from fieldboard.domain.instants import Zone
from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.letsjobit import Settings, create_app
from fieldboard.sandbox.letsjobit.book import COMPANY_ID, Book
from fieldboard.sandbox.letsjobit.card import Card
from fieldboard.sandbox.letsjobit.parts import presence
from fieldboard.sandbox.letsjobit.wire import visit_json
from fieldboard.sandbox.records import Job, World
from fieldboard.text import clean
from tests.simulation.clock import START, SimClock
from tests.simulation.systems.played import OUR_ACTS, TOKEN, Facts, Office, Played, Ref
from tests.simulation.world import TITLES

TODAY: Final = START.date().isoformat()
_WRITES: Final[Mapping[str, object]] = {"allow_flag_writes": True}


class PlayedLetsJobIt(Played):
    """A LetsJobIt account."""

    name = "letsjobit"
    rules = LETSJOBIT
    chances = (writing,)
    fields: Mapping[str, tuple[str, ...]] = {  # type: ignore[misc]
        "job": ("technicians", "times", "status", "sequence", "notes", "priority"),
    }
    acts: Mapping[str, int] = {**OUR_ACTS, "reorder": 12, "add": 0}  # type: ignore[misc]
    system: Mapping[str, object] = {}
    """Its table in the profile."""

    @classmethod
    def drawn(cls, draw: random.Random, world: World, clock: SimClock) -> Self:
        lag_s = draw.choice((0.0, 2.0, 12.0))
        settings = Settings(
            path_id=draw.choice(("internal", "internal", "erp", "both")),
            single=draw.choice(("array", "object")),
            missing=draw.choice(("404", "empty")),
            last_next=draw.choice(("absent", "null", "end")),
            counts=draw.choice(("number", "text")),
            booleans=draw.choice(("bool", "number", "text", "mixed")),
            order=draw.choice(("created", "updated")),
            upsert=draw.choice(("merge", "replace")),
            placeholder=draw.choice(("planned", "nobody", "empty")),
            skipped_closes=draw.random() < 0.3,
            routing=draw.random() < 0.2,
            error_at=draw.choice(("top", "meta", "none")),
            soft_errors=draw.random() < 0.3,
            signature_size=200,
            reset_as=draw.choice(("seconds", "epoch")),
        )
        played = cls(world, clock, settings)
        played.lag_s = lag_s
        if draw.random() < 0.5:
            played.system = _WRITES
            played.rules = letsjobit_rules(_WRITES)
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
        return open_letsjobit(
            "http://127.0.0.1:9", token, zone=zone, transport=line, clock=self.clock, learned=learned,
            system={**self.system, **(system or {})},
        )  # fmt: skip

    def facts(self) -> dict[Ref, Facts]:
        return {("job", card.key): self._facts(job, card) for job, card in self.book.rows()}

    def _facts(self, job: Job, card: Card) -> Facts:
        row = visit_json(self.book, job, card)
        on_it = bool(card.driver_id and card.in_app)
        status = "open"
        if card.skipped:
            status = "skipped"
        elif card.closed:
            status = "completed"
        elif card.servicing or card.in_progress:
            status = "in_progress"
        number = int(card.priority)
        return {
            "technicians": [card.driver_id] if on_it else [],
            "times": [None, None, card.day],
            "status": status,
            "sequence": card.order,
            "notes": clean(str(row.get("obs") or "")) or None,
            "priority": "urgent" if card.precedence else {1: "high", 2: "normal"}.get(number, "low"),
        }

    def rows(self) -> Mapping[str, object]:
        found: dict[str, object] = {}
        for job, card in self.book.rows():
            row = json.loads(self._sent(job, card))
            row.pop("appClientVersion", None)
            if isinstance(row.get("obs"), str):
                row["obs"] = row["obs"].replace("\r\n", "\n")
            if row.get("signature"):
                row["signature"] = "not kept"
            found[card.key] = row
        return found

    def _sent(self, job: Job, card: Card) -> bytes:
        visits = next(one for one in self.app.routes if one.path == "/api/v2/visits").endpoint.__self__
        sent: bytes = visits._signed(job, card)
        return sent

    # -- people

    def technicians(self) -> list[str]:
        return sorted(self.book.driver_id(one) for one in self.world.technicians)

    def job_id(self, own: str) -> str:
        return self.book.card(self.world.jobs[own]).key

    def new_job(self, rng: random.Random, number: str, someone: str, start: int) -> dict[str, Any]:  # noqa: ARG002 - it keeps days alone
        client = self.world.clients[rng.choice(sorted(self.world.clients))]
        day = START.date() + timedelta(days=rng.choice((0, 0, 1, 2)))
        return {
            "title": rng.choice(TITLES), "number": number, "customer": client.name,
            "address": client.site.street, "city": client.site.city, "date": day.isoformat(),
            "technicians": [someone],
        }  # fmt: skip

    def changes(self, rng: random.Random) -> dict[str, Any]:
        if rng.random() < 0.5:
            return {"notes": f"Ring first {rng.randint(1, 99)}"}
        return {"priority": rng.choice(("low", "normal", "high", "urgent"))}

    def walks(self, office: Office, rng: random.Random) -> None:
        going = [
            job for job, card in self.book.rows() if not card.closed and not card.skipped and card.in_app
        ]
        jobs = office.some(going)
        if not jobs:
            return
        job = rng.choice(jobs)
        card = self.book.card(job)
        if rng.random() < 0.15:
            office.does(f"{card.key} skipped", self._skips(job))
        elif card.in_progress:
            office.does(f"{card.key} closed", self._goes_on(job, "done"))
        else:
            office.does(f"{card.key} working", self._goes_on(job, "working"))

    def _goes_on(self, job: Job, status: str) -> Callable[[datetime], None]:
        def act(now: datetime) -> None:
            lifecycle.set_visit_status(self.world, presence(self.world, job), status, now)  # type: ignore[arg-type]
            self.world.touch(job, now)

        return act

    def _skips(self, job: Job) -> Callable[[datetime], None]:
        def act(now: datetime) -> None:
            lifecycle.set_visit_status(self.world, presence(self.world, job), "cancelled", now)
            job.status = "cancelled"
            self.world.touch(job, now)

        return act

    def edits(self, office: Office, rng: random.Random) -> None:
        act = rng.choices(
            ("assign", "day", "order", "notes", "priority", "create", "delete", "hide"),
            (30, 20, 12, 10, 8, 8, 4, 4),
        )[0]  # fmt: skip
        jobs = office.some([job for job, _ in self.book.rows()])
        if not jobs:
            return
        job = rng.choice(jobs)
        card = self.book.card(job)
        at = f"/api/v2/visits/{card.erp_id if self.settings.path_id == 'erp' else card.key}"
        day = (START.date() + timedelta(days=rng.choice((0, 0, 1, 3)))).isoformat()
        match act:
            case "assign":
                person = rng.choice(sorted(self.world.technicians))
                office.ask("PUT", at, self._driver(person) | {"inMobileApp": "1"})
            case "day":
                office.ask("PUT", at, {"date": day})
            case "order":
                office.ask("PUT", at, {"serviceOrder": rng.randint(1, 6)})
            case "notes":
                office.ask("PUT", at, {"obs": f"Gate code {rng.randint(1, 99)}"})
            case "priority":
                office.ask("PUT", at, {"priority": rng.choice(("1", "2", "3", "7"))})
            case "create":
                office.ask("POST", "/api/v2/visits", [self._theirs(office, rng, day)])
            case "delete":
                office.ask("DELETE", at, {})
            case _:
                office.ask("PUT", at, {"inMobileApp": "0"})

    def _driver(self, person: str) -> dict[str, Any]:
        return {"driverId": self.book.driver_id(person), "name": self.world.technicians[person].name}

    def _theirs(self, office: Office, rng: random.Random, day: str) -> dict[str, Any]:
        number = office.number()
        client = self.world.clients[rng.choice(sorted(self.world.clients))]
        return {
            "id": 900_000 + int(number), "docNo": number, "date": day, "customer": client.name,
            "address": client.site.street, "city": client.site.city, "companyId": COMPANY_ID,
            **self._driver(rng.choice(sorted(self.world.technicians))),
        }  # fmt: skip

    # -- what the line and the oracle ask

    def spoil(self, value: Any, rng: random.Random) -> Any:
        choice = rng.randrange(5)
        data = value.get("data") if isinstance(value, dict) else None
        if choice == 0 or not isinstance(data, list) or not data:
            return {"meta": [], "data": "none"}
        row = rng.choice(data)
        match choice:
            case 1:
                value["meta"] = {"totalRecords": "many"}
            case 2:
                row["_id"] = {"value": 1}
            case 3:
                row["date"] = ["?"]
            case _:
                row["driverId"] = {"id": 1}
        return value

    def entity(self, method: str, path: str, query: str) -> str | None:  # noqa: ARG002
        return path if method != "POST" else None

    def is_told(self, facts: Facts, known: Facts) -> bool:
        return any(one.get("times") == [None, None, TODAY] for one in (facts, known))

    def tells_by_itself(self) -> bool:
        return False

    def idle_requests(self) -> int | None:
        # Today, one of the days around it, what is open, what was skipped.
        return 4

    # -- a replica that lags

    def state(self) -> tuple[Any, ...]:
        return (self.book,)

    def moved(self, ids: Sequence[str]) -> None:
        """The sandbox has a setting for it."""
