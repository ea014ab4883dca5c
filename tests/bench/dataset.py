"""The data of the benchmarks: halls, slots, people with sessions, and appointments.

Everything that a request or a script must name can be computed from a running number, so nothing
needs to be read back: person ``n``, the token of person ``n``, slot ``n``.
"""

import re
from pathlib import Path

import asyncpg

from config.database import credentials

PEOPLE = 600_000
SLOTS = 1_000  # of the coming five days, ten a day in each hall, numbered from 1
HALLS = SLOTS // 50
FIRST_HOT_SLOT = 10_001
HOT_SEATS = 32_000  # seats are counted in a smallint
BUSINESS = "INVOICE"
_LIVE = 5_000

QUICKLY = (
    "SET session_replication_role = replica",  # No look-up of slot and person for each row.
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '1GB'",
    "SET timezone = 'Asia/Shanghai'",
)


def token(number: int) -> str:
    """The token of a person."""
    return f"{number:043d}"


def statements(name: str, **values: object) -> str:
    """A file of SQL beside this one, its ``:name`` variables filled as psql would."""
    text = Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
    return re.sub(r"(?<!:):([a-z]+)", lambda found: str(values[found[1]]), text)


async def fill(database_url: str, appointments: int) -> None:
    """Fill an empty, migrated database."""
    connection = await asyncpg.connect(**credentials(database_url))
    try:
        for setting in QUICKLY:
            await connection.execute(setting)
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = 'appointment' AND indexname !~ 'pkey'"
        )
        for index in indexes:
            await connection.execute(f'DROP INDEX "{index["indexname"]}"')
        await connection.execute(
            statements(
                "dataset",
                people=PEOPLE,
                halls=HALLS,
                hot=FIRST_HOT_SLOT,
                seats=HOT_SEATS,
                business=BUSINESS,
                appointments=appointments,
                live=_LIVE,
            )
        )
        for index in indexes:
            await connection.execute(index["indexdef"])
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
