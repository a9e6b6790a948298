from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.domain import fields
from fieldboard.domain.contest import Contest
from fieldboard.domain.job import Job
from fieldboard.domain.lifecycle import Lifecycle
from fieldboard.domain.operation import Change, Json, Kind
from fieldboard.domain.picture import picture_of
from fieldboard.domain.status import Status
from fieldboard.domain.visit import Visit
from fieldboard.sync.plan import Verdict, decide, decide_all, hops

PHONE = Lifecycle(
    moves={
        Status.ASSIGNED: frozenset({Status.EN_ROUTE, Status.CANCELLED}),
        Status.UNASSIGNED: frozenset({Status.CANCELLED}),
        Status.EN_ROUTE: frozenset({Status.ON_SITE, Status.CANCELLED}),
        Status.ON_SITE: frozenset({Status.IN_PROGRESS}),
        Status.IN_PROGRESS: frozenset({Status.COMPLETED}),
    },
    writes={status: status.value for status in (Status.EN_ROUTE, Status.IN_PROGRESS, Status.COMPLETED)},
)

VISIT = Visit(
    "v1", "j1", ("dai",), start=1_000_000, end=1_003_600, status=Status.ASSIGNED, raw_status="scheduled"
)


def crew(seen: list[Json], wanted: list[Json]) -> Change:
    return Change(Kind.VISIT, "v1", fields.TECHNICIANS, seen, wanted)


def status(seen: str, wanted: str) -> Change:
    return Change(Kind.VISIT, "v1", fields.STATUS, seen, wanted)


def times(seen: list[Json], wanted: list[Json]) -> Change:
    return Change(Kind.VISIT, "v1", fields.TIMES, seen, wanted)


def verdict(change: Change, current: Visit | Job | None, *, uncertain: bool = False) -> Verdict:
    return decide(change, current, ever_uncertain=uncertain, lifecycle=PHONE).verdict


class TestOneField:
    def test_only_ours_changed_is_sent(self) -> None:
        assert verdict(crew(["dai"], ["eve"]), VISIT) is Verdict.SEND

    def test_the_same_wish_by_somebody_else_is_done_already(self) -> None:
        assert verdict(crew(["amy"], ["dai"]), VISIT) is Verdict.ALREADY

    def test_somebody_elses_value_is_a_conflict_and_says_what_is_there(self) -> None:
        decision = decide(crew(["amy"], ["eve"]), VISIT, ever_uncertain=False, lifecycle=PHONE)
        assert decision.verdict is Verdict.CONFLICT
        assert decision.theirs == ["dai"]
        assert decision.reason == "Somebody else changed the technician meanwhile."

    def test_somebody_elses_value_after_a_lost_answer_is_superseded_never_rejected(self) -> None:
        assert verdict(crew(["amy"], ["eve"]), VISIT, uncertain=True) is Verdict.SUPERSEDED

    def test_the_order_in_which_a_crew_is_listed_is_no_difference(self) -> None:
        both = replace(VISIT, technician_ids=("eve", "dai"))
        assert verdict(crew(["dai", "eve"], ["amy"]), both) is Verdict.SEND

    def test_start_and_end_are_one_field(self) -> None:
        longer = replace(VISIT, end=1_007_200)
        move = times([1_000_000, 1_003_600, None], [2_000_000, 2_003_600, None])
        assert verdict(move, VISIT) is Verdict.SEND
        assert verdict(move, longer) is Verdict.CONFLICT

    def test_what_is_gone_is_gone(self) -> None:
        decision = decide(crew(["dai"], ["eve"]), None, ever_uncertain=True, lifecycle=PHONE)
        assert decision.verdict is Verdict.GONE
        assert "may have been carried out before" in (decision.reason or "")

    def test_deleting_what_is_gone_is_done_already(self) -> None:
        wish = Change(Kind.JOB, "j1", fields.DELETED, False, True)
        assert verdict(wish, None) is Verdict.ALREADY
        assert verdict(wish, Job("j1")) is Verdict.SEND

    def test_a_deletion_is_not_sent_over_what_others_changed(self) -> None:
        wish = Change(Kind.JOB, "j1", fields.DELETED, picture_of(Job("j1", title="Leak"), ()), True)
        other = Job("j1", title="URGENT leak")
        assert verdict(wish, Job("j1", title="Leak")) is Verdict.SEND
        decision = decide(wish, other, ever_uncertain=True, lifecycle=PHONE)
        assert decision.verdict is Verdict.CONFLICT
        assert decision.reason == "The job is not as it was seen. Changed meanwhile: title."
        assert decision.theirs == picture_of(other, ())
        done = decide(wish, other, ever_uncertain=True, lifecycle=PHONE, carried_out=True)
        assert done.verdict is Verdict.SEND, "the server said yes before, and reads lag"

    def test_a_field_that_the_entity_lacks_is_rejected(self) -> None:
        assert verdict(Change(Kind.VISIT, "v1", "notes", None, "x"), VISIT) is Verdict.REJECTED


