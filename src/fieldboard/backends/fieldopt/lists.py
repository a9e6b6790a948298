"""Reading whole lists, or the parts of them that a round needs.

The documents know no pages: a list is the list. The public servers stop at a hundred rows without saying
so, page unsafely (rows of one moment have no order), and give five hundred where they are asked for. So a
list counts as whole where fewer came than were asked for, or as many as the summary announces; where it does
not, it is read in parts that are whole: by status, by type, by day.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from fieldboard.backends.fieldopt.asking import AT_ONCE, LISTS, Asking, Params, Refused, Taken
from fieldboard.backends.fieldopt.bodies import is_number
from fieldboard.backends.fieldopt.reading import plain_json, row_of
from fieldboard.backends.fieldopt.rules import COVERED, ENDED_WORDS, OPEN_WORDS, TYPES, Dialect
from fieldboard.backends.port import Page, Reach, Row, SetAside, WalkRequest, WalkResult
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Kind

SEARCHED: Final = 1000
"""Rows that the search gives at most."""
PAGE_STEP: Final = 400
"""Rows by which pages of the oldest servers go on: they overlap, as their order shifts."""
PAGES: Final = 200
TRIES: Final = 3
PARTS: Final = 400
"""Requests into which one list is split at most."""
ASKED_APART: Final = 10
"""Jobs a round whose technician is asked for one by one."""
STRANGER_S: Final = 10 * MINUTE
"""How long a technician whom the list leaves out is believed to be as read."""
STOPS: Final = 50
"""A list of a whole number of fifties may have been cut off, where no summary tells."""
GAPS: Final = 200
"""Jobs that are looked for by their numbers, at most."""
LOOKS_BACK: Final = 31
LOOKS_AHEAD: Final = 31
"""Days around today by which the documented dialect's lists are split at last."""

LOG: Final = logging.getLogger(__name__)


