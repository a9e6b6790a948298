"""What `doctor` looks at: configuration, roster, token, the live account, clock, cache. It writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fieldboard.cli import failure, systems
from fieldboard.cli.assemble import OpenProfile

if TYPE_CHECKING:
    from fieldboard.backends.port import Backend, Probe
    from fieldboard.domain.technician import Technician
    from fieldboard.roster import Roster

CLOCK_FAR_OFF_S: Final = 120


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `ok` None: it could not be told. `code` is the exit code if it is not well."""

    name: str
    ok: bool | None
    says: str
    code: int = failure.DONE


def run_checks(opened: OpenProfile) -> list[Check]:
    """Everything about a profile, in the order in which one thing needs the other."""
    found = [*_damaged(opened)]
    if found:
        # Nothing can be read through a damaged file; the other files are better left alone, too.
        return found
    found = [_configuration(opened)]
    found += _looks(opened, configured=found[0].ok is True)
    roster = _roster_file(opened)
    found += [roster] if roster is not None else []
    token = _token(opened)
    found.append(token)
    live: list[Technician] | None = None
    if token.ok is not False and found[0].ok:
        probes, live = asyncio.run(_ask(opened))
        found += _merged(probes, {one.name for one in found if one.ok})
    found += _cache(opened)
    if roster is not None and roster.ok:
        found += _roster_entries(opened, live)
    return found


def exit_code(checks: Sequence[Check]) -> int:
    """0 where all is well, else the code of the first that is not."""
    return next((one.code for one in checks if one.ok is False and one.code), failure.DONE)


def _damaged(opened: OpenProfile) -> Iterator[Check]:
    """The files that are damaged: looked for while none of them is open."""
    from fieldboard.cache.salvage import damage

    for path in damage(opened.files):
        says = f"{path} is damaged; fieldboard sync puts the file aside and saves what can be saved"
        yield Check("files", False, says, failure.NOT_SAVED)


def _configuration(opened: OpenProfile) -> Check:
    path, profile = opened.config.path, opened.profile
    says = f"{path}: profile {profile.name}, {profile.backend} at {profile.base_url}, zone {profile.timezone}"
    try:
        _ = opened.rules
        systems.check_certificate(opened.profile)
        _check_keys(opened)
    except Exception as error:
        known = failure.failure_of(error)
        if known is None or known.code == failure.NOT_SAVED:
            raise
        return Check("configuration", False, str(known), known.code)
    return Check("configuration", True, says)


def _check_keys(opened: OpenProfile) -> None:
    """Raises ConfigError for a `[keys]` table that names no act or takes one key twice."""
    from fieldboard.board.keys import keymap_of

    keymap_of(opened.config)


def _looks(opened: OpenProfile, *, configured: bool) -> Iterator[Check]:
    """A theme that cannot be used, and acts that lost their key: what the board says when it opens.

    Of keys only where the rest of the configuration is well: a table of keys may be what is wrong with it.
    """
    from fieldboard.cli.looks import keyless, themes_for

    try:
        _, wrong = themes_for(opened.config.path, opened.config)
    except failure.Failure as missing:
        yield Check("theme", False, str(missing), failure.USAGE)
    else:
        for error in wrong:
            yield Check("theme", False, str(error), failure.USAGE)
    if configured:
        for says in keyless(opened.config):
            yield Check("keys", False, says, failure.USAGE)


def _roster_file(opened: OpenProfile) -> Check | None:
    from fieldboard.tomlfile import ConfigError

    if opened.profile.roster is None:
        return None
    try:
        roster = opened.roster
    except ConfigError as wrong:
        return Check("roster", False, str(wrong), failure.USAGE)
    return Check("roster", True, f"{opened.profile.roster}: {len(roster.technicians)} entries")


