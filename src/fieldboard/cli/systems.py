"""The systems that this program speaks to: their rules, and their adapters when the line is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from fieldboard.cli.failure import Failure
from fieldboard.domain.value_class import value_class

if TYPE_CHECKING:
    from pathlib import Path

    from fieldboard.backends.port import Backend
    from fieldboard.config import Profile
    from fieldboard.domain.instants import Zone
    from fieldboard.domain.rules import SystemRules
    from fieldboard.roster import Roster


@value_class
class System:
    """One system of this release: where its rules are, and what opens its adapter.

    `rules` is module and function of its rules, beside which `SYSTEM_KEYS` stands; `opens` module and
    function of its adapter, which is loaded only when the line is needed. `lists_nobody` says that whom the
    roster names by id is a technician, `shares_rate` that all processes count their requests together.
    `demo` are the lines that the `[system]` table of a demo has.
    """

    title: str
    rules: tuple[str, str]
    opens: tuple[str, str]
    names_skills: bool = False
    lists_nobody: bool = False
    shares_rate: bool = False
    demo: str = ""


SYSTEMS: Final[Mapping[str, System]] = {
    "fieldcamp": System(
        "FieldCamp",
        ("fieldboard.backends.fieldcamp.rules", "fieldcamp_rules"),
        ("fieldboard.backends.fieldcamp", "open_fieldcamp"),
        names_skills=True,
        demo='window_field = "Arrival window"\n',
    ),
    "fsmnavigator": System(
        "FSM Navigator",
        ("fieldboard.backends.fsmnavigator.rules", "fsmnavigator_rules"),
        ("fieldboard.backends.fsmnavigator", "open_fsmnavigator"),
    ),
    "letsjobit": System(
        "LetsJobIt",
        ("fieldboard.backends.letsjobit.rules", "letsjobit_rules"),
        ("fieldboard.backends.letsjobit", "open_letsjobit"),
        lists_nobody=True,
        shares_rate=True,
    ),
    "fieldopt": System(
        "FieldOpt",
        ("fieldboard.backends.fieldopt.rules", "fieldopt_rules"),
        ("fieldboard.backends.fieldopt", "open_fieldopt"),
    ),
}

HERE = tuple(SYSTEMS)
"""The systems of this release."""


def rules_of(profile: Profile, learned: Mapping[str, str]) -> SystemRules:
    """The rules of a profile's system, with what its live server taught laid over them.

    Raises Failure for a system that is not in this release, and for its own keys where they are wrong.
    """
    check(profile.backend)
    place, name = SYSTEMS[profile.backend].rules
    module = import_module(place)
    keys: frozenset[str] = module.SYSTEM_KEYS
    where = f"[profiles.{profile.name}.system]"
    for key in profile.system:
        if key not in keys:
            from fieldboard.tomlfile import nearest

            raise Failure(f"{where}: there is no key {key!r}; {nearest(key, keys)}")
    try:
        rules: SystemRules = getattr(module, name)(profile.system, learned)
    except ValueError as wrong:
        raise Failure(f"{where}: {wrong}") from wrong
    return rules


def open_backend(  # noqa: PLR0917 - what a profile is made of
    profile: Profile,
    roster: Roster,
    zone: Zone,
    token: Callable[[], str],
    learned: Mapping[str, str],
    shared: Path | None = None,
) -> Backend:
    """The adapter of a profile's system. It connects when it is first used.

    `shared` is a folder that all profiles of this computer have in common. Raises Failure where the
    address or the certificate of the profile cannot be used.
    """
    check(profile.backend)
    system = SYSTEMS[profile.backend]
    place, name = system.opens
    more: dict[str, object] = {"skill_names": roster.skill_names} if system.names_skills else {}
    if system.lists_nobody:
        more["people"] = {one.id: one.name or one.id for one in roster.technicians if one.id is not None}
    if system.shares_rate:
        more["shared"] = shared
    try:
        backend: Backend = getattr(import_module(place), name)(
            profile.base_url,
            token,
            zone=zone,
            timeout_s=profile.timeout_s,
            ca_file=profile.ca_file,
            allow_http=profile.allow_http,
            system=profile.system,
            learned=learned,
            **more,
        )
    except ValueError as wrong:
        raise Failure(f"[profiles.{profile.name}]: {wrong}") from wrong
    return backend


def check_certificate(profile: Profile) -> None:
    """Raises Failure for a `ca_file` that cannot be used: before an edit is saved that needs the line."""
    if profile.ca_file is None:
        return
    import ssl

    try:
        ssl.create_default_context(cafile=profile.ca_file)
    except OSError as wrong:
        raise Failure(f"ca_file: {profile.ca_file} cannot be used: {wrong.strerror or wrong}") from wrong


def title_of(backend: str) -> str:
    """What a system is called; its word in the configuration for one that is not in this release."""
    return SYSTEMS[backend].title if backend in SYSTEMS else backend


def check(backend: str) -> None:
    """Raises Failure for a system that is not in this release."""
    if backend not in HERE:
        raise Failure(f"{backend} is not in this release, which speaks {', '.join(HERE)}")
