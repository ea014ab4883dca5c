"""Sealing everything anew with the current key, so that the previous one can be thrown away."""

from collections.abc import Callable
from uuid import UUID

from app.kit import crypto, db

_BATCH = 500

# By table: the type of its key, where the keys begin, and its sealed columns. A test compares
# this with the models.
SEALED: dict[str, tuple[str, UUID | int, tuple[str, ...]]] = {
    "person": ("uuid", UUID(int=0), ("name_sealed", "id_number_sealed", "phone_sealed")),
    "wechat_identity": ("bigint", 0, ("session_key_sealed",)),
    "enterprise": ("uuid", UUID(int=0), ("uscc_sealed",)),
    "staff": ("uuid", UUID(int=0), ("totp_secret_sealed",)),
}


async def reseal(tell: Callable[[str, int], None]) -> int:
    """Reseal what an older key sealed; answers how many values. May be stopped and run again at any time.

    ``tell(column, count)`` is called after each batch that changed something. A value written
    meanwhile is left alone: it is sealed with the current key already.
    """
    total = 0
    for table, (_, _, columns) in SEALED.items():
        for column in columns:
            total += await _column(table, column, tell)
    return total


# Tables, columns and types come from the list above, never from outside.
_READ = (
    'SELECT id, {column} AS sealed FROM "{table}" WHERE {column} IS NOT NULL AND id > $1 ORDER BY id LIMIT $2'
)
_WRITE = (
    'UPDATE "{table}" t SET {column} = d.fresh'
    " FROM unnest($1::{type}[], $2::text[], $3::text[]) AS d (id, old, fresh)"
    " WHERE t.id = d.id AND t.{column} = d.old"
)


async def _column(table: str, column: str, tell: Callable[[str, int], None]) -> int:
    type_, last, _ = SEALED[table]
    names = {"table": table, "column": column, "type": type_}
    done = 0
    while rows := await db.fetch(_READ.format(**names), last, _BATCH):
        last = rows[-1]["id"]
        stale = [row for row in rows if not crypto.sealed_with_current_key(row["sealed"])]
        if stale:
            done += await db.execute(
                _WRITE.format(**names),
                [row["id"] for row in stale],
                [row["sealed"] for row in stale],
                [crypto.seal(crypto.unseal(row["sealed"])) for row in stale],
            )
            tell(f"{table}.{column}", done)
    return done
