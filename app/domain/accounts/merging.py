"""Two persons who are one human being become one, with everything they have; recorded, and reversible (A13).

Areas above keep rows of persons of their own. Each registers here, at start, how its rows move and how
they move back, so that this area need not know them. Append-only ledgers do not move: whoever reads
them asks ``everyone_behind`` whose entries belong to a person.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from app.domain.accounts import groups, rules
from app.domain.accounts.errors import CannotMerge
from app.domain.accounts.models import Person, PersonMerge, PersonStatus
from app.kit import audit, clock, db, ids

Moved = Any
"""What a section has to know to move its rows back, as plain JSON."""


class Section(Protocol):
    """The rows of one area that belong to a person. Both run in the merging transaction."""

    @property
    def tables(self) -> frozenset[str]:
        """The tables whose persons it takes care of."""

    async def move(self, kept: UUID, absorbed: UUID) -> Moved:
        """Give the rows of ``absorbed`` to ``kept``. Raises CannotMerge."""

    async def put_back(self, kept: UUID, absorbed: UUID, moved: Moved) -> None:
        """Undo ``move``: what came since stays with ``kept``."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The usual section: one table whose rows name their person in one column; ``only`` narrows them."""

    table: str
    key: str = "id"
    column: str = "person_id"
    only: str = "true"

    @property
    def tables(self) -> frozenset[str]:
        return frozenset({self.table})

    async def move(self, kept: UUID, absorbed: UUID) -> Moved:
        rows = await db.fetch(
            f"UPDATE {self.table} SET {self.column} = $1 WHERE {self.column} = $2"  # noqa: S608  Names of ours.
            f" AND {self.only} RETURNING {self.key}::text AS key",
            kept,
            absorbed,
        )
        return [row["key"] for row in rows]

    async def put_back(self, kept: UUID, absorbed: UUID, moved: Moved) -> None:
        await db.execute(
            f"UPDATE {self.table} SET {self.column} = $2"  # noqa: S608  Names of ours.
            f" WHERE {self.column} = $1 AND {self.key}::text = ANY ($3)",
            kept,
            absorbed,
            moved,
        )


class _Bindings:
    """企业绑定: an agent has each role in an enterprise once, so a second one ends instead of moving."""

    tables = frozenset({"enterprise_binding"})

    async def move(self, kept: UUID, absorbed: UUID) -> Moved:
        ended = await db.fetch(
            "UPDATE enterprise_binding b SET status = 'unbound', ended_at = $3"
            " WHERE person_id = $2 AND status = 'active' AND EXISTS ("
            "  SELECT 1 FROM enterprise_binding k WHERE k.person_id = $1 AND k.status = 'active'"
            "  AND k.enterprise_id = b.enterprise_id AND k.role = b.role) RETURNING id::text AS key",
            kept, absorbed, clock.now(),
        )  # fmt: skip
        moved = await Rows("enterprise_binding").move(kept, absorbed)
        return {"rows": moved, "ended": [row["key"] for row in ended]}

    async def put_back(self, kept: UUID, absorbed: UUID, moved: Moved) -> None:
        await Rows("enterprise_binding").put_back(kept, absorbed, moved["rows"])
        await db.execute(
            "UPDATE enterprise_binding SET status = 'active', ended_at = NULL WHERE id::text = ANY ($1)",
            moved["ended"],
        )


# Where both granted a template for good, one grant is enough.
_UNSPENT = (
    "spent_at IS NULL AND NOT (is_long_term AND EXISTS (SELECT 1 FROM subscription_credit k"
    " WHERE k.person_id = $1 AND k.template_id = subscription_credit.template_id"
    " AND k.is_long_term AND k.spent_at IS NULL))"
)

_sections: dict[str, Section] = {
    "wechat_identities": Rows("wechat_identity"),
    "bindings": _Bindings(),
    "sessions": Rows("session"),
    "handoffs": Rows("handoff", only="state = 'issued'"),
    "subscription_credits": Rows("subscription_credit", only=_UNSPENT),
}


def register(name: str, section: Section) -> None:
    """Have the rows of an area move along."""
    _sections[name] = section


def covered_tables() -> frozenset[str]:
    """Every table whose persons a section takes care of."""
    return frozenset().union(*(section.tables for section in _sections.values()))


async def merge(one: UUID, other: UUID, *, actor: str, reason: str) -> UUID:
    """Make two persons one and answer whom it is kept as: the better known one, else the older.

    Raises CannotMerge, and then nothing has changed, if either is not active, if they proved to be
    different people, or if an area above refuses.
    """
    async with db.transaction():
        kept, absorbed = rules.kept_and_absorbed(*await _locked(one, other))
        rules.check_may_merge(kept, absorbed)
        before, others = rules.proofs_of(kept), rules.proofs_of(absorbed)
        moved = {name: await section.move(kept.id, absorbed.id) for name, section in _sections.items()}
        merge_id = ids.uuid7()
        await PersonMerge.create(
            id=merge_id,
            kept_id=kept.id,
            absorbed_id=absorbed.id,
            actor=actor,
            reason=reason,
            moved=moved,
            kept_before=before,
            absorbed_before=others,
        )
        # The absorbed one lets go first: an ID number belongs to one living person.
        await _write(absorbed.id, PersonStatus.DELETED, rules.NOTHING_PROVED)
        await _write(kept.id, PersonStatus.ACTIVE, rules.carried_proofs(before, others))
        await groups.regroup([kept.id])
        await audit.record(
            actor, "person.merged", audit.person(kept.id), reason=reason,
            detail={"absorbed": str(absorbed.id), "merge": str(merge_id)},
        )  # fmt: skip
    return kept.id


