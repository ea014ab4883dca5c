"""Two persons who are one human being become one, with everything they have, and can be parted again."""

import asyncio
from uuid import UUID

import pytest

from app.domain.accounts import (
    agency,
    consents,
    followers,
    identities,
    merging,
    portability,
    proofing,
    revocations,
    sessions,
)
from app.domain.accounts.errors import CannotMerge, SessionEnded
from app.domain.accounts.models import (
    AgentRole,
    BindingStatus,
    EnterpriseBinding,
    IdentityLevel,
    Person,
    PersonMerge,
    PersonStatus,
    WeChatIdentity,
)
from app.domain.accounts.sessions import Citizen
from app.domain.appointments import booking
from app.domain.appointments.models import Appointment, AppointmentStatus, Standing
from app.kit import audit, clock
from app.kit import db as raw
from notifications.models import Channel, Notification, NotificationStatus
from tests.factories import accounts as make
from tests.factories.appointments import make_hall, make_slot, seat, tomorrow_at

pytestmark = pytest.mark.usefixtures("wechat_sandbox")


async def _merge(one: Citizen, other: Citizen) -> UUID:
    return await merging.merge(one.person_id, other.person_id, actor=audit.SYSTEM, reason="test")


async def _undo_last() -> None:
    entry = await PersonMerge.all().order_by("-merged_at").first()
    assert entry is not None
    await merging.undo(entry.id, actor="staff:x", reason="同名不同人")


async def _remembered() -> set[str]:
    """All that merges still keep of what was proved of anybody."""
    return {
        name
        for entry in await PersonMerge.all()
        for proofs in (entry.kept_before, entry.absorbed_before)
        for name, value in proofs.items()
        if name.endswith(("_sealed", "_hash")) and value is not None
    }


async def _status(person_id: UUID) -> PersonStatus:
    return (await Person.get(id=person_id)).status


async def test_the_better_known_person_is_kept() -> None:
    plain, known = await make.log_in("plain"), await make.known_citizen("known")
    assert await _merge(plain, known) == known.person_id
    assert await _status(plain.person_id) is PersonStatus.DELETED


async def test_of_two_known_alike_the_older_is_kept() -> None:
    older, younger = await make.log_in("older"), await make.log_in("younger")
    assert await _merge(younger, older) == older.person_id


async def test_a_session_of_the_absorbed_person_goes_on_as_the_kept_one() -> None:
    kept = await make.known_citizen("kept")
    begun = await sessions.begin((await make.log_in("other")).person_id, IdentityLevel.WX_BOUND)
    await _merge(kept, begun.citizen)
    assert (await sessions.citizen_of(begun.token)).person_id == kept.person_id
    await _undo_last()
    assert (await sessions.citizen_of(begun.token)).person_id == begun.citizen.person_id


async def test_openids_of_both_lead_to_one_person_and_back() -> None:
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    theirs = await WeChatIdentity.get(person_id=other.person_id)
    await _merge(kept, other)
    assert await followers.person_behind(theirs.appid, theirs.openid) == kept.person_id
    await _undo_last()
    assert await followers.person_behind(theirs.appid, theirs.openid) == other.person_id


async def test_a_phone_number_is_carried_over_and_given_back() -> None:
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    await proofing.prove_phone(other, "phone-other")
    before = (await Person.get(id=other.person_id)).phone_hash
    await _merge(kept, other)
    assert (await Person.get(id=kept.person_id)).phone_hash == before
    assert (await Person.get(id=other.person_id)).phone_hash is None
    await _undo_last()
    assert (await Person.get(id=kept.person_id)).phone_hash is None
    parted = await Person.get(id=other.person_id)
    assert (parted.phone_hash, parted.level) == (before, IdentityLevel.PHONE_VERIFIED)


async def test_what_the_kept_person_proved_since_stays_theirs() -> None:
    kept, other = await make.log_in("kept"), await make.log_in("other")
    await _merge(kept, other)
    await proofing.prove_real_name(kept, "张三", make.id_number())
    await _undo_last()
    assert (await Person.get(id=kept.person_id)).level is IdentityLevel.REALNAME_L1


async def test_two_who_proved_different_numbers_are_not_merged() -> None:
    one = await make.known_citizen("one", number=make.id_number(serial=901))
    other = await make.known_citizen("other", "李四", number=make.id_number(serial=902))
    with pytest.raises(CannotMerge, match="不是同一个人"):
        await _merge(one, other)
    assert await PersonMerge.all().count() == 0