def _roster_entries(opened: OpenProfile, live: list[Technician] | None) -> Iterator[Check]:
    """The entries that match no technician, each with its line and the nearest name."""
    technicians = live if live is not None else opened.store.technicians()
    if not technicians:
        yield Check("roster entries", None, "no technicians are known yet; run: fieldboard sync")
        return
    strangers = list(unmatched(opened.roster, technicians))
    for line, says in strangers:
        yield Check("roster entries", False, f"{opened.profile.roster}:{line}: {says}", failure.USAGE)
    if not strangers:
        yield Check("roster entries", True, "every entry matches a technician")


def unmatched(roster: Roster, technicians: Sequence[Technician]) -> Iterator[tuple[int, str]]:
    """Line and sentence for each roster entry that is no technician's."""
    from fieldboard.tomlfile import nearest

    used = [roster.entry_for(one.id, one.name) for one in technicians]
    names = [one.name for one in technicians]
    for entry in roster.technicians:
        if any(entry is one for one in used):
            continue
        wanted = entry.id if entry.id is not None else entry.name or ""
        known = [one.id for one in technicians] if entry.id is not None else names
        yield entry.line, f"no technician {wanted!r}; {nearest(wanted, known)}"


def _token(opened: OpenProfile) -> Check:
    from fieldboard.secret import TokenMissing

    if not opened.profile.needs_token:
        return Check("token", True, "this system needs none")
    try:
        opened.token()
    except TokenMissing as missing:
        return Check("token", False, str(missing), failure.USAGE)
    return Check("token found", True, "a token was found; it is not shown")


async def _ask(opened: OpenProfile) -> tuple[list[Check], list[Technician] | None]:
    """What the live account says of itself, and its technicians."""
    from fieldboard.backends.port import LineDown

    backend = opened.open_backend(opened.store.learned())
    try:
        probes = [_check(one) for one in await backend.probe()]
        if any(one.ok is False and one.name in ("address", "token") for one in probes):
            return probes, None
        return probes, await _technicians(backend)
    except LineDown as down:
        return [Check("address", False, str(down), failure.UNREACHED)], None
    finally:
        await backend.close()


def _check(probe: Probe) -> Check:
    return Check(probe.name, probe.ok, probe.says, failure.UNREACHED if probe.ok is False else failure.DONE)


async def _technicians(backend: Backend) -> list[Technician]:
    from fieldboard.backends.port import WalkRequest, WalkResult
    from fieldboard.domain.operation import Kind
    from fieldboard.domain.technician import Technician

    pages = backend.walk(WalkRequest(Kind.TECHNICIAN), WalkResult())
    return [row.entity async for page in pages for row in page.rows if isinstance(row.entity, Technician)]


def _merged(probes: Sequence[Check], seen: set[str]) -> list[Check]:
    return [one for one in probes if one.name not in seen]


def _cache(opened: OpenProfile) -> Iterator[Check]:
    """What is cached and how old it is; how many edits wait."""
    from fieldboard.domain.instants import instant_of

    store = opened.store
    state = store.state()
    trouble = f"; the last round said: {state.error}" if state.error else ""
    if state.last_ok is None:
        yield Check("cache", None, f"{opened.files.folder}: empty; run: fieldboard sync{trouble}")
    else:
        age = instant_of(opened.clock.now()) - state.last_ok
        yield Check("cache", True, f"{opened.files.folder}: as of {_age(age)} ago{trouble}")
    pending, undecided = store.counts()
    says = f"{pending} waiting, {undecided} to decide"
    yield Check("outbox", True, says if not undecided else f"{says}: fieldboard outbox lists them")
    if (offset := state.server_offset_s) is not None and abs(offset) > CLOCK_FAR_OFF_S:
        way = "ahead of" if offset > 0 else "behind"
        yield Check("clock offset", False, f"the server's clock is {abs(offset):.0f} s {way} this computer's")


def _age(seconds: int) -> str:
    if seconds < 120:
        return f"{max(0, seconds)} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 172800 else f"{seconds // 86400} days"
