"""The Visits resource, the only one that the documents describe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.letsjobit.book import Book
from fieldboard.sandbox.letsjobit.card import Card
from fieldboard.sandbox.letsjobit.filters import start_of, tests_of
from fieldboard.sandbox.letsjobit.replies import PAGE, Refused, dumps, json_body, listing, single, written
from fieldboard.sandbox.letsjobit.settings import Settings
from fieldboard.sandbox.letsjobit.wire import encoded_forms, signature, visit_json
from fieldboard.sandbox.letsjobit.writing import Writer
from fieldboard.sandbox.records import Job


class Visits:
    """The calls of ``/api/v2/visits``."""

    def __init__(self, book: Book, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._world = book.world
        self._settings = settings
        self._clock = clock
        self._writer = Writer(book, settings)
        self._rows: dict[str, tuple[tuple[int, int], bytes]] = {}

    async def list(self, request: Request) -> Response:
        """The page after ``pagination`` records of those that the filters let through."""
        start = start_of(request.query_params)
        found = list(self._book.rows())
        for fits in tests_of(request.query_params):
            found = [(job, card) for job, card in found if fits(job, card)]
        chosen = found[start : start + PAGE]
        return listing([self._signed(job, card) for job, card in chosen], start, len(found), self._settings)

    async def read(self, request: Request) -> Response:
        """One visit."""
        job = self._named(request)
        if job is None:
            return listing([], 0, 0, self._settings)
        return single(self._signed(job, self._book.card(job)), self._settings)

    async def add(self, request: Request) -> Response:
        """Insert or update an array of visits by the company's own id; each may fail by itself."""
        visits = await json_body(request)
        if not isinstance(visits, list):
            raise Refused(400, "The body must be an array of visits")
        inserted, updated, errors = 0, 0, []
        for visit in visits:
            try:
                new = self._writer.upsert(visit, self._clock())
            except Refused as wrong:
                errors.append({"error": wrong.status, "message": wrong.message})
                continue
            inserted += new
            updated += not new
        meta = {"recordsUpdated": updated, "recordsInserted": inserted, "errors": errors}
        return written(meta, self._settings)

    async def update(self, request: Request) -> Response:
        """Change the fields of one visit that are given."""
        job = self._named(request)
        body = await json_body(request)
        if not isinstance(body, dict):
            raise Refused(400, "The body must be a visit object")
        changed = job is not None and self._writer.update(job, body, self._clock())
        if job is not None and changed and self._settings.order == "updated":
            self._world.jobs[job.id] = self._world.jobs.pop(job.id)
        return written({"updatedRecords": int(changed)}, self._settings)

    async def delete(self, request: Request) -> Response:
        """Delete one visit."""
        job = self._named(request)
        if job is not None:
            self._writer.delete(job)
            self._rows.pop(job.id, None)
        return written({"deletedRecords": int(job is not None)}, self._settings)

    def warm(self) -> Iterator[None]:
        """Encode every row ahead of the first list, pausing after every few hundred."""
        for count, (job, card) in enumerate(self._book.rows()):
            self._row(job, card)
            if count % 200 == 0:
                yield

    def _named(self, request: Request) -> Job | None:
        """The visit of the path; None, or `Refused`, where there is none."""
        job = self._book.by_either(request.path_params["id"])
        if job is None and self._settings.missing == "404":
            raise Refused(404, "Visit not found")
        return job

    def _row(self, job: Job, card: Card) -> bytes:
        """A visit without its signature, encoded once and kept until what it shows changes."""
        edition = (job.rev, card.edition)
        known = self._rows.get(job.id)
        if known is not None and known[0] == edition:
            return known[1]
        row = dumps(encoded_forms(visit_json(self._book, job, card), self._settings))
        self._rows[job.id] = (edition, row)
        return row

    def _signed(self, job: Job, card: Card) -> bytes:
        """A visit as it is sent: one that a driver closed with the customer's signature."""
        row, size = self._row(job, card), self._settings.signature_size
        if not card.signed or not size:
            return row
        return b'%s,"signature":"%s"}' % (row[:-1], signature(card.turn % 7, size))
