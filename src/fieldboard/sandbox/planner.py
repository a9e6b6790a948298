"""Plans a technician's day: which work, at which customers, in which order, with lunch between."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate

from fieldboard.sandbox.records import Client, Technician
from fieldboard.sandbox.streets import City, drive_minutes
from fieldboard.sandbox.trades import Work, can_do


@dataclass(frozen=True, slots=True)
class Stop:
    """One planned visit: what, where, and when in minutes after local midnight."""

    work: Work
    client: Client
    start: int
    minutes: int
    travel: int


class Planner:
    """Plans days over one city and its customers."""

    def __init__(self, city: City, clients: list[Client], districts: list[int]) -> None:
        """``districts`` holds the district of each client, in the order of ``clients``."""
        self._city = city
        self._clients_in: list[list[Client]] = [[] for _ in city.streets]
        for client, district in zip(clients, districts, strict=True):
            self._clients_in[district].append(client)
        self._near = [[other for other in order[:6] if self._clients_in[other]] for order in city.nearest]
        self._anywhere = [index for index, here in enumerate(self._clients_in) if here]
        self._pools: dict[tuple[str, ...], tuple[tuple[Work, ...], list[int]]] = {}

    def customer_near(self, district: int, rng: random.Random) -> tuple[Client, int]:
        """A customer in or close to ``district``, and the district it is in."""
        near = self._near[district]
        # Squaring favours the nearest, so that a day's route stays in one part of the city.
        here = near[int(rng.random() ** 2 * len(near))] if near else rng.choice(self._anywhere)
        return rng.choice(self._clients_in[here]), here

    def work_for(self, skills: tuple[str, ...], rng: random.Random) -> tuple[Work, int]:
        """A kind of work for which ``skills`` suffice, and its length in minutes."""
        pool, weights = self._pool(skills)
        work = rng.choices(pool, cum_weights=weights)[0]
        return work, rng.choice(work.minutes)

    def day(
        self,
        technician: Technician,
        hours: tuple[int, int],
        count: int,
        rng: random.Random,
        busy: tuple[int, int] | None = None,
    ) -> list[Stop]:
        """At most ``count`` stops that fit into ``hours`` without overlap.

        ``busy`` is a span that is taken already. Fewer stops come back where more do not fit.
        """
        first, last = hours
        blocked = sorted(span for span in (technician.lunch, busy) if span is not None)
        tasks = [self.work_for(technician.skills, rng) for _ in range(count)]
        taken = sum(end - start for start, end in blocked)
        room = last - first - taken - 17 * count
        self._shrink(tasks, room, technician.skills, rng)
        slack = max(0, room - sum(minutes for _, minutes in tasks))
        stops: list[Stop] = []
        place = technician.home
        district = technician.district
        clock = first + rng.choice((0, 0, 5, 10))
        while tasks:
            client, district = self.customer_near(district, rng)
            site = (client.site.lat, client.site.lng)
            travel = min(drive_minutes(place, site), 35)
            if stops:
                spare = rng.randint(0, 15) if slack > 20 else 0
                slack -= spare
                clock += travel + spare
            # To five minutes, as people plan.
            clock = -(-clock // 5) * 5
            index = self._first_fit(tasks, clock, blocked, last)
            if index is None:
                later = [end for start, end in blocked if clock < end]
                if not later:
                    break
                clock = later[0]
                blocked = [span for span in blocked if span[1] > clock]
                index = self._first_fit(tasks, clock, blocked, last)
                if index is None:
                    if blocked:
                        continue
                    break
            work, minutes = tasks.pop(index)
            stops.append(Stop(work, client, clock, minutes, travel))
            clock += minutes
            place = site
        return stops

    def _pool(self, skills: tuple[str, ...]) -> tuple[tuple[Work, ...], list[int]]:
        """The work for ``skills`` with its running weights."""
        found = self._pools.get(skills)
        if found is None:
            pool = can_do(skills)
            found = self._pools[skills] = (pool, list(accumulate(work.often for work in pool)))
        return found

    def _shrink(
        self,
        tasks: list[tuple[Work, int]],
        room: int,
        skills: tuple[str, ...],
        rng: random.Random,
    ) -> None:
        """Exchange long tasks for shorter ones until all fit into ``room`` minutes."""
        for _ in range(4 * len(tasks)):
            if sum(minutes for _, minutes in tasks) <= room:
                return
            longest = max(range(len(tasks)), key=lambda index: tasks[index][1])
            pick = min((self.work_for(skills, rng) for _ in range(4)), key=lambda task: task[1])
            if pick[1] < tasks[longest][1]:
                tasks[longest] = pick

    @staticmethod
    def _first_fit(
        tasks: list[tuple[Work, int]], clock: int, blocked: list[tuple[int, int]], last: int
    ) -> int | None:
        """The first task that fits from ``clock`` on without touching ``blocked``."""
        limit = last
        for start, end in blocked:
            if start <= clock < end:
                return None
            if clock < start:
                limit = start
                break
        for index, (_, minutes) in enumerate(tasks):
            if clock + minutes <= limit:
                return index
        return None
