"""What the company does: kinds of work with their skills, lengths, prices and usual urgency."""

from __future__ import annotations

from dataclasses import dataclass

from fieldboard.sandbox.records import Priority

#: Every skill that a technician of the company can have.
SKILLS = ("gas", "unvented", "heat pump", "plumbing", "bathroom", "drains", "electrics")

#: Typical sets of skills, the most common first; technicians are dealt these in turn.
PROFILES: tuple[tuple[str, ...], ...] = (
    ("gas", "unvented", "plumbing"),
    ("gas", "plumbing"),
    ("gas", "heat pump", "unvented", "plumbing"),
    ("gas", "plumbing", "drains"),
    ("heat pump", "plumbing", "electrics"),
    ("plumbing", "bathroom", "drains"),
    ("electrics", "heat pump"),
    ("gas", "unvented", "plumbing", "bathroom"),
)


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of job. ``minutes`` are the lengths it is usually planned with, ``often`` its share."""

    title: str
    trade: str
    skills: tuple[str, ...]
    minutes: tuple[int, ...]
    often: int
    price: int
    priority: Priority = "normal"
    note: str = ""


CATALOGUE: tuple[Work, ...] = (
    Work("Annual boiler service", "gas boiler", ("gas",), (45, 60), 20, 96),
    Work("Boiler fault F28", "gas boiler", ("gas",), (60, 75, 90), 8, 120, "high"),
    Work("No hot water", "gas boiler", ("gas",), (60, 90), 9, 110, "high"),
    Work("Boiler leaking, no heat", "gas boiler", ("gas",), (90, 120), 3, 130, "urgent"),
    Work("Gas safety certificate", "gas boiler", ("gas",), (30, 45), 14, 75),
    Work("Gas smell, meter box", "gas boiler", ("gas",), (45, 60), 2, 115, "urgent"),
    Work("Diverter valve replacement", "gas boiler", ("gas",), (75, 90), 5, 210),
    Work("Heat exchanger clean", "gas boiler", ("gas",), (90, 120), 4, 190),
    Work("Thermostat replacement", "gas boiler", ("gas",), (45, 60), 7, 145, "low"),
    Work("Cylinder swap", "gas boiler", ("unvented", "plumbing"), (150, 180), 4, 480),
    Work("Unvented cylinder check", "gas boiler", ("unvented",), (45, 60), 5, 105),
    Work("Boiler replacement", "gas boiler", ("gas", "plumbing"), (210, 240), 3, 1850),
    Work("Heat pump check", "heat pump", ("heat pump",), (60, 75), 9, 140),
    Work("Heat pump icing up", "heat pump", ("heat pump",), (75, 90), 4, 160, "high"),
    Work("Quote: heat pump", "heat pump", ("heat pump",), (60,), 5, 0, "low"),
    Work("Underfloor manifold leaking", "heat pump", ("plumbing", "heat pump"), (90, 120), 3, 210),
    Work("Weather curve and flow rates", "heat pump", ("heat pump",), (45, 60), 3, 95, "low"),
    Work("Radiators cold upstairs", "plumbing", ("plumbing",), (60, 90), 9, 98),
    Work("Bleed and balance system", "plumbing", ("plumbing",), (45, 60), 8, 85, "low"),
    Work("Radiator swap", "plumbing", ("plumbing",), (75, 90), 7, 165),
    Work("Leak under kitchen sink", "plumbing", ("plumbing",), (45, 60), 7, 92, "high"),
    Work("Stopcock seized", "plumbing", ("plumbing",), (30, 45), 5, 80),
    Work("Outside tap", "plumbing", ("plumbing",), (45, 60), 4, 110, "low"),
    Work("Burst pipe in loft", "plumbing", ("plumbing",), (60, 90), 2, 150, "urgent"),
    Work("Power flush", "plumbing", ("plumbing",), (210, 240), 2, 420),
    Work("Shower valve dripping", "bathroom", ("plumbing", "bathroom"), (45, 60), 6, 105),
    Work("Shower tray reseal", "bathroom", ("bathroom",), (75, 90), 4, 135, "low"),
    Work("Toilet not filling", "bathroom", ("plumbing",), (30, 45), 7, 78),
    Work("Bathroom survey", "bathroom", ("bathroom",), (60,), 4, 0, "low"),
    Work("Basin and taps fitted", "bathroom", ("bathroom", "plumbing"), (120, 150), 3, 290),
    Work("Blocked kitchen drain", "drains", ("drains",), (45, 60), 6, 115, "high"),
    Work("Drain camera survey", "drains", ("drains",), (60, 75), 4, 175),
    Work("Gully jetting", "drains", ("drains",), (60, 90), 3, 140),
    Work("Consumer unit tripping", "electrics", ("electrics",), (60, 75), 5, 120, "high"),
    Work("Immersion heater replacement", "electrics", ("electrics", "plumbing"), (75, 90), 4, 195),
    Work("Electrical safety report", "electrics", ("electrics",), (90, 120), 5, 180),
    Work("Extractor fan fitted", "electrics", ("electrics",), (60, 75), 4, 130, "low"),
    Work("Charger for electric car", "electrics", ("electrics",), (180, 240), 2, 690),
)

#: Jobs of several visits: what is done on each, in order, with the minutes that each takes.
SERIES: tuple[tuple[str, str, tuple[str, ...], int, tuple[int, ...]], ...] = (
    ("Boiler survey and install", "gas boiler", ("gas", "plumbing"), 2450, (45, 210)),
    ("Heat pump survey and install", "heat pump", ("heat pump",), 6900, (60, 240)),
    ("Drain survey and repair", "drains", ("drains",), 620, (60, 150)),
    ("Bathroom survey and fit", "bathroom", ("bathroom", "plumbing"), 3200, (60, 240)),
)

#: Jobs that fill several days in a row.
LONG: tuple[tuple[str, str, tuple[str, ...], int], ...] = (
    ("Heat pump installation", "heat pump", ("heat pump",), 9800),
    ("Full heating system", "gas boiler", ("gas", "plumbing"), 7400),
    ("Bathroom refit", "bathroom", ("bathroom", "plumbing"), 6100),
)

NOTES: tuple[str, ...] = (
    "Gate code {code}. Please call on arrival.",
    "Key safe left of the door, code {code}.",
    "Parking permit at the concierge, ask for bay {bay}.",
    "Dog in the garden, ring first.",
    "Boiler is in the loft, bring the ladder.",
    "Tenant works nights: not before 09:30.",
    "Customer is hard of hearing, knock loudly.",
    "Access through the shop, staff open at 08:00.",
    "Meter cupboard in the hall, key at reception.",
    "Baby in the house, no drilling from 12 to 14.",
    "Second visit for the same fault, please photograph.",
    "Water is turned off at the street until we come.",
)

MAKES = ("Vaillant ecoTEC", "Worcester Greenstar", "Ideal Logic", "Baxi 600", "Viessmann Vitodens")


def can_do(skills: tuple[str, ...]) -> tuple[Work, ...]:
    """The kinds of work for which ``skills`` suffice, in the order of the catalogue."""
    have = set(skills)
    return tuple(work for work in CATALOGUE if have.issuperset(work.skills))
