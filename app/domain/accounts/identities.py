"""WeChat identities: which person an openid is, across public account and mini-program (A01)."""

from uuid import UUID

from app.domain.accounts import merging
from app.domain.accounts.errors import CannotMerge, SessionEnded
from app.domain.accounts.models import Person, PersonStatus, WeChatIdentity
from app.kit import audit, crypto, db, ids


async def person_of(appid: str, openid: str, unionid: str | None, *, session_key: str | None = None) -> UUID:
    """The person behind an openid, found by it, else by the unionid, else enrolled now.

    A session key replaces the earlier one, sealed. Runs in the caller's transaction.
    """
    sealed = crypto.seal(session_key) if session_key else None
    known = await WeChatIdentity.get_or_none(appid=appid, openid=openid)
    if known is not None and unionid in (None, known.unionid):
        person_id = await _met_again(appid, openid, unionid, sealed)
        if person_id is not None:
            return person_id
    # Whoever is met for the first time, or has just left, is enrolled once: all who would do it wait
    # here. No row is held yet, so nobody who holds this lock waits for us.
    await _lock(f"openid {appid} {openid}", f"unionid {unionid}" if unionid else "")
    return await _met_again(appid, openid, unionid, sealed) or await _enrol(appid, openid, unionid, sealed)


async def openid_of(person_id: UUID, appid: str) -> str | None:
    """The openid of a person in one of our accounts, or ``None``."""
    found = await WeChatIdentity.filter(person_id=person_id, appid=appid).order_by("-id").first()
    return found.openid if found else None


async def locked(person_id: UUID) -> Person:
    """A living person, held until the transaction ends.

    Raises SessionEnded if they left or were frozen meanwhile.
    """
    # Not the strongest lock: rows that refer to the person may come meanwhile, and nobody waits in a
    # circle with a booking, which holds a standing and then looks at its person.
    found = Person.filter(id=person_id, status=PersonStatus.ACTIVE).select_for_update(no_key=True)
    person = await found.get_or_none()
    if person is None:
        raise SessionEnded
    return person


async def _lock(*names: str) -> None:
    for name in sorted(filter(None, names)):
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)


async def _met_again(appid: str, openid: str, unionid: str | None, sealed: str | None) -> UUID | None:
    row = await db.fetch_one(
        "UPDATE wechat_identity SET session_key_sealed = coalesce($3, session_key_sealed)"
        " WHERE appid = $1 AND openid = $2 RETURNING id, person_id, unionid",
        appid, openid, sealed,
    )  # fmt: skip
    if row is None:
        return None
    person_id: UUID = row["person_id"]
    if unionid is None or row["unionid"] == unionid:
        return person_id
    await WeChatIdentity.filter(id=row["id"]).update(unionid=unionid)
    return await _joined(person_id, unionid)


async def _enrol(appid: str, openid: str, unionid: str | None, sealed: str | None) -> UUID:
    relative = await WeChatIdentity.filter(unionid=unionid).order_by("id").first() if unionid else None
    person_id = relative.person_id if relative else (await Person.create(id=ids.uuid7())).id
    await WeChatIdentity.create(
        person_id=person_id, appid=appid, openid=openid, unionid=unionid, session_key_sealed=sealed
    )
    return person_id


async def _joined(person_id: UUID, unionid: str) -> UUID:
    """One person out of two whom a unionid, learned late, shows to be the same; answers who is left.

    Two who proved to be different people, or whom somebody parted, stay apart until a counter decides.
    """
    other = await WeChatIdentity.filter(unionid=unionid).exclude(person_id=person_id).order_by("id").first()
    if other is None:
        return person_id
    if not await merging.were_parted(person_id, other.person_id):
        try:
            return await merging.merge(person_id, other.person_id, actor=audit.SYSTEM, reason="unionid")
        except CannotMerge as why:
            refusal = str(why)
    else:
        refusal = "曾被撤销合并"
    await audit.record(
        audit.SYSTEM, "person.double_found", audit.person(person_id), reason=refusal,
        detail={"other": str(other.person_id)},
    )  # fmt: skip
    return person_id
