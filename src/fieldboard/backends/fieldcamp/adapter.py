"""FieldCamp as the port has it: walks, reads, edits and a look at a live account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from fieldboard.backends.fieldcamp.company import Company
from fieldboard.backends.fieldcamp.envelope import error_of, error_text, failed, one_of
from fieldboard.backends.fieldcamp.lists import NAMES, SINCE, Lists
from fieldboard.backends.fieldcamp.probing import probe
from fieldboard.backends.fieldcamp.reading import row_of
from fieldboard.backends.fieldcamp.rules import fieldcamp_rules
from fieldboard.backends.fieldcamp.sending import Sender
from fieldboard.backends.fieldcamp.values import Unreadable
from fieldboard.backends.fieldcamp.writing import Writer
from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson
from fieldboard.backends.port import (
    Answer,
    Entity,
    FindAnswer,
    LineDown,
    Page,
    Probe,
    ReadAnswer,
    Reading,
    Row,
    Step,
    WalkRequest,
    WalkResult,
)
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Change, Kind, Operation
from fieldboard.domain.visit import Visit

KINDS: Final = (Kind.TECHNICIAN, Kind.CUSTOMER, Kind.JOB, Kind.VISIT)
_SINGLE: Final[Mapping[Kind, str]] = {Kind.JOB: "job", Kind.CUSTOMER: "client"}


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """What the profile says of this account.

    `skill_names` maps opaque skill ids to words, `system` is the profile's `[system]` table, `learned`
    what the server taught in earlier rounds.
    """

    zone: Zone
    skill_names: Mapping[str, str] = field(default_factory=dict)
    system: Mapping[str, object] = field(default_factory=dict)
    learned: Mapping[str, str] = field(default_factory=dict)


class FieldCamp:
    """One FieldCamp account over one line. Used by one engine at a time, from one event loop."""

    def __init__(self, http: Http, settings: AdapterSettings) -> None:
        """Nothing is sent. Raises ValueError for a `system` table that cannot be used."""
        window_field = settings.system.get("window_field")
        if window_field is not None and not isinstance(window_field, str):
            raise ValueError("window_field must be the name of a job field, in quotes")
        self._http = http
        self._settings = settings
        self._facts = dict(settings.learned)
        self.learned: Mapping[str, str] = self._facts
        self.rules = fieldcamp_rules(settings.system, self._facts)
        company = Company(settings.zone, settings.skill_names, window_field)
        self._company = company
        self._lists = Lists(http, company, self._facts)
        self._writer = Writer(self, settings.zone, settings.skill_names, self._facts)
        self._sender = Sender(http, self._lists, company, self, self._facts)
        self._whole: dict[Kind, dict[str, Row]] = {}
        self._fetched: dict[Kind, int] = {}
        self._fetches = 0
        self._readable: dict[Kind, bool] = {}
        self._last: dict[tuple[Kind, str], Row] = {}
        self._fetching = asyncio.Lock()

    def __repr__(self) -> str:
        return f"FieldCamp({self._http!r})"

    def kinds(self) -> Sequence[Kind]:
        """Technicians and customers first, which jobs and visits refer to."""
        return KINDS

    def by_change(self, kind: Kind) -> bool:
        """Jobs and clients take `since`; team and visits always come whole."""
        return kind in SINCE

    def walk(self, request: WalkRequest, result: WalkResult) -> AsyncIterator[Page]:
        """Take a list, page by page. Raises LineDown in the middle."""
        return self._lists.walk(request, result)

    def begin_round(self) -> None:
        """Forget the lists of the last round, and take what was learned into the rules."""
        self._whole.clear()
        self._last.clear()
        self.rules = fieldcamp_rules(self._settings.system, self._facts)

    async def read(self, kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:
        """One entity as it is now.

        Jobs and clients are read by id. Visits and technicians cannot be: they come from one whole
        list a round, or from a new one with `fresh`, and are never certainly gone by one list.
        """
        if kind in _SINGLE:
            return await self._read_one(kind, entity_id)
        rows, complete = await self._list(kind, fresh=fresh)
        row = rows.get(entity_id)
        if row is not None:
            return ReadAnswer(Reading.FOUND, row)
        if not complete:
            return ReadAnswer(Reading.FAILED, why=f"the list of {NAMES[kind]} did not come whole")
        if not self._readable.get(kind, True):
            return ReadAnswer(Reading.FAILED, why=f"rows of the list of {NAMES[kind]} cannot be read")
        why = f"it is not in the list of {NAMES[kind]}"
        return ReadAnswer(Reading.GONE, why=why, confirmed_gone=False, listed=len(rows))

    async def visits_of(self, job_id: str, *, fresh: bool = False) -> tuple[Row, ...]:
        """The visits of a job, by one whole list of the round. Raises LineDown."""
        rows, complete = await self._list(Kind.VISIT, fresh=fresh)
        if not complete:
            raise LineDown("the list of visits did not come whole")
        return tuple(
            row for row in rows.values() if isinstance(row.entity, Visit) and row.entity.job_id == job_id
        )

    def is_sure(self, kind: Kind) -> bool:
        """Whether the last whole list holds something, and nothing that could not be read."""
        return bool(self._whole.get(kind)) and self._readable.get(kind, False)

    def last_read(self, kind: Kind, entity_id: str) -> Row | None:
        """What the last read by id in this round has shown."""
        return self._last.get((kind, entity_id))

    def remember(self, row: Row) -> None:
        """Keep a row that an answer to an edit brought, so that this round does not see the old one."""
        if row.kind in self._whole:
            self._whole[row.kind][row.id] = row

    def forget(self, kind: Kind) -> None:
        """Do not trust the list of this round any more: something was written and its answer lost."""
        self._whole.pop(kind, None)

    async def steps(self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]) -> Sequence[Step]:
        """The requests of an operation. Raises ValueError with a sentence, and LineDown."""
        return await self._writer.steps(operation, current)

    async def prepare(self, operation: Operation, step: Step, done: Sequence[Answer]) -> Step | None:
        """The step as it must be sent now; None where the server has it so already. Raises LineDown."""
        return await self._writer.prepare(operation.changes[step.change], step, done)

    async def carry_out(self, step: Step, change: Change) -> Answer:
        """Send one step. Never raises for the line."""
        answer = await self._sender.carry_out(step, change)
        self.rules = fieldcamp_rules(self._settings.system, self._facts)
        return answer

    async def find_out(self, step: Step, change: Change) -> FindAnswer:
        """Look up what became of a step. Raises LineDown."""
        return await self._sender.find_out(step, change)

    async def probe(self) -> Sequence[Probe]:
        """Look at the account without writing anything."""
        return await probe(self._http, self._lists, self._facts)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _read_one(self, kind: Kind, entity_id: str) -> ReadAnswer:
        path = f"{self._lists.path(kind)}/{quote(entity_id, safe='')}"
        reply = await self._http.read(path)
        if reply.is_page:
            raise LineDown(f"{self._http.host} answered with a web page, not the API")
        if reply.status in (404, 410):
            return ReadAnswer(Reading.GONE, why=f"it is not there any more ({reply.status})")
        said = self._http.redact(error_of(reply))
        if not reply.ok:
            return ReadAnswer(
                Reading.FAILED, why=f"the server does not show it ({reply.status}) {said}".strip()
            )
        try:
            envelope, text = one_of(reply, _SINGLE[kind])
            if failed(envelope):
                said = self._http.redact(error_text(dict(envelope)))
                return ReadAnswer(Reading.FAILED, why=said or "the server does not show it")
            if text is None:
                return ReadAnswer(Reading.FAILED, why="the answer holds nothing that was asked for")
            row = row_of(kind, text, self._company)
        except NotJson as strange:
            raise LineDown(f"{self._http.host} {strange}") from None
        except Unreadable as wrong:
            return ReadAnswer(Reading.FAILED, why=f"it cannot be read: {wrong}")
        if row.id != entity_id:
            return ReadAnswer(Reading.FAILED, why="the server showed another one than was asked for")
        self._last[(kind, entity_id)] = row
        return ReadAnswer(Reading.FOUND, row)

    async def _list(self, kind: Kind, *, fresh: bool) -> tuple[Mapping[str, Row], bool]:
        """A whole list by id, and whether it is whole. Those who wait for one share it."""
        asked_at = self._fetches
        async with self._fetching:
            # A list that was begun after this call is as fresh as one of its own.
            if kind in self._whole and (not fresh or self._fetched.get(kind, 0) > asked_at):
                return self._whole[kind], True
            self._fetches += 1
            began = self._fetches
            result = WalkResult()
            rows: dict[str, Row] = {}
            async for page in self._lists.walk(WalkRequest(kind), result):
                rows.update((row.id, row) for row in page.rows)
            if result.complete:
                self._whole[kind], self._fetched[kind] = rows, began
                self._readable[kind] = result.clean
            return rows, result.complete
