from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from fieldboard.board.filters import Filter
from fieldboard.board.planning import plan_assign, plan_unassign
from fieldboard.board.queue_order import Order
from fieldboard.domain.customer import Customer
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import Visit
from tests.board.office import VISITS, Office
from tests.board.world import DAY, at


def test_the_day_and_the_queue(office: Office) -> None:
    board = office.desk.day(DAY)
    assert board.visits_count == 4
    assert [one.technician.id for one in board.columns] == ["t1", "t2", "t3"]
    queue = office.desk.queue()
    assert [row.number for row in queue.rows] == ["4471", "4405"]
    assert len(office.desk.queue(Order.NUMBER, shown=Filter("valve"))) == 0
    assert office.desk.people.nearest()(office.visit("v3")) == 0


def test_the_board_counts_the_visits_of_a_day_as_the_calendar_does(office: Office) -> None:
    desk = office.desk
    assert desk.store.counts_by_day(DAY, DAY) == {DAY: desk.day(DAY).visits_count}
    desk.commit(plan_unassign(desk, office.visit("v1")))
    desk.poll()
    board = desk.day(DAY)
    assert (len(board.where), board.visits_count) == (3, 4)
    assert desk.store.counts_by_day(DAY, DAY) == {DAY: 4}
    assert office.open().day(DAY).visits_count == 4


def test_another_desk_goes_on_with_what_was_read_as_long_as_nothing_was_written(office: Office) -> None:
    first = office.desk
    stamp, day, queue, who = first.stamp(), first.day(DAY), first.queue(), first.people.who()
    second = office.open()
    assert second.take_over(day, queue, stamp, who)
    assert second.day(DAY) is day
    assert second.queue() is queue
    assert second.people.everybody() is first.people.everybody()
    assert second.queue() is not queue
    numbered = office.open()
    assert numbered.take_over(day, queue, stamp, who)
    rows = numbered.queue(Order.NUMBER).rows
    assert {id(row) for row in rows} == {id(row) for row in queue.rows}
    late = office.open()
    assert late.take_over(day, queue, stamp, who)
    late.commit(plan_assign(late, office.visit("v3"), "t3", at(14)))
    late.poll()
    assert not late.queue().has(["v3"])
    assert not office.open().take_over(day, queue, stamp, who)


def test_an_edit_is_shown_by_what_poll_tells(office: Office) -> None:
    board, queue = office.desk.day(DAY), office.desk.queue()
    office.desk.poll()
    office.desk.commit(plan_assign(office.desk, office.visit("v3"), "t3", at(14)))
    delta = office.desk.poll()
    assert delta is not None
    shown, touched = office.desk.refresh_day(board, delta)
    assert touched == {"t3"}
    column = shown.column("t3")
    assert column is not None
    assert column.blocks[0].visit.mark == "queued"
    assert shown.columns[0] is board.columns[0]
    assert [row.number for row in office.desk.refresh_queue(queue, delta).rows] == ["4405"]
    assert office.desk.counts() == (1, 0)
    assert office.desk.poll() is None


def test_what_the_sync_writes_is_shown(office: Office) -> None:
    board, queue = office.desk.day(DAY), office.desk.queue()
    office.desk.poll()
    moved = Visit("v1", "j1", ("t2",), at(16), at(17), status=Status.IN_PROGRESS)
    back = Visit("v2", "j2", (), at(13), at(14), status=Status.UNASSIGNED)
    office.world.store(moved, back)
    delta = office.desk.poll()
    assert delta is not None
    shown, touched = office.desk.refresh_day(board, delta)
    assert touched == {"t1", "t2"}
    assert shown.where["v1"] == ("t2",)
    assert "v2" not in shown.where
    assert shown == office.open().day(DAY)
    assert [row.id for row in office.desk.refresh_queue(queue, delta).rows] == ["v3", "v2", "j5"]


