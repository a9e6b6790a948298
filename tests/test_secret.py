from __future__ import annotations

import os
import select
import sys
from pathlib import Path

import pytest

from fieldboard import secret
from fieldboard.config import Profile
from fieldboard.secret import TokenMissing

TOKEN = "fc_live_3f9a/=b"


def profile(command: tuple[str, ...] = (), base_url: str = "https://api.fieldcamp.ai") -> Profile:
    return Profile("north", "fieldcamp", base_url, "UTC", "NORTH_TOKEN", command)


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


def test_the_variable_wins_over_the_command() -> None:
    command = python("print('other')")
    assert secret.find_token(profile(command), {"NORTH_TOKEN": f" {TOKEN}\n"}) == TOKEN
    assert secret.find_token(profile(command), {"NORTH_TOKEN": ""}) == "other"


def test_the_first_line_of_the_command_is_the_token() -> None:
    assert secret.find_token(profile(python(f"print({TOKEN!r}); print('user: x')")), {}) == TOKEN


def test_the_command_gets_no_shell_and_no_input(tmp_path: Path) -> None:
    command = (*python("import sys; print(sys.argv[1] + sys.stdin.read())"), f"$(touch${{IFS}}{tmp_path}/x)")
    assert secret.find_token(profile(command), {}) == command[-1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (python("print()"), "printed nothing"),
        (python("print('s3cret'); raise SystemExit(3)"), r"failed \(exit 3\)"),
        (python("import os; os.kill(os.getpid(), 9)"), "failed"),
        (python("print('two words')"), "cannot be a token"),
        (python("print('s3cret\\x1b[0m')"), "cannot be a token"),
        (("/nonexistent/pass",), "cannot be started: No such file"),
        (("nul\0byte",), "cannot be started"),
    ],
)
def test_a_command_that_does_not_do_is_named(command: tuple[str, ...], said: str) -> None:
    with pytest.raises(TokenMissing, match=said) as caught:
        secret.find_token(profile(command), {})
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value).replace(" ".join(command), "")


def test_a_slow_command_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    # The child's child keeps the output open, and the pipe that tells whether it lives.
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(TokenMissing, match=r"no answer in 1 s"):
            secret.run_command(("sh", "-c", f"exec 3>'{alive}'; sleep 60 & wait"), seconds=1)
        assert select.select([reader], [], [], 10)[0], "something that the command started still runs"
        assert os.read(reader, 1) == b""
    finally:
        os.close(reader)


def test_without_any_token_both_ways_are_named() -> None:
    with pytest.raises(TokenMissing, match=r"set NORTH_TOKEN \(token_env .*or token_command"):
        secret.find_token(profile(), {})


def test_no_token_for_plain_http_beyond_this_computer() -> None:
    environ = {"NORTH_TOKEN": TOKEN}
    with pytest.raises(TokenMissing, match="not sent over plain http"):
        secret.find_token(profile(base_url="http://api.fieldcamp.ai"), environ)
    assert secret.find_token(profile(base_url="http://127.0.0.1:9001"), environ) == TOKEN


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "tab\there", "köln", "a b"])
def test_a_token_cannot_carry_a_line_into_a_header(token: str) -> None:
    with pytest.raises(TokenMissing, match=r"\$NORTH_TOKEN cannot be a token") as caught:
        secret.find_token(profile(), {"NORTH_TOKEN": token})
    assert token not in str(caught.value)


def test_a_keyring_that_keeps_nothing_is_said_so() -> None:
    with pytest.raises(TokenMissing, match="token_env or token_command"):
        secret.save_token("north", TOKEN)


def test_the_token_is_hidden_wherever_it_stands() -> None:
    assert secret.redact(f"Bearer {TOKEN}, ?key=fc_live_3f9a%2F%3Db", TOKEN) == "Bearer •••, ?key=•••"
    assert secret.redact("nothing", "") == "nothing"
