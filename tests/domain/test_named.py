from __future__ import annotations

import typing

import pytest

from fieldboard.domain.named import NamedTuple


class Spot(NamedTuple):
    """A place on a map."""

    name: str
    x: int
    y: int = 0

    @property
    def far(self) -> bool:
        """Whether one has to drive."""
        return self.x + self.y > 10


class Known(typing.NamedTuple):
    """The same as the standard library makes it."""

    name: str
    x: int
    y: int = 0


def test_it_is_the_tuple_that_typing_makes() -> None:
    ours, theirs = Spot("a", 9, y=2), Known("a", 9, y=2)
    assert tuple(ours) == tuple(theirs)
    assert isinstance(ours, tuple)
    assert repr(ours) == repr(theirs).replace("Known", "Spot")
    assert (ours._fields, ours._asdict(), Spot._field_defaults) == (
        theirs._fields,
        theirs._asdict(),
        Known._field_defaults,
    )
    assert ours._replace(y=0) == Spot("a", 9)
    assert Spot.__module__ == __name__
    assert typing.get_type_hints(Spot) == typing.get_type_hints(Known)


def test_it_has_its_own_words_and_properties() -> None:
    assert (Spot.__doc__, Spot("a", 9, 2).far, Spot("a", 9).far) == ("A place on a map.", True, False)


def test_a_field_without_a_default_has_to_be_given() -> None:
    made: typing.Callable[..., Spot] = Spot
    with pytest.raises(TypeError):
        made("a")


def test_no_type_of_a_field_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise AssertionError(given)

    monkeypatch.setattr(typing, "_type_check", refuse)

    class Late(NamedTuple):
        """Made while nothing can be checked."""

        one: int

    assert Late(1).one == 1
