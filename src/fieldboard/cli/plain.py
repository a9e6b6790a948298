"""The command line with which nearly every day begins, read without loading the parser of the others."""

from __future__ import annotations

from collections.abc import Sequence

from fieldboard.domain.named import NamedTuple


class PlainBoard(NamedTuple):
    """`fieldboard [--config FILE] [--profile NAME] [board] [--offline]`, read."""

    config: str | None = None
    profile: str | None = None
    offline: bool = False


def plain_board(arguments: Sequence[str]) -> PlainBoard | None:
    """What the arguments ask for; None where they are anything else, right or wrong: click reads that."""
    given: dict[str, str] = {}
    board = offline = False
    words = iter(arguments)
    for word in words:
        if word in ("--config", "--profile"):
            value = next(words, "")
            if not value or value.startswith("-") or word in given:
                return None
            given[word] = value
        elif word == "board" and not board:
            board = True
        elif word == "--offline" and board:
            offline = True
        else:
            return None
    return PlainBoard(given.get("--config"), given.get("--profile"), offline)
