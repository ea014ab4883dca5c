"""However messages come, doubled, shuffled, lost and sent again, the cases end as if told in order."""

import asyncio
import hashlib
import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from app.domain.partners import queries
from app.kit import db
from tests.factories.partners import Partner, histories, make_partner

pytestmark = pytest.mark.usefixtures("db")

# What two runs must agree on; when a row was written, and the ids of its events, are of each run's own.
_STATES = """
SELECT c.number, c.state, c.office, c.submitted_at, c.accepted_at, c.due_at, c.last_seq, c.last_hash,
    (SELECT string_agg(e.kind || e.seq || e.text || coalesce(e.finding, ''), ',' ORDER BY e.seq)
     FROM case_event e WHERE e.case_number = c.number) AS events
FROM case_file c ORDER BY c.number
"""
_LEDGER = "SELECT sequence, state, error_code FROM partner_message ORDER BY sequence"
_EMPTY = """
TRUNCATE case_file, case_event, special_procedure, case_finding, outbox_event,
    partner_message, partner_message_body, partner_chain
"""


async def digest() -> str:
    rows = [*await db.fetch(_STATES), *await db.fetch(_LEDGER)]
    return hashlib.sha256("\n".join(str(tuple(row)) for row in rows).encode()).hexdigest()


async def begin_again(partner: Partner) -> None:
    async with db.transaction():
        await db.execute("SET LOCAL session_replication_role = replica")
        await db.execute(_EMPTY)
        await db.execute(
            "UPDATE partner_system SET parked = 0, last_sequence = 0, whole_to = 0 WHERE id = $1", partner.id
        )


def pages(rows: Sequence[dict[str, Any]], size: int) -> Iterable[Sequence[dict[str, Any]]]:
    return (rows[first : first + size] for first in range(0, len(rows), size))


def disturbed(rows: Sequence[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Shuffled, a tenth of them twice, and a tenth lost at first and sent again in the end."""
    lost = chance.sample(rows, len(rows) // 10)
    ids = {row["sequence"] for row in lost}
    sent = [row for row in rows if row["sequence"] not in ids]
    sent += chance.sample(sent, len(rows) // 10)
    chance.shuffle(sent)
    return [*sent, *lost]


async def compare(cases: int, seed: int) -> None:
    partner, rows = await make_partner(), histories(cases)
    for page in pages(rows, 500):
        await partner.take_in(*page)
    in_order = await digest()
    await begin_again(partner)
    for page in pages(disturbed(rows, random.Random(seed)), 437):
        await partner.take_in(*page)
    assert await digest() == in_order
    for _ in range(1 + len(rows) // 50_000):
        await queries.note_whole()  # As the worker does every minute: so many sequences at a time.
    status = await queries.status(partner.id)
    assert (status.parked, status.dead, status.gaps, status.whole_to) == (0, 0, [], len(rows))


async def test_two_thousand_messages_in_disorder_end_as_in_order() -> None:
    await compare(cases=360, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_a_hundred_thousand_messages_in_disorder_end_as_in_order() -> None:
    await compare(cases=18_000, seed=2)


async def test_pushes_at_the_same_time_end_as_in_order() -> None:
    partner, rows = await make_partner(), histories(70)
    for page in pages(rows, 500):
        await partner.take_in(*page)
    in_order = await digest()
    await begin_again(partner)
    sent = disturbed(rows, random.Random(3))
    await asyncio.gather(*(partner.take_in(*page) for page in pages(sent, 60)))
    assert await digest() == in_order


async def test_the_size_of_the_pushes_makes_no_difference() -> None:
    partner, rows = await make_partner(), histories(14)
    for row in rows:
        await partner.take_in(row)
    one_by_one = await digest()
    await begin_again(partner)
    await partner.take_in(*reversed(rows))
    assert await digest() == one_by_one
