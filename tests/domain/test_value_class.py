from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace

import pytest

import fieldboard.domain.value_class as module
from fieldboard.domain.value_class import record_class, value_class


@value_class
class Parcel:
    """Something with two compared fields, one that is not, and a default made anew."""

    name: str
    kilos: int = 1
    notes: Mapping[str, str] = field(default_factory=dict)
    seen: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Frozen:
    """The same as the standard library makes it."""

    name: str
    kilos: int = 1
    notes: Mapping[str, str] = field(default_factory=dict)
    seen: int = field(default=0, compare=False, repr=False)


@value_class
class Pair:
    """Only what can be hashed."""

    left: int
    right: int


@value_class
class Single:
    """One field: its key is no tuple."""

    only: int


@value_class
class Nothing:
    """No field at all."""


def test_it_is_made_shown_and_replaced_like_a_frozen_dataclass() -> None:
    ours, theirs = Parcel("a", notes={"x": "y"}, seen=3), Frozen("a", notes={"x": "y"}, seen=3)
    assert repr(ours) == repr(theirs).replace("Frozen", "Parcel")
    assert repr(replace(ours, kilos=2)) == repr(replace(theirs, kilos=2)).replace("Frozen", "Parcel")
    assert [one.name for one in fields(ours)] == [one.name for one in fields(theirs)]


def test_equal_where_the_compared_fields_are() -> None:
    assert Parcel("a", seen=1) == Parcel("a", seen=2)
    assert Parcel("a") != Parcel("b")
    assert Parcel("a").__eq__(Frozen("a")) is NotImplemented
    assert Single(1) == Single(1) != Single(2)
    assert Nothing() == Nothing()


def test_values_are_keys() -> None:
    assert {Pair(1, 2): "here"}[Pair(1, 2)] == "here"
    assert len({Single(1), Single(1), Single(2)}) == 2
    assert len({Nothing(), Nothing()}) == 1


def test_there_is_no_room_for_another_attribute() -> None:
    with pytest.raises(AttributeError):
        Pair(1, 2).middle = 3  # type: ignore[attr-defined]


def test_nothing_is_compiled_before_the_first_object(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    compiled = module._initialiser

    def watched(made_class: type, given: Mapping[str, object]) -> Callable[..., None]:
        made.append(made_class.__name__)
        return compiled(made_class, given)

    monkeypatch.setattr(module, "_initialiser", watched)

    @value_class
    class Late:
        """Compiled when it is needed."""

        one: int = 1

    assert made == []
    assert (Late(), Late(2).one) == (Late(1), 2)
    assert made == ["Late"]


def test_the_standard_library_is_asked_only_for_what_the_fields_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, bool]] = []

    def watched(**options: bool) -> Callable[[type], type]:
        asked.append(options)
        return dataclass(**options)

    monkeypatch.setattr(module, "dataclass", watched)

    @value_class
    class Told:
        """Its fields are asked for once."""

        one: int = 1

    assert Told(2) == Told(2)
    assert asked == []
    assert replace(Told(2), one=3) == replace(Told(), one=3)
    assert [one["init"] for one in asked] == [False]


def test_what_is_made_anew_is_made_for_each_object() -> None:
    assert Parcel("a").notes is not Parcel("a").notes
    made: Callable[..., Parcel] = Parcel
    for wrong in ({}, {"name": "a", "weight": 1}):
        with pytest.raises(TypeError, match=r"Parcel\.__init__"):
            made(**wrong)


@record_class
class Basket:
    """What is put together."""

    owner: str
    things: list[str] = field(default_factory=list)


def test_a_record_changes_and_equals_itself_alone() -> None:
    ours, theirs = Basket("a"), Basket("a")
    ours.things.append("bread")
    ours.owner = "b"
    assert (ours.owner, ours.things, theirs.things) == ("b", ["bread"], [])
    assert {ours, theirs} == {theirs, ours}
    assert ours != theirs
    with pytest.raises(AttributeError):
        ours.weight = 1  # type: ignore[attr-defined]


def test_its_fields_are_told_before_there_is_an_object() -> None:
    @value_class
    class Asked:
        """Asked for its fields first."""

        one: int
        two: tuple[int, ...] = ()

    one_of_them: bool = is_dataclass(Asked)
    assert one_of_them
    assert [one.name for one in fields(Asked)] == ["one", "two"]
    made: Callable[..., Asked] = Asked
    with pytest.raises(TypeError):
        made()
    assert replace(Asked(1), two=(2,)) == Asked(1, (2,))
