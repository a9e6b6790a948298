"""Memory that is free in this process and not yet in the computer: handed back when nothing is to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Hand free memory back to the computer, where the C library can: a millisecond or two.

    What reads a day or a long queue leaves holes among what stays, which glibc keeps for itself.
    """
    _trimmer()(0)


@cache
def _trimmer() -> Callable[[int], object]:
    try:
        import ctypes

        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (ImportError, OSError, TypeError, AttributeError):
        # Another C library than glibc.
        return lambda _: None
    return trim
