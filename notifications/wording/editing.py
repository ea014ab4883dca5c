"""Editing a message: one writes a draft, another approves it, and from then on messages read so.

Templates, lane and the marks of a message belong to the message list of the installation: consents and
quotas hang on them. What is edited is the wording.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.kit import audit, clock, db
from config import messages as message_list
from config.messages import BadMessages, MessageKind
from notifications import library
from notifications.wording import checks, queries, versions
from notifications.wording.errors import (
    BadWording,
    NotAnEditor,
    OnlyWording,
    OwnWording,
    WordingChanged,
    WordingNotOpen,
    WordingOutdated,
    WordingUnderReview,
)
from notifications.wording.models import VersionState
from notifications.wording.queries import Version

EDITABLE: Final = frozenset({"title", "page", "summary", "lines", "sms"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What an editor had before them: the version, and of a draft its revision."""

    version: int
    revision: int = 1


async def draft(
    member: StaffMember, name: str, changes: Mapping[str, Any], *, seen: Seen, like: int | None = None
) -> Version:
    """Write these changes down: on the open draft if that is what was seen, else on the current version.

    ``changes`` hold fields of the message's table (``EDITABLE``), ``sms`` may be ``None`` for no text
    message; other fields must be as they are. ``like`` starts from the words of an older version instead:
    the way back to it.

    Raises NotAnEditor, WordingNotFound, WordingUnderReview, WordingChanged if somebody else was faster,
    BadWording with every fault.
    """
    _check_role(member, StaffRole.PUBLISHER)
    async with db.transaction():
        await _lock()
        current = await queries.version(name)
        found = await queries.open_version(name)
        _check_seen(seen, current, found)
        base = await queries.version(name, like) if like is not None else found or current
        kind = _changed(current.kind, base.kind, changes)
        if found is None:
            number = await versions.next_number(name)
            await db.execute(_BEGIN, name, number, versions.definition_of(kind), current.version, member.id)
        else:
            number = found.version
            await db.execute(_GO_ON, name, number, versions.definition_of(kind), member.id)
        written = await queries.version(name, number)
        await _record(member, "message.drafted", written)
    return written


_BEGIN = """
INSERT INTO message_version
    (name, version, definition, state, origin, based_on, revision, author_id, editor_ids)
VALUES ($1, $2, $3, 'draft', 'staff', $4, 1, $5, ARRAY[$5::uuid])
"""
_GO_ON = """
UPDATE message_version SET definition = $3, revision = revision + 1,
    editor_ids = CASE WHEN $4 = ANY (editor_ids) THEN editor_ids ELSE editor_ids || $4::uuid END
WHERE name = $1 AND version = $2 AND state = 'draft'
"""


async def submit(member: StaffMember, name: str, seen: Seen) -> Version:
    """Hand a draft in for review, as it was seen.

    Raises NotAnEditor, WordingNotFound, WordingNotOpen, WordingChanged, WordingOutdated, and BadWording
    if WeChat's template would refuse it.
    """
    _check_role(member, StaffRole.PUBLISHER)
    async with db.transaction():
        await _lock()
        found = await queries.version(name, seen.version)
        if found.state is VersionState.DRAFT and found.revision != seen.revision:
            raise WordingChanged
        await _check_still_right(found)
        return await _move(member, found, VersionState.DRAFT, VersionState.PENDING)


async def approve(member: StaffMember, name: str, version: int) -> Version:
    """Let a version take effect: messages made from now on are made with it.

    Raises NotAnEditor, OwnWording to whoever wrote on it, WordingNotFound, WordingNotOpen, WordingOutdated,
    and BadWording if WeChat's template would refuse it.
    """
    _check_role(member, StaffRole.REVIEWER)
    async with db.transaction():
        await _lock()
        found = await queries.version(name, version)
        _check_not_own(member, found)
        await _check_still_right(found)
        return await _move(member, found, VersionState.PENDING, VersionState.APPROVED)


async def refuse(member: StaffMember, name: str, version: int, note: str) -> Version:
    """Turn a version down, with the reason for its author.

    Raises NotAnEditor, OwnWording, WordingNotFound, WordingNotOpen, BadWording without a reason.
    """
    _check_role(member, StaffRole.REVIEWER)
    reason = _reason(note)
    async with db.transaction():
        await _lock()
        found = await queries.version(name, version)
        _check_not_own(member, found)
        return await _move(member, found, VersionState.PENDING, VersionState.REFUSED, reason)


