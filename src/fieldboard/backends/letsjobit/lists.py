"""Reading lists of visits: everything, a day, what is open, what was skipped (reference, "Get All Visits").

A list comes a hundred at a time from a place that `pagination` names, in no promised order, and cannot be
asked for changes. A pass over it is complete only where as many different ids came as it announces, and
it announced the same number on every page; else it is made once more. A round that nobody waits for reads
today, one of the days around it in turn, and every few minutes what is open and what was skipped: within
a day everything that changes is in its rows.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from types import NoneType
from typing import Final, NamedTuple

from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson, RowText
from fieldboard.backends.json_list import ListBody
from fieldboard.backends.letsjobit.drivers import Drivers
from fieldboard.backends.letsjobit.passes import MAX_PAGES, PAGE, Pass
from fieldboard.backends.letsjobit.reading import Read, Reader
from fieldboard.backends.letsjobit.replies import error_in, error_of, meta_of
from fieldboard.backends.letsjobit.rules import OPEN_ONES
from fieldboard.backends.port import LineDown, Page, Reach, Row, SetAside, WalkRequest, WalkResult
from fieldboard.backends.reply import Reply
from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.operation import Kind

VISITS: Final = "/visits"
TRIES: Final = 2

DAYS_BACK: Final = 1
DAYS_AHEAD: Final = 7
NEAR_EVERY_S: Final = 15.0
"""One of the days around today is read in turn; eight of them so are at most a few minutes old."""
BACKLOG_EVERY_S: Final = 300.0
SKIPPED_EVERY_S: Final = 600.0

OPEN: Final = {"closed": "0", "skipped": "0"}
SKIPPED: Final = {"closed": "0", "skipped": "1"}

Params = Mapping[str, str]


class FirstPage(NamedTuple):
    """One page of a list, and how many visits the list announces. `bad` counts what could not be read."""

    rows: list[Read]
    total: int | None
    bad: int = 0


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of all visits. `day` is set where it is everything of a day."""

    params: Params
    day: date | None = None

    @property
    def key(self) -> str:
        return json.dumps(dict(self.params), sort_keys=True)


