"""`completion`: the script that lets a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from fieldboard.cli.app import general_options, program
from fieldboard.cli.failure import Failure


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@general_options
def completion(shell: str) -> None:
    """Print the completion script of SHELL, to be evaluated by it."""
    maker = get_completion_class(shell)
    if maker is None:
        raise Failure(f"no completion for {shell}")
    click.echo(maker(program, {}, "fieldboard", "_FIELDBOARD_COMPLETE").source())
