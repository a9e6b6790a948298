"""The real program in a pseudo-terminal, seen as a person would see it.

A driver answers the questions that Textual asks of a terminal, feeds what the program writes to a
screen emulator, and tells frames apart by synchronised output (mode 2026).
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

FRAME_END = b"\x1b[?2026l"
_MODE_QUESTION = re.compile(rb"\x1b\[\?(\d+)\$p")
_KNOWN_MODES = {b"2026"}

KEYS: Mapping[str, str] = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "backspace": "\x7f",
    "ctrl+c": "\x03",
    "ctrl+d": "\x04",
    "ctrl+p": "\x10",
    "ctrl+u": "\x15",
    "ctrl+y": "\x19",
    "ctrl+z": "\x1a",
}


def mouse_report(kind: str, column: int, row: int) -> str:
    """An SGR mouse report; `kind` is press, move, drag, release, up or down (wheel); cells count from 0."""
    code, final = {
        "press": (0, "M"),
        "drag": (32, "M"),
        "move": (35, "M"),
        "release": (0, "m"),
        "up": (64, "M"),
        "down": (65, "M"),
    }[kind]
    return f"\x1b[<{code};{column + 1};{row + 1}{final}"


class Terminal:
    """A program in a terminal of `columns` × `rows`."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 36,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        emulate: bool = True,
    ) -> None:
        self.columns, self.rows = columns, rows
        self.written = 0
        self.frames = 0
        self.last_frame_at = 0.0
        self.last_data_at = 0.0
        self.kept: bytearray | None = None
        """What the program writes, if somebody wants it as it is."""
        self._tail = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen) if emulate else None
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        base = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
        }
        self.started_at = time.perf_counter()
        self.process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**base, **(environ or {})},
            cwd=cwd,
            start_new_session=True,
            close_fds=True,
        )
        os.close(slave)
        self._master = master

    @classmethod
    def fieldboard(cls, *arguments: str, **options: object) -> Terminal:
        """The program itself with these arguments."""
        return cls([sys.executable, "-m", "fieldboard", *arguments], **options)  # type: ignore[arg-type]

    def send(self, text: str) -> None:
        """Type characters as they are."""
        os.write(self._master, text.encode())

    def press(self, *keys: str) -> None:
        """Press keys by name or character, waiting for a frame (or quiet) after each."""
        for key in keys:
            self.send(KEYS.get(key, key))
            self.settle()

    def mouse(self, kind: str, column: int, row: int) -> None:
        """Send a mouse report, see `mouse_report`."""
        self.send(mouse_report(kind, column, row))

    def pump(self, seconds: float) -> bool:
        """Take what the program writes within a time; whether it wrote anything."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._master, 1 << 18)
        except OSError:
            return False
        if not data:
            return False
        self._take(data)
        return True

    def _take(self, data: bytes) -> None:
        self.written += len(data)
        self.last_data_at = time.perf_counter()
        if self.kept is not None:
            self.kept += data
        joined = self._tail + data
        ended = joined.count(FRAME_END)
        if ended:
            self.frames += ended
            self.last_frame_at = time.perf_counter()
        keep = joined.rfind(b"\x1b")
        self._tail = (
            joined[keep:] if keep >= 0 and len(joined) - keep < 16 and not joined.endswith(FRAME_END) else b""
        )
        for mode in _MODE_QUESTION.findall(data):
            state = 2 if mode in _KNOWN_MODES else 0
            os.write(self._master, b"\x1b[?%s;%d$y" % (mode, state))
        if b"\x1b[c" in data:
            os.write(self._master, b"\x1b[?62;c")
        if self._stream is not None:
            # pyte does not know these private sequences; they draw nothing.
            self._stream.feed(
                re.sub(
                    rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]+|\x1b\[\?\d+\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\",
                    b"",
                    data,
                )
            )

    def settle(self, quiet: float = 0.15, limit: float = 10.0) -> None:
        """Wait until nothing has been written for `quiet` seconds."""
        end = time.monotonic() + limit
        while time.monotonic() < end and self.pump(quiet):
            pass

    def wait_for(self, text: str | Callable[[str], bool], limit: float = 30.0) -> str:
        """Wait until the screen shows a text; the screen. Raises AssertionError with the screen if never."""
        end = time.monotonic() + limit
        shows = text if callable(text) else lambda screen: text in screen
        while True:
            screen = self.text()
            if shows(screen):
                return screen
            if time.monotonic() > end or (not self.pump(0.2) and self.process.poll() is not None):
                screen = self.text()
                if shows(screen):
                    return screen
                raise AssertionError(f"never showed {text!r}; the screen is:\n{screen}")

    def text(self) -> str:
        """The screen as text, one line a row."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def find(self, text: str) -> tuple[int, int]:
        """Column and row at which a text stands on the screen. Raises AssertionError where it does not."""
        for row, line in enumerate(self._screen.display):
            column = line.find(text)
            if column >= 0:
                return column, row
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text()}")

    def frame_after(self, text: str, limit: float = 2.0) -> tuple[float, int]:
        """Type and wait for the end of the next frame: seconds that it took, and bytes written."""
        while self.pump(0):
            pass
        frames, written = self.frames, self.written
        began = time.perf_counter()
        self.send(text)
        while self.frames == frames:
            if time.perf_counter() - began > limit:
                return float("nan"), self.written - written
            self.pump(0.05)
        return self.last_frame_at - began, self.written - written

    def burst_after(
        self, text: str, *, quiet: float = 0.03, limit: float = 2.0
    ) -> tuple[float, float, int, int]:
        """Type and wait until no more frames come.

        Seconds to the end of the first and of the last frame, how many there were, and bytes written; zeros
        where none came.
        """
        while self.pump(0):
            pass
        frames, written = self.frames, self.written
        first = last = 0.0
        began = time.perf_counter()
        if text:
            self.send(text)
        while True:
            before = self.frames
            wrote = self.pump(quiet if self.frames > frames else min(limit, 0.05))
            if self.frames > before:
                last = self.last_frame_at - began
                first = first or last
            elif not wrote and (self.frames > frames or time.perf_counter() - began > limit):
                return first, last, self.frames - frames, self.written - written

    def answer_after(self, text: str, answer: re.Pattern[bytes], *, limit: float = 2.0) -> float:
        """Type and wait for the frame that `answer` is found in; seconds to its end, NaN where none came.

        Frames that something else causes meanwhile, before or after it, are not taken for the answer.
        """
        while self.pump(0):
            pass
        self.kept = bytearray()
        began = time.perf_counter()
        self.send(text)
        try:
            while time.perf_counter() - began < limit:
                if not self.pump(0.05):
                    continue
                found = answer.search(self.kept)
                if found is not None and FRAME_END in self.kept[found.end() :]:
                    return self.last_frame_at - began
            return float("nan")
        finally:
            self.kept = None

    def shows_bytes(self, marks: Sequence[bytes], limit: float = 30.0) -> float:
        """Seconds from the start of the program until all `marks` were written. Raises AssertionError."""
        if self.kept is None:
            self.kept = bytearray()
        end = time.perf_counter() + limit
        while not all(mark in self.kept for mark in marks):
            if time.perf_counter() > end or (not self.pump(0.2) and self.process.poll() is not None):
                missing = [mark for mark in marks if mark not in self.kept]
                raise AssertionError(f"never wrote {missing}; it wrote {bytes(self.kept[-2000:])!r}")
        return self.last_data_at - self.started_at

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen.resize(rows, columns)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def wait(self, limit: float = 20.0) -> int:
        """Wait for the end of the program; its exit code."""
        end = time.monotonic() + limit
        while self.process.poll() is None and time.monotonic() < end:
            self.pump(0.1)
        return self.process.wait(1)

    def close(self) -> None:
        """End the program, if it still runs, and the terminal."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        os.close(self._master)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
