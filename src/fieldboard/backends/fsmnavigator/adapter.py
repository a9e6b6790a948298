"""FSM Navigator as the port has it: walks, reads, edits and a look at a live account."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from fieldboard.backends.fsmnavigator.lists import RESOURCES, Lists
from fieldboard.backends.fsmnavigator.probing import probe
from fieldboard.backends.fsmnavigator.reading import ID_NAMES, Unreadable, locations_in, row_of
from fieldboard.backends.fsmnavigator.replies import error_of, failed, said_in, scope_says, value_of
from fieldboard.backends.fsmnavigator.rules import fsmnavigator_rules
from fieldboard.backends.fsmnavigator.sending import Sender
from fieldboard.backends.fsmnavigator.writing import Writer
from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson, parse
from fieldboard.backends.port import (
    Answer,
    Entity,
    FindAnswer,
    LineDown,
    Page,
    Probe,
    ReadAnswer,
    Reading,
    Step,
    WalkRequest,
    WalkResult,
)
from fieldboard.backends.reply import Reply
from fieldboard.domain.customer import Customer, Site
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.operation import Change, Json, Kind, Operation

KINDS: Final = (Kind.TECHNICIAN, Kind.CUSTOMER, Kind.JOB)
_REMEMBERED: Final = 256


class FsmNavigator:
    """One FSM Navigator account over one line. Used by one engine at a time, from one event loop."""

    def __init__(
        self, http: Http, zone: Zone, system: Mapping[str, object], learned: Mapping[str, str]
    ) -> None:
        """Nothing is sent. Raises ValueError for a `system` table that cannot be used."""
        self._http = http
        self._zone = zone
        self._system = system
        self._facts = dict(learned)
        self.learned: Mapping[str, str] = self._facts
        self.rules = fsmnavigator_rules(system, self._facts)
        self._lists = Lists(http, self._facts)
        self._writer = Writer(self, marks=system.get("create_marker", True) is True)
        self._sender = Sender(http, self._lists, self, self._facts)
        self._descriptions: OrderedDict[str, str | None] = OrderedDict()

    def __repr__(self) -> str:
        return f"FsmNavigator({self._http!r})"

    def kinds(self) -> Sequence[Kind]:
        """Technicians and customers first, which jobs refer to; a job is its own visit."""
        return KINDS

    def by_change(self, kind: Kind) -> bool:  # noqa: ARG002 - as the port has it
        """Nothing can be asked for by the time of its change; see `SystemRules.open_lists`."""
        return False

    def walk(self, request: WalkRequest, result: WalkResult) -> AsyncIterator[Page]:
        """Take a list, or its open part, page by page. Raises LineDown in the middle."""
        return self._lists.walk(request, result)

    def begin_round(self) -> None:
        """Take what was learned into the rules."""
        self.rules = fsmnavigator_rules(self._system, self._facts)

    async def read(self, kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:  # noqa: ARG002
        """One entity as it is now, with what lists do not tell. Raises LineDown."""
        if kind not in ID_NAMES:
            return ReadAnswer(Reading.FAILED, why="FSM Navigator's jobs are their own visits")
        params = {"id": entity_id}
        if kind is Kind.CUSTOMER and self._facts.get("locations") != "apart":
            params["include"] = "locations"
        reply = await self._lists.get(RESOURCES[kind], params)
        value = self._one(kind, entity_id, reply)
        if isinstance(value, ReadAnswer):
            return value
        if kind is Kind.CUSTOMER and not isinstance(value.get("locations"), list):
            self._facts["locations"] = "apart"
            value["locations"] = await self._locations(entity_id)
        try:
            row = row_of(kind, value)
        except Unreadable as wrong:
            return ReadAnswer(Reading.FAILED, why=f"it cannot be read: {wrong}")
        if row.id != entity_id:
            return ReadAnswer(Reading.FAILED, why="the server showed another one than was asked for")
        if kind is Kind.JOB:
            self._remember(entity_id, value)
        return ReadAnswer(Reading.FOUND, row)

    async def sites(self, customer_id: str) -> Sequence[Site]:
        """The places of a customer. Raises LineDown."""
        answer = await self.read(Kind.CUSTOMER, customer_id)
        if answer.row is None or not isinstance(answer.row.entity, Customer):
            raise LineDown(answer.why or "the customer could not be read")
        return answer.row.entity.sites

    def description(self, job_id: str) -> str | None:
        """The description of a job word for word, as it was last read by its id."""
        return self._descriptions.get(job_id)

    async def now(self) -> Instant:
        """This moment by the server's clock. Raises LineDown."""
        return await self._lists.told_now()

    async def steps(self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]) -> Sequence[Step]:
        """The requests of an operation. Raises ValueError with a sentence, and LineDown."""
        return await self._writer.steps(operation, current)

    async def prepare(self, operation: Operation, step: Step, done: Sequence[Answer]) -> Step | None:
        """The step as it must be sent now; None where the server has it so already."""
        word = self._sender.words.get(operation.changes[step.change].id)
        return self._writer.prepare(step, done, word)

    async def carry_out(self, step: Step, change: Change) -> Answer:
        """Send one step. Never raises for the line."""
        answer = await self._sender.carry_out(step, change)
        self.rules = fsmnavigator_rules(self._system, self._facts)
        return answer

    async def find_out(self, step: Step, change: Change) -> FindAnswer:  # noqa: ARG002 - as the port has it
        """Look up what became of a step. Raises LineDown."""
        return await self._sender.find_out(step)

    async def probe(self) -> Sequence[Probe]:
        """Look at the account without writing anything."""
        return await probe(self._http, self._lists, self, self._facts)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def _one(self, kind: Kind, entity_id: str, reply: Reply) -> dict[str, Json] | ReadAnswer:
        """The entity in an answer, or what became of asking for it. Raises LineDown."""
        if reply.is_page:
            raise LineDown(f"{self._http.host} answered with a web page, not the API")
        if reply.status in (404, 410):
            return ReadAnswer(Reading.GONE, why=f"it is not there any more ({reply.status})")
        if reply.status == 403:
            return ReadAnswer(Reading.FAILED, why=scope_says("GET", RESOURCES[kind]))
        try:
            envelope = value_of(reply) if reply.ok else None
        except NotJson as strange:
            raise LineDown(f"{self._http.host} {strange}") from None
        said = self._http.redact((said_in(envelope) if envelope is not None else error_of(reply))[1])
        if envelope is None or failed(envelope):
            return ReadAnswer(
                Reading.FAILED, why=f"the server does not show it ({reply.status}) {said}".strip()
            )
        data = envelope.get("data")
        if not isinstance(data, dict):
            return ReadAnswer(Reading.FAILED, why=f"the answer does not hold {entity_id}")
        return data

    async def _locations(self, customer_id: str) -> Json:
        """A customer's places where they are not told with it."""
        reply = await self._lists.get("customers", {"id": customer_id, "locations": "1"})
        if not reply.ok or reply.is_page:
            return []
        try:
            value = parse(reply.body, reply.content_type)
        except NotJson:
            return []
        data = value.get("data") if isinstance(value, dict) else None
        return data if isinstance(data, list) and locations_in(data) else []

    def _remember(self, job_id: str, value: Mapping[str, Json]) -> None:
        word, text = value.get("job_status"), value.get("job_description")
        if isinstance(word, str):
            self._sender.words[job_id] = word
        self._descriptions[job_id] = text if isinstance(text, str) else None
        self._descriptions.move_to_end(job_id)
        while len(self._descriptions) > _REMEMBERED:
            self._descriptions.popitem(last=False)
