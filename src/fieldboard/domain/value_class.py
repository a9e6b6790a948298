"""How the values of the program are made: like dataclasses with slots, at a fraction of their cost."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    given, own = _parts(cls)
    names: tuple[str, ...] = own["__slots__"]
    made: Any = _class(cls, given, own)
    key = _key([name for name in names if _flag(given.get(name), "compare")])
    shown = [name for name in names if _flag(given.get(name), "repr")]

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
    finished: type[Made] = made
    return finished


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def record_class(cls: type[Made]) -> type[Made]:
    """A class decorator: a class with slots and an initialiser for them, each object equal to itself alone.

    For what a piece of work keeps its results in; what is handed on is a `value_class`.
    """
    finished: type[Made] = _class(cls, *_parts(cls))
    return finished


def _parts(cls: type) -> tuple[dict[str, Any], dict[str, Any]]:
    """The defaults of the fields by name, and everything else that the class has, with its slots."""
    names = [
        name
        for name, kind in cls.__annotations__.items()
        if not str(kind).startswith(("ClassVar", "typing.ClassVar"))
    ]
    given = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    own = {name: one for name, one in cls.__dict__.items() if name not in given and name not in _OF_THE_CLASS}
    own.update(__slots__=tuple(names), __match_args__=tuple(names))
    return given, own


def _class(cls: type, given: Mapping[str, Any], own: dict[str, Any]) -> Any:
    """The class with slots. What has to be compiled for it is compiled when it is needed."""
    made: Any = type(cls.__name__, cls.__bases__, own)
    made.__qualname__ = cls.__qualname__

    def __init__(self: object, *values: object, **named: object) -> None:  # noqa: N807
        made.__init__ = _initialiser(made, given)
        made.__init__(self, *values, **named)

    def tell() -> None:
        """Make what only a dataclass can make: what it tells of its fields."""
        notes: dict[str, Any] = cls.__annotations__
        plain: Any = type(cls.__name__, (), {"__annotations__": notes, "__module__": cls.__module__, **given})
        plain.__doc__ = cls.__doc__ or ""
        plain = dataclass(init=False, repr=False, eq=False, match_args=False)(plain)
        for name in ("__dataclass_params__", "__dataclass_fields__"):
            setattr(made, name, plain.__dict__[name])

    made.__init__ = __init__
    made.__dataclass_fields__ = _Later(tell)
    return made


_OF_THE_CLASS = frozenset({"__dict__", "__weakref__"})
"""What a class has for itself, and its twin with slots must not take over."""

_LEFT_OUT = object()
"""Stands for a value that was not given and is made anew for each object."""


def _initialiser(made: Any, given: Mapping[str, Any]) -> Callable[..., None]:
    """The method that takes a value for each slot, in order or by name."""
    # A dataclass makes the same and looks into much more on the way: eight times the work.
    known: dict[str, Any] = {"_LEFT_OUT": _LEFT_OUT}
    takes, does = ["self"], []
    for name in made.__slots__:
        default = given.get(name, MISSING)
        value = name
        if isinstance(default, Field):
            if default.default_factory is not MISSING:
                known[f"_make_{name}"] = default.default_factory
                value = f"_make_{name}() if {name} is _LEFT_OUT else {name}"
                default = _LEFT_OUT
            else:
                default = default.default
        if default is MISSING:
            takes.append(name)
        else:
            known[f"_given_{name}"] = default
            takes.append(f"{name}=_given_{name}")
        does.append(f" self.{name} = {value}")
    text = f"def __init__({', '.join(takes)}):\n" + ("\n".join(does) or " pass")
    exec(text, known)  # noqa: S102 - the names are those of the class's own fields
    method: Callable[..., None] = known["__init__"]
    method.__qualname__ = f"{made.__qualname__}.__init__"
    return method


class _Later:
    """Stands for what a dataclass tells of its fields until somebody asks."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def __get__(self, value: object, owner: type) -> object:
        self._tell()
        return owner.__dict__["__dataclass_fields__"]


def _flag(given: object, name: str) -> bool:
    return bool(getattr(given, name)) if isinstance(given, Field) else True


def _key(names: list[str]) -> Callable[[object], object]:
    return attrgetter(*names) if names else type
