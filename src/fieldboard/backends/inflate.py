"""Bodies that were packed though nobody asked for it, unpacked no further than there is room."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

MAX_BODY: Final = 256 * 1024 * 1024
"""Bytes of one answer, inflated; more is an error."""


class Strange(Exception):
    """An answer that cannot be taken."""


def inflater(encoding: str) -> Callable[[bytes, int], bytes]:
    """What unpacks a body of this content encoding, piece by piece.

    It takes a piece and how many bytes there is room for, and gives bytes of the body. Raises `Strange` for
    an encoding that was not asked for, and what it gives raises it for a broken piece.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return lambda chunk, _: chunk
        case "gzip" | "x-gzip":
            return _bounded(zlib.decompressobj(16 + zlib.MAX_WBITS))
        case "deflate":
            return _bounded(zlib.decompressobj())
        case _:
            raise Strange("the answer is packed in a way that was not asked for")


def _bounded(unpack: zlib._Decompress) -> Callable[[bytes, int], bytes]:
    def step(chunk: bytes, room: int) -> bytes:
        try:
            return unpack.decompress(chunk, room)
        except zlib.error:
            raise Strange("the answer is packed and broken") from None

    return step