class Lists:
    """Reads the lists of one server."""

    def __init__(self, asking: Asking) -> None:
        """Nothing is asked yet."""
        self._asking = asking
        self._listed: set[str] = set()
        self._strangers: dict[str, tuple[Row, Instant]] = {}
        self._unknown: set[str] = set()
        self.latest: Mapping[str, Row] = {}
        """The jobs of this round's lists."""

    async def walk(self, request: WalkRequest, result: WalkResult) -> AsyncIterator[Page]:
        """See `Backend.walk`. Raises LineDown."""
        await self._asking.look_at_schema()
        kind = request.kind
        if kind is Kind.TECHNICIAN:
            found = await self._technicians()
        else:
            found = await self._jobs(request.reach)
            await self._name_crews(found)
            self.latest = found.rows
            if strangers := await self._strange(found):
                yield Page(Kind.TECHNICIAN, tuple(strangers))
            if request.reach is not Reach.WHOLE and found.complete and not found.bad:
                result.covers = COVERED[self._asking.dialect or Dialect.DOCUMENTED]
        digest = hashlib.blake2b(digest_size=16)
        rows = list(found.rows.values())
        for at in range(0, len(rows), AT_ONCE):
            some = rows[at : at + AT_ONCE]
            for row in some:
                digest.update(
                    f"{row.raw}{getattr(row.entity, 'technician_ids', '')}".encode("utf-8", "replace")
                )
            yield Page(kind, tuple(some))
            await asyncio.sleep(0)
        result.server_date = self._asking.http.server_date
        result.complete, result.clean = found.complete, found.complete and not found.bad
        result.why_not = found.why_not or (
            f"{len(found.bad)} of its rows could not be read" if found.bad else None
        )
        # Complete by its own rules: no second pass is needed to see that nothing slipped.
        yield Page(kind, (), tuple(found.bad), body_hash=digest.hexdigest() if found.complete else None)

    def met(self, row: Row) -> None:
        """Note a technician who was read by the id: one whom the list leaves out goes with it from now on."""
        if row.kind is Kind.TECHNICIAN and row.id not in self._listed:
            self._strangers[row.id] = (row, self._asking.now)

    async def technician_ids(self) -> Sequence[str]:
        """The technicians of the list; read where it was not yet. Raises LineDown."""
        if not self._listed:
            await self._technicians()
        return sorted(self._listed)

    # -- technicians -------------------------------------------------------------------------------

    async def _technicians(self) -> _Found:
        asking = self._asking
        limit = {"limit": str(AT_ONCE)}
        code = asking.speaks_code
        taken = await asking.take(Kind.TECHNICIAN, LISTS[Kind.TECHNICIAN], limit if code else None)
        if asking.speaks_code and not code:
            taken = await asking.take(Kind.TECHNICIAN, LISTS[Kind.TECHNICIAN], limit)
        found = _Found()
        found.add(taken)
        self._listed = {*found.rows}
        for own_id, (row, at) in list(self._strangers.items()):
            if own_id in self._listed:
                del self._strangers[own_id]
            elif asking.now - at < STRANGER_S:
                found.rows[own_id] = row
        if taken.came >= AT_ONCE:
            found.short(f"the server lists no more than {taken.came} technicians")
        return found

    # -- jobs --------------------------------------------------------------------------------------

    async def _jobs(self, reach: Reach) -> _Found:
        known = self._asking.known
        known.silent.clear()
        known.unnamed.clear()
        known.crews.clear()
        if reach is Reach.WHOLE:
            return await self._whole()
        found = _Found()
        summary = await self._asking.summary() if not self._asking.speaks_code else None
        dialect = self._asking.dialect or Dialect.DOCUMENTED
        for word in OPEN_WORDS[dialect]:
            await self._of_status(word, found, summary)
        if reach is Reach.RECENT:
            today = self._today()
            for days in (-1, 0, 1):
                await self._part({"scheduled_date": _day(today, days)}, found)
        return found

    async def _whole(self) -> _Found:
        """Every job there is."""
        found = _Found()
        before = await self._asking.summary()
        taken = await self._part({}, found)
        if self._asking.speaks_code:
            if taken.came >= AT_ONCE:
                await self._big(found, before)
            return found
        total = before["total"] if before is not None else None
        if total is None:
            if taken.came < STOPS or taken.came % STOPS:
                return found
        elif taken.came >= total or await self._announces(taken.came):
            return found
        # It stops without saying so.
        found.complete, found.why_not = True, None
        for word in (*OPEN_WORDS[Dialect.DOCUMENTED], *ENDED_WORDS[Dialect.DOCUMENTED]):
            await self._of_status(word, found, before)
        after = await self._asking.summary()
        if after is not None and len(found.rows) + len(found.bad) < after["total"]:
            await self._gaps(found, after["total"])
        self._judge(found, after)
        return found

    async def _of_status(self, word: str, found: _Found, summary: Mapping[str, int] | None) -> None:
        """The jobs in one status, whole or in parts."""
        params = {"status": word}
        try:
            taken = await self._part(params, found)
        except Refused as refused:
            # A filter that the documents do not name in its list.
            LOG.info("%s", refused)
            return
        if self._asking.speaks_code:
            if taken.came >= AT_ONCE:
                await self._searched(word, found)
            return
        expected = summary.get(word) if summary is not None else None
        if taken.came < STOPS and expected is None:
            return
        if expected is not None and taken.came >= expected:
            return
        if expected is None and taken.came % STOPS:
            return
        if expected is not None and await self._announces(taken.came, word):
            return
        came = await self._by_type(params, found, taken.came, expected)
        if expected is not None and came < expected:
            again = await self._asking.summary()
            if again is None or came < again.get(word, 0):
                found.short(f"the server announces {expected} jobs that are {word} and shows {came}")

    async def _by_type(self, params: Params, found: _Found, stop: int, expected: int | None) -> int:
        """A list by type, and where one of these stops at the same number again, by day; how many came."""
        ids: set[str] = set()
        full: list[str] = []
        for kind in TYPES:
            taken = await self._part({**params, "type": kind}, found)
            ids.update(row.id for row in taken.rows)
            full += [kind] if taken.came >= stop else []
        today = self._today()
        for kind in full:
            for days in sorted(range(-LOOKS_BACK, LOOKS_AHEAD + 1), key=abs):
                if expected is not None and len(ids) >= expected:
                    return len(ids)
                day = {"type": kind, "scheduled_date": _day(today, days)}
                taken = await self._part({**params, **day}, found)
                ids.update(row.id for row in taken.rows)
        return len(ids)

    async def _gaps(self, found: _Found, total: int) -> None:
        """Read by their ids what no list has shown: ids are counted, so a missing number may be one."""
        numbers = {int(one) for one in found.rows if one.isdecimal() and len(one) < 10}
        most = max(numbers, default=0)
        for number in [one for one in range(1, most + GAPS) if one not in numbers][:GAPS]:
            if len(found.rows) + len(found.bad) >= total:
                return
            row = await self._asking.job(str(number))
            if row is not None:
                found.rows[row.id] = row
        if len(found.rows) + len(found.bad) >= total:
            # What a list had stopped before is here after all.
            found.complete, found.why_not = True, None

    async def _announces(self, count: int, word: str = "total") -> bool:
        """Whether the summary, asked once more, announces no more than came: the list had changed."""
        again = await self._asking.summary()
        return again is not None and again.get(word, 0) <= count

    async def _part(self, params: Params, found: _Found) -> Taken:
        """One list under filters. Where it shows the other dialect, it is asked for once more in that."""
        code = self._asking.speaks_code
        taken = await self._asking.take(Kind.JOB, LISTS[Kind.JOB], self._params(params))
        if self._asking.speaks_code and not code:
            taken = await self._asking.take(Kind.JOB, LISTS[Kind.JOB], self._params(params))
        found.add(taken)
        return taken

    def _params(self, params: Params) -> Params | None:
        if self._asking.speaks_code:
            return {**params, "limit": str(AT_ONCE)}
        return params or None

    # -- more than one answer holds ------------------------------------------------------------------

    async def _big(self, found: _Found, before: Mapping[str, int] | None) -> None:
        """All jobs of a public server that has more than one answer holds."""
        if before is not None and before["total"] == len(found.rows) + len(found.bad):
            return
        try:
            for word in (*OPEN_WORDS[Dialect.CODE], *ENDED_WORDS[Dialect.CODE]):
                await self._searched(word, found)
        except Refused:
            # The oldest servers have no search.
            await self._paged(found)
        self._judge(found, await self._asking.summary())

    async def _searched(self, word: str, found: _Found) -> None:
        """The jobs in one status by the search; what is too much for one answer is halved by days."""
        if await self._search({"status": word}, found) < SEARCHED:
            return
        # What has no day stands first in the answer, so it is in.
        today = self._today()
        edges = (-10_000, -366, -62, -15, -4, -1, 1, 4, 15, 62, 366, 10_000)
        waiting = [(today + timedelta(days=a), today + timedelta(days=b)) for a, b in _pairs(edges)]
        asked = 0
        while waiting:
            first, last = waiting.pop()
            asked += 1
            if asked > PARTS:
                found.short(f"the server has more jobs that are {word} than can be read in parts")
                return
            params = {"status": word, "date_from": first.isoformat(), "date_to": last.isoformat()}
            if await self._search(params, found) < SEARCHED:
                continue
            if (last - first).days <= 1:
                for kind in TYPES:
                    if await self._search({**params, "job_type": kind}, found) >= SEARCHED:
                        found.short(f"more than {SEARCHED} jobs of {first.isoformat()} are {word}")
                continue
            middle = first + (last - first) // 2
            waiting += [(first, middle), (middle, last)]

    async def _search(self, params: Params, found: _Found) -> int:
        taken = await self._asking.take(Kind.JOB, "/jobs/search/query", {**params, "limit": str(SEARCHED)})
        found.add(taken)
        return taken.came

    async def _paged(self, found: _Found) -> None:
        """Pages that overlap, several times: their order has no end, so what slipped is looked for."""
        for _ in range(TRIES):
            for page in range(PAGES):
                params = {"skip": str(page * PAGE_STEP), "limit": str(AT_ONCE)}
                taken = await self._asking.take(Kind.JOB, LISTS[Kind.JOB], params)
                found.add(taken)
                if taken.came < AT_ONCE:
                    break
            summary = await self._asking.summary()
            if summary is None or len(found.rows) + len(found.bad) >= summary["total"]:
                return

    def _judge(self, found: _Found, summary: Mapping[str, int] | None) -> None:
        came = len(found.rows) + len(found.bad)
        if summary is not None and came < summary["total"]:
            found.short(f"the server announces {summary['total']} jobs and shows {came}")

    # -- who goes ----------------------------------------------------------------------------------

    async def _name_crews(self, found: _Found) -> None:
        """Find out who goes to jobs whose own rows do not say it."""
        known = self._asking.known
        silent = known.silent & found.rows.keys()
        if known.apart and not found.rows:
            return
        if silent and not any(
            isinstance(row.entity, Job) and row.entity.technician_ids for row in found.rows.values()
        ):
            # This server never tells it with the job.
            self._asking.learned["crews"] = "apart"
            known.apart = True
            for technician_id in await self.technician_ids():
                for job_id in await self._asking.jobs_of(technician_id):
                    known.crews[job_id] = technician_id
            await self._anew(found, found.rows)
            return
        if known.apart:
            # A later release, which tells it.
            self._asking.learned.pop("crews", None)
            known.apart = False
        for job_id in sorted((silent | known.unnamed) & found.rows.keys())[:ASKED_APART]:
            who = await self._asking.crew_of(job_id)
            if who is not None:
                known.crews[job_id] = who
        await self._anew(found, silent | known.unnamed)

    async def _anew(self, found: _Found, ids: Iterable[str]) -> None:
        for job_id in [*ids]:
            row = found.rows.get(job_id)
            if row is not None and job_id in self._asking.known.crews:
                found.rows[job_id] = row_of(Kind.JOB, plain_json(row), self._asking.known)

    async def _strange(self, found: _Found) -> list[Row]:
        """Technicians whom jobs name and the list leaves out: those who left, read one by one."""
        named = {
            one
            for row in found.rows.values()
            if isinstance(row.entity, Job)
            for one in row.entity.technician_ids
            if is_number(one)
        }
        rows: list[Row] = []
        if not self._listed:
            return rows
        for own_id in sorted(named - self._listed - self._strangers.keys() - self._unknown)[:ASKED_APART]:
            row = await self._asking.technician(own_id)
            if row is None:
                self._unknown.add(own_id)
                continue
            self.met(row)
            rows.append(row)
        return rows

    def _today(self) -> date:
        return self._asking.known.zones.server_day.date_of(self._asking.now)


@dataclass
class _Found:
    """What came of a list, and whether that is all."""

    rows: dict[str, Row] = field(default_factory=dict)
    bad: list[SetAside] = field(default_factory=list)
    complete: bool = True
    why_not: str | None = None

    def add(self, taken: Taken) -> None:
        """Take a part of it; the newest sighting of a row counts."""
        self.rows.update((row.id, row) for row in taken.rows)
        known = {one.raw for one in self.bad}
        self.bad += [one for one in taken.bad if one.raw not in known]

    def short(self, why: str) -> None:
        """It is not all."""
        self.complete, self.why_not = False, why


def _day(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()


def _pairs(edges: Sequence[int]) -> list[tuple[int, int]]:
    return list(pairwise(edges))
