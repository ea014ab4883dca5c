"""What stands on every desk of the console, each with a text that would do harm if a page let it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.accounts.models import StaffRole
from app.domain.accounts.sessions import Citizen
from app.domain.accounts.staff import Post
from app.domain.appointments import attendance, booking, penalties, schedule
from app.domain.appointments.models import Ban, ScheduleConflict, Slot
from app.domain.cases import specials, supplements
from app.domain.cases.history import Special
from app.domain.cases.models import CaseFinding, FindingKind, SpecialKind
from app.domain.cases.models import CaseState as S
from app.domain.cases.supplements import Answer
from app.domain.catalogue import publishing
from app.domain.connections import duties
from app.domain.halls.models import Blackout, Hall, HallException
from app.domain.notices import drafting
from app.domain.partners import dead_letters
from app.domain.sharing import asking, prefills, settling
from app.domain.sharing.models import Occasion
from app.gateways.exchange import Library
from app.kit import clock, db
from config import messages as message_list
from notifications.campaigns import errands, lifecycle
from notifications.campaigns.drafts import NewCampaign
from notifications.campaigns.models import ErrandDeed
from notifications.inbox.cards import messages
from notifications.wording import versions
from tests.factories import connections
from tests.factories.accounts import staff_at_work
from tests.factories.appointments import make_hall, make_person, make_slot, seat, tomorrow_at
from tests.factories.cases import case_number, make_case
from tests.factories.guides import guide_text
from tests.factories.halls import open_every_day
from tests.factories.notices import PDF, desk, notice_text
from tests.factories.papers import asked_case, citizen, upload
from tests.factories.partners import make_partner
from tests.factories.sharing import make_citizen

HARM = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"
"""A text that breaks out of an attribute or a tag, or is reckoned by a template, where it is not escaped."""


@dataclass
class House:
    """The hall of the house, and ids of what stands on the desks."""

    hall: Hall
    ids: dict[str, Any]


async def furnish(person: Citizen) -> House:
    """Put something on every desk; what a citizen brings is this person's."""
    hall = await make_hall("HOUSE", no_show_limit=1)
    await open_every_day(hall)
    ids: dict[str, Any] = {"hall_id": hall.id}
    ids |= await _visits(hall)
    await _premises(hall)
    ids |= await _cases(person.person_id)
    ids |= await _words()
    ids |= await _exchange()
    ids |= await _census()
    return House(hall, ids)


async def _premises(hall: Hall) -> None:
    """Half-days without bookings here and everywhere, and a hall that is closed."""
    for place in (hall, None):
        await Blackout.create(hall=place, is_first_workday=True, half="am", reason=HARM[:60])
    closed = await make_hall("CLOSED")
    await Hall.filter(id=closed.id).update(is_active=False)


async def _visits(hall: Hall) -> Mapping[str, Any]:
    """Someone at the counter today, someone who did not come and appeals, someone whose day is closed."""
    await hall.update_from_dict({"address": HARM[:60]}).save()
    today = await make_slot(hall, capacity=3, starts_at=clock.now() + timedelta(minutes=10))
    with clock.frozen(clock.now() - timedelta(hours=3)):
        here = [await booking.book(seat(today, await make_person())) for _ in range(2)]
    clerk = await staff_at_work("house-clerk", Post(StaffRole.CLERK, hall_id=hall.id))
    await attendance.check_in_at_counter(clerk, hall.id, here[0].number)
    missed = await make_slot(hall, starts_at=tomorrow_at(8))
    somebody = await make_person()
    await booking.book(seat(missed, somebody))
    with clock.frozen(missed.ends_at + timedelta(minutes=1)):
        await attendance.mark_no_shows()
    ban = await Ban.get(subject_id=somebody)
    appeal = await penalties.appeal(ban.subject_id, ban.subject_id, HARM)
    await schedule.apply(hall.id)
    later = await Slot.filter(hall=hall, is_open=True, starts_at__gt=tomorrow_at(20)).first()
    assert later is not None
    await booking.book(seat(later, await make_person()))
    await HallException.create(hall=hall, on=later.on, is_closed=True, reason=HARM)
    await schedule.apply(hall.id)
    conflict = await ScheduleConflict.first()
    assert conflict is not None
    return {
        "appointment": here[0].id,
        "ban_id": ban.id,
        "appeal": appeal.id,
        "conflict_id": conflict.id,
    }


async def _cases(person_id: UUID) -> Mapping[str, Any]:
    """A material to be judged, a special procedure to be approved, a case too late, a finding."""
    asked = await asked_case(person_id, item_name=HARM, office=HARM)
    material = await upload(asked, person_id)
    await supplements.answer(asked.number, citizen(person_id), Answer([material.id]))
    late = await make_case(S.ACCEPTED, S.REVIEW, item_name=HARM, person_id=person_id)
    await db.execute("UPDATE case_file SET due_at = now() - interval '1 day' WHERE number = $1", late.number)
    await CaseFinding.create(
        case_number=late.number, seq=1, kind=FindingKind.ILLEGAL_MOVE, wanted="closed", who="system",
        at=clock.now(), text=HARM,
    )  # fmt: skip
    clerk = await staff_at_work("case-clerk", Post(StaffRole.CLERK, region_code="4401"))
    special = await specials.apply(clerk, late.number, Special(SpecialKind.HEARING, HARM, reason=HARM))
    return {"case": late.number, "material": material.id, "special": special}


async def _words() -> Mapping[str, Any]:
    """A notice that people read and one being written, campaigns, one tried out, a message reworded."""
    words = notice_text(
        HARM[:60], body=f"<p>{HARM}</p><a href='javascript:alert(3)'>链接</a>", source=HARM[:30]
    )
    read = await desk().published(words, {"说明.pdf": PDF})
    await publishing.publish([guide_text("harm", "代开发票", sections=[{"heading": HARM, "text": HARM}])])
    author = await staff_at_work("house-author", Post(StaffRole.PUBLISHER))
    draft = await drafting.draft(author, words)
    await versions.register(message_list.current())
    new = NewCampaign(
        name=HARM[:60],
        audience={"tags": [HARM[:20]]},
        message="tax_reminder",
        params={"tax": "增值税", "period": "2026年9月", "due_at": "2026年10月20日 18:00"},
    )
    campaign = await lifecycle.create(author, new, messages())
    under_way = await lifecycle.create(author, new, messages())
    await errands.ask(author, under_way.id, ErrandDeed.TRY_OUT)
    return {"notice_id": draft, "read": read, "campaign_id": campaign.id}


async def _exchange() -> Mapping[str, Any]:
    """A system with a message that could not be taken in, and an objection to what a library told."""
    partner, number = await make_partner(), case_number()
    await partner.take_in(partner.tell("acceptance", number, 2, office=HARM))
    with clock.frozen(clock.now() + timedelta(hours=73)):
        await dead_letters.bury()
    asker = await make_citizen()
    asked = await asking.ask(asker, Library.POPULATION, Occasion.APPLICATION)
    await prefills.one(asker, asked)
    await settling.correct(asker, asked, [(1, "residence", HARM)], HARM)
    return {"code": partner.code, "objection": 1}


async def _census() -> Mapping[str, Any]:
    """A system to be connected and a duty to share."""
    system = await connections.system(name=HARM[:60], department=HARM[:40])
    duty = await duties.add(connections.admin(), connections.duty(HARM[:60]))
    return {"system": system, "duty": duty}
