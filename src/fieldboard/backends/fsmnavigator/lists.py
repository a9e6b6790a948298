"""Reading whole lists, or the parts of them that a round needs (fsmnavigator.com/docs/api/jobs).

A list comes in pages whose order is not promised. A pass over it is complete only where every page came,
the announced total stayed the same, and as many different ids came as it announces; else it is made once
more. The list of everything is bounded by the moment at which the pass began, so that what is created
meanwhile cannot shift its pages.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from fieldboard.backends.fsmnavigator.reading import rows_of
from fieldboard.backends.fsmnavigator.replies import error_of, failed, said_in, scope_says
from fieldboard.backends.fsmnavigator.rules import COVERED, OPEN_WORDS
from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson
from fieldboard.backends.json_list import ListBody
from fieldboard.backends.port import LineDown, Page, Reach, Row, WalkRequest, WalkResult
from fieldboard.backends.reply import Reply
from fieldboard.domain.instants import Instant, instant_of, instant_text
from fieldboard.domain.operation import Json, Kind

RESOURCES: Final[Mapping[Kind, str]] = {
    Kind.TECHNICIAN: "technicians",
    Kind.CUSTOMER: "customers",
    Kind.JOB: "jobs",
}
PER_PAGE: Final = 100
MAX_PAGES: Final = 10_000
RECENT_S: Final = 35 * 24 * 3600
"""How far back a round looks for late changes of what has ended."""
MARGIN_S: Final = 5
"""Seconds by which a pass reaches beyond its begin: clocks have seconds, and do not agree on them."""
TRIES: Final = 2

Params = Mapping[str, str]


class Lists:
    """Reads the lists of one account."""

    def __init__(self, http: Http, learned: MutableMapping[str, str]) -> None:
        """`learned` takes the number of requests of a day."""
        self._http = http
        self._learned = learned
        self._counted = 0
        self._asked_now = False

    async def get(self, resource: str, params: Params) -> Reply:
        """One answer of a resource; a 403 says which scope it needs. Raises LineDown."""
        try:
            return await self._http.read(f"/{resource}", params)
        finally:
            self.count()

    def count(self) -> None:
        """Take the requests that were sent into the count of the day."""
        day = self._http.clock.now().date().isoformat()
        known, _, number = self._learned.get("calls", "").partition(" ")
        before = int(number) if known == day and number.isdecimal() else 0
        self._learned["calls"] = f"{day} {before + self._http.sent - self._counted}"
        self._counted = self._http.sent

    async def walk(self, request: WalkRequest, result: WalkResult) -> AsyncIterator[Page]:
        """See `Backend.walk`. Raises LineDown."""
        kind, digest = request.kind, hashlib.blake2b(digest_size=16)
        passes = self._passes(request)
        result.complete = True
        for params in passes:
            whole = _Pass(kind)
            for attempt in range(TRIES):
                whole = whole if attempt == 0 else _Pass(kind)
                async for page in self._pass(kind, params, whole):
                    for row in page.rows:
                        digest.update(row.raw.encode("utf-8", "replace"))
                    yield page
                if whole.denied is not None:
                    result.complete, result.clean, result.why_not = False, False, whole.denied
                    return
                if whole.complete or attempt == TRIES - 1:
                    break
            result.server_date = self._http.server_date
            if whole.bad:
                result.clean = False
                result.why_not = f"{whole.bad} of its rows could not be read"
            if not whole.complete:
                result.clean = False
                result.why_not = whole.why_not
                # What is read in parts has come, and the next round reads it again.
                result.complete = result.complete and request.reach is not Reach.WHOLE
        if request.reach is not Reach.WHOLE and result.complete and result.clean:
            result.covers = COVERED
        if result.complete:
            # Complete by its own rules: no second pass is needed to see that nothing slipped.
            yield Page(kind, (), body_hash=digest.hexdigest())

    async def search(self, params: Params) -> list[Row]:
        """All jobs that filters let through. Raises LineDown, also where the list did not come whole."""
        whole = _Pass(Kind.JOB)
        rows: list[Row] = []
        async for page in self._pass(Kind.JOB, params, whole):
            rows += page.rows
        if whole.denied is not None or not whole.complete:
            raise LineDown(whole.denied or whole.why_not or "the list of jobs did not come whole")
        return rows

    def _passes(self, request: WalkRequest) -> Sequence[Params]:
        """The filters of the lists to read, one after the other."""
        if request.kind is not Kind.JOB:
            return ({},)
        before = {"created_before": instant_text(self.server_now + MARGIN_S)}
        open_ones = tuple({"status": word} for word in OPEN_WORDS)
        match request.reach:
            case Reach.OPEN:
                return open_ones
            case Reach.RECENT:
                since = {"created_after": instant_text(self.server_now - RECENT_S)}
                return ({**since, **before}, *open_ones)
            case _:
                return (before,)

    @property
    def server_now(self) -> Instant:
        """This moment by the server's clock; by this computer's where it has not told it yet."""
        now = self._http.server_now
        return now if now is not None else instant_of(self._http.clock.now())

    async def told_now(self) -> Instant:
        """This moment by the server's clock, which is asked where it has not told it yet. Raises LineDown."""
        if self._http.server_now is None and not self._asked_now:
            self._asked_now = True
            await self.get("jobs", {"per_page": "1", "page": "1"})
        return self.server_now

    async def _pass(self, kind: Kind, params: Params, whole: _Pass) -> AsyncIterator[Page]:
        """The pages of one list; `whole` says in the end whether it was complete."""
        resource, page = RESOURCES[kind], 1
        while True:
            asked = {**params, "per_page": str(PER_PAGE), "page": str(page)}
            reply = await self.get(resource, asked)
            if not reply.ok or reply.is_page:
                self._denied(kind, reply, whole)
                return
            body = self._body(reply)
            taken = 0
            texts = body.rows()
            try:
                while some := list(islice(texts, PER_PAGE)):
                    taken += len(some)
                    good, bad = rows_of(kind, some)
                    fresh = whole.take(good, len(bad))
                    yield Page(kind, fresh, tuple(bad), whole.total)
                    await asyncio.sleep(0)
            except NotJson as strange:
                raise LineDown(f"{self._http.host} {strange}") from None
            if failed(body.envelope) or not body.found:
                said = self._http.redact(said_in(body.envelope)[1])
                raise LineDown(
                    f"{self._http.host} sent no list of {resource}: {said or 'it does not say why'}"
                )
            if not whole.goes_on(body.envelope.get("pagination"), page, taken):
                return
            page += 1

    def _body(self, reply: Reply) -> ListBody:
        try:
            return ListBody(reply.body, (), reply.content_type)
        except NotJson as strange:
            raise LineDown(f"{self._http.host} {strange}") from None

    def _denied(self, kind: Kind, reply: Reply, whole: _Pass) -> None:
        resource = RESOURCES[kind]
        said = self._http.redact(error_of(reply)[1])
        if reply.is_page and reply.status != 403:
            raise LineDown(f"{self._http.host} answered with a web page, not the API; is base_url right?")
        why = f"{self._http.host} does not list {resource} ({reply.status})"
        if reply.status == 403:
            why = f"{why}: {scope_says('GET', resource)}"
        elif said:
            why = f"{why}: {said}"
        if kind is Kind.JOB:
            raise LineDown(why)
        # Names of customers and technicians are worth having; the board goes on without them.
        whole.denied = why


