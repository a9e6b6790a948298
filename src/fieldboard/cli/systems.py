"""The systems that this program speaks to: their rules, and their adapters when the line is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.cli.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fieldboard.backends.port import Backend
    from fieldboard.config import Profile
    from fieldboard.domain.instants import Zone
    from fieldboard.domain.rules import SystemRules
    from fieldboard.roster import Roster

HERE = ("fieldcamp",)
"""The systems of this release."""


def rules_of(profile: Profile, learned: Mapping[str, str]) -> SystemRules:
    """The rules of a profile's system, with what its live server taught laid over them.

    Raises Failure for a system that is not in this release, and for its own keys where they are wrong.
    """
    check(profile.backend)
    from fieldboard.backends.fieldcamp.rules import SYSTEM_KEYS, fieldcamp_rules

    for key in profile.system:
        if key not in SYSTEM_KEYS:
            from fieldboard.tomlfile import nearest

            where = f"[profiles.{profile.name}.system]"
            raise Failure(f"{where}: there is no key {key!r}; {nearest(key, SYSTEM_KEYS)}")
    try:
        return fieldcamp_rules(profile.system, learned)
    except ValueError as wrong:
        raise Failure(f"[profiles.{profile.name}.system]: {wrong}") from wrong


def open_backend(
    profile: Profile,
    roster: Roster,
    zone: Zone,
    token: Callable[[], str],
    learned: Mapping[str, str],
) -> Backend:
    """The adapter of a profile's system. It connects when it is first used.

    Raises Failure where the address or the certificate of the profile cannot be used.
    """
    check(profile.backend)
    from fieldboard.backends.fieldcamp import open_fieldcamp

    try:
        return open_fieldcamp(
            profile.base_url,
            token,
            zone=zone,
            timeout_s=profile.timeout_s,
            ca_file=profile.ca_file,
            allow_http=profile.allow_http,
            skill_names=roster.skill_names,
            system=profile.system,
            learned=learned,
        )
    except ValueError as wrong:
        raise Failure(f"[profiles.{profile.name}]: {wrong}") from wrong


def check_certificate(profile: Profile) -> None:
    """Raises Failure for a `ca_file` that cannot be used: before an edit is saved that needs the line."""
    if profile.ca_file is None:
        return
    import ssl

    try:
        ssl.create_default_context(cafile=profile.ca_file)
    except OSError as wrong:
        raise Failure(f"ca_file: {profile.ca_file} cannot be used: {wrong.strerror or wrong}") from wrong


def check(backend: str) -> None:
    """Raises Failure for a system that is not in this release."""
    if backend not in HERE:
        raise Failure(f"{backend} is not in this release, which speaks {', '.join(HERE)}")
