"""`outbox`, `resolve`, `retry`, `undo`, `redo`: the edits, and what is decided about them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import click

from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import OpenProfile, open_profile
from fieldboard.cli.editing import edit_profile, editing_options
from fieldboard.cli.failure import Failure
from fieldboard.cli.output import as_json, print_json_list, print_table
from fieldboard.cli.shapes import operation_json
from fieldboard.domain.instants import instant_of
from fieldboard.domain.operation import PENDING, UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from fieldboard.board.plan import Plan

KEPT_DAYS: Final = 30
"""For how long an edit is listed after it was made; one that still waits is listed for as long as it does."""


@click.command()
@as_json
@general_options
def outbox(as_json: bool) -> None:
    """List every edit of the last 30 days, in whatever state it ended, oldest first."""
    from fieldboard.board.deciding import with_true_choices

    with closing(open_profile()) as opened:
        since = instant_of(opened.clock.now()) - KEPT_DAYS * 86400
        listed = [
            one
            for one in opened.store.outbox.all()
            if one.created_at >= since or one.state in PENDING or (one.state in UNDECIDED and not one.noted)
        ]
        listed = [*with_true_choices(opened.desk, listed)]
        if as_json:
            name = server_ids(opened)
            print_json_list(operation_json(one, name) for one in listed)
            return
        rows = [
            (
                one.op_id,
                f"{opened.zone.local(one.created_at):%Y-%m-%d %H:%M}",
                one.state.value + (" (noted)" if one.noted else ""),
                one.intent.value,
                one.label or one.entity,
                one.reason,
                ", ".join(one.choices) if not one.noted else None,
            )
            for one in listed
        ]
        head = ("OP", "MADE", "STATE", "WHAT", "EDIT", "WHY", "CHOICES")
        print_table(head, rows, "no edits in the last 30 days")


def server_ids(opened: OpenProfile) -> Callable[[str], str]:
    """The server's id of what was created here; every other id as it is."""
    ids = opened.store.outbox.idmap()
    return lambda one: ids.get(one, one)


@click.command()
@click.argument("op", metavar="OP")
@editing_options
def retry(op: str, offline: bool, as_json: bool) -> None:
    """Try a refused edit again, based on what is there now."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_retry
        from fieldboard.cli.targets import operation_named

        return plan_retry(opened.desk, operation_named(opened, op))

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("op", metavar="[OP]", required=False)
@editing_options
def undo(op: str | None, offline: bool, as_json: bool) -> None:
    """Take an edit back, also one that was sent; without OP the newest of the profile."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_undo
        from fieldboard.cli.targets import operation_named

        plan = plan_undo(opened.desk, operation_named(opened, op) if op is not None else None)
        if plan.refusal is not None and plan.older:
            act = plan.older[-1]
            before = f"undo {act.op_id} takes back {act.label or act.entity}, which came before"
            raise Failure(f"{plan.refusal}; {before}")
        return plan

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@editing_options
def redo(offline: bool, as_json: bool) -> None:
    """Do again what was taken back last."""

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.planning import plan_redo

        return plan_redo(opened.desk)

    edit_profile(planned, offline=offline, as_json=as_json)


@click.command()
@click.argument("op", metavar="OP")
@click.option("--keep", type=click.Choice(["mine", "theirs", "both", "this", "other"]), default=None)
@click.option("--again", is_flag=True, help="it was not created: create it again")
@click.option("--found", metavar="ID", default=None, help="it was created: this is its id at the system")
@editing_options
def resolve(  # noqa: PLR0917
    op: str, keep: str | None, again: bool, found: str | None, offline: bool, as_json: bool
) -> None:
    """Decide about an edit that waits for you; what is allowed `outbox` lists as its choices."""
    if sum((keep is not None, again, found is not None)) != 1:
        raise Failure("resolve takes one of --keep, --again and --found ID")

    def planned(opened: OpenProfile) -> Plan:
        from fieldboard.board.deciding import plan_decision
        from fieldboard.board.decisions import TO_DECIDE, decision_of
        from fieldboard.cli.targets import operation_named

        operation = operation_named(opened, op)
        name = operation.label or operation.op_id
        if operation.state not in TO_DECIDE or operation.noted:
            state = "decided already" if operation.noted else operation.state.value
            raise Failure(f"{name} is {state}: there is nothing to decide")
        choice = keep or ("again" if again else "found")
        return plan_decision(opened.desk, decision_of(opened.desk, operation), choice, found)

    edit_profile(planned, offline=offline, as_json=as_json)
