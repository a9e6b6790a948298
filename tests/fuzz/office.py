"""The way of an answer: over the line, through the adapter, into the cache, out of the store again."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from fieldboard.backends.fieldcamp import open_fieldcamp
from fieldboard.backends.fieldcamp.adapter import FieldCamp
from fieldboard.backends.fieldcamp.rules import fieldcamp_rules
from fieldboard.backends.fieldcamp.values import MAX_ID
from fieldboard.backends.port import Answer, LineDown, Row, SetAside, Step, WalkRequest, WalkResult
from fieldboard.board.desk import Desk
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.store import Delta, Store
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import FixedClock
from fieldboard.domain import fields
from fieldboard.domain.instants import Zone, instant_of
from fieldboard.domain.operation import Change, Json, Kind
from fieldboard.roster import Roster
from tests.fuzz.bodies import DAY, NAMES, NOW, times, whole_day
from tests.fuzz.mutation import Payload

ZONE: Final = Zone("Europe/London")
LOOK_AROUND: Final = 10
"""After how many payloads the whole day, the queue and a search are read."""
READ_HISTORY: Final = 250
"""After how many payloads all that changed is read."""
FRESH_LINE: Final = 40
"""After how many payloads a new adapter is opened, as after a restart."""

_UNSEEN: Final = re.compile(
    "["
    + "".join(
        f"\\U{code:08x}"
        for code in range(0x110000)
        if code not in (9, 10) and unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs")
    )
    + "]"
)


class Harmful(AssertionError):
    """Something came through that must not."""


class CannedLine(httpx.AsyncBaseTransport):
    """Answers every request with one answer; the second page of a list is empty."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.answers:
            return self.answers.pop()
        name = request.url.path.rpartition("/")[2]
        return answer_with(200, json.dumps({"success": True, "data": {name: []}}).encode(), {})


class Office:
    """A profile over a canned line, its cache and its desk."""

    def __init__(self, folder: Path) -> None:
        self.files = ProfileFiles(folder)
        self.files.prepare()
        self.clock = FixedClock(NOW)
        self.rules = fieldcamp_rules()
        self.line = CannedLine()
        self.camp = self._open()
        self.writer = CacheWriter(self.files, ZONE, self.clock)
        self.store = Store(self.files, ZONE, self.clock)
        self.desk = Desk(self.store, self.rules, Roster(), ZONE, self.clock)
        self.fed = self.read = self.refused = self.aside = self.looked_at = 0

    def _open(self) -> FieldCamp:
        return open_fieldcamp(
            "http://127.0.0.1:9",
            "a-token",
            zone=ZONE,
            system={"window_field": "Arrival window"},
            transport=self.line,
            clock=self.clock,
        )

    async def begin(self) -> None:
        """A first sync of a sound day."""
        for body in whole_day():
            self.line.answers = [answer_with(200, json.dumps(body.value).encode(), {})]
            await self._list(Payload(-1, "list", body.kind, b""), full=True)
        now = instant_of(NOW)
        self.writer.set_state(last_ok=now, last_round_finished=now, last_full_finished=now)
        self.desk.poll()

    async def feed(self, payload: Payload) -> None:
        """Take a payload in and read what came of it. Raises Harmful, and whatever should not be raised."""
        self.fed += 1
        self.clock.advance(1)
        if self.fed % FRESH_LINE == 0 or len(payload.headers) > 1:
            await self.camp.close()
            self.camp = self._open()
        self.line.answers = [answer_with(payload.status, payload.content, dict(payload.headers))]
        if payload.door == "list":
            await self._list(payload)
        elif payload.door == "one":
            await self._one(payload)
        else:
            await self._write(payload)
        self._look(whole=self.fed % LOOK_AROUND == 0)

    async def _list(self, payload: Payload, *, full: bool = False) -> None:
        result = WalkResult()
        rows: list[Row] = []
        aside: list[SetAside] = []
        body_hash: str | None = None
        self.camp.begin_round()
        try:
            async for page in self.camp.walk(WalkRequest(payload.kind), result):
                rows += page.rows
                aside += page.set_aside
                body_hash = page.body_hash
        except LineDown as down:
            self._says(str(down))
            self.refused += 1
        if aside and result.clean:
            raise Harmful("a walk with unreadable rows is called clean")
        run = self.writer.begin_run(payload.kind, full)
        if aside:
            for one in aside:
                self._says(one.why)
                must_be_harmless(one.raw, "a row set aside")
            self.writer.set_aside(aside)
        self.aside += len(aside)
        self.read += len(rows)
        stamp = max((row.stamp for row in rows if row.stamp), default=None)
        self.writer.finish_walk(
            run, complete=result.complete, clean=result.clean, stamp=stamp, body_hash=body_hash, rows=rows
        )

    async def _one(self, payload: Payload) -> None:
        self.camp.begin_round()
        entity_id = _id_in(payload.content)
        try:
            answer = await self.camp.read(payload.kind, entity_id)
        except LineDown as down:
            self._says(str(down))
            self.refused += 1
            return
        self._says(answer.why or "")
        if answer.row is not None:
            self.writer.store([answer.row])
            self.read += 1

    async def _write(self, payload: Payload) -> None:
        entity_id = _id_in(payload.content)
        change, step = _edit(payload, entity_id)
        self.camp.begin_round()
        answer = await self.camp.carry_out(step, change)
        if not isinstance(answer, Answer):
            raise Harmful(f"carrying out gave {answer!r}")
        self._says(answer.why or "")
        if answer.new_id is not None and not (
            answer.new_id.isprintable() and 0 < len(answer.new_id) <= MAX_ID
        ):
            raise Harmful(f"a new id that is none: {answer.new_id[:80]!r}")
        rows = [*([answer.row] if answer.row is not None else []), *answer.extra]
        self.writer.store(rows)
        self.read += len(rows)

    def _says(self, text: str) -> None:
        must_be_harmless(text, "a sentence")
        if "\n" in text or len(text) > 1_000:
            raise Harmful(f"a sentence of {len(text)} characters or several lines: {text[:80]!r}")

    def _look(self, *, whole: bool) -> None:
        delta = self.desk.poll() or Delta()
        found_jobs = self.store.reader.changes(self.looked_at)
        self.looked_at = found_jobs.rev
        seen: list[object] = list(self.store.planned(delta.visit_ids))
        for job_id in (*found_jobs.jobs, *{visit.job_id for visit in self.store.planned(delta.visit_ids)}):
            found = self.store.job(job_id)
            if found is not None:
                seen += [found, *self.store.planned_of_job(job_id)]
                if found.customer_id is not None:
                    seen.append(self.store.customer(found.customer_id))
        for job_id in found_jobs.jobs:
            raw = self.store.raw(Kind.JOB, job_id)
            if raw:
                must_be_harmless(f"{raw} {' '.join(_strings(json.loads(raw)))}", "a row as it is kept")
        if whole or delta.everything:
            seen += [*self.store.day(DAY), *self.store.queue(), *self.store.technicians()]
            seen += [*self.store.search("boiler"), *self.store.customers("e")]
            seen += self.store.jobs(search="x")
        if self.fed % READ_HISTORY == 0:
            seen += self.store.history.of_day(DAY, ZONE)
        for one in seen:
            must_be_harmless(" ".join(texts_of(one)), type(one).__name__)

    async def close(self) -> None:
        """Close the files."""
        await self.camp.close()
        self.store.close()
        self.writer.close()


