"""Publishing guides and withdrawing them; what they are found by changes with them."""

from collections.abc import Sequence
from typing import Any

import orjson

from app.domain.catalogue.errors import GuideNotFound
from app.domain.catalogue.files import GuideText
from app.domain.catalogue.models import Guide
from app.kit import audit, clock, db

_BATCH = 1000
_LOCK = 0x6D1DE  # One number for all who publish: the counts of words are written one after the other.

_WRITE = """
INSERT INTO guide (code, title, summary, sections, keywords, basis, audience, topic, updated_on, version,
                   published_at)
SELECT *, 1, $10::timestamptz FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[],
                                          $6::jsonb[], $7::text[], $8::text[], $9::date[])
ON CONFLICT (code) DO UPDATE SET title = excluded.title, summary = excluded.summary,
    sections = excluded.sections, keywords = excluded.keywords, basis = excluded.basis,
    audience = excluded.audience, topic = excluded.topic, updated_on = excluded.updated_on,
    version = guide.version + 1, withdrawn_at = NULL,
    published_at = CASE WHEN guide.withdrawn_at IS NULL THEN guide.published_at ELSE excluded.published_at END
WHERE guide.withdrawn_at IS NOT NULL OR
    (guide.title, guide.summary, guide.sections, guide.keywords, guide.basis, guide.audience, guide.topic,
     guide.updated_on) IS DISTINCT FROM
    (excluded.title, excluded.summary, excluded.sections, excluded.keywords, excluded.basis,
     excluded.audience, excluded.topic, excluded.updated_on)
RETURNING id, code
"""

_INDEX = """
INSERT INTO guide_index (guide_id, words)
SELECT id, words::tsvector FROM unnest($1::bigint[], $2::text[]) AS given (id, words)
ON CONFLICT (guide_id) DO UPDATE SET words = excluded.words
"""

_COUNT = """
INSERT INTO guide_word (word, guides)
SELECT word, $2 * count(*) FROM guide_index, unnest(tsvector_to_array(words)) AS word
WHERE guide_id = ANY ($1::bigint[]) GROUP BY word ORDER BY word
ON CONFLICT (word) DO UPDATE SET guides = guide_word.guides + excluded.guides
"""


async def publish(guides: Sequence[GuideText], *, actor: str = audit.SYSTEM) -> int:
    """Publish these guides, also ones that were withdrawn; answers how many are new or different."""
    changed = 0
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        for start in range(0, len(guides), _BATCH):
            changed += await _publish(guides[start : start + _BATCH])
        await _forget_lost_words()
        if changed:
            detail = {"guides": len(guides), "changed": changed}
            await audit.record(actor, "guides_published", "guides", detail=detail)
    return changed


async def withdraw(code: str, *, actor: str) -> None:
    """Take a guide off; it stays in the table and is found no more. Raises :class:`GuideNotFound`."""
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        found = await Guide.get_or_none(code=code, withdrawn_at=None)
        if found is None:
            raise GuideNotFound
        found.withdrawn_at = clock.now()
        await found.save(update_fields=["withdrawn_at"])
        await db.execute(_COUNT, [found.id], -1)
        await db.execute("DELETE FROM guide_index WHERE guide_id = $1", found.id)
        await _forget_lost_words()
        await audit.record(actor, "guide_withdrawn", f"guide:{code}")


async def _publish(guides: Sequence[GuideText]) -> int:
    rows = await db.fetch(_WRITE, *_columns(guides), clock.now())
    if not rows:
        return 0
    by_code = {one.code: one for one in guides}
    ids = [row["id"] for row in rows]
    await db.execute(_COUNT, ids, -1)
    await db.execute(_INDEX, ids, [by_code[row["code"]].words for row in rows])
    await db.execute(_COUNT, ids, 1)
    return len(rows)


async def _forget_lost_words() -> None:
    await db.execute("DELETE FROM guide_word WHERE guides <= 0")


def _columns(guides: Sequence[GuideText]) -> list[list[Any]]:
    rows = (
        (
            one.code, one.title, one.summary, _json(one.sections), _json(one.keywords), _json(one.basis),
            one.audience.value, one.topic, one.updated_on,
        )
        for one in guides
    )  # fmt: skip
    return [list(column) for column in zip(*rows, strict=True)]


def _json(value: Sequence[object]) -> str:
    return orjson.dumps(value).decode()
