"""Puts a profile together: its configuration, files, rules, store and desk, each when first asked for."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fieldboard import config as configuration
from fieldboard import paths
from fieldboard.cli import systems
from fieldboard.clock import Clock, SystemClock
from fieldboard.domain.instants import Zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fieldboard.backends.port import Backend
    from fieldboard.board.desk import Desk
    from fieldboard.cache.files import ProfileFiles
    from fieldboard.cache.store import Store
    from fieldboard.domain.rules import SystemRules
    from fieldboard.roster import Roster


class OpenProfile:
    """One profile and everything that belongs to it. Close it when the command is done."""

    def __init__(self, config: configuration.Config, profile: configuration.Profile, data: Path) -> None:
        self.config = config
        self.profile = profile
        self.data = data
        self.clock: Clock = SystemClock()
        self.environ: Mapping[str, str] = os.environ

    @cached_property
    def zone(self) -> Zone:
        """The zone in which days and hours are shown."""
        return Zone(self.profile.timezone)

    @cached_property
    def files(self) -> ProfileFiles:
        """The profile's files; their folder is made. Raises StorageError where it cannot be."""
        from fieldboard.cache.files import ProfileFiles

        files = ProfileFiles(paths.profile_dir(self.data, self.profile.name))
        files.prepare()
        return files

    @cached_property
    def roster(self) -> Roster:
        """The roster, empty where the profile names none. Raises ConfigError."""
        from fieldboard import roster

        if self.profile.roster is None:
            return roster.Roster()
        return roster.load(self.profile.roster, copy=self.files.folder / "roster.copy")

    @cached_property
    def store(self) -> Store:
        """The cache and the outbox of this profile, for the thread that asks first."""
        from fieldboard.cache.store import Store

        return Store(self.files, self.zone, self.clock)

    @cached_property
    def rules(self) -> SystemRules:
        """What the system can do, as it says and as the live server taught."""
        return systems.rules_of(self.profile, self.store.learned())

    @cached_property
    def desk(self) -> Desk:
        """The dispatcher's desk over this profile's store."""
        from fieldboard.board.desk import Desk

        return Desk(
            self.store,
            self.rules,
            self.roster,
            self.zone,
            self.clock,
            lambda learned: systems.rules_of(self.profile, learned),
        )

    def token(self) -> str:
        """The token, looked up anew each time. Raises TokenMissing; empty where the system needs none."""
        from fieldboard.secret import find_token

        return find_token(self.profile, self.environ) if self.profile.needs_token else ""

    def open_backend(self, learned: Mapping[str, str]) -> Backend:
        """The adapter of the profile's system, with the token of this moment."""
        return systems.open_backend(
            self.profile, self.roster, self.zone, self.token, learned, shared=self.data
        )

    def again(self) -> OpenProfile:
        """The same profile for another thread, with a store of its own; the roster is read once for both."""
        other = OpenProfile(self.config, self.profile, self.data)
        other.roster = self.roster
        return other

    def close(self) -> None:
        """Close the store, if it was opened, and leave the desk over it."""
        self.__dict__.pop("desk", None)
        store = self.__dict__.pop("store", None)
        if store is not None:
            store.close()


def load_config() -> configuration.Config:
    """The configuration that the command line and the environment name. Raises ConfigError."""
    from fieldboard.cli.app import chosen

    return read_config(paths.config_file(chosen("config"), os.environ))


def read_config(path: Path) -> configuration.Config:
    """A configuration whose keys are checked too, which need the table of acts. Raises ConfigError."""
    loaded = configuration.load(path)
    if loaded.keys:
        from fieldboard.board.keys import keymap_of

        keymap_of(loaded)
    return loaded


def open_profile() -> OpenProfile:
    """The profile that the command line and the environment name. Raises ConfigError."""
    from fieldboard.cli.app import chosen

    loaded = load_config()
    return OpenProfile(loaded, loaded.select(chosen("profile"), os.environ), paths.data_dir(os.environ))
