"""`board` as a command with options."""

from __future__ import annotations

import click

from fieldboard.cli.app import chosen, general_options
from fieldboard.cli.board import open_board
from fieldboard.cli.failure import Ended


@click.command()
@click.option("--date", "day", metavar="D", default=None, help="the day to open: 2026-06-04, tomorrow, +3 …")
@click.option("--offline", is_flag=True, help="show the cache; send and fetch nothing")
@click.option("--no-mouse", is_flag=True, help="leave the mouse to the terminal")
@click.option("--theme", default=None, help="a theme's name")
@general_options
def board(
    day: str | None = None, offline: bool = False, no_mouse: bool = False, theme: str | None = None
) -> None:
    """Open the board."""
    mouse = False if no_mouse else None
    config, profile = chosen("config"), chosen("profile")
    raise Ended(open_board(config, profile, day=day, offline=offline, mouse=mouse, theme=theme))