@dataclass
class _Pass:
    """One pass over one list: what came, and whether that was all of it."""

    kind: Kind
    ids: set[str] = field(default_factory=set)
    bad: int = 0
    total: int | None = None
    complete: bool = False
    why_not: str | None = None
    denied: str | None = None
    _moved: bool = False
    _new: int = 0

    def take(self, good: Sequence[Row], bad: int) -> tuple[Row, ...]:
        """The rows that this pass has not brought yet."""
        fresh = tuple(row for row in {row.id: row for row in good}.values() if row.id not in self.ids)
        self.ids.update(row.id for row in fresh)
        self.bad += bad
        self._new += len(fresh) + bad
        return fresh

    def goes_on(self, pagination: Json, page: int, taken: int) -> bool:
        """Whether there is another page, by what the list says of itself; else judge what came."""
        new, self._new = self._new, 0
        said = pagination if isinstance(pagination, dict) else {}
        total, pages = _count(said.get("total")), _count(said.get("total_pages"))
        if total is not None:
            self._moved = self._moved or self.total not in (None, total)
            self.total = total
        if pages is not None:
            more = page < pages and taken > 0
        elif total is not None:
            more = len(self.ids) + self.bad < total and new > 0
        else:
            # It says nothing of pages: a full one may not be all, until one brings nothing new.
            more = taken >= PER_PAGE and new > 0
        if more and page < MAX_PAGES:
            return True
        self._judge(taken)
        return False

    def _judge(self, taken: int) -> None:
        came = len(self.ids) + self.bad
        if self._moved:
            self.why_not = "the list changed its length while it was read"
        elif self.total is not None and came != self.total:
            self.why_not = f"the server announces {self.total} and sent {came}"
        elif self.total is None and taken >= PER_PAGE and came > PER_PAGE:
            self.why_not = "the list does not say where it ends"
        else:
            self.complete = True


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
