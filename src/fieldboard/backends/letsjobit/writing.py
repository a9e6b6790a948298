"""Which requests carry an edit out, and whether each is still needed when its turn comes.

What is changed of one visit goes in one PUT of the changed fields alone; a GET at the end shows what the
server made of it, as writes answer with a count and nothing else. Of several visits, as when a day is put
into another order, one GET a day shows them all. A new visit goes by an id that is chosen here once and
stays with the edit: sent again, it updates the same visit.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol
from urllib.parse import parse_qs, quote, urlencode

from fieldboard.backends.letsjobit import bodies
from fieldboard.backends.letsjobit.bodies import Body
from fieldboard.backends.letsjobit.rules import Own
from fieldboard.backends.port import Answer, Entity, Step
from fieldboard.domain.fields import CREATED, DELETED, STATUS, TECHNICIANS, TIMES
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Kind, Operation
from fieldboard.domain.priority import Priority

FIRST_ID: Final = 8_000_000_000_000_000
"""Where the ids begin that new visits get here: far from those of a company's own system, below 2^53."""
IDS: Final = 1_000_000_000_000_000
TRIES: Final = 5


class Known(Protocol):
    """What writing needs to know of the server beyond the entities themselves."""

    async def obs(self, visit_id: str) -> str:
        """The notes of a visit word for word, as it was last read by its id. Raises LineDown."""
        ...

    async def write_path(self, visit_id: str) -> str:
        """The path by which the visit is written. Raises ValueError, and LineDown."""
        ...

    async def company_id(self) -> str:
        """The company's id. Raises ValueError where no visit tells it, and LineDown."""
        ...

    async def is_free(self, erp_id: int) -> bool:
        """Whether no visit has this id of the customer's own system. Raises LineDown."""
        ...

    def driver_name(self, driver_id: str) -> str | None:
        """What a driver is called; None for nobody."""
        ...


