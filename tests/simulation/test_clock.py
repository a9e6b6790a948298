"""Virtual time: what happens at the same moment happens in the same order, whenever it is played."""

from __future__ import annotations

import asyncio

from tests.simulation.clock import SimClock, run


def called_off(litter: int) -> list[int]:
    """The order in which a group's tasks end that is called off; `litter` lies between them in memory."""
    order: list[int] = []
    kept: list[object] = []

    async def wait(number: int) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            order.append(number)

    async def several() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(40):
                kept.extend(asyncio.get_running_loop().create_future() for _ in range(number * litter % 7))
                group.create_task(wait(number))

    async def main() -> None:
        task = asyncio.create_task(several())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait({task})

    run(SimClock(), main())
    return order


def test_a_group_is_called_off_in_the_same_order_wherever_its_tasks_lie() -> None:
    orders = [called_off(litter) for litter in range(6)]
    assert sorted(orders[0]) == [*range(40)]
    assert all(order == orders[0] for order in orders)


def test_time_passes_only_by_waiting() -> None:
    clock = SimClock()
    woken: list[tuple[float, str]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        woken.append((clock.elapsed, name))

    async def main() -> None:
        await asyncio.gather(sleeper("late", 3600), sleeper("early", 5))

    run(clock, main())
    assert woken == [(5.0, "early"), (3600.0, "late")]
