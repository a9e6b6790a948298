"""A LetsJobIt company that moves."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.letsjobit.phones import hear, silence
from fieldboard.sandbox.live import tick
from tests.sandbox.conftest import NOW, TODAY
from tests.sandbox.letsjobit_server import Row, Server, serving

DAY = TODAY.isoformat()


def play(server: Server, minutes: int) -> list[str]:
    """Let minutes pass, in steps of ten seconds."""
    road = server.app.state.live(NOW)
    events: list[str] = []
    for step in range(minutes * 6):
        server.time[0] = NOW + timedelta(seconds=10 * step)
        events += road.tick(server.time[0])
    return events


def stages(rows: list[Row]) -> Counter[str]:
    return Counter(name for row in rows for name in ("closed", "skipped", "inProgress") if row[name])


async def test_drivers_start_close_and_skip_and_new_visits_come() -> None:
    async with serving(23, 2400, signature_size="0") as server:
        before = {row["_id"]: row for row in await server.all(date=DAY)}
        events = play(server, 60)
        after = {row["_id"]: row for row in await server.all(date=DAY)}
        assert stages([*after.values()])["closed"] > stages([*before.values()])["closed"] + 5
        assert stages([*after.values()])["skipped"] > stages([*before.values()])["skipped"] + 3
        assert any(row["inProgress"] for key, row in after.items() if not before.get(key, row)["inProgress"])
        new = [row for row in await server.all(closed="0") if row["createdAt"] > "2026-06-04 10:42"]
        assert 28 <= len(new) <= 62
        assert not any(row["inMobileApp"] for row in new)
        assert {"heard", "lost"} <= {event.split()[0] for event in events}
        for key, row in after.items():
            if key in before and row["closed"] > before[key]["closed"]:
                assert row["modifyUser"] == row["driverId"]
                assert row["modifieddAt"] > before[key]["modifieddAt"]


async def test_the_same_morning_goes_the_same_way() -> None:
    async with serving() as one, serving() as other:
        assert play(one, 30) == play(other, 30)
        assert await one.all() == await other.all()


async def test_what_the_desk_gives_or_moves_has_its_place_by_time() -> None:
    async with serving(23, 2400, signature_size="0") as server:
        world, book = server.world, server.book
        routes = [book.route(book.driver_id(one), DAY) for one in world.technicians]
        busy = [route for route in routes if len(route) > 4 and route[-1][0].visits[0].status == "scheduled"]
        (given, _), (moved, _) = busy[0][-1], busy[1][-1]
        other, first = busy[2][0][0].visits[0].crew, busy[1][0][0].visits[0].start
        assert first
        lifecycle.assign(world, given.visits[0], list(other), NOW, job_follows=True)
        lifecycle.move(world, moved.visits[0], (first - timedelta(minutes=60), first), NOW, job_follows=True)
        rows = {row["id"]: row for row in await server.all(date=DAY)}
        for route, job in ((busy[2], given), (busy[1], moved)):
            row = rows[book.card(job).erp_id]
            assert row["driverId"] == route[0][1].driver_id
            now = book.route(row["driverId"], DAY)
            assert [card.order for _, card in now] == list(range(1, len(now) + 1))
            starts = [one.visits[0].start for one, _ in now]
            assert starts == sorted(starts, key=lambda start: start or NOW)
            assert row["modifyUser"] not in (row["driverId"], "API")
        assert rows[book.card(moved).erp_id]["serviceOrder"] == 1


async def test_a_close_without_a_line_arrives_late_with_its_own_time() -> None:
    async with serving() as server:
        row = await server.first(servicing=True)
        job = server.job(row)
        until = NOW + timedelta(minutes=240)
        assert job.number in silence(server.book, row["driverId"], DAY, until)
        server.time[0] = NOW + timedelta(minutes=230)
        tick(server.world, server.time[0])
        assert job.visits[0].status == "done"
        assert await server.one(row["_id"]) == row
        assert hear(server.book, server.time[0]) == []
        server.time[0] = until
        assert job.number in hear(server.book, until)
        after = await server.one(row["_id"])
        assert after["closed"]
        assert after["signature"]
        assert row["modifieddAt"] < after["closeDate"] < after["modifieddAt"] == "2026-06-04 14:42:00"


async def test_a_late_close_comes_after_a_reassign_and_says_who_did_the_work() -> None:
    async with serving() as server:
        row = await server.first(servicing=True)
        silence(server.book, row["driverId"], DAY, NOW + timedelta(minutes=240))
        tick(server.world, NOW + timedelta(minutes=230))
        other = next(one for one in server.world.technicians.values() if one.name != row["name"])
        await server.put(row["_id"], driverId=server.book.driver_id(other.id), name=other.name)
        given = await server.one(row["_id"])
        assert (given["name"], given["closed"]) == (other.name, False)
        hear(server.book, NOW + timedelta(minutes=240))
        after = await server.one(row["_id"])
        assert (after["name"], after["closed"]) == (other.name, True)
        assert after["modifyUser"] == row["driverId"]


async def test_routing_follows_what_the_drivers_do() -> None:
    async with (
        serving(23, 2400, signature_size="0") as still,
        serving(23, 2400, signature_size="0", routing="true") as server,
    ):
        play(still, 40)
        play(server, 40)

        async def orders(one: Server) -> dict[str, int]:
            rows = await one.all(date=DAY)
            return {row["_id"]: row["serviceOrder"] for row in rows if row["inMobileApp"]}

        assert await orders(still) != await orders(server)
