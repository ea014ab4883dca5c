"""PostgreSQL's own pgbench doing one transaction a booking, on tables of the same shape as ours.

It has no HTTP, no login, no validation and no rules: what the database alone gives to those who
take seats one by one.
"""

import asyncio
import re
from itertools import count
from pathlib import Path

import asyncpg

from app.kit.engines import Postgres
from config.database import credentials
from tests.bench.dataset import PEOPLE, statements

CLIENTS = 8  # Where pgbench is fastest on one hot slot with two cores: the strongest opponent.
_SCRIPT = Path(__file__).with_name("baseline_booking.sql")
_runs = count(1)


async def make_tables(database_url: str) -> None:
    """Make and fill the baseline's tables in a database of ours."""
    connection = await asyncpg.connect(**credentials(database_url))
    try:
        await connection.execute(statements("baseline"))
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


async def book(database_url: str, slots: tuple[int, int], seconds: float) -> float:
    """Bookings per second on the slots from the first to the last."""
    variables = {
        "n": 0, "run": next(_runs), "clients": CLIENTS, "people": PEOPLE,
        "first_slot": slots[0], "last_slot": slots[1],
    }  # fmt: skip
    program = await asyncio.create_subprocess_exec(
        Postgres.bin("pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2",
        f"--time={max(round(seconds), 1)}", f"--file={_SCRIPT}",
        *(f"--define={name}={value}" for name, value in variables.items()), database_url,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told = (await program.communicate())[0].decode()
    found = re.search(r"tps = ([\d.]+)", told)
    if not found or "number of failed transactions: 0 " not in told:
        raise RuntimeError(f"pgbench did not finish well:\n{told}")
    return float(found[1])
