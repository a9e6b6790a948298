"""The program's commands, loaded one by one so that none pays for another's imports."""

from __future__ import annotations

import gc
from importlib import import_module
from typing import Any, Final

import click

import fieldboard

COMMANDS: Final = {
    "board": ("fieldboard.cli.board_command", "open the board (also without any command)"),
    "demo": ("fieldboard.cli.demo", "the board on an embedded sandbox; leaves nothing behind"),
    "sandbox": ("fieldboard.cli.sandbox", "just the embedded server of a system"),
    "sync": ("fieldboard.cli.sync", "one whole round with the system"),
    "technicians": ("fieldboard.cli.listing", "list technicians"),
    "jobs": ("fieldboard.cli.listing", "list jobs"),
    "visits": ("fieldboard.cli.listing", "list visits"),
    "suggest": ("fieldboard.cli.listing", "rank the technicians for a job"),
    "assign": ("fieldboard.cli.editing", "assign or reassign a job or visit"),
    "unassign": ("fieldboard.cli.editing", "put a job or visit back into the queue"),
    "reschedule": ("fieldboard.cli.editing", "move a job or visit in time"),
    "status": ("fieldboard.cli.editing", "set a status"),
    "create": ("fieldboard.cli.creating", "create a job"),
    "edit": ("fieldboard.cli.creating", "change a job"),
    "note": ("fieldboard.cli.editing", "add a note to a job"),
    "delete": ("fieldboard.cli.editing", "delete a job"),
    "visit": ("fieldboard.cli.creating", "add a visit to a job"),
    "crew": ("fieldboard.cli.editing", "change who goes on a visit"),
    "reorder": ("fieldboard.cli.editing", "change the order of a day"),
    "technician": ("fieldboard.cli.editing", "set a technician's status or position"),
    "outbox": ("fieldboard.cli.outbox", "list the edits of the last 30 days"),
    "resolve": ("fieldboard.cli.outbox", "decide about an edit that waits for you"),
    "retry": ("fieldboard.cli.outbox", "try a refused edit again"),
    "undo": ("fieldboard.cli.outbox", "take an edit back"),
    "redo": ("fieldboard.cli.outbox", "do again what was taken back"),
    "history": ("fieldboard.cli.history", "what changed, when, by whom"),
    "export": ("fieldboard.cli.export", "a day as ics, csv, json, svg or txt"),
    "init": ("fieldboard.cli.setup", "set up a profile by questions"),
    "profiles": ("fieldboard.cli.setup", "list the profiles"),
    "login": ("fieldboard.cli.setup", "put the token into the keyring"),
    "logout": ("fieldboard.cli.setup", "take the token out of the keyring"),
    "doctor": ("fieldboard.cli.doctor", "check configuration, token, address, clock and cache"),
    "purge": ("fieldboard.cli.purge", "remove what is older than it need be"),
    "completion": ("fieldboard.cli.completion", "print the completion script of a shell"),
    "sync-service": ("fieldboard.cli.sync_service", ""),
}
"""Command → the module that has it (as an attribute of its name) and its line in `--help`."""

HIDDEN: Final = frozenset({"sync-service"})


class Commands(click.Group):
    """The group: it knows every command's line without importing the command."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All commands but those for the program's own use, in the order of the day."""
        return [name for name in COMMANDS if name not in HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command. None for a word that is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _says = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), cmd_name.replace("-", "_"))
        gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of commands from the lines above, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_module, says) in COMMANDS.items() if says])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command. An unknown word is answered with the nearest that exists."""
        word = args[0] if args else ""
        if word not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(word, [*self.list_commands(ctx)], n=1, cutoff=0.6)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            raise click.UsageError(f'there is no command "{word}"{hint}', ctx)
        return super().resolve_command(ctx, args)


def general_options(command: Any) -> Any:
    """`--config` and `--profile`, which may stand before or after the command."""
    command = click.option(
        "--profile",
        metavar="NAME",
        help="the profile to use",
        expose_value=False,
        callback=_remember,
        is_eager=True,
    )(command)
    return click.option(
        "--config",
        metavar="FILE",
        help="the configuration file",
        expose_value=False,
        callback=_remember,
        is_eager=True,
    )(command)


def _remember(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    chosen = ctx.find_root().ensure_object(dict)
    if value is not None and param.name is not None:
        chosen[param.name] = value
    return value


def chosen(name: str) -> str | None:
    """The general option `name` of the command that runs now; None where it was not given."""
    ctx = click.get_current_context()
    value = ctx.find_root().ensure_object(dict).get(name)
    return value if isinstance(value, str) else None


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(fieldboard.__version__, prog_name="fieldboard", message="%(prog)s %(version)s")
@general_options
@click.pass_context
def program(ctx: click.Context) -> None:
    """Dispatch technicians from the terminal: a board, a queue and a timeline, online and offline.

    Without a command the board opens.
    """
    if ctx.invoked_subcommand is None:
        from fieldboard.cli.board_command import board

        ctx.invoke(board)
