"""LetsJobIt as the port has it: walks, reads, edits and a look at a live account."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fieldboard.backends.http import Http
from fieldboard.backends.letsjobit import identity
from fieldboard.backends.letsjobit.drivers import Drivers
from fieldboard.backends.letsjobit.lists import Lists
from fieldboard.backends.letsjobit.probing import probe
from fieldboard.backends.letsjobit.reading import Read, Reader
from fieldboard.backends.letsjobit.rules import Own, letsjobit_rules
from fieldboard.backends.letsjobit.sending import Sender
from fieldboard.backends.letsjobit.writing import Writer, visit_path
from fieldboard.backends.port import (
    Answer,
    Entity,
    FindAnswer,
    LineDown,
    Outcome,
    Page,
    Probe,
    ReadAnswer,
    Reading,
    Step,
    WalkRequest,
    WalkResult,
)
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Change, Kind, Operation

KINDS: Final = (Kind.JOB, Kind.TECHNICIAN)
COMPANY: Final = "company_id"

_REMEMBERED: Final = 256
_AGAIN_S: Final = 0.5
"""How long an edit waits to be planned anew when its visit was not known by the id that it went to."""


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """What an adapter knows of its account: the zone of its days, its own table, whom the roster names."""

    zone: Zone
    own: Own
    system: Mapping[str, object] = field(default_factory=dict)
    roster: Mapping[str, str] = field(default_factory=dict)


class LetsJobIt:
    """One LetsJobIt account over one line. Used by one engine at a time, from one event loop."""

    def __init__(self, http: Http, settings: AdapterSettings, learned: Mapping[str, str]) -> None:
        """Nothing is sent."""
        self._http = http
        self._facts = dict(learned)
        self.learned: Mapping[str, str] = self._facts
        self.rules = letsjobit_rules(settings.system, self._facts)
        self._drivers = Drivers(self._facts, settings.roster)
        self._lists = Lists(http, settings.zone, Reader(settings.zone, settings.own), self._drivers)
        self._writer = Writer(self, settings.zone, settings.own)
        self._sender = Sender(http, self)
        self._known: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._unknown: set[str] = set()

    def __repr__(self) -> str:
        return f"LetsJobIt({self._http!r})"

    def kinds(self) -> Sequence[Kind]:
        """Jobs, which are their own visits, and then the drivers whom they name."""
        return KINDS

    def by_change(self, kind: Kind) -> bool:  # noqa: ARG002 - as the port has it
        """Nothing can be asked for by the time of its change; see `SystemRules.open_lists`."""
        return False

    async def walk(self, request: WalkRequest, result: WalkResult) -> AsyncIterator[Page]:
        """Take a list page by page; drivers come from the rows of the visits. Raises LineDown."""
        if request.kind is Kind.JOB:
            async for page in self._lists.walk(request, result):
                yield page
            self._learn_company()
        elif request.kind is Kind.TECHNICIAN:
            if not len(self._drivers) and not self._lists.read_any:
                await self._lists.find({"date": self._lists.today.isoformat()})
            result.complete = True
            yield Page(
                Kind.TECHNICIAN, tuple(self._drivers.rows(self._lists.today)), body_hash="as the visits"
            )
        else:
            result.complete = True

    def begin_round(self) -> None:
        """Nothing is remembered from round to round."""

    async def read(self, kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:  # noqa: ARG002
        """One entity as it is now. Raises LineDown."""
        if kind is Kind.TECHNICIAN:
            row = self._drivers.row(entity_id, self._lists.today)
            return ReadAnswer(Reading.FOUND if row is not None else Reading.GONE, row)
        if kind is not Kind.JOB:
            return ReadAnswer(Reading.FAILED, why="LetsJobIt's jobs are their own visits")
        found = await self.fetch(entity_id)
        if found is None:
            return ReadAnswer(Reading.GONE, why="the server does not show it any more")
        return ReadAnswer(Reading.FOUND, found.row)

    async def fetch(self, visit_id: str) -> Read | None:
        """One visit as it is now; None where it is gone. Raises LineDown."""
        found = await self._lists.find({"_id": visit_id})
        mine = next((one for one in found if one.row.id == visit_id), None)
        if found and mine is None:
            raise LineDown(f"{self._http.host} showed other visits than the one that was asked for")
        if mine is not None:
            self._remember(mine)
        return mine

    async def matching(self, params: Mapping[str, str]) -> list[Read]:
        """All visits that filters let through. Raises LineDown."""
        found = await self._lists.find(params)
        if "id" in params and any(one.erp_id != params["id"] for one in found):
            raise LineDown(f"{self._http.host} showed other visits than the one that was asked for")
        for one in found[:_REMEMBERED]:
            self._remember(one)
        return found

    async def obs(self, visit_id: str) -> str:
        """The notes of a visit word for word, as it was last read by its id. Raises LineDown."""
        return (await self._remembered(visit_id))[0]

    async def write_path(self, visit_id: str) -> str:
        """The path by which the visit is written. Raises ValueError, and LineDown."""
        how = self._facts.get(identity.FACT)
        if how == identity.INTERNAL:
            return visit_path(visit_id)
        _, erp_id = await self._remembered(visit_id)
        if how is None:
            how = await identity.proven(self._http, visit_id, erp_id)
            if how is None:
                raise ValueError(identity.UNPROVEN)
            self._facts[identity.FACT] = how
        if how == identity.ERP and not erp_id:
            raise ValueError("the visit has no id of the company's own system, by which this server writes")
        return visit_path(erp_id if how == identity.ERP else visit_id)

    async def company_id(self) -> str:
        """The company's id, as any visit has it. Raises ValueError where none has, and LineDown."""
        if not self._facts.get(COMPANY):
            await self._lists.first()
            self._learn_company()
        known = self._facts.get(COMPANY)
        if not known:
            raise ValueError("LetsJobIt wants the company's id for a new visit, and no visit tells it")
        return known

    async def is_free(self, erp_id: int) -> bool:
        """Whether no visit has this id of the customer's own system. Raises LineDown."""
        return not await self._lists.find({"id": str(erp_id)})

    def driver_name(self, driver_id: str) -> str | None:
        """What a driver is called; None for nobody."""
        return self._drivers.name_of(driver_id)

    async def steps(self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]) -> Sequence[Step]:
        """The requests of an operation. Raises ValueError with a sentence, and LineDown."""
        return await self._writer.steps(operation, current)

    async def prepare(self, operation: Operation, step: Step, done: Sequence[Answer]) -> Step | None:  # noqa: ARG002
        """The step as it must be sent now."""
        return self._writer.prepare(step, done)

    async def carry_out(self, step: Step, change: Change) -> Answer:  # noqa: ARG002 - as the port has it
        """Send one step. Never raises for the line."""
        answer = await self._sender.carry_out(step)
        if answer.status == 404 and answer.outcome is Outcome.REFUSED and step.path not in self._unknown:
            # The server shows the visit and not by this id: which one it takes is proven anew, once.
            self._unknown.add(step.path)
            if self._facts.pop(identity.FACT, None) is not None:
                return Answer(Outcome.WAIT, 404, answer.why, wait_s=_AGAIN_S)
        return answer

    async def find_out(self, step: Step, change: Change) -> FindAnswer:  # noqa: ARG002 - as the port has it
        """Look up what became of a step. Raises LineDown."""
        return await self._sender.find_out(step)

    async def probe(self) -> Sequence[Probe]:
        """Look at the account without writing anything."""
        return await probe(self._http, self._lists, self._facts)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _remembered(self, visit_id: str) -> tuple[str, str]:
        """Notes and ERP id of a visit. Raises LineDown, also where it is gone."""
        if visit_id not in self._known and await self.fetch(visit_id) is None:
            raise LineDown("the visit is not there any more")
        return self._known[visit_id]

    def _remember(self, rows: Read) -> None:
        self._known[rows.row.id] = (rows.obs, rows.erp_id)
        self._known.move_to_end(rows.row.id)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _learn_company(self) -> None:
        if self._lists.company_id:
            self._facts[COMPANY] = self._lists.company_id
