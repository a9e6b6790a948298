"""What this system notes of jobs and technicians beside the world's own records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from fieldboard.sandbox.fieldopt.plan import Plan


@dataclass(slots=True)
class Assignment:
    """Who goes to a job. Every move makes a new one."""

    id: int
    person_id: str
    assigned_at: datetime
    sequence: int | None = None


@dataclass(slots=True)
class Card:
    """A job's number here, and what was written of it that the world does not hold."""

    id: int
    created_at: datetime
    word: str | None = None
    word_when: tuple[object, ...] = ()
    plan: Plan | None = None
    plan_when: tuple[object, ...] = ()
    #: What the world's plan was when it was last looked at, and in which state.
    derived: tuple[tuple[object, ...], Plan] | None = None
    assignment: Assignment | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    #: Fields of the job under the names that the code dialect gives them.
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Person:
    """A technician's number here, and what was written of one that the world does not hold."""

    id: int
    created_at: datetime
    updated_at: datetime
    #: What one is doing where no job says it.
    base: str = "available"
    word: str | None = None
    word_when: str | None = None
    place: tuple[float, float] | None = None
    place_at: datetime | None = None
    #: How often the row was written: an unordered list has it at its end then.
    moved: int = 0
    fields: dict[str, object] = field(default_factory=dict)
