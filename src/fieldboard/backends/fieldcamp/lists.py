"""FieldCamp's lists: where they are, how they go on, and what makes one of them doubtful."""

from __future__ import annotations

import asyncio
import gc
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Final

from fieldboard.backends.fieldcamp.company import Company
from fieldboard.backends.fieldcamp.envelope import error_of, error_text, failed, paging_of
from fieldboard.backends.fieldcamp.reading import rows_of
from fieldboard.backends.fieldcamp.rules import JOBS, VISITS, spelling_key
from fieldboard.backends.fieldcamp.times import instant_of_wire
from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson
from fieldboard.backends.json_list import ListBody
from fieldboard.backends.port import LineDown, Page, Row, SetAside, WalkRequest, WalkResult
from fieldboard.backends.reply import Reply
from fieldboard.domain.instants import instant_of
from fieldboard.domain.job import Job
from fieldboard.domain.lifecycle import plain_word
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.visit import Visit

NAMES: Final[Mapping[Kind, str]] = {
    Kind.TECHNICIAN: "team",
    Kind.CUSTOMER: "clients",
    Kind.JOB: "jobs",
    Kind.VISIT: "visits",
}
SINCE: Final = frozenset({Kind.JOB, Kind.CUSTOMER})
"""The lists that can be asked for what changed."""

ROWS_A_PAGE: Final = 500
"""Rows read at once: between two such pages others get their turn."""
MAX_PAGES: Final = 10_000
ROUND: Final = frozenset({10, 20, 25, 50, 100, 200, 250, 500, 1000})
"""Counts at which a list that says nothing of pages may have been cut."""
ASK_AGAIN_S: Final = 24 * 3600
"""How long the unversioned path is used before the versioned one is tried again."""

_IN_THREAD: Final = 4 * 1024 * 1024


