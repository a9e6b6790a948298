from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import pytest

from fieldboard import roster
from fieldboard.domain.instants import Zone, instant_of
from fieldboard.domain.technician import LatLng, WallSpan
from fieldboard.roster import ConfigError, RosterEntry

if TYPE_CHECKING:
    from pathlib import Path

    from fieldboard.roster import Roster

TODAY = date(2026, 6, 4)
LONDON = Zone("Europe/London")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roster.toml"


def load(file: Path, text: str) -> Roster:
    file.write_text(text, encoding="utf-8")
    return roster.load(file)


def only(file: Path, text: str) -> RosterEntry:
    (entry,) = load(file, '[[technician]]\nname = "Dai Evans"\n' + text).technicians
    return entry


def test_everything_can_be_said(file: Path) -> None:
    entry = only(
        file,
        """
        id = 17
        skills = ["gas", "heat pump"]
        shift = { mon = "08:00-17:00", fri = "22:00–06:00", sat = "8-24:00" }
        breaks = ["12:00-12:30"]
        absences = [{ from = "2026-06-10", to = "2026-06-12", kind = "holiday" }]
        home = { lat = 51.5, lng = -3 }
        capacity = 6
        territory = "North"
        phone = "+44 29 2018 0000"
        """,
    )
    assert (entry.id, entry.name, entry.line) == ("17", "Dai Evans", 1)
    assert entry.skills == ("gas", "heat pump")
    assert entry.shift == {
        0: WallSpan(time(8), time(17)),
        4: WallSpan(time(22), time(6)),
        5: WallSpan(time(8), time(0)),
    }
    assert entry.breaks == (WallSpan(time(12), time(12, 30)),)
    assert entry.home == LatLng(51.5, -3.0)
    assert (entry.capacity, entry.territory, entry.phone) == (6, "North", "+44 29 2018 0000")
    absence = entry.absences[0].on_clock(LONDON, TODAY)
    assert absence.kind == "holiday"
    # Days are whole and the last one is included; London is an hour ahead of UTC in June.
    assert absence.start == instant_of(datetime(2026, 6, 9, 23, tzinfo=UTC))
    assert absence.end == instant_of(datetime(2026, 6, 12, 23, tzinfo=UTC))


def test_what_is_not_said_stays_unknown(file: Path) -> None:
    assert only(file, "") == RosterEntry(name="Dai Evans", line=1)
    assert load(file, "").technicians == ()


