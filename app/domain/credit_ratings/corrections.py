"""Single ratings of a year already published: new ones and changes, as the tax authority tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.credit_ratings import release_tables
from app.domain.credit_ratings.models import CreditRelease, ReleaseState
from app.domain.credit_ratings.release_rows import Checker, Rating
from app.kit import audit, clock, db

_TAKE: Final = """
INSERT INTO credit_rating AS known (year, taxpayer_hash, level, score, starting_score, authority, name,
    taxpayer_id, release_id, adjusted_on)
SELECT year, taxpayer_hash, level, score::numeric, start::numeric, authority, name, taxpayer_id, release_id,
    $10::date
FROM unnest($1::smallint[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::bigint[])
    AS t (year, taxpayer_hash, level, score, start, authority, name, taxpayer_id, release_id)
ON CONFLICT (year, taxpayer_hash) DO UPDATE SET
    level = excluded.level, score = excluded.score, name = excluded.name, taxpayer_id = excluded.taxpayer_id,
    starting_score = coalesce(excluded.starting_score, known.starting_score),
    authority = coalesce(excluded.authority, known.authority), adjusted_on = excluded.adjusted_on
WHERE (known.level, known.score) IS DISTINCT FROM (excluded.level, excluded.score)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One rating as told; ``score`` and ``starting_score`` are decimal texts, empty if not told."""

    taxpayer_id: str
    name: str
    year: int
    level: str
    score: str = ""
    starting_score: str = ""
    authority: str = ""


async def apply(told: Sequence[Told], *, actor: str) -> Sequence[str | None]:
    """Write what can be, in one statement; answers for each one why not, in words, or ``None``.

    Of two about one enterprise and year the later counts. Telling the same again changes nothing. ``actor``
    is who answers for it in the audit log.
    """
    async with db.transaction():
        await release_tables.held({one.year for one in told})
        releases = {one.year: one.id for one in await CreditRelease.filter(state=ReleaseState.PUBLISHED)}
        checkers = {year: Checker(year) for year in releases}
        verdicts: list[str | None] = []
        ratings: dict[tuple[int, bytes], Rating] = {}
        for one in told:
            verdict = _judged(one, checkers)
            verdicts.append(verdict if isinstance(verdict, str) else None)
            if isinstance(verdict, Rating):
                ratings[one.year, verdict.taxpayer_hash] = verdict
        if ratings:
            changed = await db.execute(_TAKE, *_columns(ratings, releases), clock.today())
            await audit.record(actor, "credit_ratings.corrected", "credit_rating", detail={"rows": changed})
    return verdicts


def _judged(one: Told, checkers: Mapping[int, Checker]) -> Rating | str:
    checker = checkers.get(one.year)
    if checker is None:
        return f"{one.year} 年度的评价结果尚未发布"
    return checker.checked(
        (one.taxpayer_id, one.name, str(one.year), one.level, one.score, one.starting_score, one.authority)
    )


def _columns(
    ratings: Mapping[tuple[int, bytes], Rating], releases: Mapping[int, int]
) -> tuple[Sequence[object], ...]:
    rows = sorted(ratings.items())  # In one order, lest two batches wait for each other.
    return tuple(zip(*((year, *rating, releases[year]) for (year, _), rating in rows), strict=True))
