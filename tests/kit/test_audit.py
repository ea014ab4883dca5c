"""The audit chain: appended in order under any race, and broken by every alteration."""

import asyncio

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from app.kit import audit
from app.kit import db as raw

pytestmark = pytest.mark.usefixtures("db")


async def _write(count: int) -> None:
    for number in range(count):
        await audit.record(
            "staff:a", "person.unmasked", f"person:{number}", reason="电话核实", detail={"field": "name"}
        )


async def _fail_after_recording() -> None:
    async with raw.transaction():
        await audit.record("system", "never", "happened")
        raise RuntimeError


async def _tamper(sql: str) -> None:
    """As a database administrator who goes around the trigger would."""
    async with raw.transaction():
        await raw.execute("SET LOCAL session_replication_role = replica")
        await raw.execute(sql)


async def test_an_empty_log_is_sound() -> None:
    assert await audit.verify() == 0


async def test_rows_are_numbered_without_gaps_and_verify() -> None:
    assert [await audit.record("system", "a", "b") for _ in range(3)] == [1, 2, 3]
    assert await audit.verify() == 3


async def test_every_kind_of_detail_survives_the_database() -> None:
    detail: dict[str, audit.Plain] = {
        "文字": "“引号”\n",
        "count": 10**18,
        "yes": True,
        "none": None,
        "list": [1, {"z": 1, "a": 2}],
    }
    await audit.record("system", "a", "b", detail=detail, hall_id=3)
    assert await audit.verify() == 1


async def test_thirty_writers_at_once_make_one_chain() -> None:
    ids = await asyncio.gather(*(audit.record("system", "race", str(number)) for number in range(30)))
    assert sorted(ids) == list(range(1, 31))
    assert await audit.verify() == 30


async def test_a_deed_rolled_back_leaves_no_record() -> None:
    await _write(1)
    with pytest.raises(RuntimeError):
        await _fail_after_recording()
    await _write(1)
    assert await audit.verify() == 2


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET reason = '另一个理由' WHERE id = 2",
        "UPDATE audit_entry SET actor = 'staff:b' WHERE id = 2",
        "UPDATE audit_entry SET at = at + interval '1 second' WHERE id = 2",
        "UPDATE audit_entry SET hall_id = 9 WHERE id = 2",
        'UPDATE audit_entry SET detail = \'{"field": "phone"}\' WHERE id = 2',
        "UPDATE audit_entry SET hash = sha256('x') WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 1",
    ],
)
async def test_verify_finds_what_was_altered(sql: str) -> None:
    await _write(3)
    await _tamper(sql)
    with pytest.raises(audit.ChainBroken) as broken:
        await audit.verify()
    assert broken.value.entry_id <= 3


@pytest.mark.parametrize(
    "sql", ["UPDATE audit_entry SET reason = ''", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
async def test_the_database_refuses_to_rewrite_history(sql: str) -> None:
    await _write(1)
    with pytest.raises((asyncpg.RestrictViolationError, OperationalError)):
        await raw.execute(sql)
    assert await audit.verify() == 1
