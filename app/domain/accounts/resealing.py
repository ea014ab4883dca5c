"""Sealing everything anew with the current key, so that the previous one can be thrown away."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from uuid import UUID

from app.kit import crypto, db

_BATCH = 500

# By table: the type of its key, where the keys begin, and its sealed columns. A test compares
# this with the models.
SEALED: dict[str, tuple[str, UUID | int | str, tuple[str, ...]]] = {
    "person": ("uuid", UUID(int=0), ("name_sealed", "id_number_sealed", "phone_sealed")),
    "wechat_identity": ("bigint", 0, ("session_key_sealed",)),
    "enterprise": ("uuid", UUID(int=0), ("uscc_sealed",)),
    "staff": ("uuid", UUID(int=0), ("totp_secret_sealed",)),
    "invoice_snapshot": ("uuid", UUID(int=0), ("content_sealed", "note_sealed")),
    "queued_check": ("uuid", UUID(int=0), ("invoice_sealed",)),
    "invoice_batch_row": ("bigint", 0, ("text_sealed",)),
    "case_document": ("uuid", UUID(int=0), ("content_sealed",)),
    "case_supplement": ("uuid", UUID(int=0), ("text_sealed",)),
    "certificate": ("uuid", UUID(int=0), ("content_sealed",)),
    "share_request": ("uuid", UUID(int=0), ("facts_sealed",)),
    "share_objection": ("bigint", 0, ("claim_sealed",)),
    "credit_appeal": ("bigint", 0, ("reason_sealed",)),
    "partner_key": ("text", "", ("secret_sealed",)),
    "partner_message_body": ("bigint", 0, ("body_sealed",)),
}

# What a merge remembers of each of the two is JSON, with the names of the columns of a person.
_REMEMBERED = [(side, name) for side in ("kept_before", "absorbed_before") for name in SEALED["person"][2]]


async def reseal(tell: Callable[[str, int], None]) -> int:
    """Reseal what an older key sealed; answers how many values. May be stopped and run again at any time.

    ``tell(column, count)`` is called after each batch that changed something. A value written
    meanwhile is left alone: it is sealed with the current key already.
    """
    total = 0
    for table, (type_, first, columns) in SEALED.items():
        for column in columns:
            place = _Place(table, type_, first, column, column, "d.fresh")
            total += await _reseal(place, tell)
    for side, name in _REMEMBERED:
        fresh = f"jsonb_set(t.{side}, '{{{name}}}', to_jsonb(d.fresh))"
        place = _Place("person_merge", "uuid", UUID(int=0), side, f"{side}->>'{name}'", fresh)
        total += await _reseal(place, tell)
    return total


@dataclass(frozen=True, slots=True)
class _Place:
    """Where sealed values stand: a column, how to read its value, and how to put in a fresh one."""

    table: str
    type: str
    first: UUID | int | str
    column: str
    value: str
    fresh: str


# Tables, columns and types come from the list above, never from outside.
_READ = (
    'SELECT id, {value} AS sealed FROM "{table}" WHERE {value} IS NOT NULL AND id > $1 ORDER BY id LIMIT $2'
)
_WRITE = (
    'UPDATE "{table}" t SET {column} = {fresh}'
    " FROM unnest($1::{type}[], $2::text[], $3::text[]) AS d (id, old, fresh)"
    " WHERE t.id = d.id AND t.{value} = d.old"
)


async def _reseal(place: _Place, tell: Callable[[str, int], None]) -> int:
    names = asdict(place)
    last, done = place.first, 0
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
            tell(f"{place.table}.{place.column}", done)
    return done
