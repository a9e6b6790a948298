"""Looking at files' times instead of into the files, and never for too long."""

from __future__ import annotations

import os
from pathlib import Path

from fieldboard.cache.glance import SOON_S, TRUSTED_S, Glance


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_was_written_is_told_at_once_and_for_a_while(tmp_path: Path) -> None:
    seconds, file = Seconds(), tmp_path / "file"
    glance = Glance(file, clock=seconds)
    assert glance.may_differ()
    seconds.now += 0.2
    assert glance.may_differ(), "a second write may bear the time of the first"
    seconds.now += SOON_S
    assert glance.may_differ()
    seconds.now += 0.2
    assert not glance.may_differ()
    file.touch()
    assert glance.may_differ()
    seconds.now += SOON_S + TRUSTED_S
    assert glance.may_differ()
    seconds.now += 0.2
    assert not glance.may_differ()
    os.utime(file, (1, 1))
    assert glance.may_differ(), "a time that went back is another time, too"


def test_another_file_of_the_same_time_and_size_is_another_file(tmp_path: Path) -> None:
    seconds, file, other = Seconds(), tmp_path / "file", tmp_path / "other"
    glance = Glance(file, clock=seconds)
    for one in (file, other):
        one.touch()
        os.utime(one, (1, 1))
    glance.may_differ()
    seconds.now += SOON_S
    glance.may_differ()
    seconds.now += 0.2
    assert not glance.may_differ()
    other.replace(file)
    assert glance.may_differ()


def test_times_alone_are_never_believed_for_long(tmp_path: Path) -> None:
    seconds = Seconds()
    glance = Glance(tmp_path, clock=seconds)
    told = 0
    for _ in range(50):
        seconds.now += TRUSTED_S / 4
        told += glance.may_differ()
    assert 12 <= told <= 17
