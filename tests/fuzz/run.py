"""Feeds payloads in batches, each with a profile of its own, and draws a board every so often."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from tests.fuzz.bodies import of_the_sandbox
from tests.fuzz.frames import SIZES, frames_over
from tests.fuzz.mutation import Maker, Payload
from tests.fuzz.office import office_in

BATCH: Final = 1_000
"""Payloads that one profile takes; what a payload does may depend on those before it in its batch."""


@dataclass(slots=True)
class Tally:
    """What a run has seen."""

    payloads: int = 0
    rows: int = 0
    aside: int = 0
    refused: int = 0
    frames: int = 0
    segments: int = 0

    def add(self, other: Tally) -> None:
        """Count another run in."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def __str__(self) -> str:
        said = asdict(self)
        return (
            "{payloads:,} payloads: {rows:,} rows read, {aside:,} set aside, {refused:,} answers refused; "
            "{frames:,} boards of {segments:,} segments drawn".format(**said)
        )


class Found(AssertionError):
    """A payload that does what none may do; it lies in `file`."""

    def __init__(self, payload: Payload, seed: int, error: BaseException, file: Path) -> None:
        self.file = file
        super().__init__(
            f"payload {payload.number} of seed {seed} ({payload.door} of {payload.kind.value}, {file}): "
            f"{type(error).__name__}: {str(error)[:300]}"
        )


async def run_batch(seed: int, batch: int, count: int, frame_every: int, folder: Path) -> Tally:
    """Feed the payloads of one batch. Raises Found."""
    maker = Maker(seed, await of_the_sandbox())
    first = batch * BATCH
    payload: Payload | None = None
    try:
        async with office_in(folder) as office, frames_over(office, SIZES[batch % len(SIZES)]) as frames:
            for number in range(first, first + count):
                payload = maker.make(number)
                await office.feed(payload)
                if number % frame_every == frame_every - 1:
                    frames.draw()
            return Tally(office.fed, office.read, office.aside, office.refused, frames.drawn, frames.segments)
    except Exception as error:
        if payload is None:
            raise
        file = Path(tempfile.gettempdir()) / f"payload-{seed}-{payload.number}.bin"
        file.write_bytes(payload.content)
        raise Found(payload, seed, error, file) from error


def run(
    seed: int, payloads: int, frame_every: int, done: Callable[[int, Tally], None], first_batch: int = 0
) -> Tally:
    """Feed many batches, one after the other; `done` is told after each. Raises Found."""
    whole = Tally()
    batch = first_batch
    while batch * BATCH < payloads:
        folder = scratch()
        try:
            count = min(BATCH, payloads - batch * BATCH)
            tally = asyncio.run(run_batch(seed, batch, count, frame_every, folder / "profile"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        whole.add(tally)
        batch += 1
        done(batch, tally)
    return whole


def scratch() -> Path:
    """A folder for a batch: in memory where the system has such a place, as nothing here is about disks."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return Path(tempfile.mkdtemp(prefix="fieldboard-", dir=memory if memory.is_dir() else None))
