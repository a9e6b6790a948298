from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fieldboard import config
from fieldboard.config import ConfigError, ConfigMissing, UiSettings

if TYPE_CHECKING:
    from fieldboard.config import Config


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load(file: Path, text: str) -> Config:
    file.write_text(text, encoding="utf-8")
    return config.load(file)


def error(file: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(file, text)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_all_but_the_backend_has_a_default(file: Path) -> None:
    profile = load(file, '[profiles.north]\nbackend = "fieldcamp"\n').profiles["north"]
    assert profile.name == "north"
    assert profile.base_url == "https://api.fieldcamp.ai"
    assert profile.timezone == "UTC"
    assert profile.token_env == "FIELDBOARD_TOKEN_NORTH"
    assert (profile.token_command, profile.roster, profile.ca_file) == ((), None, None)
    assert (profile.timeout_s, profile.settle_s, profile.poll_s) == (20.0, 30.0, 20.0)
    assert profile.allow_http is False
    assert dict(profile.system) == {}
    assert profile.needs_token


def test_everything_can_be_said(file: Path) -> None:
    said = load(
        file,
        """
        default_profile = "north"
        [profiles.north]
        backend = "fieldcamp"
        base_url = "http://127.0.0.1:9001/"
        timezone = "Europe/London"
        token_env = "NORTH_TOKEN"
        token_command = ["pass", "show", "fieldcamp"]
        roster = "roster.toml"
        timeout_s = 0.5
        settle_s = 1
        poll_s = 2.5
        ca_file = "/etc/company-ca.pem"
        allow_http = true
        [profiles.north.system]
        business_zone = "Europe/Paris"
        [ui]
        theme = "light"
        slot_minutes = 15
        mouse = false
        bell = true
        [keys]
        assign = "A"
        quit = ["q", "ctrl+q"]
        sync = "none"
        """,
    )
    north = said.profiles["north"]
    assert north.base_url == "http://127.0.0.1:9001"
    assert north.timezone == "Europe/London"
    assert north.token_command == ("pass", "show", "fieldcamp")
    assert north.roster == file.parent / "roster.toml"
    assert north.ca_file == Path("/etc/company-ca.pem")
    assert (north.timeout_s, north.settle_s, north.poll_s, north.allow_http) == (0.5, 1.0, 2.5, True)
    assert north.system["business_zone"] == "Europe/Paris"
    assert said.ui == UiSettings("light", 15, False, True)
    assert dict(said.keys) == {"assign": ("A",), "quit": ("q", "ctrl+q"), "sync": ()}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('timezon = "UTC"', "unknown key 'timezon' in [profiles.north]; did you mean 'timezone'?"),
        ('timezone = "Europe/Londn"', "no timezone 'Europe/Londn'; did you mean 'Europe/London'?"),
        ('timezone = "../passwd"', "no timezone"),
        ("timezone = 2", "timezone must be text in quotes, not a number"),
        ('backend = "fieldcmp"', "no backend 'fieldcmp'; did you mean 'fieldcamp'?"),
        ('base_url = "api.fieldcamp.ai"', "is no address"),
        ('base_url = "ftp://api.fieldcamp.ai"', "is no address"),
        ('base_url = "https://host:port"', "is no address"),
        ('base_url = "https://"', "is no address"),
        ('base_url = "https://ho st"', "is no address"),
        ('base_url = "https://host/api/v1"', "write https://host"),
        ('base_url = "http://api.fieldcamp.ai"', "plain http beyond this computer"),
        ('base_url = "http://127.0.0.1.example.com"', "plain http beyond this computer"),
        ('token_env = "fc_live-3f9a"', "token_env is no name of a variable"),
        ("token_command = []", "token_command is empty"),
        ('token_command = "pass show x"', "token_command must be a list of texts"),
        ('token_command = ["pass", 3]', "token_command must be a list of texts"),
        ("timeout_s = 0", "timeout_s must be at least 0.05"),
        ("settle_s = -1", "settle_s must be at least 0"),
        ("poll_s = nan", "poll_s must be at least"),
        ("poll_s = inf", "poll_s must be at least"),
        ("poll_s = true", "poll_s must be a number, not true or false"),
        ('allow_http = "yes"', "allow_http must be true or false, not text"),
        ('roster = ""', "roster is empty"),
        ("system = 3", "system must be a table, not a number"),
    ],
)
def test_a_wrong_line_is_named(file: Path, line: str, said: str) -> None:
    backend = "" if line.startswith("backend") else 'backend = "fieldcamp"\n'
    message = error(file, f"# first\n[profiles.north]\n{backend}{line}\n")
    number = 3 if not backend else 4
    assert message.startswith(f"{file}, line {number}: ")
    assert said in message


