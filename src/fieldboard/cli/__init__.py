"""The command line: it reads what was typed, puts the program together and says how it went."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from click import UsageError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (those of `fieldboard.cli.failure`).

    Errors go to standard error in one line, never as a traceback.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    # What is imported stays: until the command runs, looking for cycles among it is waste.
    gc.disable()
    try:
        return _run(arguments)
    finally:
        gc.enable()


def _run(arguments: list[str]) -> int:
    from fieldboard.cli import failure
    from fieldboard.cli.plain import plain_board

    try:
        plain = plain_board(arguments)
        if plain is None:
            from fieldboard.cli.standard_output import told_by_commands

            with told_by_commands():
                return _command(arguments)
        from fieldboard.cli.board import open_board

        return open_board(plain.config, plain.profile, offline=plain.offline)
    except KeyboardInterrupt:
        return _say("interrupted", failure.INTERRUPTED)
    except failure.Ended as ended:
        return ended.code
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has had enough (click tells it as SystemExit): that is no error.
        return _hush()
    except Exception as error:
        known = failure.failure_of(error)
        if known is not None:
            return _say(str(known), known.code)
        return _say(_defect(error), failure.DEFECT)


def _command(arguments: list[str]) -> int:
    """Have click read the arguments and run the command."""
    import click

    from fieldboard.cli import failure
    from fieldboard.cli.app import program

    try:
        outcome = program.main(arguments, prog_name="fieldboard", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.UsageError as wrong:
        return _say(_usage(wrong), failure.USAGE)
    except click.Abort:
        return _say("interrupted", failure.INTERRUPTED)
    except click.ClickException as wrong:
        return _say(wrong.format_message(), failure.USAGE)
    return outcome if isinstance(outcome, int) else failure.DONE


def _hush() -> int:
    """End well without another word."""
    from fieldboard.cli.failure import DONE
    from fieldboard.cli.standard_output import drop_the_rest

    drop_the_rest()
    return DONE


def _usage(wrong: UsageError) -> str:
    ctx = wrong.ctx
    command = f' ("{ctx.command_path} --help" shows how)' if ctx is not None else ""
    return f"{' '.join(wrong.format_message().split()).rstrip('.')}{command}"


def _defect(error: Exception) -> str:
    """What is said of a defect of ours. Its traceback goes to the log, with the token redacted."""
    import os

    from fieldboard import paths
    from fieldboard.log import close_log, open_log

    folder = paths.log_dir(paths.data_dir(os.environ))
    # A token may stand in what failed: whatever a variable of that kind holds is hidden.
    secrets = [value for name, value in os.environ.items() if "TOKEN" in name.upper() and value]
    open_log(folder, "cli", secrets).error("a command failed", exc_info=error)
    close_log()
    return (
        f"this is a defect of fieldboard ({type(error).__name__}); what was saved is safe, "
        f"the details are in {folder / 'cli.log'}"
    )


def _say(text: str, code: int) -> int:
    from fieldboard.cli.output import warn

    warn(f"fieldboard: {text}")
    return code
