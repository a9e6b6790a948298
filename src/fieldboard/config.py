"""The configuration: which systems there are, and how the board should behave.

Read with tomllib into frozen values, and quickly: the board reads it before anything is painted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from fieldboard.domain.value_class import value_class
from fieldboard.tomlfile import ConfigError, Section, TomlFile, nearest

__all__ = ["BACKENDS", "Config", "ConfigError", "ConfigMissing", "Profile", "UiSettings", "load"]

PROFILE_VARIABLE: Final = "FIELDBOARD_PROFILE"

BACKENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "fieldcamp": "https://api.fieldcamp.ai",
        "fsmnavigator": "https://fsmnavigator.com",
        "letsjobit": "https://app.letsjobit.com",
        "fieldopt": "http://localhost:8000",
    }
)
"""The systems by name, each with the vendor's own address."""

WITHOUT_TOKEN: Final = frozenset({"fieldopt"})
"""Systems that may be run without a token."""

SLOT_MINUTES: Final = (15, 30, 60)

_TOP: Final = ("default_profile", "profiles", "ui", "keys")
_PROFILE: Final = (
    *("backend", "base_url", "timezone", "token_env", "token_command", "roster"),
    *("timeout_s", "settle_s", "poll_s", "ca_file", "allow_http", "system"),
)
_UI: Final = ("theme", "slot_minutes", "mouse", "bell")
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


class ConfigMissing(ConfigError):
    """There is no configuration file."""


@value_class
class UiSettings:
    """The `[ui]` table. `theme` None: the one last chosen, else the default."""

    theme: str | None = None
    slot_minutes: int = 30
    mouse: bool = True
    bell: bool = False


@value_class
class Profile:
    """One account at one system.

    `base_url` has scheme, host and port alone. Times are seconds: `timeout_s` for one request from start to
    last byte, `settle_s` how long an edit whose answer was lost may still take effect at the server, `poll_s`
    between rounds while a board is in use. `system` holds the keys of that one system, as they stand.
    """

    name: str
    backend: str
    base_url: str
    timezone: str
    token_env: str
    token_command: tuple[str, ...] = ()
    roster: Path | None = None
    timeout_s: float = 20.0
    settle_s: float = 30.0
    poll_s: float = 20.0
    ca_file: Path | None = None
    allow_http: bool = False
    system: Mapping[str, Any] = field(default_factory=lambda: _EMPTY, hash=False)

    @property
    def needs_token(self) -> bool:
        """Whether the system answers nobody without a token."""
        return self.backend not in WITHOUT_TOKEN

    @property
    def token_is_safe(self) -> bool:
        """Whether a token may be sent to the address: over TLS, or within this computer."""
        parts = urlsplit(self.base_url)
        return parts.scheme == "https" or is_loopback(parts.hostname or "")


@value_class
class Config:
    """What the file says. `keys` maps an act to its keys; no key at all means that they were taken away."""

    path: Path
    profiles: Mapping[str, Profile] = field(default_factory=lambda: MappingProxyType({}))
    default_profile: str | None = None
    ui: UiSettings = UiSettings()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def select(self, name: str | None, environ: Mapping[str, str]) -> Profile:
        """The profile to work with: `name`, ``$FIELDBOARD_PROFILE``, the file's default, the only one.

        Raises ConfigError where none of them says which, or the one named does not exist.
        """
        if not self.profiles:
            raise ConfigError(f'{self.path}: no profile in it; add one with "fieldboard init"')
        for wanted, by in (
            (name, "--profile"),
            (environ.get(PROFILE_VARIABLE) or None, f"${PROFILE_VARIABLE}"),
            (self.default_profile, "default_profile"),
        ):
            if wanted is not None:
                if wanted in self.profiles:
                    return self.profiles[wanted]
                hint = nearest(wanted, self.profiles)
                raise ConfigError(f"{self.path}: no profile {wanted!r} ({by}); {hint}")
        if len(self.profiles) == 1:
            return next(iter(self.profiles.values()))
        names = ", ".join(self.profiles)
        raise ConfigError(f"{self.path}: which profile? Name one with --profile: {names}")


def load(path: Path) -> Config:
    """Read and check the configuration file.

    Raises ConfigMissing where there is none, and ConfigError for anything in it that is wrong.
    """
    if not path.exists():
        raise ConfigMissing(f'no configuration at {path}; make one with "fieldboard init"')
    file = TomlFile.read(path, "the configuration")
    root = file.root
    root.only(_TOP)
    profiles: dict[str, Profile] = {}
    tables = root.section("profiles")
    for name in tables.data if tables is not None else ():
        section = tables.section(name) if tables is not None else None
        if section is not None:
            profiles[name] = _profile(name, section)
    default = root.text("default_profile")
    if default is not None and default not in profiles:
        hint = nearest(default, profiles) if profiles else "there is no profile in this file"
        raise root.fail("default_profile", f"default_profile is {default!r}, which is no profile; {hint}")
    return Config(
        path=path,
        profiles=MappingProxyType(profiles),
        default_profile=default,
        ui=_ui(root.section("ui")),
        keys=MappingProxyType(_keys(root.section("keys"))),
    )