@asynccontextmanager
async def office_in(folder: Path) -> AsyncIterator[Office]:
    """An office after its first sync."""
    office = Office(folder)
    try:
        await office.begin()
        yield office
    finally:
        await office.close()


def answer_with(status: int, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """An answer whose body is still on the line, its headers as bytes that may be anything."""
    pairs = [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]
    return httpx.Response(status, headers=pairs, stream=httpx.ByteStream(body))


def texts_of(value: object) -> Iterator[str]:
    """Every text in a value of the domain."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if kind is str or isinstance(one, str):
            yield str(one)
        elif isinstance(one, tuple | list):
            waiting += [inner for inner in one if inner is not None and type(inner) is not int]
        elif hasattr(kind, "__dataclass_fields__"):
            waiting += [getattr(one, name) for name in kind.__dataclass_fields__]


def must_be_harmless(text: str, where: str) -> None:
    """Raise Harmful where a terminal would act on a text, or a reader not see all of it."""
    if text.isascii() and text.isprintable():
        return
    bad = _UNSEEN.search(text)
    if bad is not None:
        raise Harmful(f"{bad.group()!r} in {where}: {text[:120]!r}")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _id_in(content: bytes) -> str:
    """The id for which the answer was made, as far as it still says so."""
    head = content.partition(b'"id":')[2].lstrip()[1:20].partition(b'"')[0]
    text = head.decode("ascii", "replace")
    return text if text.isalnum() else "j1"


def _edit(payload: Payload, entity_id: str) -> tuple[Change, Step]:
    """An edit to which the payload is the answer; which one goes by its number."""
    kind, name = payload.kind, NAMES[payload.kind]
    way = payload.number % 5
    if way == 0 and kind is Kind.JOB:
        change = Change(kind, "new:x", fields.CREATED, None, {"title": "x"})
        return change, Step(0, 0, "POST", "/jobs", {"title": "x"}, "4499")
    if way == 0:
        change = Change(kind, entity_id, fields.DELETED, None, True)
        return change, Step(0, 0, "DELETE", f"/{name}/{entity_id}")
    if way == 1:
        field = "visitStatus" if kind is Kind.VISIT else "jobStatus"
        change = Change(kind, entity_id, fields.STATUS, "assigned", "completed")
        return change, Step(0, 0, "PUT", f"/{name}/{entity_id}", {field: "completed"})
    if kind is Kind.VISIT and way == 2:
        change = Change(kind, entity_id, fields.TECHNICIANS, ["t1"], [])
        return change, Step(0, 0, "PUT", f"/visits/{entity_id}", {"technicianId": None})
    start, end = times(3)
    body: Json = {"scheduledStart": start, "scheduledEnd": end}
    if kind is Kind.JOB:
        body = {"priority": "high"}
        change = Change(kind, entity_id, "priority", "low", "high")
        return change, Step(0, 0, "PUT", f"/jobs/{entity_id}", body)
    change = Change(kind, entity_id, fields.TIMES, [0, 60, None], [1780563600, 1780569000, None])
    return change, Step(0, 0, "PUT", f"/visits/{entity_id}", body)
