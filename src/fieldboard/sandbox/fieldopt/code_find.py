"""Finds what a request of the code dialect names, each call with its own words where it is not there."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.code_check import Fields, between, id_at, known
from fieldboard.sandbox.fieldopt.replies import Refused, missing
from fieldboard.sandbox.records import Job, Technician

PAGE, MOST = 100, 500


def job_at(book: Book, request: Request, name: str = "id") -> Job:
    """The job of the path."""
    job = book.job(id_at(request, name))
    if job is None:
        raise missing("Job")
    return job


def technician_at(book: Book, request: Request, name: str = "id") -> Technician:
    """The technician of the path, also one who has left."""
    technician = book.technician(id_at(request, name))
    if technician is None:
        raise missing("Technician")
    return technician


def job_named(book: Book, number: int) -> Job:
    """The job that a body names; one that is not there is a bad request here."""
    job = book.job(known(number))
    if job is None:
        raise Refused(400, f"Job {number} not found")
    return job


def technician_named(book: Book, number: int) -> Technician:
    """The technician that a body names."""
    technician = book.technician(known(number))
    if technician is None:
        raise Refused(400, f"Technician {number} not found")
    return technician


def queried(request: Request) -> Fields:
    """The query; of a name given twice the last counts."""
    return Fields(dict(request.query_params), "query")


def page_of(fields: Fields, most: int = MOST, usual: int = PAGE) -> tuple[int, int]:
    """How many rows are skipped, and how many are wanted at most."""
    skip, limit = fields.take("skip", between(0)), fields.take("limit", between(1, most))
    return skip or 0, usual if limit is None else limit


def cut(rows: Sequence[Job], skip: int, limit: int) -> Sequence[Job]:
    """The part that is asked for."""
    return rows[skip : skip + limit]