def test_a_new_technician_gets_a_column(office: Office) -> None:
    board = office.desk.day(DAY)
    office.desk.poll()
    office.world.store(Technician("t4", "Bea", active=True))
    delta = office.desk.poll()
    assert delta is not None
    assert delta.technicians
    shown, touched = office.desk.refresh_day(board, delta)
    assert touched == {"t4"}
    assert [one.technician.name for one in shown.columns][1] == "Bea"


def test_time_goes_by(office: Office) -> None:
    board = office.desk.day(DAY)
    assert all(column.status_word for column in board.columns)
    office.world.clock.advance(7 * 3600)
    later, changed = office.desk.tick(board)
    assert changed == {"t1", "t2", "t3"}
    assert later.columns[2].status_word == "off"


def test_today_stays_in_memory_wherever_one_looks_meanwhile(office: Office) -> None:
    desk = office.desk
    today = desk.day(DAY)
    assert desk.today() == DAY
    days = [desk.day(DAY + timedelta(days=ahead)) for ahead in range(1, 8)]
    assert desk.day(DAY) is today
    # The others go, the oldest first.
    assert desk.day(days[-1].day) is days[-1]
    assert desk.day(days[0].day) is not days[0]


def test_search_finds_by_anything_said(office: Office) -> None:
    assert {one.number for one in office.desk.search("boiler")} == {"4401", "4471"}
    assert office.desk.search("  ") == []


def test_a_customer_may_change_its_name(office: Office) -> None:
    office.desk.day(DAY)
    office.world.store(Customer("c1", "Okafor & Sons"))
    office.desk.poll()
    assert office.visit("v1").customer == "Okafor & Sons"


def test_a_change_of_many_is_read_with_its_day(office: Office) -> None:
    board = office.desk.day(DAY)
    office.desk.poll()
    crowd = [Visit(f"w{one}", "j4", ("t3",), at(9), at(10), status=Status.ASSIGNED) for one in range(450)]
    office.world.store(*crowd)
    delta = office.desk.poll()
    assert delta is not None
    shown, touched = office.desk.refresh_day(board, delta)
    assert shown.visits_count == 4 + 450
    assert touched >= {"t3"}
    assert len(VISITS) == 6


def test_a_queue_that_many_changes_do_not_concern_stays_as_it_is(office: Office) -> None:
    office.desk.day(DAY)
    queue = office.desk.queue()
    office.desk.poll()
    office.world.store(
        *(Visit(f"w{one}", "j4", ("t3",), at(9), at(10), status=Status.ASSIGNED) for one in range(450))
    )
    delta = office.desk.poll()
    assert delta is not None
    assert [row.id for row in office.desk.refresh_queue(queue, delta).rows] == [row.id for row in queue.rows]
    # Now that the day is so full, the next changes are looked at one by one.
    office.desk.day(DAY)
    office.world.store(
        *(Visit(f"w{one}", "j4", ("t3",), at(9), at(11), status=Status.ASSIGNED) for one in range(210)),
        *(Visit(f"w{one}", "j4", (), status=Status.UNASSIGNED) for one in range(210, 220)),
    )
    delta = office.desk.poll()
    assert delta is not None
    changed = office.desk.refresh_queue(queue, delta)
    assert [row.id for row in changed.rows] == [row.id for row in office.desk.queue().rows]
    assert len(changed) == len(queue) + 10
    office.world.store(
        *(Visit(f"w{one}", "j4", ("t3",), at(9), at(12), status=Status.ASSIGNED) for one in range(200))
    )
    delta = office.desk.poll()
    assert delta is not None
    assert office.desk.refresh_queue(changed, delta) is changed


def test_the_board_loads_no_wire_and_no_screen() -> None:
    modules = ["desk", "planning", "naming", "keys", "alerts", "place", "command_line", "export"]
    imports = ", ".join(f"fieldboard.board.{one}" for one in modules)
    heavy = ("httpx", "textual", "rich", "pydantic", "sqlite_utils", "sqlite3", "icalendar")
    code = f"import sys, {imports}; print([one for one in {heavy} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