@pytest.mark.parametrize("status", [PersonStatus.FROZEN, PersonStatus.DELETED])
async def test_only_people_in_good_standing_are_merged(status: PersonStatus) -> None:
    one, other = await make.log_in("one"), await make.log_in("other")
    await Person.filter(id=other.person_id).update(status=status)
    with pytest.raises(CannotMerge):
        await _merge(one, other)


async def test_nobody_is_merged_with_themselves() -> None:
    one = await make.log_in("one")
    with pytest.raises(CannotMerge):
        await _merge(one, one)


async def test_bookings_of_both_become_one_history() -> None:
    hall = await make_hall()
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    slots = [await make_slot(hall, starts_at=tomorrow_at(hour)) for hour in (9, 15)]
    for slot, person in zip(slots, (kept, other), strict=True):
        await booking.book(seat(slot, person.person_id))
    await _merge(kept, other)
    assert await Appointment.filter(person_id=kept.person_id, subject_id=kept.person_id).count() == 2
    assert (await Standing.get(subject_id=kept.person_id)).active == 2
    await _undo_last()
    assert await Appointment.filter(person_id=other.person_id, subject_id=other.person_id).count() == 1
    assert (await Standing.get(subject_id=kept.person_id)).active == 1
    standing = await Standing.get(subject_id=other.person_id)
    assert (standing.active, standing.banned_until) == (1, None)


async def test_two_bookings_of_one_half_day_forbid_it_and_nothing_has_moved() -> None:
    hall = await make_hall()
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    slot = await make_slot(hall, capacity=2)
    for person in (kept, other):
        await booking.book(seat(slot, person.person_id))
    with pytest.raises(CannotMerge, match="同一半天"):
        await _merge(kept, other)
    assert await WeChatIdentity.filter(person_id=other.person_id).count() == 1
    assert await _status(other.person_id) is PersonStatus.ACTIVE


async def test_a_second_binding_to_the_same_enterprise_ends_and_comes_back() -> None:
    number = make.id_number()
    kept = await make.known_citizen("kept", number=number)
    await agency.bind(kept, make.uscc_number(), AgentRole.TAX_AGENT)
    other = await make.log_in("other")
    binding = await EnterpriseBinding.get(person_id=kept.person_id)
    await EnterpriseBinding.create(
        id=other.session_id, person_id=other.person_id, enterprise_id=binding.enterprise_id,  # type: ignore[attr-defined]  # Tortoise adds it.
        role=AgentRole.TAX_AGENT, expires_on=binding.expires_on,
    )  # fmt: skip
    await _merge(kept, other)
    active = EnterpriseBinding.filter(person_id=kept.person_id, status=BindingStatus.ACTIVE)
    assert await active.count() == 1
    await _undo_last()
    assert await EnterpriseBinding.filter(person_id=other.person_id, status=BindingStatus.ACTIVE).count() == 1


async def test_consents_of_both_are_read_together_and_apart_again() -> None:
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    purpose, text = next(iter(consents.texts().items()))
    await consents.answer(other, purpose, text.version, is_granted=True)
    assert not await consents.is_granted(kept.person_id, purpose)
    await _merge(kept, other)
    assert await consents.is_granted(kept.person_id, purpose)
    await _undo_last()
    assert not await consents.is_granted(kept.person_id, purpose)


async def test_what_both_were_told_of_one_event_stands_in_nobodys_way() -> None:
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    told, at = [(1, kept), (1, other), (2, other)], clock.now()
    for event_id, citizen in told:
        await Notification.create(
            event_id=event_id, message="booked", message_version=1, person_id=citizen.person_id,
            channel=Channel.SUBSCRIBE, account_id="wx0", lane=1, status=NotificationStatus.SENT, params={},
            run_at=at, committed_at=at,
        )  # fmt: skip
    await _merge(kept, other)
    theirs = await Notification.filter(person_id=kept.person_id).order_by("event_id")
    assert [one.event_id for one in theirs] == [1, 2]
    await _undo_last()
    assert await Notification.filter(person_id=other.person_id).count() == 2


async def test_a_merge_is_undone_once_and_in_reverse_order() -> None:
    first, second, third = [await make.log_in(name) for name in ("a", "b", "c")]
    await _merge(second, third)
    await _merge(first, second)
    inner = await PersonMerge.get(kept_id=second.person_id)
    with pytest.raises(CannotMerge, match="先撤销"):
        await merging.undo(inner.id, actor="staff:x", reason="误并")
    await _undo_last()
    await merging.undo(inner.id, actor="staff:x", reason="误并")
    assert await Person.filter(status=PersonStatus.ACTIVE).count() == 3
    with pytest.raises(CannotMerge, match="已经撤销"):
        await merging.undo(inner.id, actor="staff:x", reason="误并")