class Lists:
    """Reads the lists of one account."""

    def __init__(self, http: Http, zone: Zone, reader: Reader, drivers: Drivers) -> None:
        self._http = http
        self._zone = zone
        self._reader = reader
        self._drivers = drivers
        self._read_at: dict[str, float] = {}
        self.company_id: str | None = None
        self.read_any = False
        """Whether any list was read since this adapter was made."""

    @property
    def today(self) -> date:
        """The day that it is in the account's zone, by the server's clock."""
        return self._zone.date_of(self.server_now)

    @property
    def server_now(self) -> Instant:
        """This moment by the server's clock; by this computer's where it has not told it yet."""
        now = self._http.server_now
        return now if now is not None else instant_of(self._http.clock.now())

    async def walk(self, request: WalkRequest, result: WalkResult) -> AsyncIterator[Page]:
        """Take all visits, or the parts whose turn it is. Raises LineDown.

        Each page has its visits and, where they name somebody new, their drivers.
        """
        digest = hashlib.blake2b(digest_size=16)
        busy: set[str] = set()
        result.complete = True
        days: set[date] = set()
        for part in self._parts(request.reach):
            passed = Pass()
            for attempt in range(TRIES):
                passed = passed if attempt == 0 else Pass()
                async for rows, bad in self.pages(part.params, passed):
                    for one in rows:
                        digest.update(one.row.raw.encode("utf-8", "replace"))
                    busy |= self._busy_today(rows)
                    yield Page(Kind.JOB, self._all_of(rows), tuple(bad), passed.total)
                    await asyncio.sleep(0)
                if passed.complete:
                    break
            if passed.bad:
                result.clean, result.why_not = False, f"{passed.bad} of the visits could not be read"
            if passed.complete and passed.total is None:
                # Without a number nothing says that what is missing is not there.
                result.clean, result.why_not = False, "the list does not say how many visits there are"
            elif passed.complete:
                self._note(part, days, whole=request.reach is Reach.WHOLE)
                if part.params == OPEN and not passed.bad:
                    result.covers = OPEN_ONES
            else:
                result.clean, result.why_not = False, passed.why_not
                # What is read in parts has come, and a later round reads it again.
                result.complete = result.complete and request.reach is not Reach.WHOLE
        result.server_date = self._http.server_date
        result.covers_days = frozenset(days)
        self._drivers.busy(busy)
        if result.complete:
            # Complete by its own rules: no second pass is needed to see that nothing slipped.
            yield Page(Kind.JOB, (), body_hash=digest.hexdigest())

    async def find(self, params: Params) -> list[Read]:
        """All visits that filters let through, on as many pages as that takes.

        Raises LineDown, also where the list did not come whole, has a row that cannot be read, or is empty
        and does not say that it is.
        """
        passed = Pass()
        found: list[Read] = []
        why: str | None = None
        async for rows, bad in self.pages(params, passed):
            found += rows
            why = bad[0].why if bad and why is None else why
        if why is not None:
            raise LineDown(f"{self._http.host} shows a visit that cannot be read: {why}")
        if not passed.complete or (not found and passed.total != 0):
            raise LineDown(passed.why_not or "the list of visits did not come whole")
        return found

    async def first(self, params: Params | None = None, *, start: int = 0) -> FirstPage:
        """One page of a list from `start` on. Raises LineDown."""
        passed = Pass()
        found: list[Read] = []
        async for rows, _bad in self.pages(params or {}, passed, start=start, most=1):
            found += rows
        self._all_of(found)
        return FirstPage(found, passed.total, passed.bad)

    async def pages(
        self, params: Params, passed: Pass, *, start: int = 0, most: int = MAX_PAGES
    ) -> AsyncIterator[tuple[list[Read], list[SetAside]]]:
        """The pages of one list; `passed` says in the end whether it was complete. Raises LineDown."""
        while True:
            reply = await self.get({**params, "pagination": str(start)})
            body = self._body(reply)
            taken = 0
            texts = body.rows()
            try:
                while some := list(islice(texts, PAGE)):
                    taken += len(some)
                    good, bad = self._reader.rows_of(some)
                    yield passed.take(good, len(bad)), bad
                single = body.envelope.get("data") if not body.found else None
                if isinstance(single, dict):
                    taken += 1
                    good, bad = self._reader.rows_of([RowText(single, json.dumps(single))])
                    yield passed.take(good, len(bad)), bad
            except NotJson as strange:
                raise LineDown(f"{self._http.host} {strange}") from None
            if said := error_in(body.envelope):
                raise LineDown(f"{self._http.host} sent no list of visits: {self._http.redact(said)}")
            listed = body.found or isinstance(body.envelope.get("data", ""), dict | NoneType)
            if not listed or not isinstance(body.envelope.get("meta"), dict):
                raise LineDown(f"{self._http.host} sent no list of visits; is base_url right?")
            self.read_any = True
            following = passed.next_start(meta_of(body.envelope), start, taken)
            if following is None or passed.pages >= most:
                return
            start = following

    async def get(self, params: Params) -> Reply:
        """One list of visits. Raises LineDown for anything that is none."""
        reply = await self._http.read(VISITS, params)
        if reply.is_page:
            raise LineDown(f"{self._http.host} answered with a web page, not the API; is base_url right?")
        if not reply.ok:
            said = self._http.redact(error_of(reply))
            why = f"{self._http.host} does not list visits ({reply.status})"
            raise LineDown(f"{why}: {said}" if said else why)
        return reply

    def _parts(self, reach: Reach) -> Sequence[_Part]:
        """The lists of this round, one after the other."""
        if reach is Reach.WHOLE:
            return (_Part({}),)
        now, today = self._http.clock.monotonic(), self.today
        around = [
            _day(today + timedelta(days=away)) for away in range(-DAYS_BACK, DAYS_AHEAD + 1) if away != 0
        ]
        parts = [_day(today)]
        if reach is Reach.RECENT:
            return (*parts, *around, _Part(OPEN), _Part(SKIPPED))
        oldest = min(around, key=lambda part: self._read_at.get(part.key, -math.inf))
        for part, every in (
            (oldest, NEAR_EVERY_S),
            (_Part(OPEN), BACKLOG_EVERY_S),
            (_Part(SKIPPED), SKIPPED_EVERY_S),
        ):
            if now - self._read_at.get(part.key, -math.inf) >= every:
                parts.append(part)
        return parts

    def _note(self, part: _Part, days: set[date], *, whole: bool) -> None:
        now = self._http.clock.monotonic()
        if whole:
            around = (self.today + timedelta(days=away) for away in range(-DAYS_BACK, DAYS_AHEAD + 1))
            for one in (*(_day(day) for day in around), _Part(OPEN), _Part(SKIPPED)):
                self._read_at[one.key] = now
        self._read_at[part.key] = now
        if part.day is not None:
            days.add(part.day)

    def _all_of(self, rows: Sequence[Read]) -> tuple[Row, ...]:
        """The rows of a page: drivers first, to whom the others refer."""
        for one in rows:
            self.company_id = one.company_id or self.company_id
        people = self._drivers.saw((one.driver for one in rows if one.driver is not None), self.today)
        return (*people, *(one.row for one in rows))

    def _busy_today(self, rows: Sequence[Read]) -> set[str]:
        today = self.today
        return {
            one.driver.id for one in rows if one.busy and one.driver is not None and one.driver.day == today
        }

    def _body(self, reply: Reply) -> ListBody:
        try:
            return ListBody(reply.body, (), reply.content_type)
        except NotJson as strange:
            raise LineDown(f"{self._http.host} {strange}") from None


def _day(day: date) -> _Part:
    return _Part({"date": day.isoformat()}, day)
