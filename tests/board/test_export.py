from __future__ import annotations

import csv
import subprocess
import sys
from io import StringIO

from icalendar import Calendar

from fieldboard.board.export import COLUMNS, as_csv, as_ics, as_text, rows
from fieldboard.domain.status import Status
from tests.board.world import DAY, ZONE, at, technician, visit

CREW = {"t1": technician(1, name="Zoë Åberg", phone="020 7946 0002")}
VISITS = [
    visit(2, at(13), title="=cmd|' /C calc'!A0", customer="+44 Ltd", status=Status.CANCELLED),
    visit(1, at(9), 90, estimated=True, mark="queued", crew=("t1", "t9")),
    visit(3, None, crew=(), date=DAY, title="Line\nbreak", address=""),
]


def test_rows_are_by_time_and_name_the_technicians() -> None:
    found = rows(VISITS, CREW, ZONE)
    assert [row["number"] for row in found] == ["4401", "4402", "4403"]
    assert found[0]["technicians"] == ["Zoë Åberg", "t9"]
    assert found[0]["start"] == "2026-06-04T08:00:00Z"
    assert found[0]["pending"] is True
    assert found[2]["start"] is None
    assert found[2]["date"] == "2026-06-04"
    assert found[2]["address"] is None
    assert tuple(found[0]) == COLUMNS


def test_csv_has_one_header_and_no_formula() -> None:
    text = as_csv(VISITS, CREW, ZONE)
    table = list(csv.reader(StringIO(text)))
    assert table[0] == list(COLUMNS)
    assert len(table) == 4
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in table for cell in row)


def test_ics_is_read_back_with_every_visit() -> None:
    calendar = Calendar.from_ical(as_ics(VISITS, CREW, ZONE, at(10), "fieldcamp"))
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    assert set(events) == {f"v{number}@fieldcamp.fieldboard" for number in (1, 2, 3)}
    first = events["v1@fieldcamp.fieldboard"]
    assert first.decoded("dtstart").isoformat() == "2026-06-04T08:00:00+00:00"
    assert str(first["summary"]) == "4401 Service 1"
    assert "Zoë Åberg, t9" in str(first["description"])
    assert "estimated" in str(first["description"])
    assert str(events["v2@fieldcamp.fieldboard"]["status"]) == "CANCELLED"
    assert events["v3@fieldcamp.fieldboard"].decoded("dtstart") == DAY


def test_a_run_sheet_for_each_technician() -> None:
    text = as_text(DAY, VISITS, CREW, ZONE, "as of 10:42")
    assert text.splitlines()[0] == "Thursday 4 June 2026 · as of 10:42 · 3 visits"
    assert "Zoë Åberg · 020 7946 0002" in text
    assert "[ ] ~09:00–10:30  4401 Service 1  (assigned)" in text
    done = visit(4, at(8), 60, status=Status.COMPLETED)
    assert "[x]  08:00–09:00  4404 Service 4" in as_text(DAY, [done], CREW, ZONE, "")
    assert "Unassigned" in text
    assert "Line↵break" in text
    assert text.index("t9") < text.index("Unassigned")


def test_the_calendar_library_is_loaded_only_for_a_calendar() -> None:
    code = "import sys, fieldboard.board.export; print('icalendar' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
