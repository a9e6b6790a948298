"""Hires the technicians and signs up the customers of a world."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from fieldboard.sandbox.names import ascii_letters, client_names, technician_names
from fieldboard.sandbox.records import Absence, Client, Technician, opaque_id, whole_millisecond
from fieldboard.sandbox.streets import DISTRICTS, City
from fieldboard.sandbox.trades import PROFILES

_SHIFTS = ((420, 960), (450, 990), (480, 1020), (450, 990), (480, 1020))
_LUNCHES = ((690, 720), (720, 750), (720, 750), (750, 780))
_CAPACITIES = (6, 7, 6, 7, 7, 8)

#: Places in every block of 23 technicians, for the scenes that a day must have.
SICK = 11
DAY_OFF = 12
BLOCK = 23


def hire(count: int, today: date, city: City, rng: random.Random, seed: int) -> list[Technician]:
    """``count`` technicians; in each block of 23 one is ill today and one has the day off."""
    staff = []
    for index, (first, last) in enumerate(technician_names(count, rng)):
        district = (index * 7 + index // len(DISTRICTS)) % len(DISTRICTS)
        home = city.address(district, False, rng)
        hours = _SHIFTS[index % len(_SHIFTS)]
        # Mondays to Fridays, and today whatever day it is: the company must be at work now.
        week = dict.fromkeys(sorted({0, 1, 2, 3, 4, today.weekday()}), hours)
        if index % 6 == 5:
            week[4] = (hours[0], hours[1] - 60)
        absences = []
        if index % BLOCK == SICK:
            absences.append(Absence(today, today + timedelta(days=1), "sick"))
        if index % BLOCK == DAY_OFF:
            del week[today.weekday()]
        if index % BLOCK == 14:
            absences.append(Absence(today + timedelta(days=4), today + timedelta(days=11), "leave"))
        if index % BLOCK == 19:
            absences.append(Absence(today - timedelta(days=9), today - timedelta(days=8), "course"))
        staff.append(
            Technician(
                opaque_id("usr", index, seed),
                first,
                last,
                f"{ascii_letters(first)}.{ascii_letters(last)}@northgate.example",
                # Ofcom keeps 07700 900000 to 900999 free for drama.
                f"+44 7700 900{index % 1000:03d}",
                True,
                PROFILES[index % len(PROFILES)],
                week,
                _LUNCHES[index % len(_LUNCHES)],
                absences,
                (home.lat, home.lng),
                district,
                DISTRICTS[district].territory,
                _CAPACITIES[index % len(_CAPACITIES)],
            )
        )
    return staff


def sign_up(
    count: int, city: City, rng: random.Random, seed: int, now: datetime
) -> tuple[list[Client], list[int]]:
    """``count`` customers, and the district of each."""
    clients, districts = [], []
    for index, (name, kind) in enumerate(client_names(count, rng)):
        district = index % len(DISTRICTS) if index < 52 else rng.randrange(len(DISTRICTS))
        site = city.address(district, kind == "person" and rng.random() < 0.22, rng)
        billing = site if kind != "association" else city.address(1, False, rng)
        since = whole_millisecond(now - timedelta(days=rng.randint(40, 2200), minutes=index % 900))
        mail = ascii_letters(name.split(" ")[-1]) or "office"
        clients.append(
            Client(
                opaque_id("cli", index, seed),
                name,
                kind,
                f"{mail}{index}@example.com",
                # Ofcom keeps 0117 496 0000 to 0999 and 07700 900000 to 900999 free for drama.
                f"117496{index % 1000:04d}" if index % 3 else f"7700900{index % 1000:03d}",
                site,
                billing,
                since,
                since,
            )
        )
        districts.append(district)
    return clients, districts
