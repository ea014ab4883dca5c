"""From the commit of a booking to WeChat having its message, while a campaign runs as fast as it can."""

import aiohttp
import asyncpg

from config.database import credentials
from tests.bench import handover
from tests.bench.sending_worker import FREE, fill_people, queue_bulk
from tests.bench.servers import Site

PEOPLE = 20_000
# The campaign outlives the bookings beside it.
BULK = 120_000


class NotAtFullRate(Exception):
    """The campaign was over before the last booking, so the bookings proved nothing."""


async def latency(site: Site, database_url: str) -> tuple[float, int, float]:
    """The 95th percentile in seconds, the messages it is of, and the bulk messages sent per second."""
    connection = await asyncpg.connect(**credentials(database_url))
    try:
        await fill_people(connection, PEOPLE)

        async def campaign(http: aiohttp.ClientSession, sandbox: str) -> None:
            wish = {"prefix": "follower", "count": PEOPLE}
            async with http.post(f"{sandbox}/_sandbox/people", json=wish) as answer:
                answer.raise_for_status()
            quota = {"path": "/cgi-bin/message/template/send", "per_day": 10**9}
            async with http.put(f"{sandbox}/_sandbox/quotas", json=quota) as answer:
                answer.raise_for_status()
            await queue_bulk(connection, BULK)

        p95, sent, _ = await handover.handover(site, database_url, FREE, beside=campaign)
        bulk = await connection.fetchrow(
            "SELECT count(*) FILTER (WHERE status = 'created') AS waiting, count(sent_at) AS sent,"
            " extract(epoch FROM max(sent_at) - min(sent_at))::float8 AS seconds"
            " FROM notification WHERE lane = 2"
        )
        if not bulk["waiting"]:
            raise NotAtFullRate(f"{bulk['sent']} messages in {bulk['seconds']:.0f} seconds")
        return p95, sent, bulk["sent"] / bulk["seconds"]
    finally:
        await connection.close()