async def undo(merge_id: UUID, *, actor: str, reason: str) -> None:
    """Part two persons again: each has back what was theirs; what came since stays with the kept one.

    Raises CannotMerge if it was undone before, or if either has changed in a way that forbids it.
    """
    async with db.transaction():
        entry = await PersonMerge.get_or_none(id=merge_id)
        if entry is None:
            raise CannotMerge("没有这次合并")
        kept, absorbed = await _locked(entry.kept_id, entry.absorbed_id)
        # Only whoever holds both persons writes here, so from now on it stays as it is read.
        await entry.refresh_from_db()
        if entry.undone_at is not None:
            raise CannotMerge("这次合并已经撤销")
        rules.check_may_part(kept, absorbed)
        left = rules.proofs_after_parting(rules.proofs_of(kept), entry.kept_before, entry.absorbed_before)
        await _write(kept.id, PersonStatus.ACTIVE, left)
        await _write(absorbed.id, PersonStatus.ACTIVE, entry.absorbed_before)
        for name, moved in entry.moved.items():
            await _sections[name].put_back(kept.id, absorbed.id, moved)
        await groups.regroup([kept.id, absorbed.id])
        entry.undone_at = clock.now()
        entry.kept_before = entry.absorbed_before = rules.NOTHING_PROVED
        await entry.save(update_fields=["undone_at", "kept_before", "absorbed_before"])
        await audit.record(
            actor, "person.parted", audit.person(kept.id), reason=reason,
            detail={"absorbed": str(absorbed.id), "merge": str(merge_id)},
        )  # fmt: skip


async def forget_proofs(person_id: UUID) -> None:
    """Delete what is kept for undoing merges into somebody who leaves: they are never undone."""
    await _rewrite_proofs(person_id, lambda _: rules.NOTHING_PROVED)


async def forget_phones(person_id: UUID) -> None:
    """Delete the phones kept for undoing merges into somebody who takes theirs back."""
    await _rewrite_proofs(person_id, rules.without_phone)


async def were_parted(one: UUID, other: UUID) -> bool:
    """Whether somebody undid a merge of these two: nothing may join them by itself again."""
    return bool(
        await db.fetch_value(
            "SELECT EXISTS (SELECT 1 FROM person_merge WHERE undone_at IS NOT NULL"
            " AND ((kept_id = $1 AND absorbed_id = $2) OR (kept_id = $2 AND absorbed_id = $1)))",
            one,
            other,
        )
    )


async def everyone_behind(person_id: UUID) -> Sequence[UUID]:
    """The person and everybody merged into them, whose append-only entries are theirs."""
    rows = await db.fetch(
        "WITH RECURSIVE behind (id) AS (SELECT $1::uuid UNION"
        " SELECT m.absorbed_id FROM person_merge m JOIN behind b ON m.kept_id = b.id"
        " WHERE m.undone_at IS NULL) SELECT id FROM behind",
        person_id,
    )
    return [row["id"] for row in rows]


async def _rewrite_proofs(person_id: UUID, rewrite: Callable[[rules.Proofs], rules.Proofs]) -> None:
    for entry in await PersonMerge.filter(kept_id__in=await everyone_behind(person_id), undone_at=None):
        entry.kept_before, entry.absorbed_before = rewrite(entry.kept_before), rewrite(entry.absorbed_before)
        await entry.save(update_fields=["kept_before", "absorbed_before"])


async def _locked(one: UUID, other: UUID) -> tuple[Person, Person]:
    """Both rows, held until the transaction ends; in the order of ids, so that nobody waits in a circle."""
    # As everybody does who needs both: the identities first, then the persons.
    await db.fetch(
        "SELECT 1 FROM wechat_identity WHERE person_id = ANY ($1) ORDER BY id FOR UPDATE", [one, other]
    )
    held = Person.filter(id__in=sorted({one, other})).order_by("id").select_for_update(no_key=True)
    found = {person.id: person for person in await held}
    if len(found) != 2:
        raise CannotMerge("要合并的两个账号不存在，或是同一个账号")
    return found[one], found[other]


async def _write(person_id: UUID, status: PersonStatus, proofs: rules.Proofs) -> None:
    await db.execute(
        "UPDATE person SET status = $2::text,"
        " deleted_at = CASE WHEN $2::text = 'deleted' THEN $3::timestamptz END,"
        " level = $4::jsonb->>'level', name_sealed = $4::jsonb->>'name_sealed',"
        " id_number_sealed = $4::jsonb->>'id_number_sealed',"
        " id_number_hash = decode($4::jsonb->>'id_number_hash', 'hex'),"
        " phone_sealed = $4::jsonb->>'phone_sealed', phone_hash = decode($4::jsonb->>'phone_hash', 'hex'),"
        " real_name_at = ($4::jsonb->>'real_name_at')::timestamptz,"
        " phone_verified_at = ($4::jsonb->>'phone_verified_at')::timestamptz WHERE id = $1",
        person_id, status.value, clock.now(), json.dumps(proofs),
    )  # fmt: skip
