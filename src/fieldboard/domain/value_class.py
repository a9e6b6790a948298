"""How the values of the program are made: like frozen dataclasses with slots, at a fraction of their cost."""

from __future__ import annotations

from dataclasses import Field, dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

Made = TypeVar("Made")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value_class(cls: type[Made]) -> type[Made]:
    """A class decorator: the class is a dataclass with slots whose objects nobody changes.

    `dataclasses.replace` and `fields` work on it; objects are equal where all compared fields are, and
    can be hashed. That they do not change is checked by the type checker, not while the program runs.
    A value class has no other value class above it.
    """
    # A frozen dataclass compiles six methods from text, which was a tenth of the time until the board
    # stands. Here the only one that cannot be shared is compiled with the first object: of sixty classes
    # that are imported before the first frame, a third has one by then.
    notes: dict[str, Any] = cls.__annotations__
    names = [
        name for name, kind in notes.items() if not str(kind).startswith(("ClassVar", "typing.ClassVar"))
    ]
    given = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    own = {name: one for name, one in cls.__dict__.items() if name not in given and name not in _OF_THE_CLASS}
    own.update(__slots__=tuple(names), __match_args__=tuple(names))
    made: Any = type(cls.__name__, cls.__bases__, own)
    made.__qualname__ = cls.__qualname__
    key = _key([name for name in names if _flag(given.get(name), "compare")])
    shown = [name for name in names if _flag(given.get(name), "repr")]

    def complete() -> None:
        """Make what only a dataclass can make: its initialiser, and what it tells of its fields."""
        plain: Any = type(cls.__name__, (), {"__annotations__": notes, "__module__": cls.__module__, **given})
        plain.__doc__ = cls.__doc__ or ""
        plain = dataclass(repr=False, eq=False, match_args=False)(plain)
        for name in ("__dataclass_params__", "__dataclass_fields__", "__init__"):
            setattr(made, name, plain.__dict__[name])

    def __init__(self: object, *values: object, **named: object) -> None:  # noqa: N807
        complete()
        made.__init__(self, *values, **named)

    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        if self is other:
            return True
        if self.__class__ is not other.__class__:
            return NotImplemented
        return bool(key(self) == key(other))

    def __hash__(self: object) -> int:  # noqa: N807
        return hash(key(self))

    def __repr__(self: object) -> str:  # noqa: N807
        says = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{self.__class__.__qualname__}({says})"

    for method in (__eq__, __hash__, __repr__):
        if method.__name__ not in own or own[method.__name__] is None:
            setattr(made, method.__name__, method)
    made.__init__ = __init__
    made.__dataclass_fields__ = _Later(complete)
    finished: type[Made] = made
    return finished


_OF_THE_CLASS = frozenset({"__dict__", "__weakref__"})
"""What a class has for itself, and its twin with slots must not take over."""


class _Later:
    """Stands for what a dataclass tells of its fields until somebody asks."""

    def __init__(self, complete: Callable[[], None]) -> None:
        self._complete = complete

    def __get__(self, value: object, owner: type) -> object:
        self._complete()
        return owner.__dict__["__dataclass_fields__"]


def _flag(given: object, name: str) -> bool:
    return bool(getattr(given, name)) if isinstance(given, Field) else True


def _key(names: list[str]) -> Callable[[object], object]:
    return attrgetter(*names) if names else type
