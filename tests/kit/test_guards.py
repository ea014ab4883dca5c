"""A table becomes one of partitions with its rows, and goes back with them."""

from uuid import uuid4

import asyncpg
import pytest

from app.kit import db as raw
from app.kit import guards
from config.database import credentials
from tests.architecture.test_database import finish, scratch, start_migrate

__all__ = ["scratch"]

FORWARD, BACKWARD = guards.by_range("ledger", "written_at", fill=80)
_KIND = "SELECT relkind::text FROM pg_class WHERE relname = 'ledger'"
_KEY = (
    "SELECT string_agg(attname, ' ' ORDER BY array_position(conkey, attnum)) FROM pg_constraint"
    " JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey) WHERE conname = 'ledger_pkey'"
)


async def write(word: str) -> int:
    return int(
        await raw.fetch_value("INSERT INTO ledger (written_at, word) VALUES (now(), $1) RETURNING id", word)
    )


async def words() -> list[tuple[int, str]]:
    return [(row["id"], row["word"]) for row in await raw.fetch("SELECT id, word FROM ledger ORDER BY id")]


@pytest.mark.usefixtures("db")
async def test_rows_keys_and_numbers_go_there_and_back() -> None:
    async with raw.connection().acquire_connection() as connection:
        await connection.execute(
            "CREATE TABLE ledger (id bigserial PRIMARY KEY, written_at timestamptz NOT NULL, word text)"
        )
        try:
            await write("before")
            await connection.execute(FORWARD)
            assert (await raw.fetch_value(_KIND), await raw.fetch_value(_KEY)) == ("p", "id written_at")
            assert await write("partitioned") == 2
            assert await raw.fetch_value("SELECT count(*) FROM ledger_rest") == 2
            await connection.execute(BACKWARD)
            assert (await raw.fetch_value(_KIND), await raw.fetch_value(_KEY)) == ("r", "id")
            assert await raw.fetch_value("SELECT to_regclass('ledger_rest')") is None
            assert await write("plain again") == 3
            assert await words() == [(1, "before"), (2, "partitioned"), (3, "plain again")]
        finally:
            await connection.execute("DROP TABLE ledger")


_MESSAGE = (
    "INSERT INTO notification (event_id, campaign_id, message, message_version, person_id, channel,"
    " account_id, lane, status, params, run_at, attempt, committed_at, route)"
    " VALUES ($1, $2, 'm', 1, $3, $4, 'wx', 1, $5, '{}', now(), 0, now(), '') RETURNING id"
)


@pytest.mark.long
async def test_the_queue_goes_back_to_the_older_version_and_forward_with_its_rows(scratch: str) -> None:
    """What the older version cannot know, campaigns and further channels, is left out; the rest stays."""
    finish(start_migrate(scratch, "--to", "0010_queue"))
    connection = await asyncpg.connect(**credentials(scratch))
    try:
        for event_id, campaign_id, channel, status in (
            (1, None, "template", "sent"),
            (2, None, "subscribe", "created"),
            (None, 7, "template", "held"),
            (3, None, "sms", "sent"),
        ):
            await connection.execute(_MESSAGE, event_id, campaign_id, uuid4(), channel, status)
        await connection.execute(
            "INSERT INTO notification_receipt (account_id, msgid, openid, result)"
            " VALUES ('wx', '1', 'o', 'ok')"
        )
        for target, kind in (("0009_invoices", "r"), ("0010_queue", "p")):
            finish(start_migrate(scratch, "--to", target))
            rows = await connection.fetch("SELECT id, event_id, channel FROM notification ORDER BY id")
            assert [tuple(row) for row in rows] == [(1, 1, "template"), (2, 2, "subscribe")]
            assert await connection.fetchval("SELECT count(*) FROM notification_receipt") == 1
            assert await connection.fetchval(_KIND.replace("ledger", "notification")) == kind
        routes = await connection.fetch("SELECT route FROM notification ORDER BY id")
        assert [row["route"] for row in routes] == ["subscribe", "template"]
    finally:
        await connection.close()
