"""From the commit of a booking to WeChat having its message, with everything running at a modest load."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
import asyncpg

from config.database import credentials
from tests.bench.dataset import BUSINESS, SLOTS
from tests.bench.servers import Site, free_port

PEOPLE = 200
BOOKINGS_PER_S = 20.0
_BOOKINGS = 500


class NotHandedOver(Exception):
    """Messages were still on their way long after the last booking."""


Beside = Callable[[aiohttp.ClientSession, str], Awaitable[None]]
"""What else begins before the bookings; it is told where the sandbox is."""


async def handover(
    site: Site, database_url: str, more: Mapping[str, str] | None = None, *, beside: Beside | None = None
) -> tuple[float, int, float]:
    """The 95th percentile in seconds, the count of messages it is of, and the bookings per second."""
    connection = await asyncpg.connect(**credentials(database_url))
    try:
        # What the other measures left would be told first.
        await connection.execute("TRUNCATE outbox_event")
        port, sandbox_port = free_port(), free_port()
        await _start(site, database_url, port, sandbox_port, more or {})
        ours, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
        async with aiohttp.ClientSession() as http:
            tokens = [await _join(http, ours, sandbox, f"bench-{n}") for n in range(PEOPLE)]
            if beside is not None:
                await beside(http, sandbox)
            await _book(http, ours, tokens)
        return *await _p95(connection), BOOKINGS_PER_S
    finally:
        await connection.close()


async def _start(
    site: Site, database_url: str, port: int, sandbox_port: int, chosen: Mapping[str, str]
) -> None:
    sandbox, ours = f"http://127.0.0.1:{sandbox_port}", f"http://127.0.0.1:{port}"
    more = {
        "wechat_api_base": sandbox,
        "wechat_open_base": sandbox,
        "sandbox_callback": ours,
        "sandbox_state": str(site.home / "sandbox.json"),
        "public_url": ours,
        **chosen,
    }
    environment = site.environment(database_url, more)
    await site.serve(
        "sandbox", sandbox_port, "app", "sandbox", "--port", str(sandbox_port), environment=environment
    )
    await site.serve_ours("whole", port, database_url, more)
    site.start("worker", "app", "worker", environment=environment)


async def _join(http: aiohttp.ClientSession, ours: str, sandbox: str, name: str) -> str:
    """Somebody logs in and follows the public account; answers their token."""
    async with http.post(f"{ours}/api/v1/session", json={"code": f"sandbox-{name}"}) as answer:
        answer.raise_for_status()
        token: str = (await answer.json())["token"]
    async with http.post(f"{sandbox}/_sandbox/tap", json={"person": name, "kind": "follow"}) as answer:
        answer.raise_for_status()
    return token


async def _book(http: aiohttp.ClientSession, ours: str, tokens: list[str]) -> None:
    """Book at a steady pace, whatever the answers take."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.TaskGroup() as group:
        for number in range(_BOOKINGS):
            await asyncio.sleep(max(0.0, begun + number / BOOKINGS_PER_S - loop.time()))
            # Ten slots a day in each hall: the next round of everybody falls on another half-day.
            slot = 1 + (number // len(tokens) * 10 + number) % SLOTS
            group.create_task(_book_one(http, ours, tokens[number % len(tokens)], slot))


async def _book_one(http: aiohttp.ClientSession, ours: str, token: str, slot: int) -> None:
    async with http.post(
        f"{ours}/api/v1/appointments",
        json={"slot_id": slot, "business": BUSINESS},
        headers={"authorization": f"Bearer {token}"},
    ) as answer:
        answer.raise_for_status()


_DELAYS = """
SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - committed_at)) AS p95,
       count(sent_at) AS sent
FROM notification WHERE message = 'appointment_booked'
"""


async def _p95(connection: asyncpg.Connection) -> tuple[float, int]:
    """Wait until all is handed over, at most half a minute."""
    sent = 0
    for _ in range(60):
        row = await connection.fetchrow(_DELAYS)
        sent = row["sent"]
        if sent >= _BOOKINGS:
            return float(row["p95"]), sent
        await asyncio.sleep(0.5)
    raise NotHandedOver(f"{sent} of {_BOOKINGS} messages are handed over")
