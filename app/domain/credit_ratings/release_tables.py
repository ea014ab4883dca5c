"""The table of one release: filled by COPY, made unique, indexed, and put in the place of a year."""

from collections.abc import Collection, Sequence
from io import BytesIO
from typing import Any, Final

import asyncpg

from app.domain.credit_ratings.release_rows import COLUMNS, RowFault
from app.kit import db

# Three million ratings take some ten seconds to sort; a slower machine takes a minute.
_TIMEOUT_S: Final = 900
_PATIENCE: Final = f"SET LOCAL statement_timeout = '{_TIMEOUT_S}s'; SET LOCAL maintenance_work_mem = '512MB'"

# Two rows of one enterprise that say the same are one. Of rows that contradict each other none is believed.
_REPEATED: Final = """
CREATE TEMPORARY TABLE repeated ON COMMIT DROP AS
SELECT row_number, is_first, is_same FROM (
    SELECT r.row_number, r.row_number = min(r.row_number) OVER one AS is_first,
           min((level, score, starting_score, authority, name)::text) OVER one
           = max((level, score, starting_score, authority, name)::text) OVER one AS is_same
    FROM {table} r JOIN (
        SELECT taxpayer_hash FROM {table} GROUP BY taxpayer_hash HAVING count(*) > 1) d USING (taxpayer_hash)
    WINDOW one AS (PARTITION BY taxpayer_hash)
) s WHERE NOT (is_first AND is_same)
"""


def name_of(release_id: int) -> str:
    """The name of a release's table."""
    return f"credit_rating_release_{release_id}"


async def create(release_id: int, year: int) -> None:
    """An empty table of the shape of ratings, without any index yet, in the caller's transaction."""
    table = name_of(release_id)
    await db.execute(f"CREATE TABLE {table} (LIKE credit_rating INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    # Said as a check, the year need not be looked for in every row when the table becomes its partition.
    await db.execute(
        f"ALTER TABLE {table} ALTER year SET DEFAULT {year}, ALTER release_id SET DEFAULT {release_id},"
        f" ADD CONSTRAINT {table}_year CHECK (year = {year})"
    )


async def drop(release_id: int) -> None:
    """Forget the rows of a release that is not in force, in the caller's transaction."""
    await db.execute(f"DROP TABLE IF EXISTS {name_of(release_id)}")


async def copy(release_id: int, lines: bytes) -> None:
    """Append rows in COPY's text form, in the caller's transaction."""
    async with db.connection().acquire_connection() as raw:
        await raw.copy_to_table(
            name_of(release_id), source=BytesIO(lines), columns=list(COLUMNS), format="text"
        )


async def finish(release_id: int) -> Sequence[RowFault]:
    """Make every enterprise stand once, index and count, in the caller's transaction.

    Answers the rows that were let go for repeating or contradicting another.
    """
    table = name_of(release_id)
    key = f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (year, taxpayer_hash)"
    faults: Sequence[RowFault] = ()
    try:
        async with db.transaction():
            await _patiently(key)
    except asyncpg.UniqueViolationError:
        faults = await _let_go_of_repeated(table)
        await _patiently(key)
    for name, columns in _A_LIST.items():
        await _patiently(f"CREATE INDEX {table}_{name} ON {table} ({columns}) WHERE level = 'A'")
    await _patiently(f"ANALYZE {table}")
    return faults


async def count(release_id: int) -> dict[str, int]:
    """The ratings of a release by level."""
    rows = await _fetch(f"SELECT level, count(*) FROM {name_of(release_id)} GROUP BY level ORDER BY level")  # noqa: S608  Ours.
    return {row["level"]: row["count"] for row in rows}


async def held(years: Collection[int], *, to_replace: bool = False) -> None:
    """Hold years until the caller's transaction ends: against each other to replace their releases.

    Changes of single ratings hold a year together, lest they be written to a table that is on its way out.
    """
    shared = "" if to_replace else "_shared"
    for year in sorted(years):
        await db.execute(f"SELECT pg_advisory_xact_lock{shared}(hashtextextended('credit_rating', $1))", year)


async def put_in_place(release_id: int, year: int, before: int | None) -> None:
    """Become the partition of the year, in the caller's transaction.

    What was changed or added in the release ``before`` since it was published stays so; ``held`` keeps
    further changes waiting meanwhile.
    """
    table = name_of(release_id)
    if before is not None:
        await _patiently(_KEEP_ADJUSTED.format(new=table, old=name_of(before)))
        await db.execute(f"ALTER TABLE credit_rating DETACH PARTITION {name_of(before)}")
        await drop(before)
    await db.execute(f"ALTER TABLE credit_rating ATTACH PARTITION {table} FOR VALUES IN ({year})")


_A_LIST: Final = {
    "a_name": 'year, name COLLATE "C", taxpayer_hash',
    "a_taxpayer": 'year, taxpayer_id COLLATE "C"',
}
_KEEP_ADJUSTED: Final = """
INSERT INTO {new} (taxpayer_hash, level, score, starting_score, authority, name, taxpayer_id, adjusted_on)
SELECT taxpayer_hash, level, score, starting_score, authority, name, taxpayer_id, adjusted_on
FROM {old} WHERE adjusted_on IS NOT NULL
ON CONFLICT (year, taxpayer_hash) DO UPDATE SET level = excluded.level, score = excluded.score,
    name = excluded.name, taxpayer_id = excluded.taxpayer_id, adjusted_on = excluded.adjusted_on
"""


async def _let_go_of_repeated(table: str) -> Sequence[RowFault]:
    await _patiently(_REPEATED.format(table=table))
    rows = await _fetch("SELECT row_number, is_same FROM repeated ORDER BY row_number")
    await _patiently(f"DELETE FROM {table} t USING repeated r WHERE t.row_number = r.row_number")  # noqa: S608  Ours.
    await db.execute("DROP TABLE repeated")
    same, other = "与前面的一行重复", "同一纳税人有几行且内容不一致，都没有采用"
    return [
        RowFault(row["row_number"], "纳税人识别号", same if row["is_same"] else other, "") for row in rows
    ]


async def _patiently(sql: str) -> None:
    async with db.connection().acquire_connection() as raw:
        await raw.execute(_PATIENCE)
        await raw.execute(sql, timeout=_TIMEOUT_S)


async def _fetch(sql: str) -> Sequence[Any]:
    async with db.connection().acquire_connection() as raw:
        await raw.execute(_PATIENCE)
        rows: Sequence[Any] = await raw.fetch(sql, timeout=_TIMEOUT_S)
        return rows
