"""`doctor`: what is set up, what is not, and what the system can do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fieldboard.cli import checks, failure
from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import OpenProfile, open_profile
from fieldboard.cli.checks import Check
from fieldboard.cli.failure import Ended
from fieldboard.cli.output import as_json, print_json, print_table, say, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fieldboard.cli.shapes import Document
    from fieldboard.domain.rules import Ability


@click.command()
@click.option(
    "--bundle",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="also write a zip for a support request: no token, no customer's data",
)
@as_json
@general_options
def doctor(bundle: Path | None, as_json: bool) -> None:
    """Check configuration, roster, token, address, clock and cache; nothing is written at the system."""
    opened: OpenProfile | None = None
    try:
        opened = open_profile()
        found = checks.run_checks(opened)
    except Exception as error:
        known = failure.failure_of(error)
        if known is None:
            raise
        name = "cache" if known.code == failure.NOT_SAVED else "configuration"
        found = [Check(name, False, str(known), known.code)]
    document = _document(opened, found)
    if bundle is not None and opened is not None:
        from fieldboard.cli.bundle import write_bundle

        write_bundle(bundle, opened, document)
    if opened is not None:
        opened.close()
    if as_json:
        print_json(document)
    else:
        _show(opened, found)
        if bundle is not None and opened is not None:
            say(f"written: {bundle}")
    _end(found)


def _end(found: Sequence[Check]) -> None:
    bad = [one for one in found if one.ok is False]
    if bad:
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        warn(f"fieldboard: {bad[0].name}: {bad[0].says}{more}")
    code = checks.exit_code(found)
    if code:
        raise Ended(code)


def _document(opened: OpenProfile | None, found: Sequence[Check]) -> Document:
    return {
        "profile": opened.profile.name if opened is not None else None,
        "ok": all(one.ok is not False for one in found),
        "checks": [{"name": one.name, "ok": one.ok, "says": one.says} for one in found],
        "lacks": {what.value: why for what, why in _lacks(opened).items()},
    }


def _lacks(opened: OpenProfile | None) -> dict[Ability, str]:
    """What the system cannot do, and why."""
    if opened is None or "rules" not in opened.__dict__:
        return {}
    return dict(opened.rules.lacks)


def _show(opened: OpenProfile | None, found: Sequence[Check]) -> None:
    marks = {True: "ok", False: "WRONG", None: "?"}
    rows = [(one.name, marks[one.ok], one.says) for one in found]
    print_table(("CHECK", "", "WHAT"), rows, "nothing checked", whole=("WHAT",))
    for what, why in _lacks(opened).items():
        say(f"cannot {what.value.replace('_', ' ')}: {why}")