class Writer:
    """Plans the requests of one account's edits."""

    def __init__(self, known: Known, zone: Zone, own: Own) -> None:
        self._known = known
        self._zone = zone
        self._own = own

    async def steps(
        self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]
    ) -> tuple[Step, ...]:
        """See `Backend.steps`. Raises ValueError for what the API cannot do, and LineDown."""
        planned: list[Step] = []
        changed: dict[str, list[tuple[int, Change]]] = {}
        for index, change in enumerate(operation.changes):
            if change.field == CREATED:
                planned.append(replace(await self._create(change), change=index))
            elif change.kind is not Kind.JOB:
                raise ValueError(f"LetsJobIt's API does not let a {change.kind.value} be changed")
            elif change.field == DELETED:
                path = await self._known.write_path(change.id)
                planned.append(Step(0, index, "DELETE", path, {"_id": change.id}, None, "delete"))
            else:
                changed.setdefault(change.id, []).append((index, change))
        looks: dict[str, Body] = {}
        last = 0
        for visit_id, changes in changed.items():
            body = await self._edit(visit_id, changes, current)
            if not body:
                continue
            path = await self._known.write_path(visit_id)
            last = changes[0][0]
            says = ", ".join(sorted(body))
            planned.append(Step(0, last, "PUT", path, {"_id": visit_id, "body": body}, None, says))
            looks[visit_id] = body
        planned += self._looks(looks, current, last)
        return tuple(replace(step, index=index) for index, step in enumerate(planned))

    def prepare(self, step: Step, done: Sequence[Answer]) -> Step | None:
        """The step as it must be sent now; a look at the end is needed only where something was written."""
        return None if step.method == "GET" and not done else step

    async def _create(self, change: Change) -> Step:
        if change.kind is not Kind.JOB:
            raise ValueError("LetsJobIt's jobs are one visit each; create another job")
        value = change.value if isinstance(change.value, dict) else {}
        crew = value.get("technicians")
        if not isinstance(crew, list) or len(crew) != 1:
            raise ValueError("a new visit needs one technician: LetsJobIt keeps none without a driver")
        driver_id = str(crew[0])
        name = self._known.driver_name(driver_id)
        if name is None:
            raise ValueError(f"nobody knows what driver {driver_id} is called; name them in the roster")
        company = await self._known.company_id()
        account = (self._own, self._zone)
        # What can be said against it is said before a number is looked for.
        bodies.new_visit(value, 0, (driver_id, name), company, account)
        erp_id = await self._free_id()
        body = bodies.new_visit(value, erp_id, (driver_id, name), company, account)
        return Step(0, 0, "POST", "/visits", [body], str(erp_id), f"new visit {body['docNo']}")

    async def _free_id(self) -> int:
        """An id that no visit has. Raises ValueError where none is found."""
        for _ in range(TRIES):
            erp_id = FIRST_ID + secrets.randbelow(IDS)
            if await self._known.is_free(erp_id):
                return erp_id
        raise ValueError("the server knows every id that a new visit could get")

    async def _edit(
        self, visit_id: str, changes: Sequence[tuple[int, Change]], current: Mapping[tuple[Kind, str], Entity]
    ) -> Body:
        """The fields that are written of one visit."""
        body: Body = {}
        now = current.get((Kind.JOB, visit_id))
        if not isinstance(now, Job):
            raise ValueError("the visit is not known")
        for _, change in changes:
            name, value = change.field, change.value
            if name == TECHNICIANS:
                crew = [str(one) for one in value] if isinstance(value, list) else []
                if len(crew) > 1:
                    raise ValueError("LetsJobIt's visits have one driver each")
                who = crew[0] if crew else None
                known = self._known.driver_name(who) if who is not None else None
                body |= bodies.driver_body(who, known, has_one=bool(now.technician_ids))
            elif name == TIMES:
                body["date"] = bodies.day_of(value, self._zone)
            elif name == STATUS:
                if not self._own.allow_flag_writes:
                    raise ValueError("LetsJobIt's field app sets the status; allow_flag_writes is not set")
                body |= bodies.status_body(value, now.raw_status)
            elif name == "priority":
                pressing = now.priority is Priority.URGENT
                body |= bodies.priority_body(value, self._own, pressing=pressing)
            else:
                written = body.get("obs")
                obs = written if isinstance(written, str) else ""
                if name == "note" and not isinstance(written, str):
                    obs = await self._known.obs(visit_id)
                body |= bodies.text_body(name, value, obs)
        return body

    def _looks(
        self, wanted: Mapping[str, Body], current: Mapping[tuple[Kind, str], Entity], index: int
    ) -> list[Step]:
        """The reads at the end: of one visit by its id, of several by their days."""
        if len(wanted) < 2:
            return [
                Step(0, index, "GET", path_of({"_id": one}), {one: body}, None, "what the server made of it")
                for one, body in wanted.items()
            ]
        days: dict[str, Body] = {}
        alone: list[Step] = []
        for visit_id, body in wanted.items():
            now = current.get((Kind.JOB, visit_id))
            day = now.date.isoformat() if isinstance(now, Job) and now.date is not None else None
            day = str(body["date"]) if "date" in body else day
            if day is None:
                alone += self._looks({visit_id: body}, current, index)
            else:
                days.setdefault(day, {})[visit_id] = body
        return alone + [
            Step(0, index, "GET", path_of({"date": day}), {**those}, None, f"what the server made of {day}")
            for day, those in days.items()
        ]


def path_of(params: Mapping[str, str]) -> str:
    """The path of a list of visits with its filters, as the journal keeps it."""
    return f"/visits?{urlencode(params)}"


def visit_path(visit_id: str) -> str:
    """The path of one visit."""
    return f"/visits/{quote(visit_id, safe='')}"


def params_in(path: str) -> dict[str, str]:
    """The filters in a path of ours."""
    return {name: values[0] for name, values in parse_qs(path.partition("?")[2]).items()}
