"""The queue as shown: what changes is drawn where it stands, what is new waits until it is asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.queue_board import QueueBoard
from fieldboard.domain.priority import Priority
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.panes.queue_view import followed, whole
from tests.board.world import visit
from tests.tui.driver import opened
from tests.tui.world import BoardWorld

PRIORITIES = (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT)


def row(number: int, priority: Priority = Priority.NORMAL, title: str = "Service") -> PlannedVisit:
    return visit(number, priority=priority, title=title)


def ids(rows: object) -> list[str]:
    return [one.id for one in rows]  # type: ignore[attr-defined]


def test_new_rows_wait_and_the_others_stay_where_they_are() -> None:
    view = whole(QueueBoard([row(1), row(2), row(3)]))
    board = view.board.changed({"v9": row(9, Priority.URGENT), "v2": None})
    after = followed(view, board, changed=["v9", "v2"])
    assert ids(after.rows) == ["v3", "v1"] or ids(after.rows) == ["v1", "v3"]
    assert after.announced == ("v9",)
    assert [after.position(one) for one in ids(after.rows)] == [0, 1]
    assert after.position("v9") is None


def test_a_row_that_becomes_urgent_stays_on_its_place_until_it_is_asked_for() -> None:
    view = whole(QueueBoard([row(1), row(2), row(3)]))
    last = view.rows[-1]
    board = view.board.changed({last.id: last._replace(priority=Priority.URGENT)})
    after = followed(view, board, changed=[last.id])
    assert ids(after.rows) == ids(view.rows)
    assert after.rows[-1].priority is Priority.URGENT
    assert ids(whole(board).rows)[0] == last.id


@given(
    st.dictionaries(st.integers(1, 12), st.sampled_from(PRIORITIES), max_size=12),
    st.dictionaries(
        st.integers(1, 14), st.one_of(st.none(), st.tuples(st.sampled_from(PRIORITIES), st.booleans()))
    ),
    st.sets(st.integers(1, 14)),
)
def test_the_short_way_shows_the_same(
    before: dict[int, Priority], changes: dict[int, tuple[Priority, bool] | None], welcome: set[int]
) -> None:
    view = whole(QueueBoard([row(number, priority) for number, priority in before.items()]))
    changed = {
        f"v{number}": None if one is None else row(number, one[0], "Renamed" if one[1] else "Service")
        for number, one in changes.items()
    }
    ours = frozenset(f"v{number}" for number in welcome)
    board = view.board.changed(changed)
    short, long = followed(view, board, ours, list(changed)), followed(view, board, ours)
    assert list(short.rows) == list(long.rows)
    assert short.announced == long.announced
    assert [short.position(one) for one in ids(board.rows)] == [long.position(one) for one in ids(board.rows)]


async def test_a_change_of_one_row_looks_at_no_other(world: BoardWorld) -> None:
    """With a hundred thousand rows, what a single edit costs must not grow with them."""
    async with opened(world) as it:
        before = it.board.view
        assert before is not None
        await it.put_cursor_on("v4455")
        await it.do("assign")
        await it.keys("enter")
        after = it.board.view
        assert after is not None
        assert after.places is None
        assert after.rows is after.board.rows
        assert len(after.rows) == len(before.rows) - 1


async def test_another_day_does_not_lose_what_changed_in_the_queue(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.do("next_day")
        job = world.job("4990", "Burst pipe", "Okafor", priority=Priority.URGENT)
        world.add(job, world.waiting(job))
        await it.do("previous_day")
        await it.settle()
        assert it.board.view is not None
        assert it.board.view.position("v4990") is not None or "v4990" in it.board.view.announced
