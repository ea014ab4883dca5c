"""A worker that empties a full queue, against a bare aiohttp loop that posts the same bodies."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import asyncpg
import orjson

from app.kit.ids import uuid7
from app.sandbox.world import openid_of
from config import messages as message_list
from config import settings
from config.database import credentials
from notifications.messages import Messages
from notifications.models import Channel
from tests.bench.contest import Contestant
from tests.bench.push import CONCURRENCY, as_contestant
from tests.bench.servers import Site, free_port

PEOPLE = 20_000
MESSAGE = "tax_reminder"
PARAMS = {"tax": "增值税", "period": "2026年第三季度", "due_at": "2026年10月26日 23:59"}
# No quota of ours slows the worker down; WeChat would, long before.
FREE = {
    "quiet_hours": "off",
    "template_per_day": "100000000",
    "template_per_second": "100000",
    "urgent_reserve_percent": "10",
    "normal_reserve_percent": "10",
}
_PATH = "/cgi-bin/message/template/send"
_ROWS_PER_S = 4_000


class NotSent(Exception):
    """The worker did not empty its queue."""


@asynccontextmanager
async def senders(site: Site, delay_s: float) -> AsyncIterator[tuple[Contestant, Contestant]]:
    """One worker of ours and the bare loop, both in front of the same cheap platform."""
    port = free_port()
    name = f"send-platform-{port}"
    await site.serve(name, port, "tests.bench.push_platform", str(port), str(delay_s), environment={})
    base = f"http://127.0.0.1:{port}"
    url = await site.make_database(f"sending_{port}")
    connection = await asyncpg.connect(**credentials(url))
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector) as session:
        try:
            await fill_people(connection, PEOPLE)
            environment = site.environment(url, {"wechat_api_base": base, **FREE})
            site.start(f"send-worker-{port}", "app", "worker", environment=environment)
            yield _ours(connection), as_contestant(_bare(session, base))
        finally:
            await connection.close()


async def fill_people(connection: asyncpg.Connection, count: int) -> None:
    """Followers of the public account; the n-th is ``follower-n`` in a sandbox, too."""
    appid = settings.current().oa_appid
    ids = [uuid7() for _ in range(count)]
    await connection.execute(
        "INSERT INTO person (id, level, status)"
        " SELECT id, 'wx_bound', 'active' FROM unnest($1::uuid[]) p (id)",
        ids,
    )
    await connection.execute(
        "INSERT INTO wechat_identity (person_id, appid, openid, is_follower, followed_at)"
        " SELECT id, $1, openid, true, now() FROM unnest($2::uuid[], $3::text[]) AS p (id, openid)",
        appid, ids, [openid_of(appid, f"follower-{number}") for number in range(count)],
    )  # fmt: skip
    await connection.execute("ANALYZE")


_QUEUE = """
INSERT INTO notification (event_id, message, message_version, person_id, channel, account_id, lane, params,
                          committed_at, run_at, status, attempt)
SELECT n, $1::varchar, 1, p.person_id, 'template', $2::varchar, 2, $3::jsonb, now(), now(), 'created', 0
FROM generate_series(1, $4::int) n
JOIN (SELECT person_id, row_number() OVER () AS place, count(*) OVER () AS people
      FROM wechat_identity WHERE is_follower AND appid = $2::varchar) p ON p.place = n % p.people + 1
"""


async def queue_bulk(connection: asyncpg.Connection, count: int) -> None:
    """So many bulk messages to the followers there are, committed at once."""
    params = orjson.dumps(PARAMS).decode()
    await connection.execute(_QUEUE, MESSAGE, settings.current().oa_appid, params, count)


def _ours(connection: asyncpg.Connection) -> Contestant:
    async def work(seconds: float) -> float:
        await connection.execute("TRUNCATE notification")
        count = int(seconds * _ROWS_PER_S)
        await queue_bulk(connection, count)
        for _ in range(600):
            row = await connection.fetchrow(
                "SELECT count(sent_at) AS sent, extract(epoch FROM max(sent_at) - min(sending_at))::float8"
                " AS seconds FROM notification"
            )
            if row["sent"] == count:
                return count / float(row["seconds"])
            await asyncio.sleep(0.25)
        raise NotSent(f"{row['sent']} of {count}")

    return work


def _bare(session: aiohttp.ClientSession, base: str) -> Callable[[str], Awaitable[None]]:
    address = f"{base}{_PATH}?access_token={'a' * 136}"
    headers = {"Content-Type": "application/json; charset=utf-8"}
    messages = Messages(message_list.current())
    values = messages.render(MESSAGE, Channel.TEMPLATE, PARAMS)
    target = {"appid": settings.current().mp_appid, "pagepath": messages.page(MESSAGE, PARAMS)}
    same = {
        "template_id": messages.template_id(MESSAGE, Channel.TEMPLATE),
        "data": {name: {"value": value} for name, value in values.items()},
        "miniprogram": target,
    }

    async def send(number: str) -> None:
        message = {"touser": f"o{number[-27:]}", "client_msg_id": number[-20:], **same}
        async with session.post(address, data=orjson.dumps(message), headers=headers) as answer:
            await answer.read()

    return send
