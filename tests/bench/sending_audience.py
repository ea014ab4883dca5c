"""A campaign's audience: a million people written down as its recipients."""

import time

import asyncpg

from app import lifecycle
from app.kit import db
from app.kit.ids import uuid7
from config.database import credentials
from notifications.campaigns import expansion
from notifications.campaigns.models import Campaign, CampaignState, Product
from tests.bench.servers import Site

PEOPLE = 1_000_000
_TAG = "bench"
_ROUNDS = 3


async def expansion_rate(site: Site) -> float:
    """Recipients written per second, the middle of three times."""
    url = await site.make_database("audience")
    connection = await asyncpg.connect(**credentials(url))
    try:
        await connection.execute(
            "INSERT INTO person (id, level, status)"
            " SELECT gen_random_uuid(), 'wx_bound', 'active' FROM generate_series(1, $1)",
            PEOPLE,
        )
        await connection.execute(
            "INSERT INTO person_tag (tag, person_id, given_by, given_at)"
            " SELECT $1, id, 'system', now() FROM person",
            _TAG,
        )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    await lifecycle.open_stores()
    try:
        return sorted([await _once() for _ in range(_ROUNDS)])[_ROUNDS // 2]
    finally:
        await lifecycle.close_stores()


async def _once() -> float:
    campaign = await Campaign.create(
        name="申报期限提醒", product=Product.TEMPLATE, message="tax_reminder", params={},
        audience={"tags": [_TAG]}, lane=2, author_id=uuid7(), state=CampaignState.DRAFT, baseline={},
    )  # fmt: skip
    started = time.perf_counter()
    async with db.transaction():
        written = await expansion.expand(campaign, is_statutory=False)
    return written / (time.perf_counter() - started)
