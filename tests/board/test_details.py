from __future__ import annotations

from fieldboard.board.details import details_of
from fieldboard.board.planning import plan_edit
from fieldboard.cache.history import Line
from fieldboard.domain.instants import instant_of
from fieldboard.domain.operation import Json
from tests.board.office import NOW, Office
from tests.board.world import at


def test_details_hold_everything_of_a_job(office: Office) -> None:
    now = instant_of(NOW)
    office.desk.store.history.append(
        [
            Line(now - 60, now, "j4", "visit:v4", "technicians", ["t2"], ["t1"], "pat"),
            Line(None, now - 300, "j4", "job:j4", "title", "Old", "Install"),
        ]
    )
    office.desk.commit(plan_edit(office.desk, office.job("j4"), {"phone": "123"}))
    office.desk.poll()
    details = details_of(office.desk, office.visit("v4"))
    assert details.job is not None
    assert details.phone == "123"
    assert [one.id for one in details.visits] == ["v4", "v5"]
    assert [one.name for one in details.technicians] == ["Amara Diallo", "Dai Evans"]
    assert [(one.entity, one.field, one.old, one.new, one.by) for one in details.history] == [
        ("visit 1/2", "technician", "Dai Evans", "Amara Diallo", "pat"),
        ("job", "title", "Old", "Install", None),
    ]
    assert [one.label for one in details.edits] == ["4404: phone"]
    assert details.conflicts == ()
    assert dict(details.copies())["number"] == "4404"


def test_the_history_is_told_in_words(office: Office) -> None:
    now = instant_of(NOW)
    told: dict[str, tuple[Json, Json]] = {
        "technicians": ([], ["t2"]),
        "times": ([at(11), at(12), None], [at(14), at(15), None]),
        "status": ("on_site", "in_progress"),
        "observed_start": (None, at(11)),
        "deleted": (False, True),
    }
    office.desk.store.history.append(
        [Line(None, now, "j1", "visit:v1", name, old, new) for name, (old, new) in told.items()]
    )
    history = details_of(office.desk, office.visit("v1")).history
    assert [(one.entity, one.field, one.old, one.new) for one in history] == [
        ("visit", "technician", "", "Dai Evans"),
        ("visit", "time", "Thu 4 Jun 11:00–12:00", "Thu 4 Jun 14:00–15:00"),
        ("visit", "status", "on site", "in progress"),
        ("visit", "seen to begin", "", "11:00"),
        ("visit", "deleted", "", "no longer there"),
    ]
