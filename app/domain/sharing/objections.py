"""数据异议 at the desk: which department has to look into what by when, and what it answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import orjson

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.sharing import facts
from app.domain.sharing.errors import BadObjection, ObjectionAnswered, ObjectionNotFound
from app.domain.sharing.facts import Claim
from app.domain.sharing.models import ObjectionState
from app.gateways.exchange import Library
from app.kit import audit, clock, db
from app.kit.errors import NotAllowed

LONGEST_ANSWER: Final = 500

ANSWERERS: Final = (StaffRole.EXCHANGE_OPERATOR, StaffRole.SYSTEM_ADMIN)
READERS: Final = (*ANSWERERS, StaffRole.SUPERVISOR)

_LIST: Final = """
SELECT id, library, department, fields_disputed::text AS disputed, due_on, state, answer FROM share_objection
WHERE id > $1 AND ($2::bool IS FALSE OR state = 'open') AND ($3::text IS NULL OR department = $3)
ORDER BY id LIMIT $4
"""
_ONE: Final = """
SELECT id, library, department, fields_disputed::text AS disputed, due_on, state, answer FROM share_objection
WHERE id = $1
"""
_CLAIM: Final = "SELECT claim_sealed FROM share_objection WHERE id = $1"
_ANSWER: Final = """
UPDATE share_objection SET state = $2, answer = $3, answered_at = $4, answered_by = $5
WHERE id = $1 AND state = 'open'
"""


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection without what is personal in it."""

    id: int
    library: Library
    department: str
    fields: Sequence[str]
    due_on: date
    state: ObjectionState
    answer: str | None = field(repr=False)

    @property
    def is_overdue(self) -> bool:
        """Whether the day is past and nothing was answered; the day itself is still in time."""
        return self.state is ObjectionState.OPEN and self.due_on < clock.today()


async def listed(
    member: StaffMember, *, only_open: bool = True, department: str | None = None, after: int = 0, limit: int
) -> Sequence[Objection]:
    """Objections by their numbers, page by page. Raises NotAllowed."""
    _check(member, READERS)
    rows = await db.fetch(_LIST, after, only_open, department, limit)
    return [_objection(row) for row in rows]


async def one(member: StaffMember, objection_id: int) -> Objection:
    """An objection without what is personal in it. Raises NotAllowed or ObjectionNotFound."""
    check_may_read(member)
    row = await db.fetch_one(_ONE, objection_id)
    if row is None:
        raise ObjectionNotFound
    return _objection(row)


async def claim(member: StaffMember, objection_id: int, reason: str) -> Claim:
    """What an objection says, in clear, for handing it on; who read it and why is written down.

    Raises NotAllowed, BadObjection without a reason, or ObjectionNotFound.
    """
    _check(member, ANSWERERS)
    _check_words(reason, "reason", "请填写查看理由")
    async with db.transaction():
        sealed = await db.fetch_value(_CLAIM, objection_id)
        if sealed is None:
            raise ObjectionNotFound
        await audit.record(
            member.caller_id, "share.objection_read", f"share_objection:{objection_id}", reason=reason
        )
    return facts.claim_of(sealed)


async def answer(member: StaffMember, objection_id: int, *, is_mended: bool, words: str) -> None:
    """What the department found: the data were mended, or they are right; told to the person, once.

    Raises NotAllowed, BadObjection, ObjectionNotFound or ObjectionAnswered.
    """
    _check(member, ANSWERERS)
    _check_words(words, "words", "请写明核实结果")
    state = ObjectionState.MENDED if is_mended else ObjectionState.KEPT
    async with db.transaction():
        if not await db.execute(_ANSWER, objection_id, state.value, words, clock.now(), member.caller_id):
            if await db.fetch_value(_CLAIM, objection_id) is None:
                raise ObjectionNotFound
            raise ObjectionAnswered
        await audit.record(
            member.caller_id, "share.objection_answered", f"share_objection:{objection_id}",
            detail={"state": state.value},
        )  # fmt: skip


def check_may_read(member: StaffMember) -> None:
    """Raises NotAllowed."""
    _check(member, READERS)


def may_answer(member: StaffMember) -> bool:
    """Whether a member answers for the departments; supervision only reads."""
    return any(staff.may(member, role, None) for role in ANSWERERS)


def _check(member: StaffMember, roles: Sequence[StaffRole]) -> None:
    if not any(staff.may(member, role, None) for role in roles):
        raise NotAllowed


def _check_words(words: str, name: str, why: str) -> None:
    if not 1 <= len(words.strip()) <= LONGEST_ANSWER:
        raise BadObjection(fields={name: [f"{why}，最多 {LONGEST_ANSWER} 个字"]})


def _objection(row: Any) -> Objection:
    return Objection(
        row["id"],
        Library(row["library"]),
        row["department"],
        orjson.loads(row["disputed"]),
        row["due_on"],
        ObjectionState(row["state"]),
        row["answer"],
    )