def test_a_secret_in_the_wrong_place_is_not_repeated(file: Path) -> None:
    head = '[profiles.north]\nbackend = "fieldcamp"\n'
    assert "s3cret" not in error(file, head + 'token_env = "s3cret-token"\n')
    message = error(file, head + 'base_url = "https://user:s3cret@host"\n')
    assert "s3cret" not in message
    assert "token_env" in message


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[profile.north]\nbackend = "fieldcamp"', 1, "did you mean 'profiles'?"),
        ('[profiles.north]\ntimezone = "UTC"', 1, "has no backend"),
        ('default_profile = "nroth"\n[profiles.north]\nbackend = "fieldcamp"', 1, "did you mean 'north'?"),
        ("[ui]\n\ntheem = 'x'", 3, "did you mean 'theme'?"),
        ("[ui]\nslot_minutes = 20", 2, "slot_minutes is 15, 30 or 60"),
        ("[ui]\nslot_minutes = 30.0", 2, "whole number"),
        ("[keys]\nassign = 3", 2, "assign must be text"),
        ("profiles = 3", 1, "profiles must be a table"),
        ("[profiles]\nnorth = 1", 2, "north must be a table"),
    ],
)
def test_wrong_tables_are_named(file: Path, text: str, line: int, said: str) -> None:
    message = error(file, text)
    assert message.startswith(f"{file}, line {line}: ")
    assert said in message


@pytest.mark.parametrize(
    "address", ["http://localhost:8080", "http://127.8.9.1", "http://[::1]:9001", "http://board.localhost"]
)
def test_plain_http_stays_within_this_computer(file: Path, address: str) -> None:
    profile = load(file, f'[profiles.a]\nbackend = "fieldcamp"\nbase_url = "{address}"\n').profiles["a"]
    assert profile.base_url == address
    assert profile.token_is_safe


def test_plain_http_beyond_it_carries_no_token(file: Path) -> None:
    text = '[profiles.a]\nbackend = "fieldopt"\nbase_url = "http://opt.example"\nallow_http = true\n'
    profile = load(file, text).profiles["a"]
    assert profile.base_url == "http://opt.example"
    assert not profile.token_is_safe
    assert not profile.needs_token


TWO = '[profiles.north]\nbackend = "fieldcamp"\n[profiles.south]\nbackend = "fieldcamp"\n'


def test_the_profile_is_the_nearest_that_is_named(file: Path) -> None:
    both = load(file, 'default_profile = "north"\n' + TWO)
    environ = {"FIELDBOARD_PROFILE": "south"}
    assert both.select("north", environ).name == "north"
    assert both.select(None, environ).name == "south"
    assert both.select(None, {}).name == "north"
    with pytest.raises(ConfigError, match=r"no profile 'nort' .*did you mean 'north'"):
        both.select("nort", {})


def test_the_only_profile_needs_no_name_but_one_of_two_does(file: Path) -> None:
    assert load(file, '[profiles.north]\nbackend = "fieldcamp"\n').select(None, {}).name == "north"
    with pytest.raises(ConfigError, match="Name one with --profile: north, south"):
        load(file, TWO).select(None, {})
    with pytest.raises(ConfigError, match="fieldboard init"):
        load(file, "").select(None, {})


def test_no_file_is_an_error_of_its_own(file: Path) -> None:
    with pytest.raises(ConfigMissing, match="fieldboard init"):
        config.load(file)


@pytest.mark.parametrize(
    ("profile", "variable"),
    [("north", "NORTH"), ("North-2", "NORTH_2"), ("Zürich", "Z_RICH"), ("a b", "A_B")],
)
def test_the_variable_of_a_token_follows_the_profile(profile: str, variable: str) -> None:
    assert config.default_token_env(profile) == f"FIELDBOARD_TOKEN_{variable}"


def test_the_zone_of_the_computer_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":America/Lima")
    assert config.machine_zone() == "America/Lima"
    monkeypatch.setenv("TZ", "nonsense")
    assert config.is_zone(config.machine_zone())


def test_the_file_that_the_readme_shows_is_valid(file: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"```toml\n# config.toml\n(.*?)```", readme, re.S):
        assert load(file, block).profiles
        break
    else:
        pytest.fail("README shows no configuration")


def test_reading_it_loads_nothing_heavy(file: Path) -> None:
    file.write_text('[profiles.north]\nbackend = "fieldcamp"\ntimezone = "UTC"\n')
    code = (
        "import sys; from pathlib import Path; from fieldboard import config, roster, secret, themes_file;"
        "config.load(Path(sys.argv[1]));"
        "heavy = {'pydantic', 'httpx', 'textual', 'rich', 'sqlite3', 'keyring', 'asyncio', 'platformdirs'};"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
