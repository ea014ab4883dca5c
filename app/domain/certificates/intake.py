"""Taking in what issuers tell of certificates: the later telling stands, and the newest version counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from app.domain.certificates import contents, rules
from app.domain.certificates.contents import Content
from app.domain.certificates.identifiers import Identifier
from app.domain.certificates.models import HolderKind, State, Status, Trust
from app.domain.certificates.rules import Standing, Verdict
from app.kit import clock, db, ids

# Pushes about one certificate wait for each other, whichever systems they come from. The buckets are locked
# in their order, so that nobody waits in a circle.
_HOLD: Final = """
SELECT pg_advisory_xact_lock(hashtextextended('certificate', 0) + bucket)
FROM unnest($1::int[]) AS t (bucket) ORDER BY bucket
"""
_KNOWN: Final = """
SELECT line_hash, version, told_at, status FROM certificate WHERE line_hash = ANY ($1::bytea[])
"""
# Older versions step back first: of one certificate one version is the newest.
_REPLACE: Final = """
UPDATE certificate c SET state = 'replaced' FROM unnest($1::bytea[], $2::smallint[]) AS n (line_hash, version)
WHERE c.line_hash = n.line_hash AND c.version < n.version AND c.state <> 'replaced'
"""
_COLUMNS: Final = (
    "id", "line_hash", "version", "type_code", "name", "issuer", "issuer_name", "holder_kind", "holder_hash",
    "content_sealed", "issued_on", "valid_from", "valid_until", "trust", "status", "state", "told_at",
    "told_by",
)  # fmt: skip
_TYPES: Final = (
    "uuid", "bytea", "smallint", "text", "text", "text", "text", "text", "bytea", "text", "date", "date",
    "date", "text", "text", "text", "timestamptz", "text",
)  # fmt: skip
_OVERWRITTEN: Final = ", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS[3:], "taken_at"))
_TAKE: Final = (
    f"INSERT INTO certificate ({', '.join(_COLUMNS)}, taken_at)"  # noqa: S608  Names of ours.
    f" SELECT t.*, ${len(_COLUMNS) + 1}::timestamptz FROM unnest("
    + ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(_TYPES, start=1))
    + f") AS t ON CONFLICT (line_hash, version) DO UPDATE SET {_OVERWRITTEN}"
)

FINAL_WORDS: Final = "这一版证照已撤销或注销，不能恢复；重新发证请推送新的版本"


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """One version of a certificate as its issuer tells it; personal, so without repr.

    ``told_at`` is when it was so. Without ``valid_until`` it is valid for good.
    """

    identifier: Identifier
    name: str
    number: str
    issuer_name: str
    holder_kind: HolderKind
    holder_number: str
    holder_name: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    trust: Trust
    status: Status
    told_at: datetime


async def take_in(told: Sequence[Told], *, told_by: str) -> Sequence[str | None]:
    """Write what is news, in a few statements; answers for each one why not, in words, or ``None``.

    What is older than what is known changes nothing and is no fault: it came late. Telling the same again
    changes nothing either. Joins the caller's transaction.
    """
    if not told:
        return []
    lines = {one.identifier.line: contents.line_hash(one.identifier.line) for one in told}
    async with db.transaction():
        await db.fetch(_HOLD, sorted({hash_[0] for hash_ in lines.values()}))
        known = await _known(lines.values())
        taken: dict[tuple[bytes, int], Told] = {}
        verdicts: list[str | None] = []
        for one in told:
            key, standing = (lines[one.identifier.line], one.identifier.version), _standing(one)
            verdict = rules.judge(known.get(key), standing)
            verdicts.append(FINAL_WORDS if verdict is Verdict.FINAL else None)
            if verdict is Verdict.TAKEN:
                known[key], taken[key] = standing, one
        await _write(taken, _newest(known), told_by)
    return verdicts


async def _known(lines: Collection[bytes]) -> dict[tuple[bytes, int], Standing]:
    rows = await db.fetch(_KNOWN, sorted(set(lines)))
    return {
        (bytes(row["line_hash"]), row["version"]): Standing(row["told_at"], Status(row["status"]))
        for row in rows
    }


def _standing(one: Told) -> Standing:
    return Standing(one.told_at, one.status)


def _newest(known: Mapping[tuple[bytes, int], Standing]) -> dict[bytes, int]:
    newest: dict[bytes, int] = {}
    for line, version in known:
        newest[line] = max(version, newest.get(line, 0))
    return newest


async def _write(taken: Mapping[tuple[bytes, int], Told], newest: Mapping[bytes, int], told_by: str) -> None:
    if not taken:
        return
    await db.execute(_REPLACE, list(newest), list(newest.values()))
    rows = [
        _row(line, one, told_by, is_newest=version == newest[line]) for (line, version), one in taken.items()
    ]
    await db.execute(_TAKE, *(list(column) for column in zip(*rows, strict=True)), clock.now())


def _row(line: bytes, one: Told, told_by: str, *, is_newest: bool) -> tuple[Any, ...]:
    content = Content(one.identifier.text, one.number, one.holder_name, one.holder_number)
    state = rules.state_on(
        clock.today(), status=one.status, trust=one.trust, valid_from=one.valid_from,
        valid_until=one.valid_until,
    )  # fmt: skip
    return (
        ids.uuid7(), line, one.identifier.version, one.identifier.type_code, one.name, one.identifier.issuer,
        one.issuer_name, one.holder_kind.value, contents.holder_hash(one.holder_kind, one.holder_number),
        contents.seal(content), one.issued_on, one.valid_from, one.valid_until, one.trust.value,
        one.status.value, (state if is_newest else State.REPLACED).value, one.told_at, told_by,
    )  # fmt: skip