def test_a_shift_without_days_is_never_at_work(file: Path) -> None:
    assert only(file, "shift = {}").shift == {}


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ('from = "2026-06-04T13:00", to = "2026-06-04T15:00"', (4, 12, 0), (4, 14, 0)),
        ('from = "2026-06-04T13:00Z", to = "2026-06-04T16:00+02:00"', (4, 13, 0), (4, 14, 0)),
        ("from = 2026-06-04T13:00:00, to = 2026-06-05", (4, 12, 0), (5, 23, 0)),
        ('from = "today"', (3, 23, 0), (4, 23, 0)),
        ('from = "tomorrow", to = "+3"', (4, 23, 0), (7, 23, 0)),
    ],
)
def test_absences_are_days_or_times(
    file: Path, said: str, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    absence = only(file, f"absences = [{{ {said} }}]").absences[0].on_clock(LONDON, TODAY)
    assert absence.start == instant_of(datetime(2026, 6, *start, tzinfo=UTC))
    assert absence.end == instant_of(datetime(2026, 6, *end, tzinfo=UTC))
    assert absence.kind == "absent"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('skils = ["gas"]', "unknown key 'skils' in [technician]; did you mean 'skills'?"),
        ('skills = "gas"', "skills must be a list of texts"),
        (
            'shift = { munday = "08:00-17:00" }',
            "unknown key 'munday' in [technician.shift]; known are mon, tue",
        ),
        ('shift = { mon = "08:00" }', "mon: '08:00' is no span of time"),
        ('shift = { mon = "08:00-25:00" }', "is no span of time"),
        ('shift = { mon = "08:00-08:00" }', "is no time at all"),
        ("shift = { mon = 8 }", "mon must be text in quotes, not a number"),
        ('breaks = ["noon"]', "breaks: 'noon' is no span of time"),
        ('absences = [{ to = "2026-06-04" }]', "this absence has no from"),
        ('absences = [{ from = "next week" }]', "is no day and no time"),
        ('absences = [{ from = "2026-06-04", to = "2026-06-03" }]', "ends before it begins"),
        ('absences = [{ from = "2026-06-04T10:00" }]', "needs a to"),
        ('absences = [{ from = "+99999999999999999999" }]', "is no day and no time"),
        ('absences = [{ from = "2026-06-04", til = "2026-06-05" }]', "unknown key 'til'"),
        ('absences = "2026-06-04"', "absences must be tables"),
        ("home = { lat = 51.5 }", "home has no lng"),
        ("home = { lat = 91, lng = 0 }", "lat must be between -90 and 90"),
        ("home = [51.5, 0]", "home must be a table, not a list"),
        ("capacity = 2.5", "capacity must be a whole number"),
        ("capacity = -1", "capacity must be at least 0"),
        ("phone = 44", "phone must be text in quotes"),
    ],
)
def test_a_wrong_line_is_named(file: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        only(file, line)
    assert str(caught.value).startswith(f"{file}, line 3: ")
    assert said in str(caught.value)


def test_an_entry_is_of_somebody_and_nobody_has_two(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"line 1: this technician has neither id nor name"):
        load(file, "[[technician]]\nskills = []\n")
    with pytest.raises(ConfigError, match=r"line 4: technician 'dai' is in the roster twice"):
        load(file, '[[technician]]\nname = "Dai"\n[[technician]]\nname = "dai"\n')
    with pytest.raises(ConfigError, match="unknown key 'technicians'"):
        load(file, '[[technicians]]\nname = "Dai"\n')


def test_a_technician_is_found_by_id_before_name(file: Path) -> None:
    said = load(
        file,
        '[[technician]]\nname = "Dai Evans"\ncapacity = 1\n'
        '[[technician]]\nid = "t4"\nname = "Dai Evans"\ncapacity = 2\n'
        '[skill_names]\ns1 = "gas"\n',
    )
    by_id, by_name = said.entry_for("t4", "Somebody"), said.entry_for("t9", "DAI EVANS")
    assert by_id is not None
    assert by_name is not None
    assert (by_id.capacity, by_name.capacity) == (2, 1)
    assert said.entry_for("t9", "Nobody") is None
    assert said.skill_names == {"s1": "gas"}


def says(one: roster.Roster) -> tuple[object, ...]:
    return one.technicians, dict(one.skill_names)


def test_a_copy_says_the_same_until_the_file_changes(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "roster.copy"
    file.write_text(
        """
        [skill_names]
        s1 = "gas"
        [[technician]]
        id = "t1"
        skills = ["gas"]
        shift = { mon = "08:00-17:00", fri = "22:00-06:00" }
        breaks = ["12:00-12:30"]
        absences = [
            { from = "today", to = "+2" }, { from = "2026-06-04", kind = "holiday" },
            { from = "2026-06-04T14:00", to = "2026-06-04T15:00+01:00" },
        ]
        home = { lat = 51.5, lng = -0.1 }
        capacity = 6
        [[technician]]
        name = "Zoë"
        """,
        encoding="utf-8",
    )
    whole = says(roster.load(file))
    assert says(roster.load(file, copy)) == whole
    assert copy.stat().st_mode & 0o777 == 0o600
    assert says(roster.load(file, copy)) == whole

    file.write_text('[[technician]]\nname = "Zoë Brown"\n', encoding="utf-8")
    (changed,) = roster.load(file, copy).technicians
    assert changed.name == "Zoë Brown"


def test_technicians_of_the_same_skills_and_hours_share_them_in_memory(file: Path, tmp_path: Path) -> None:
    entry = """
        [[technician]]
        name = "{}"
        skills = ["heat pump", "gas"]
        shift = {{ mon = "08:00-17:00" }}
        """
    file.write_text("".join(map(entry.format, ("Ann", "Ben"))), encoding="utf-8")
    copy = tmp_path / "roster.copy"
    roster.load(file, copy)
    one, other = roster.load(file, copy).technicians
    assert one.skills == ("heat pump", "gas")
    assert one.skills is other.skills
    assert one.shift is other.shift


def test_a_damaged_copy_is_made_anew(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "roster.copy"
    file.write_text('[[technician]]\nname = "Zoë"\n', encoding="utf-8")
    for rubbish in (b"", b"no copy", b"\x00" * 40):
        copy.write_bytes(rubbish)
        assert says(roster.load(file, copy)) == says(roster.load(file))


def test_a_copy_does_not_hide_what_is_wrong_in_the_file(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "roster.copy"
    file.write_text('[[technician]]\nname = "Zoë"\n', encoding="utf-8")
    roster.load(file, copy)
    file.write_text('[[technician]]\nnames = "Zoë"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="line 2"):
        roster.load(file, copy)