def default_token_env(profile: str) -> str:
    """The variable that holds a profile's token where the file names none."""
    return "FIELDBOARD_TOKEN_" + re.sub(r"[^A-Z0-9]", "_", profile.upper())


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this computer."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    from ipaddress import ip_address

    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def machine_zone() -> str:
    """The IANA name of this computer's zone; where it has none, UTC or a fixed offset of whole hours."""
    names = [os.environ.get("TZ", "").lstrip(":")]
    try:
        names.append(os.path.realpath("/etc/localtime").partition("zoneinfo/")[2])
        names.append(Path("/etc/timezone").read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        pass
    for name in names:
        if name and not name.startswith("/") and is_zone(name):
            return name
    from datetime import datetime

    offset = datetime.now().astimezone().utcoffset()
    hours, rest = divmod(int(offset.total_seconds()), 3600) if offset is not None else (0, 0)
    # The signs of the Etc zones are those of POSIX: west is positive.
    return "UTC" if rest or not hours else f"Etc/GMT{-hours:+d}"


def is_zone(name: str) -> bool:
    """Whether there is a zone of that IANA name."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _profile(name: str, section: Section) -> Profile:
    section.only(_PROFILE)
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise section.fail(None, f"{name!r} cannot name a profile; use letters and digits")
    backend = section.text("backend")
    if backend is None:
        raise section.fail(None, f"{section.title} has no backend; it is one of {', '.join(BACKENDS)}")
    if backend not in BACKENDS:
        raise section.fail("backend", f"no backend {backend!r}; {nearest(backend, BACKENDS)}")
    allow_http = section.flag("allow_http", False)
    system = section.section("system")
    token_env = section.text("token_env") or default_token_env(name)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", token_env):
        # The value is not repeated: somebody may have put the token itself here.
        raise section.fail(
            "token_env", "token_env is no name of a variable; put the token into a variable, not here"
        )
    timeout_s = section.number("timeout_s", 20.0, least=0.05)
    return Profile(
        name=name,
        backend=backend,
        base_url=_base_url(section, backend, allow_http),
        timezone=_timezone(section),
        token_env=token_env,
        token_command=_command(section),
        roster=_path(section, "roster"),
        timeout_s=timeout_s,
        settle_s=section.number("settle_s", 30.0),
        poll_s=section.number("poll_s", 20.0, least=0.05),
        ca_file=_path(section, "ca_file"),
        allow_http=allow_http,
        system=MappingProxyType(dict(system.data)) if system is not None else _EMPTY,
    )


def _base_url(section: Section, backend: str, allow_http: bool) -> str:
    text = section.text("base_url")
    if text is None:
        return BACKENDS[backend]
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise section.fail(
            "base_url", "base_url is no address; write it like https://example.com:8443"
        ) from None
    netloc = parts.netloc.rpartition("@")[2]
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(
        netloc.removesuffix(f":{port}").rstrip(":")
    ):
        raise section.fail("base_url", "base_url is no address; write it like https://example.com:8443")
    if "@" in parts.netloc:
        raise section.fail("base_url", "base_url holds a user or password; the token goes into token_env")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise section.fail(
            "base_url", f"base_url is scheme, host and port alone; write {parts.scheme}://{parts.netloc}"
        )
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        raise section.fail(
            "base_url",
            "base_url is plain http beyond this computer; use https (or allow_http, without a token)",
        )
    return f"{parts.scheme}://{netloc.rstrip(':').lower()}"


def _timezone(section: Section) -> str:
    name = section.text("timezone")
    if name is None:
        return machine_zone()
    if not is_zone(name):
        from zoneinfo import available_timezones

        close = nearest(name, sorted(available_timezones()))
        hint = close if close.startswith("did") else "write an IANA name like Europe/London"
        raise section.fail("timezone", f"no timezone {name!r}; {hint}")
    return name


def _command(section: Section) -> tuple[str, ...]:
    if "token_command" in section.data:
        words = section.texts("token_command")
        if not words:
            raise section.fail("token_command", 'token_command is empty; write it like ["pass", "show", "…"]')
        return words
    return ()


def _path(section: Section, name: str) -> Path | None:
    text = section.text(name)
    return section.file.path.parent / Path(text).expanduser() if text is not None else None


def _ui(section: Section | None) -> UiSettings:
    if section is None:
        return UiSettings()
    section.only(_UI)
    slot = section.integer("slot_minutes", least=1)
    if slot is not None and slot not in SLOT_MINUTES:
        raise section.fail("slot_minutes", f"slot_minutes is 15, 30 or 60, not {slot}")
    return UiSettings(
        theme=section.text("theme"),
        slot_minutes=slot or UiSettings().slot_minutes,
        mouse=section.flag("mouse", True),
        bell=section.flag("bell", False),
    )


def _keys(section: Section | None) -> dict[str, tuple[str, ...]]:
    """The `[keys]` table. Which acts there are, only the keymap knows: it checks the names."""
    keys: dict[str, tuple[str, ...]] = {}
    for act in section.data if section is not None else ():
        if section is None:
            break
        value = section.data[act]
        words = section.texts(act) if isinstance(value, list) else (section.text(act) or "",)
        keys[act] = tuple(word.strip() for word in words if word.strip() != "none")
    return keys