class Lists:
    """Reads whole lists of one account; what it learns of the server goes into `learned`."""

    def __init__(self, http: Http, company: Company, learned: MutableMapping[str, str]) -> None:
        self._http = http
        self._company = company
        self._learned = learned
        self._words: set[tuple[Kind, str]] = set()

    def path(self, kind: Kind) -> str:
        """Where the collection is: the versioned path, unless this server has only the old one."""
        return self._old_path(kind) or f"/api/v1/{NAMES[kind]}"

    def both_paths(self, kind: Kind) -> tuple[str, str]:
        """The path in use and the other one."""
        new, old = f"/api/v1/{NAMES[kind]}", f"/api/{NAMES[kind]}"
        return (old, new) if self._old_path(kind) else (new, old)

    def remember_path(self, kind: Kind, path: str) -> None:
        """Use this path of the collection from now on."""
        name = NAMES[kind]
        if path.startswith("/api/v1/"):
            self._learned.pop(f"path:{name}", None)
            self._learned.pop(f"path_at:{name}", None)
        else:
            self._learned[f"path:{name}"] = path
            self._learned[f"path_at:{name}"] = str(self._now())

    async def get(self, kind: Kind, params: Mapping[str, str]) -> Reply:
        """One answer of a collection; the unversioned path is tried where the versioned one is not there."""
        first, other = self.both_paths(kind)
        reply = await self._http.read(first, params)
        if reply.status in (404, 405):
            second = await self._http.read(other, params)
            if second.ok and not second.is_page:
                self.remember_path(kind, other)
                return second
        return reply

    async def walk(
        self, request: WalkRequest, result: WalkResult, search: Mapping[str, str] | None = None
    ) -> AsyncIterator[Page]:
        """All rows of a list, narrowed by the parameters of `search`. See `Backend.walk`."""
        kind = request.kind
        since = request.since if kind in SINCE else None
        params = {**(search or {}), **({"since": since} if since else {})}
        reply = await self.get(kind, params)
        if since and reply.status in (400, 422):
            # It does not take this moment: then everything, which holds the changes too.
            params, result.ignored_since = dict(search or {}), True
            reply = await self.get(kind, params)
        result.server_date = self._http.server_date
        if not reply.ok:
            self._denied(kind, reply, result)
            return
        digest = await _digest(reply.body)
        if request.known_hash == digest:
            yield Page(kind, (), unchanged=True, body_hash=digest)
            result.complete = True
            return
        walk, onward = _Walk(kind, since, result), _Onward(params, self._learned.get(f"paging:{NAMES[kind]}"))
        asked: Mapping[str, str] = params
        while True:
            body, taken = self._list_body(reply), 0
            reply = replace(reply, body=b"")  # it is large, and is not needed twice
            walk.next_page()
            async for good, bad, count in self._rows(kind, body):
                taken += count
                if (rows := walk.take(good, bad)) or bad:
                    yield Page(kind, rows, tuple(bad), onward.total)
            following = onward.after(body.envelope, asked, taken, brought_new=walk.brought_new)
            if onward.found_out is not None:
                self._learned[f"paging:{NAMES[kind]}"] = onward.found_out
            if not following:
                break
            asked = {**params, **following}
            reply = await self._next_page(kind, asked, probing=onward.probing)
            if not reply.ok:
                break
        if onward.doubt is not None:
            walk.doubt(onward.doubt)
        if onward.total is not None and walk.count < onward.total:
            walk.doubt(f"the server announces {onward.total} {NAMES[kind]} and sent {walk.count}")
            return
        result.complete = not onward.endless
        if onward.pages == 1 and not walk.bad:
            yield Page(kind, (), total=onward.total, body_hash=digest)

    async def _next_page(self, kind: Kind, asked: Mapping[str, str], *, probing: bool) -> Reply:
        reply = await self.get(kind, asked)
        if reply.ok or (probing and reply.status in (400, 404, 422)):
            return reply  # a server that refuses a page it was not known to have has no pages
        raise LineDown(self._says(kind, reply))

    def _denied(self, kind: Kind, reply: Reply, result: WalkResult) -> None:
        says = self._says(kind, reply)
        if kind in (Kind.JOB, Kind.VISIT) or (reply.is_page and reply.status != 403):
            raise LineDown(says)
        # Names of customers and technicians are worth having; the board goes on without them.
        result.clean = False
        result.why_not = says

    def _says(self, kind: Kind, reply: Reply) -> str:
        said = self._http.redact(error_of(reply))
        if reply.is_page and reply.status in (404, 405):
            return f"{self._http.host} answered with a web page, not the API; is base_url right?"
        because = f": {said}" if said else ""
        return f"{self._http.host} does not list {NAMES[kind]} ({reply.status}){because}"

    def _list_body(self, reply: Reply) -> ListBody:
        try:
            return ListBody(reply.body, _LIST_NAMES, reply.content_type)
        except NotJson as strange:
            raise LineDown(f"{self._http.host} {strange}") from None

    async def _rows(self, kind: Kind, body: ListBody) -> AsyncIterator[tuple[list[Row], list[SetAside], int]]:
        texts = body.rows()
        try:
            while True:
                with _no_collection():
                    some = list(islice(texts, ROWS_A_PAGE))
                    good, bad = rows_of(kind, some, self._company)
                    taken = len(some)
                    some.clear()  # before the collector is on again and walks through all of it
                if not taken:
                    break
                self._learn(kind, good)
                yield good, bad, taken
                await asyncio.sleep(0)
        except NotJson as strange:
            raise LineDown(f"{self._http.host} {strange}") from None
        if failed(body.envelope):
            said = self._http.redact(error_text(dict(body.envelope)))
            raise LineDown(f"{self._http.host} does not list {NAMES[kind]}: {said or 'it does not say why'}")
        if not body.found:
            raise LineDown(f"{self._http.host} sent no list of {NAMES[kind]} where one was asked for")

    def _learn(self, kind: Kind, rows: list[Row]) -> None:
        """Remember how this account spells its statuses, and whether its visits have crews."""
        for row in rows:
            entity = row.entity
            if not isinstance(entity, (Job, Visit)) or (kind, entity.raw_status) in self._words:
                continue
            self._words.add((kind, entity.raw_status))
            lifecycle = JOBS if kind is Kind.JOB else VISITS
            status = lifecycle.read(entity.raw_status)
            if status in lifecycle.writes and plain_word(entity.raw_status) != "unscheduled":
                self._learned.setdefault(spelling_key(kind.value, status), entity.raw_status)
        if kind is Kind.VISIT and "visit_crew" not in self._learned:
            sample = next((row for row in rows if '"teamId":[' in row.raw or '"teamId": [' in row.raw), None)
            if sample is not None:
                self._learned["visit_crew"] = "teamId"

    def _old_path(self, kind: Kind) -> str | None:
        path = self._learned.get(f"path:{NAMES[kind]}")
        if path is None or path != f"/api/{NAMES[kind]}":
            return None
        since = self._learned.get(f"path_at:{NAMES[kind]}", "")
        if not since.isdecimal() or self._now() - int(since) > ASK_AGAIN_S:
            return None
        return path

    def _now(self) -> int:
        return instant_of(self._http.clock.now())