class TestStatus:
    def test_a_reachable_status_is_sent(self) -> None:
        assert verdict(status("open", "completed"), VISIT) is Verdict.SEND

    def test_an_unreachable_status_is_rejected_with_what_can_be_reached(self) -> None:
        nobody = replace(VISIT, technician_ids=(), status=Status.UNASSIGNED)
        decision = decide(status("open", "en_route"), nobody, ever_uncertain=False, lifecycle=PHONE)
        assert decision.verdict is Verdict.REJECTED
        assert decision.reason == "From unassigned no way leads to en route, nor to any other status."

    def test_an_unreachable_status_names_the_others(self) -> None:
        decision = decide(status("open", "on_hold"), VISIT, ever_uncertain=False, lifecycle=PHONE)
        assert decision.reason == (
            "From assigned no way leads to on hold; it can become en route, in progress, completed."
        )

    def test_the_technician_who_went_further_wins_without_a_conflict(self) -> None:
        working = replace(VISIT, status=Status.IN_PROGRESS)
        assert verdict(status("open", "en_route"), working) is Verdict.SUPERSEDED

    def test_cancelling_what_has_begun_meanwhile_is_a_conflict(self) -> None:
        driving = replace(VISIT, status=Status.EN_ROUTE)
        assert verdict(status("open", "cancelled"), driving) is Verdict.CONFLICT

    def test_a_technician_who_is_still_behind_the_wish_is_a_conflict(self) -> None:
        driving = replace(VISIT, status=Status.EN_ROUTE)
        assert verdict(status("open", "completed"), driving) is Verdict.CONFLICT

    def test_our_own_hops_are_nobody_elses_change(self) -> None:
        wish = status("open", "completed")
        way = hops(wish, PHONE, has_technician=True)
        assert way == {"en_route", "on_site", "in_progress"}
        onsite = replace(VISIT, status=Status.ON_SITE)
        decided = decide(wish, onsite, ever_uncertain=True, lifecycle=PHONE, written=way)
        assert decided.verdict is Verdict.SEND

    def test_unreachable_after_a_lost_answer_is_superseded(self) -> None:
        done = replace(VISIT, status=Status.COMPLETED)
        assert verdict(status("open", "cancelled"), done, uncertain=True) is Verdict.SUPERSEDED
        assert verdict(status("open", "cancelled"), done) is Verdict.REJECTED


class TestOperation:
    def test_only_what_differs_is_sent(self) -> None:
        move = times([1_000_000, 1_003_600, None], [2_000_000, 2_003_600, None])
        decision = decide_all(
            [crew(["amy"], ["dai"]), move],
            {(Kind.VISIT, "v1"): VISIT},
            ever_uncertain=False,
            lifecycles={Kind.VISIT: PHONE},
        )
        assert (decision.verdict, decision.send) == (Verdict.SEND, (1,))

    def test_one_conflict_stops_the_whole_operation(self) -> None:
        move = times([1_000_000, 1_003_600, None], [2_000_000, 2_003_600, None])
        decision = decide_all(
            [crew(["amy"], ["eve"]), move],
            {(Kind.VISIT, "v1"): VISIT},
            ever_uncertain=False,
            lifecycles={Kind.VISIT: PHONE},
        )
        assert (decision.verdict, decision.send) == (Verdict.CONFLICT, ())
        assert decision.disagreements[0].contest(7) == Contest(
            Kind.VISIT, "v1", fields.TECHNICIANS, ["amy"], ["eve"], ["dai"], seen_at=7
        )

    def test_all_done_already(self) -> None:
        decision = decide_all(
            [crew(["amy"], ["dai"])],
            {(Kind.VISIT, "v1"): VISIT},
            ever_uncertain=False,
            lifecycles={Kind.VISIT: PHONE},
        )
        assert (decision.verdict, decision.send) == (Verdict.ALREADY, ())


