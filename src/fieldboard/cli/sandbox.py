"""`sandbox`: the embedded server of a system, on this computer alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from fieldboard.cli.app import general_options
from fieldboard.cli.failure import Failure
from fieldboard.cli.output import print_json, say

if TYPE_CHECKING:
    from pathlib import Path

TOKEN_VARIABLE = "FIELDBOARD_SANDBOX_TOKEN"  # noqa: S105 - the name of a variable
"""If set, the token that the sandbox accepts; else it makes one up."""


@click.command()
@click.argument("system", metavar="SYSTEM")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="default: a free one")
@click.option("--technicians", type=click.IntRange(1, 5000), default=None, help="how many technicians")
@click.option("--jobs", type=click.IntRange(0, 500_000), default=None, help="how many jobs, exactly")
@click.option("--days", type=click.IntRange(1, 400), default=None, help="over how many days they spread")
@click.option("--seed", type=int, default=1, show_default=True, help="the same seed, the same world on a day")
@click.option("--live", is_flag=True, help="let the world move: technicians work, new jobs come in")
@click.option("--faults", metavar="NAME", default=None, help="slow, flaky, down, ratelimited …")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="an option of that server")
@click.option("--zone", default=None, help="the zone of the world's working day")
@click.option("--write-roster", type=click.Path(dir_okay=False), default=None, hidden=True)
@click.option("--until-stdin-ends", "tied", is_flag=True, hidden=True)
@click.option("--json", "as_json", is_flag=True, help='print {"url", "token"} as the first line')
@general_options
def sandbox(  # noqa: PLR0917
    system: str,
    port: int,
    technicians: int | None,
    jobs: int | None,
    days: int | None,
    seed: int,
    live: bool,
    faults: str | None,
    settings: tuple[str, ...],
    zone: str | None,
    write_roster: Path | None,
    tied: bool,
    as_json: bool,
) -> None:
    """Serve SYSTEM (fieldcamp, fsmnavigator …) over a seeded world until interrupted."""
    if tied:
        from fieldboard.cli.lifeline import end_with_stdin

        end_with_stdin()
    from fieldboard.sandbox import serve

    pairs: dict[str, str] = {}
    for setting in settings:
        key, sign, value = setting.partition("=")
        if not sign or not key:
            raise Failure(f'--set takes KEY=VALUE, not "{setting}"')
        pairs[key] = value

    def ready(url: str, token: str) -> None:
        if as_json:
            print_json({"url": url, "token": token or None})
        else:
            key = f"with token {token}" if token else "without a token"
            say(f"{system} sandbox at {url} {key} (Ctrl+C ends it)")
        import sys

        sys.stdout.flush()

    try:
        serve.run(
            system,
            port=port,
            technicians=technicians,
            jobs=jobs,
            days=days,
            seed=seed,
            live=live,
            faults=faults,
            settings=pairs,
            token=os.environ.get(TOKEN_VARIABLE) or None,
            zone=zone,
            roster_file=write_roster,
            on_ready=ready,
        )
    except serve.SandboxError as wrong:
        raise Failure(str(wrong)) from wrong
