"""`history`: what changed, when, by whom."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import OpenProfile, open_profile
from fieldboard.cli.output import as_json, print_json_list, print_table
from fieldboard.cli.shapes import history_json
from fieldboard.domain.fields import DELETED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fieldboard.cache.history import Line
    from fieldboard.domain.operation import Json


@click.command()
@click.option("--job", metavar="JOB", default=None, help="only what concerns this job")
@click.option("--date", "day", metavar="D", default=None, help="only what was seen to change on this day")
@as_json
@general_options
def history(job: str | None, day: str | None, as_json: bool) -> None:
    """Show what changed, oldest first."""
    with closing(open_profile()) as opened:
        lines = _lines(opened, job, day)
        if as_json:
            print_json_list(document for line in lines for document in history_json(line))
            return
        gone = opened.store.history.deleted_jobs()
        rows = [_row(opened, line, document, gone) for line in lines for document in history_json(line)]
        print_table(("WHEN", "BY", "JOB", "FIELD", "OLD", "NEW"), rows, "nothing has changed yet")


def _lines(opened: OpenProfile, job: str | None, day: str | None) -> Sequence[Line]:
    from fieldboard.cli.targets import job_named, parsed_day

    kept = opened.store.history
    wanted = parsed_day(opened, day) if day is not None else None
    if job is not None:
        # A job that is no more has a history all the same, under its id.
        lines = kept.of_job(job.strip()) or kept.of_job(_deleted(opened, job) or job_named(opened, job).id)
        if wanted is None:
            return lines
        start, end = opened.zone.day_bounds(wanted)
        return [line for line in lines if start <= line.seen_at < end]
    return kept.of_day(wanted, opened.zone) if wanted is not None else kept.all()


def _deleted(opened: OpenProfile, text: str) -> str | None:
    """The id of a job that had this number until it was deleted, where no job has it now."""
    wanted = text.strip()
    if opened.store.job(wanted) is not None or opened.store.job_by_number(wanted):
        return None
    gone = opened.store.history.deleted_jobs()
    found = [one for one, called in gone.items() if called == wanted or called.startswith(f"{wanted} ")]
    return found[-1] if found and wanted else None


def _row(
    opened: OpenProfile, line: Line, document: dict[str, Json], gone: Mapping[str, str]
) -> tuple[object, ...]:
    local = opened.zone.local(line.at if line.at is not None else line.seen_at)
    seen = "" if line.at is not None else " (seen)"
    job = opened.store.job(line.job_id) if line.job_id is not None else None
    was = gone.get(line.job_id or "", line.job_id)
    name = (job.number or job.title or job.id) if job is not None else was
    if document["field"] == DELETED:
        document = {**document, "old": line.old or "there", "new": "gone" if line.new else "there again"}
    return (
        f"{local:%Y-%m-%d %H:%M}{seen}",
        line.by or line.source,
        name,
        document["field"],
        _value(opened, document["field"], document["old"]),
        _value(opened, document["field"], document["new"]),
    )


def _value(opened: OpenProfile, field: Json, value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(
            opened.desk.people.name_of(str(one)) if field == "technician_ids" else str(one) for one in value
        )
    if isinstance(value, str) and field in ("start", "end", "observed_start", "observed_end"):
        from fieldboard.domain.instants import parse_instant

        return f"{opened.zone.local(parse_instant(value)):%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)
