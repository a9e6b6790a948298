"""The token: from a variable, a command or the keyring; never in a file, a log or an argument of ours."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fieldboard.tomlfile import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fieldboard.config import Profile

COMMAND_SECONDS: Final = 10.0
SERVICE: Final = "fieldboard"
HIDDEN: Final = "•••"


class TokenMissing(ConfigError):
    """No token can be had; the message names what would give one."""


def find_token(profile: Profile, environ: Mapping[str, str]) -> str:
    """The token of a profile: its variable, the output of its command, the keyring; nearest first.

    Raises TokenMissing where there is none, where the command fails, prints nothing or takes longer than
    ten seconds, and where the address is one that a token must not be sent to.
    """
    if not profile.token_is_safe:
        raise TokenMissing(
            f"profile {profile.name}: a token is not sent over plain http; use https in base_url"
        )
    value = environ.get(profile.token_env, "").strip()
    if value:
        return _usable(value, f"${profile.token_env}")
    if profile.token_command:
        return _usable(run_command(profile.token_command), "the output of token_command")
    stored = _from_keyring(profile.name)
    if stored:
        return _usable(stored, "the token in the keyring")
    # The way out comes first: a line of the board may be too short for all of it.
    raise TokenMissing(
        f"no token: set {profile.token_env} (token_env of profile {profile.name}), "
        "or token_command in the configuration"
    )


def run_command(command: tuple[str, ...], seconds: float = COMMAND_SECONDS) -> str:
    """The first line that a token command prints. It is run without a shell and without input.

    Raises TokenMissing where it cannot be started, fails, is slow or prints nothing.
    """
    name = command[0]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no command"
        raise TokenMissing(f"token_command: {name} cannot be started: {reason}") from None
    with process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            raise TokenMissing(
                f"token_command: {name} gave no answer in {seconds:g} s; run it to see what it waits for"
            ) from None
        except BaseException:
            _end(process)
            raise
    if process.returncode != 0:
        raise TokenMissing(
            f"token_command: {name} failed (exit {process.returncode}); run it by hand to see why"
        )
    lines = output.decode("utf-8", "replace").strip().splitlines()
    if not lines:
        raise TokenMissing(f"token_command: {name} printed nothing; it should print the token")
    return lines[0].strip()


def save_token(profile: str, token: str) -> None:
    """Put a profile's token into the keyring.

    Raises TokenMissing where no keyring can be used.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise TokenMissing(_no_keyring("the extra is not installed")) from None
    try:
        keyring.set_password(SERVICE, profile, token)
    except (KeyringError, OSError, RuntimeError) as error:
        raise TokenMissing(_no_keyring(type(error).__name__)) from None
    if _from_keyring(profile) != token:
        raise TokenMissing(_no_keyring("it keeps nothing"))


def forget_token(profile: str) -> bool:
    """Remove a profile's token from the keyring; whether there was one.

    Raises TokenMissing where no keyring can be used.
    """
    try:
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError
    except ImportError:
        raise TokenMissing(_no_keyring("the extra is not installed")) from None
    try:
        keyring.delete_password(SERVICE, profile)
    except PasswordDeleteError:
        return False
    except (KeyringError, OSError, RuntimeError) as error:
        raise TokenMissing(_no_keyring(type(error).__name__)) from None
    return True


def redact(text: str, token: str) -> str:
    """The text with every appearance of the token hidden, also as it stands in an address."""
    for form in {token, quote(token, safe="")} if token else ():
        text = text.replace(form, HIDDEN)
    return text


def _from_keyring(profile: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return (keyring.get_password(SERVICE, profile) or "").strip()
    except (KeyringError, OSError, RuntimeError):
        return ""  # no keyring on this computer, or it stays locked


def _no_keyring(why: str) -> str:
    return f"no usable keyring ({why}); use token_env or token_command in the configuration instead"


def _usable(token: str, where: str) -> str:
    """The token, where it can stand in a header; it must not carry a line break or the like into one."""
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise TokenMissing(f"{where} cannot be a token: it has a space, a line break or a special character")
    return token


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and what it started: a child of it could keep the pipe open for ever."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    if process.stdout is not None:
        process.stdout.close()
    process.wait()