_LIST_NAMES: Final = frozenset({*NAMES.values(), "items", "results", "users", "members", "technicians"})


class _Onward:
    """Where a list goes on: as its answers say, or, where they say nothing, by asking for a page 2 once."""

    def __init__(self, params: Mapping[str, str], known: str | None) -> None:
        """`known` is what was found out earlier: `pages`, `ignored` or nothing."""
        self._params = params
        self._known = known
        self.pages = 0
        self.total: int | None = None
        self.probing = False
        self._promised = False
        """Whether the page before said that there is another one."""
        self.found_out: str | None = None
        self.doubt: str | None = None
        self.endless = False

    def after(
        self, envelope: Mapping[str, Json], asked: Mapping[str, str], rows: int, *, brought_new: bool
    ) -> Mapping[str, str]:
        """The further parameters of the next request; empty where the list is over.

        It is also over when a page brings nothing new, whatever it announces.
        """
        self.pages += 1
        paging = paging_of(envelope, asked, rows)
        if self.pages >= MAX_PAGES:
            self.endless, self.doubt = True, f"the list has more than {MAX_PAGES} pages"
            return {}
        if paging is not None:
            self.probing = False
            if self.total is not None and paging.total not in (None, self.total):
                self.doubt = "the list changed its length while it was read"
            self.total = paging.total if paging.total is not None else self.total
            self._promised = bool(paging.next_page)
            return paging.next_page if brought_new else {}
        if self._promised and not rows:
            # What is on it may be there all the same: neither the list's end nor how it goes on.
            self.doubt = "a page that was announced came empty"
            return {}
        if self.pages == 1:
            may_be_cut = rows > 0 and (self._known == "pages" or (rows in ROUND and self._known != "ignored"))
            self.probing = may_be_cut
            return {"page": "2"} if may_be_cut else {}
        if self.pages == 2:
            self.found_out = "pages" if brought_new else "ignored"
        return {"page": str(self.pages + 1)} if brought_new else {}


class _Walk:
    """What a walk has seen so far."""

    def __init__(self, kind: Kind, since: str | None, result: WalkResult) -> None:
        self._result = result
        self._kind = kind
        self._since_at = _seconds(since)
        self._stamps: dict[str, str | None] = {}
        self._more: set[tuple[str, str | None]] = set()
        """What came under a stamp other than the first of its id."""
        self.bad = 0
        self.brought_new = False

    @property
    def count(self) -> int:
        return len(self._stamps) + self.bad

    def next_page(self) -> None:
        self.brought_new = False

    def take(self, good: list[Row], bad: list[SetAside]) -> tuple[Row, ...]:
        """The rows that this walk has not brought yet."""
        if bad:
            self.bad += len(bad)
            self._result.clean = False
            self._result.why_not = f"{self.bad} of its rows could not be read"
        fresh: list[Row] = []
        stamps, count = self._stamps, len(self._stamps)
        for row in good:
            first = stamps.setdefault(row.id, row.stamp)
            if len(stamps) > count:
                count += 1
                self.brought_new = True
            elif row.stamp == first or (row.id, row.stamp) in self._more:
                continue
            else:
                self._more.add((row.id, row.stamp))
            fresh.append(row)
            if self._since_at is not None and row.stamp_at is not None and row.stamp_at < self._since_at - 1:
                self._result.ignored_since = True
        return tuple(fresh)

    def doubt(self, why: str) -> None:
        self._result.clean = False
        self._result.why_not = why


def _seconds(stamp: str | None) -> float | None:
    if stamp is None:
        return None
    try:
        return instant_of_wire(stamp)
    except (ValueError, OverflowError):
        return None


async def _digest(body: bytes) -> str:
    if len(body) < _IN_THREAD:
        return hashlib.sha256(body).hexdigest()
    return await asyncio.to_thread(lambda: hashlib.sha256(body).hexdigest())


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the cyclic garbage collector, which finds nothing among fresh rows and looks for long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
