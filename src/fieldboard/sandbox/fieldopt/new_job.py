"""What a new job is made of, for the world that has customers as records of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.records import Address, Client, Job, Priority, whole_millisecond


@dataclass(slots=True)
class NewJob:
    """A job as it is handed in: the customer is a name and an address, and no more."""

    type: str
    customer: str
    address: str
    phone: str = ""
    email: str = ""
    city: str = ""
    zip: str = ""
    place: tuple[float, float] | None = None
    skills: tuple[str, ...] = ()
    priority: Priority = "normal"
    minutes: float = 60
    notes: str = ""
    fields: dict[str, object] = field(default_factory=dict)


def take_down(book: Book, made: NewJob, now: datetime) -> Job:
    """A new open job without a plan, for a customer of its own."""
    world, moment = book.world, whole_millisecond(now)
    lat, lng = made.place or _centre(book)
    site = Address("", made.address, "", made.city, made.zip, lat, lng)
    client = Client(
        world.mint("cli"), made.customer, "person", made.email, made.phone, site, site, moment, moment
    )
    world.clients[client.id] = client
    job = Job(
        world.mint("job"), world.next_number(), "one-off", made.type, made.type, made.priority, client.id,
        site, made.phone, "open", None, None, False, True, made.minutes, made.skills, made.notes, [], [], [],
        None, moment, moment,
    )  # fmt: skip
    card = book.take_down(job, now)
    card.fields |= {"type": made.type, "customer_name": made.customer, "service_address": made.address}
    card.fields |= made.fields
    return job


def _centre(book: Book) -> tuple[float, float]:
    """Somewhere in the company's city."""
    technicians = list(book.world.technicians.values())
    return technicians[0].home if technicians else (0.0, 0.0)