async def test_two_who_undo_at_once_undo_once() -> None:
    await _merge(await make.log_in("one"), await make.log_in("other"))
    entry = await PersonMerge.get()
    ends = await asyncio.gather(
        *(merging.undo(entry.id, actor="staff:x", reason="误并") for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["CannotMerge", "CannotMerge", "NoneType"]


async def test_who_was_parted_is_not_joined_again_by_the_unionid() -> None:
    kept, other = await make.log_in("kept"), await make.log_in("other")
    theirs, mine = [await WeChatIdentity.get(person_id=one.person_id) for one in (kept, other)]
    for _ in range(2):
        await WeChatIdentity.filter(id=mine.id).update(unionid=None)
        async with raw.transaction():
            met = await identities.person_of(mine.appid, mine.openid, theirs.unionid)
        if await PersonMerge.filter(undone_at__isnull=True).exists():
            await _undo_last()
    assert met == other.person_id
    assert await PersonMerge.all().count() == 1


async def test_merging_and_booking_at_once_lose_no_booking() -> None:
    hall = await make_hall()
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    slots = [await make_slot(hall, starts_at=tomorrow_at(hour)) for hour in (9, 15)]

    results = await asyncio.gather(
        booking.book(seat(slots[0], kept.person_id)),
        booking.book(seat(slots[1], other.person_id)),
        _merge(kept, other),
        return_exceptions=True,
    )
    assert results[2] == kept.person_id
    booked = await Appointment.filter(status=AppointmentStatus.BOOKED)
    assert {one.person_id for one in booked} <= {kept.person_id}
    assert (await Standing.get(subject_id=kept.person_id)).active == len(booked)


async def test_merging_waits_for_somebody_who_is_leaving_and_then_refuses() -> None:
    kept, leaving = await make.known_citizen("kept"), await make.log_in("leaving")
    is_leaving = asyncio.Event()

    async def leave() -> None:
        async with raw.transaction():
            # As ``portability.delete`` does it: the identities first, then the person.
            await raw.fetch(
                "SELECT 1 FROM wechat_identity WHERE person_id = $1 FOR UPDATE", leaving.person_id
            )
            is_leaving.set()
            for _ in range(500):
                if await raw.fetch_value("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"):
                    break
                await asyncio.sleep(0.01)
            await identities.locked(leaving.person_id)
            await Person.filter(id=leaving.person_id).update(status=PersonStatus.DELETED)

    async def join() -> None:
        await is_leaving.wait()
        await _merge(kept, leaving)

    left, joined = await asyncio.gather(leave(), join(), return_exceptions=True)
    assert (left, type(joined)) == (None, CannotMerge)


async def test_what_a_merge_remembers_goes_with_a_person_who_leaves() -> None:
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    await proofing.prove_phone(other, "phone-other")
    outer = await make.log_in("outer")
    await Person.filter(id=outer.person_id).update(level=IdentityLevel.REALNAME_L2)
    await _merge(kept, other)
    assert await _merge(kept, outer) == outer.person_id
    assert len(await _remembered()) == 5, "a name, an ID number and a phone, and what finds them"
    await portability.delete(outer)
    assert await _remembered() == set()


async def test_a_merge_undone_remembers_nothing_personal() -> None:
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    await proofing.prove_phone(other, "phone-other")
    await _merge(kept, other)
    assert await _remembered() != set()
    await _undo_last()
    assert await _remembered() == set()


async def test_a_phone_taken_back_does_not_come_back_when_two_are_parted() -> None:
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    await proofing.prove_phone(other, "phone-other")
    await _merge(kept, other)
    await revocations.revoke(kept.person_id, {revocations.PHONE})
    await _undo_last()
    parted = await Person.get(id=other.person_id)
    assert {parted.phone_hash, parted.phone_sealed} == {None}
    assert parted.level is IdentityLevel.WX_BOUND
    assert (await Person.get(id=kept.person_id)).level is IdentityLevel.REALNAME_L1


async def test_both_stories_are_in_the_audit_log() -> None:
    await _merge(await make.log_in("one"), await make.log_in("other"))
    await _undo_last()
    rows = await raw.fetch("SELECT action FROM audit_entry ORDER BY id")
    assert [row["action"] for row in rows][-2:] == ["person.merged", "person.parted"]
    assert await audit.verify() >= 2


async def test_the_absorbed_person_cannot_be_reached_by_an_old_citizen() -> None:
    kept, other = await make.known_citizen("kept"), await make.log_in("other")
    await _merge(kept, other)
    with pytest.raises(SessionEnded):
        async with raw.transaction():
            await identities.locked(other.person_id)
