"""FieldOpt as the port has it: walks, reads, edits and a look at a live server, in either dialect."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from fieldboard.backends.fieldopt import dialects
from fieldboard.backends.fieldopt.asking import LISTS, Asking, Refused
from fieldboard.backends.fieldopt.bodies import holds
from fieldboard.backends.fieldopt.lists import SEARCHED, Lists
from fieldboard.backends.fieldopt.probing import probe
from fieldboard.backends.fieldopt.reading import Known, Unreadable, plain_json, row_of
from fieldboard.backends.fieldopt.replies import object_of, said_in
from fieldboard.backends.fieldopt.rules import Dialect, fieldopt_rules, zone_name
from fieldboard.backends.fieldopt.sending import Sender
from fieldboard.backends.fieldopt.slots import Zones
from fieldboard.backends.fieldopt.suggesting import suggestion
from fieldboard.backends.fieldopt.writing import ASSIGN, Writer
from fieldboard.backends.http import Http
from fieldboard.backends.port import (
    Answer,
    Entity,
    FindAnswer,
    Page,
    Probe,
    ReadAnswer,
    Reading,
    Row,
    Step,
    WalkRequest,
    WalkResult,
)
from fieldboard.domain.instants import HOUR, Zone
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Json, Kind, Operation
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng

KINDS: Final = (Kind.TECHNICIAN, Kind.JOB)
DAY: Final = 24 * HOUR
_REMEMBERED: Final = 256


class FieldOpt:
    """One FieldOpt server over one line. Used by one engine at a time, from one event loop."""

    def __init__(
        self, http: Http, zone: Zone, system: Mapping[str, object], learned: Mapping[str, str]
    ) -> None:
        """Nothing is sent. Raises ValueError for a `system` table that cannot be used."""
        self._http = http
        self._system = system
        self._facts = dict(learned)
        self.learned: Mapping[str, str] = self._facts
        self.rules = fieldopt_rules(system, self._facts)
        zones = Zones(
            Zone(zone_name(system, "business_zone", zone.name)),
            Zone(zone_name(system, "server_day_zone", "UTC")),
        )
        self._asking = Asking(http, Known(zones), self._facts)
        self._dialect = self._asking.dialect
        self._lists = Lists(self._asking)
        self._writer = Writer(self, zones)
        self._sender = Sender(self._asking, self, self._facts)
        self._notes: OrderedDict[str, str | None] = OrderedDict()

    def __repr__(self) -> str:
        return f"FieldOpt({self._http!r})"

    def kinds(self) -> Sequence[Kind]:
        """Technicians first, whom jobs refer to; a job is its own visit, its customer a text of it."""
        return KINDS

    def by_change(self, kind: Kind) -> bool:  # noqa: ARG002 - as the port has it
        """Nothing can be asked for by the time of its change; see `SystemRules.open_lists`."""
        return False

    async def walk(self, request: WalkRequest, result: WalkResult) -> AsyncIterator[Page]:
        """Take a list, or its open part. Raises LineDown."""
        async for page in self._lists.walk(request, result):
            yield page
        self._take_in()

    def begin_round(self) -> None:
        """Take what was learned into the rules, and forget what the last round's lists showed."""
        self._lists.latest = {}
        self._take_in()

    def _take_in(self) -> None:
        if self._dialect != self._asking.dialect:
            self._dialect = self._asking.dialect
            self.rules = fieldopt_rules(self._system, self._facts)

    async def read(self, kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:  # noqa: ARG002
        """One entity as it is now. Raises LineDown."""
        if kind not in LISTS:
            return ReadAnswer(
                Reading.FAILED, why="FieldOpt's jobs are their own visits, and name their customer"
            )
        await self._asking.look_at_schema()
        reply = await self._asking.get(f"{LISTS[kind]}{entity_id}")
        if reply.status in (404, 410):
            return ReadAnswer(Reading.GONE, why=f"it is not there any more ({reply.status})")
        if not reply.ok:
            said = self._http.redact(said_in(reply))
            return ReadAnswer(
                Reading.FAILED, why=f"the server does not show it ({reply.status}) {said}".strip()
            )
        value = object_of(reply, self._http)
        try:
            row = await self._row(kind, value)
        except Unreadable as wrong:
            return ReadAnswer(Reading.FAILED, why=f"it cannot be read: {wrong}")
        if row.id != entity_id:
            return ReadAnswer(Reading.FAILED, why="the server showed another one than was asked for")
        self._asking.note_dialect()
        if kind is Kind.JOB:
            self._remember(entity_id, value)
        else:
            self._lists.met(row)
        return ReadAnswer(Reading.FOUND, row)

    async def detail(self, kind: Kind, entity_id: str) -> ReadAnswer:
        """A job with what only another question tells: whom the server would send. Raises LineDown.

        Asked for what waits and has no day, or one that begins by tomorrow; the job itself is taken as this
        round's list has it.
        """
        listed = self._lists.latest.get(entity_id)
        answer = await self.read(kind, entity_id) if listed is None else ReadAnswer(Reading.FOUND, listed)
        row = answer.row
        if row is None or not isinstance(row.entity, Job) or row.entity.status is not Status.UNASSIGNED:
            return answer
        if row.entity.start is not None and row.entity.start > self._asking.now + 2 * DAY:
            return answer
        suggested = await suggestion(self._asking, entity_id)
        told = json.dumps(suggested, ensure_ascii=False)
        return replace(answer, row=replace(row, entity=replace(row.entity, suggested=suggested), detail=told))

    # -- what writing needs to know ------------------------------------------------------------------

    @property
    def dialect(self) -> Dialect:
        """The dialect to write in: the documented one until a server shows another."""
        return self._asking.dialect or Dialect.DOCUMENTED

    @property
    def moves_in_two(self) -> bool:
        """Whether this server fails on `reassign`."""
        return self._facts.get("reassign") == "broken"

    def singly(self, job_ids: Sequence[str]) -> bool:
        """Whether these jobs go one by one."""
        told = self.dialect is Dialect.CODE and "features" in self._facts
        if told and not dialects.has(self._facts, dialects.BATCH):
            return True
        return not self._sender.alone.isdisjoint(job_ids)

    def notes(self, job_id: str) -> str | None:
        """The notes of a job word for word, as it was last read by its id."""
        return self._notes.get(job_id)

    async def place(self, customer: str, address: str) -> LatLng | None:
        """Where an address is, by another job there. Raises LineDown."""
        try:
            taken = await self._asking.take(
                Kind.JOB, "/jobs/search/query", {"customer_name": customer, "limit": str(SEARCHED)}
            )
        except Refused:
            taken = await self._asking.take(Kind.JOB, LISTS[Kind.JOB], {"limit": "500"})
        wanted = " ".join(address.casefold().split())
        for row in taken.rows:
            job = row.entity
            if isinstance(job, Job) and job.lat is not None and job.lng is not None:
                here = " ".join(str(plain_json(row).get("service_address") or "").casefold().split())
                if wanted in (here, " ".join((job.address or "").casefold().split())):
                    return LatLng(job.lat, job.lng)
        return None

    async def alike(self, body: Mapping[str, Json]) -> Sequence[str]:
        """The ids of the jobs that are in all as a new one would be. Raises LineDown."""
        return [row.id for row in await self.alike_rows(body)]

    async def alike_rows(self, body: Mapping[str, Json]) -> Sequence[Row]:
        """The jobs that are in all as a new one was to be. Raises LineDown."""
        day = body.get("scheduled_date")
        params = {"scheduled_date": str(day)[:10]} if day else None
        taken = await self._asking.take(Kind.JOB, LISTS[Kind.JOB], params)
        return [row for row in taken.rows if holds(body, plain_json(row))]

    async def numbered(self, number: str, body: Mapping[str, Json]) -> Sequence[Row]:
        """The jobs of a number of ours; the search finds parts of numbers, too. Raises LineDown."""
        try:
            taken = await self._asking.take(
                Kind.JOB, "/jobs/search/query", {"job_number": number, "limit": str(SEARCHED)}
            )
        except Refused:
            day = str(body.get("scheduled_date") or "")[:10]
            params = {"limit": "500", **({"scheduled_date": day} if day else {})}
            taken = await self._asking.take(Kind.JOB, LISTS[Kind.JOB], params)
        return [row for row in taken.rows if plain_json(row).get("job_number") == number]

    # -- edits ---------------------------------------------------------------------------------------

    async def steps(self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]) -> Sequence[Step]:
        """The requests of an operation. Raises ValueError with a sentence, and LineDown."""
        await self._asking.look_at_schema()
        steps = await self._writer.steps(operation, current)
        for step in steps:
            change = operation.changes[step.change]
            self._sender.before.pop(change.id, None)
            if step.path == ASSIGN and isinstance(change.expected, list) and change.expected:
                # It was taken from this one: should the next be refused, it goes back.
                self._sender.before[change.id] = str(change.expected[0])
        return steps

    async def prepare(self, operation: Operation, step: Step, done: Sequence[Answer]) -> Step | None:
        """The step as it must be sent now; None where the server has it so already."""
        word = self._sender.words.get(operation.changes[step.change].id)
        return self._writer.prepare(step, done, word)

    async def carry_out(self, step: Step, change: Change) -> Answer:  # noqa: ARG002 - as the port has it
        """Send one step. Never raises for the line."""
        answer = await self._sender.carry_out(step)
        self._take_in()
        return answer

    async def find_out(self, step: Step, change: Change) -> FindAnswer:  # noqa: ARG002 - as the port has it
        """Look up what became of a step. Raises LineDown."""
        return await self._sender.find_out(step)

    async def probe(self) -> Sequence[Probe]:
        """Look at the server without writing anything."""
        return await probe(self._asking, self._facts)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _row(self, kind: Kind, value: dict[str, Json]) -> Row:
        """A row that was asked for alone; who goes is asked for where it does not say. Raises Unreadable."""
        known = self._asking.known
        row = row_of(kind, value, known)
        if kind is Kind.JOB and row.id in known.silent | known.unnamed:
            known.silent.discard(row.id)
            known.unnamed.discard(row.id)
            who = await self._asking.crew_of(row.id)
            if who is None:
                known.crews.pop(row.id, None)
            else:
                known.crews[row.id] = who
            row = row_of(kind, value, known)
        return row

    def _remember(self, job_id: str, value: Mapping[str, Json]) -> None:
        word, text = value.get("status"), value.get("notes")
        if isinstance(word, str):
            self._sender.words[job_id] = word
        self._notes[job_id] = text if isinstance(text, str) else None
        self._notes.move_to_end(job_id)
        while len(self._notes) > _REMEMBERED:
            self._notes.popitem(last=False)