async def retire(member: StaffMember, name: str, version: int, note: str) -> Version:
    """Take a version out of use: an author one not yet approved, a reviewer one that is in effect.

    The message then reads as the version approved before it. What was sent with it stays as it was.

    Raises NotAnEditor, WordingNotFound, WordingNotOpen, OnlyWording, BadWording without a reason.
    """
    reason = _reason(note)
    async with db.transaction():
        await _lock()
        found = await queries.version(name, version)
        is_approved = found.state is VersionState.APPROVED
        _check_role(member, StaffRole.REVIEWER if is_approved else StaffRole.PUBLISHER)
        if is_approved and not await db.fetch_value(_HAS_OTHER, name, version):
            raise OnlyWording
        if found.state not in (VersionState.DRAFT, VersionState.PENDING, VersionState.APPROVED):
            raise WordingNotOpen
        return await _move(member, found, found.state, VersionState.RETIRED, reason)


_HAS_OTHER = (
    "SELECT EXISTS (SELECT 1 FROM message_version WHERE name = $1 AND version <> $2 AND state = 'approved')"
)

# A version that was in effect keeps the moment it was approved at; one never approved is decided now.
_MOVE = """
UPDATE message_version SET state = $4::text,
    reviewer_id = CASE WHEN $4::text IN ('approved', 'refused') THEN $5::uuid ELSE reviewer_id END,
    note = coalesce($6, note),
    submitted_at = CASE WHEN $4::text = 'pending' THEN $7::timestamptz ELSE submitted_at END,
    decided_at = CASE WHEN $4::text = 'pending' OR state = 'approved' THEN decided_at ELSE $7::timestamptz END
WHERE name = $1 AND version = $2 AND state = $3
"""
_POSTS: Final = {
    StaffRole.PUBLISHER: "修改消息需要不限大厅的发布岗位，请联系安全管理员",
    StaffRole.REVIEWER: "审核消息需要不限大厅的审核岗位，请联系安全管理员",
}
_DEEDS: Final = {
    VersionState.PENDING: "message.submitted",
    VersionState.APPROVED: "message.approved",
    VersionState.REFUSED: "message.refused",
    VersionState.RETIRED: "message.retired",
}


async def _move(
    member: StaffMember, found: Version, before: VersionState, after: VersionState, note: str | None = None
) -> Version:
    moved = await db.execute(
        _MOVE, found.name, found.version, before.value, after.value, member.id, note, clock.now()
    )
    if not moved:
        raise WordingNotOpen
    written = await queries.version(found.name, found.version)
    await _record(member, _DEEDS[after], written, note)
    return written


def _check_role(member: StaffMember, role: StaffRole) -> None:
    # A message goes to people everywhere, so a post in one hall is not enough.
    if not staff.may(member, role, None):
        raise NotAnEditor(_POSTS[role])


def _check_seen(seen: Seen, current: Version, found: Version | None) -> None:
    if found is not None and found.state is VersionState.PENDING:
        raise WordingUnderReview
    newest = Seen(found.version, found.revision) if found is not None else Seen(current.version)
    if seen != newest:
        raise WordingChanged


def _check_not_own(member: StaffMember, found: Version) -> None:
    if member.id in found.editor_ids:
        raise OwnWording


async def _check_still_right(found: Version) -> None:
    """What was right when it was written may not be so any more: the list, the templates have moved on."""
    current = await queries.version(found.name)
    if found.based_on != current.version:
        raise WordingOutdated
    wrong = [one.text for one in await library.objections(found.kind) if not one.is_warning]
    wrong += checks.faults(found.kind)
    if wrong:
        raise BadWording(wrong)


def _changed(current: MessageKind, base: MessageKind, changes: Mapping[str, Any]) -> MessageKind:
    """The message with these changes; what is not wording is as it is now. Raises BadWording."""
    now, before = message_list.written(current), message_list.written(base)
    moved = sorted(name for name in changes.keys() - EDITABLE - {"version"} if changes[name] != now.get(name))
    if moved:
        raise BadWording([f"{name} 由系统配置决定，不能在这里修改" for name in moved])
    fixed = {name: value for name, value in now.items() if name not in EDITABLE}
    words = {
        name: value for name, value in {**before, **changes}.items() if name in EDITABLE and value is not None
    }
    try:
        kind = message_list.read(current.name, fixed | words)
    except BadMessages as wrong:
        raise BadWording([fault.removeprefix(f"{current.name}: ") for fault in wrong.faults]) from None
    faults = list(checks.faults(kind))
    if kind.sms and current.sms and kind.sms.code == current.sms.code and kind.sms.text != current.sms.text:
        faults.append("sms 的文字改了，须先经运营商审核，并换成新模板的 code")
    if faults:
        raise BadWording(faults)
    return kind


def _reason(note: str) -> str:
    told = " ".join(note.split())
    if not 2 <= len(told) <= 200:
        raise BadWording(["请写明原因，2 到 200 字"])
    return told


async def _lock() -> None:
    await db.execute("SELECT pg_advisory_xact_lock($1)", versions.LOCK)


async def _record(member: StaffMember, deed: str, written: Version, note: str | None = None) -> None:
    target = f"message:{written.name}:{written.version}"
    await audit.record(member.caller_id, deed, target, detail={"revision": written.revision}, reason=note)
