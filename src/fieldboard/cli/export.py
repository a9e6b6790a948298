"""`export`: a day in a file, for a calendar, a spreadsheet, a script, a page or a printer."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import OpenProfile, open_profile
from fieldboard.cli.failure import NOT_SAVED, Failure
from fieldboard.cli.output import say
from fieldboard.domain.instants import instant_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from fieldboard.domain.visit import PlannedVisit

FORMATS: Final = ("ics", "csv", "json", "svg", "txt")


@click.command()
@click.option("--date", "day", metavar="D", required=True, help="the day: 2026-06-04, today, +3 …")
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.option("--technician", metavar="T", default=None, help="only this technician's visits")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="default: standard output",
)
@general_options
def export(day: str, form: str, technician: str | None, output: Path | None) -> None:
    """Write all visits of a day: estimated, cancelled and unassigned ones too, each with its job number."""
    from fieldboard.cli.listing import day_of, visits_of

    with closing(open_profile()) as opened:
        wanted = day_of(opened, day)
        found = visits_of(opened, wanted, technician)
        content = _content(opened, wanted, found, form)
    if output is None or str(output) == "-":
        _print(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise Failure(f"{output} cannot be written: {error.strerror or error}", NOT_SAVED) from error
    say(f"{len(found)} visits of {wanted:%Y-%m-%d} written to {output}")


def _content(opened: OpenProfile, day: date, visits: Sequence[PlannedVisit], form: str) -> bytes:
    from fieldboard.board import export as paper

    crew, zone = opened.desk.people.by_id(), opened.zone
    match form:
        case "ics":
            now = instant_of(opened.clock.now())
            return paper.as_ics(visits, crew, zone, now, opened.profile.backend)
        case "csv":
            return paper.as_csv(visits, crew, zone).encode()
        case "json":
            return _json_rows(opened, visits)
        case "svg":
            from fieldboard.cli.day_svg import day_svg

            names = {one.id: one.name for one in crew.values()}
            return day_svg(day, visits, names, zone).encode()
        case _:
            return paper.as_text(day, visits, crew, zone, _age(opened)).encode()


def _json_rows(opened: OpenProfile, visits: Sequence[PlannedVisit]) -> bytes:
    """The rows of `visits`, each with what a reader of the day wants to know of its job."""
    import json

    from fieldboard.board.export import rows
    from fieldboard.cli.listing import pending_now
    from fieldboard.cli.shapes import visit_json

    pending = pending_now(opened)
    own = {visit.id: visit_json(visit, opened.zone, pending) for visit in visits}
    told = [{**row, **own[str(row["id"])]} for row in rows(visits, opened.desk.people.by_id(), opened.zone)]
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _age(opened: OpenProfile) -> str:
    last = opened.store.state().last_ok
    if last is None:
        return ""
    return f"as of {opened.zone.local(last):%Y-%m-%d %H:%M}"


def _print(content: bytes) -> None:
    """Bytes as they are, where standard output takes bytes: line ends of a csv or ics must stay."""
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(content.decode())
        return
    sys.stdout.flush()
    stream.write(content)
    stream.flush()