people = st.lists(st.sampled_from(["amy", "dai", "eve"]), unique=True, max_size=2)
instants = st.one_of(st.none(), st.integers(0, 3).map(lambda hour: hour * 3600))
visits = st.builds(
    lambda crew_ids, start, end, state: replace(
        VISIT, technician_ids=tuple(crew_ids), start=start, end=end, status=state
    ),
    people,
    instants,
    instants,
    st.sampled_from(list(Status)),
)
names = st.sampled_from([fields.TECHNICIANS, fields.TIMES, fields.STATUS])


@st.composite
def edits(draw: st.DrawFn) -> tuple[Change, Visit]:
    """A change from one state of the visit to another, and what the server has now."""
    seen, wanted, now = draw(visits), draw(visits), draw(visits)
    field = draw(names)
    return (
        Change(Kind.VISIT, "v1", field, fields.value_of(seen, field), fields.value_of(wanted, field)),
        now,
    )


@given(edits(), st.booleans())
def test_a_value_that_nobody_saw_is_never_overwritten(edit: tuple[Change, Visit], uncertain: bool) -> None:
    change, now = edit
    decision = decide(change, now, ever_uncertain=uncertain, lifecycle=PHONE)
    if decision.verdict is Verdict.SEND:
        assert fields.value_of(now, change.field) == change.expected
        assert change.expected != change.value


@given(edits())
def test_after_a_lost_answer_a_foreign_value_is_never_called_rejected_or_a_conflict(
    edit: tuple[Change, Visit],
) -> None:
    change, now = edit
    decision = decide(change, now, ever_uncertain=True, lifecycle=PHONE)
    if fields.value_of(now, change.field) not in (change.expected, change.value):
        assert decision.verdict is Verdict.SUPERSEDED


@given(edits(), st.booleans())
def test_deciding_again_after_the_edit_was_carried_out_says_already(
    edit: tuple[Change, Visit], uncertain: bool
) -> None:
    change, now = edit
    if decide(change, now, ever_uncertain=uncertain, lifecycle=PHONE).verdict is Verdict.SEND:
        after = fields.with_visit_value(now, change.field, change.value)
        again = decide(change, after, ever_uncertain=uncertain, lifecycle=PHONE)
        assert again.verdict is Verdict.ALREADY


@given(visits, visits, visits)
def test_edits_of_different_fields_commute(base: Visit, mine: Visit, theirs: Visit) -> None:
    ours = Change(
        Kind.VISIT,
        "v1",
        fields.TECHNICIANS,
        fields.value_of(base, fields.TECHNICIANS),
        fields.value_of(mine, fields.TECHNICIANS),
    )
    before = decide(ours, base, ever_uncertain=False, lifecycle=PHONE)
    moved = fields.with_visit_value(base, fields.TIMES, fields.value_of(theirs, fields.TIMES))
    assert decide(ours, moved, ever_uncertain=False, lifecycle=PHONE) == before


@pytest.mark.parametrize("uncertain", [False, True])
@given(edit=edits())
def test_every_case_ends_in_a_verdict_that_says_why(edit: tuple[Change, Visit], uncertain: bool) -> None:
    change, now = edit
    decision = decide(change, now, ever_uncertain=uncertain, lifecycle=PHONE)
    assert (decision.reason is None) == (decision.verdict in (Verdict.SEND, Verdict.ALREADY))


def test_what_a_technician_is_told_to_do_is_compared_and_where_they_are_is_not() -> None:
    from fieldboard.domain.technician import LatLng, Technician

    here = Technician("t1", "Dai", status="on_job", position=LatLng(51.5, -0.1))
    at_home = Change(Kind.TECHNICIAN, "t1", fields.LOCATION, None, [51.6, -0.1])
    resting = Change(Kind.TECHNICIAN, "t1", fields.STATUS, "on_job", "on_break")
    assert decide(at_home, here, ever_uncertain=False, lifecycle=Lifecycle()).verdict is Verdict.SEND
    assert decide(resting, here, ever_uncertain=False, lifecycle=Lifecycle()).verdict is Verdict.SEND
    gone_on = Technician("t1", "Dai", status="off_duty")
    assert decide(resting, gone_on, ever_uncertain=False, lifecycle=Lifecycle()).verdict is Verdict.CONFLICT
    assert decide(resting, gone_on, ever_uncertain=True, lifecycle=Lifecycle()).verdict is Verdict.SUPERSEDED
