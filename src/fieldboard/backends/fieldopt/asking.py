"""One question to a FieldOpt server: its paths as they must be written, and what its answers hold.

Collections end in a slash and everything else does not: a server sends the other form somewhere else, with a
whole address that may be wrong behind a proxy. What is asked of a dialect is asked here, too.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, MutableMapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from fieldboard.backends.fieldopt import dialects
from fieldboard.backends.fieldopt.reading import Known, Unreadable, row_of, rows_of
from fieldboard.backends.fieldopt.replies import count_of, id_of, object_of, only, said_in
from fieldboard.backends.fieldopt.rules import Dialect, dialect_of
from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson, parse
from fieldboard.backends.json_list import ListBody
from fieldboard.backends.port import LineDown, Row, SetAside
from fieldboard.backends.reply import Reply
from fieldboard.domain.instants import Instant, instant_of
from fieldboard.domain.operation import Json, Kind

API: Final = "/api/v1"
COUNTED: Final = frozenset(
    {
        "total_jobs", "total", "pending", "assigned", "in_progress", "completed", "failed", "cancelled",
        "on_hold",
    }
)  # fmt: skip
LISTS: Final[Mapping[Kind, str]] = {Kind.TECHNICIAN: "/technicians/", Kind.JOB: "/jobs/"}
NAMES: Final = ("items", "results", "jobs", "technicians")
"""Under which a list may stand, where it is not the whole answer, as the documents have it."""
AT_ONCE: Final = 500
"""Rows of one list that the public servers give at most; without a limit they stop at a hundred."""

LOG: Final = logging.getLogger(__name__)

Params = Mapping[str, str]


class Taken(NamedTuple):
    """One list: the rows that could be read, those set aside, and how many came in all."""

    rows: list[Row]
    bad: list[SetAside]
    came: int


class Refused(LineDown):
    """The server does not answer this question: it lacks the path, or does not know the filter."""


class Asking:
    """Asks one server, and remembers which dialect it speaks."""

    def __init__(self, http: Http, known: Known, learned: MutableMapping[str, str]) -> None:
        """`learned` takes what the answers teach."""
        self.http = http
        self.known = known
        self.learned = learned
        self._looked = False
        known.apart = learned.get("crews") == "apart"

    @property
    def dialect(self) -> Dialect | None:
        """The dialect of the server; None while nothing has told it."""
        return dialect_of(self.learned)

    @property
    def speaks_code(self) -> bool:
        """Whether the server is known to speak the dialect of the public servers."""
        return self.dialect is Dialect.CODE

    @property
    def now(self) -> Instant:
        """This moment by the server's clock, as far as it has told it."""
        return instant_of(self.http.clock.now()) + (self.http.clock_offset_s or 0)

    async def get(self, path: str, params: Params | None = None) -> Reply:
        """One answer. Raises LineDown, also for a page that is no API's."""
        reply = await self.http.read(API + path, params)
        if reply.is_page:
            raise LineDown(f"{self.http.host} answered with a web page, not the API; is base_url right?")
        return reply

    async def look_at_schema(self) -> None:
        """Read what the server says of its own API, once, where its dialect is not known yet."""
        if self._looked or self.dialect is not None:
            return
        self._looked = True
        try:
            reply = await self.http.read("/openapi.json")
            value = parse(reply.body, reply.content_type) if reply.ok and not reply.is_page else None
        except (LineDown, NotJson):
            # If the line is down, the question that comes next says so.
            return
        dialect, version, features = dialects.by_schema(value)
        if dialect is None:
            return
        dialects.learn(self.learned, dialect)
        self.learned["version"] = version
        self.learned["features"] = " ".join(sorted(features))

    def note_dialect(self) -> None:
        """Believe the rows that came: they are of the dialect whose names they have."""
        if dialects.learn(self.learned, self.known.dialect):
            LOG.info("the server speaks the %s dialect", self.known.dialect)

    async def take(self, kind: Kind, path: str, params: Params | None = None) -> Taken:
        """A whole list. Raises Refused where the server does not answer the question, and LineDown."""
        reply = await self.get(path, params)
        if not reply.ok:
            said = self.http.redact(said_in(reply))
            raise Refused(f"{self.http.host} does not list {path} ({reply.status}) {said}".strip())
        taken = Taken([], [], 0)
        count = objects = 0
        seen: set[str] = set()
        try:
            texts = (body := ListBody(reply.body, NAMES, reply.content_type)).rows()
            while some := list(islice(texts, 200)):
                count += len(some)
                objects += sum(one.value is not None for one in some)
                good, bad = rows_of(kind, some, self.known)
                taken.bad.extend(bad)
                for row in good:
                    if row.id in seen:
                        taken.bad.append(SetAside(kind, row.id, "another row has the same id", row.raw))
                    else:
                        taken.rows.append(row)
                        seen.add(row.id)
                await asyncio.sleep(0)
        except NotJson as strange:
            raise LineDown(f"{self.http.host} {strange}") from None
        if not body.found or (count and not objects):
            raise LineDown(f"{self.http.host} sent no list of {kind.value}s")
        self.note_dialect()
        return taken._replace(came=count)

    async def summary(self) -> dict[str, int] | None:
        """How many jobs there are, in all (`total`) and in each status; None where it does not say.

        The last one is kept among what was learned, for people.
        """
        try:
            reply = await self.get("/jobs/summary")
            value = parse(reply.body, reply.content_type) if reply.ok else None
        except NotJson:
            value = None
        value = only(value)
        if not isinstance(value, dict):
            return None
        counts = {
            name: number
            for name, one in value.items()
            if name in COUNTED and (number := count_of(one)) is not None
        }
        total = counts.pop("total_jobs", counts.get("total"))
        if total is None:
            return None
        counts["total"] = total
        self.learned["summary"] = json.dumps(counts, sort_keys=True)
        return counts

    async def technician(self, technician_id: str) -> Row | None:
        """One technician, also one who left; None where there is none. Raises LineDown."""
        return await self._one(Kind.TECHNICIAN, technician_id)

    async def job(self, job_id: str) -> Row | None:
        """One job; None where there is none. Raises LineDown."""
        return await self._one(Kind.JOB, job_id)

    async def _one(self, kind: Kind, own_id: str) -> Row | None:
        reply = await self.get(f"{LISTS[kind]}{own_id}")
        if not reply.ok:
            return None
        try:
            return row_of(kind, object_of(reply, self.http), self.known)
        except Unreadable:
            return None

    async def crew_of(self, job_id: str) -> str | None:
        """Who goes to a job, by its assignment; None for nobody. Raises LineDown."""
        reply = await self.get(f"/assignments/job/{job_id}")
        for one in _objects(reply) if reply.ok else ():
            who = id_of(one.get("technician_id"))
            if who is not None:
                return who
        return None

    async def jobs_of(self, technician_id: str) -> Sequence[str]:
        """The jobs that are assigned to a technician, of all days. Raises LineDown."""
        reply = await self.get(f"/assignments/technician/{technician_id}")
        return [job for one in _objects(reply) if reply.ok and (job := id_of(one.get("job_id"))) is not None]


def _objects(reply: Reply) -> list[dict[str, Json]]:
    """The objects of an answer that may be one, a list of them, or either under a name."""
    try:
        value = parse(reply.body, reply.content_type)
    except NotJson:
        return []
    if isinstance(value, dict) and "technician_id" not in value and "job_id" not in value:
        value = next((one for one in value.values() if isinstance(one, dict | list)), None)
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
