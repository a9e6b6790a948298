from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fieldboard.domain.lifecycle import Lifecycle, plain_word
from fieldboard.domain.status import ENDED, NOT_DONE, Status

WALK = Lifecycle(
    words={"scheduled": Status.ASSIGNED, "inprogress": Status.IN_PROGRESS},
    writes={
        Status.EN_ROUTE: "on the way",
        Status.ON_SITE: "arrived",
        Status.IN_PROGRESS: "started",
        Status.COMPLETED: "done",
    },
    moves={
        Status.ASSIGNED: frozenset({Status.EN_ROUTE}),
        Status.EN_ROUTE: frozenset({Status.ON_SITE}),
        Status.ON_SITE: frozenset({Status.IN_PROGRESS}),
        Status.IN_PROGRESS: frozenset({Status.COMPLETED, Status.ON_SITE}),
    },
)


def test_a_word_is_read_whatever_its_dashes_and_case() -> None:
    assert plain_word("In-Progress 2") == "inprogress"
    assert WALK.read("In_Progress") is Status.IN_PROGRESS
    assert WALK.read("frobnicated") is Status.UNKNOWN


def test_the_way_goes_through_every_status_between() -> None:
    assert WALK.path(Status.ASSIGNED, Status.COMPLETED) == (
        Status.EN_ROUTE,
        Status.ON_SITE,
        Status.IN_PROGRESS,
        Status.COMPLETED,
    )


def test_no_way_is_none_and_no_move_is_empty() -> None:
    assert WALK.path(Status.COMPLETED, Status.ASSIGNED) is None
    assert WALK.path(Status.ON_SITE, Status.ON_SITE) == ()


def test_work_is_not_ended_on_the_way_to_something_else() -> None:
    moves = {
        Status.ASSIGNED: frozenset({Status.CANCELLED, Status.COMPLETED, Status.EN_ROUTE}),
        Status.CANCELLED: frozenset({Status.ON_HOLD, Status.CLOSED}),
        Status.COMPLETED: frozenset({Status.ON_HOLD, Status.CLOSED}),
        Status.EN_ROUTE: frozenset({Status.ON_SITE}),
        Status.ON_SITE: frozenset({Status.ON_HOLD}),
    }
    walk = Lifecycle(moves=moves)
    assert walk.path(Status.ASSIGNED, Status.ON_HOLD) == (Status.EN_ROUTE, Status.ON_SITE, Status.ON_HOLD)
    assert walk.path(Status.ASSIGNED, Status.CLOSED) == (Status.COMPLETED, Status.CLOSED)
    assert walk.path(Status.COMPLETED, Status.ON_HOLD) == (Status.ON_HOLD,)


def test_what_can_be_reached_comes_nearest_first() -> None:
    reached = WALK.reachable(Status.ON_SITE)
    assert [goal for goal, _ in reached] == [Status.IN_PROGRESS, Status.COMPLETED]


STATUSES = st.sampled_from(list(Status))


@given(
    st.dictionaries(STATUSES, st.frozensets(STATUSES, max_size=4)),
    STATUSES,
    STATUSES,
)
def test_a_way_is_legal_and_no_shorter_one_exists(
    moves: dict[Status, frozenset[Status]], start: Status, goal: Status
) -> None:
    way = Lifecycle(moves=moves).path(start, goal)
    near = {start}
    steps = 0
    while goal not in near:
        on = {
            one for one in near if one == start or one not in ENDED or (goal in ENDED and one not in NOT_DONE)
        }
        wider = near | {there for here in on for there in moves.get(here, frozenset())}
        if wider == near:
            assert way is None
            return
        near, steps = wider, steps + 1
    assert way is not None
    assert len(way) == steps
    assert all(there in moves[here] for here, there in pairwise((start, *way)))
