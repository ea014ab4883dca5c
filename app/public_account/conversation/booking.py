"""预约: the next free seats of a hall, each with a link that books it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from app.domain.appointments import house_rules
from app.domain.appointments import queries as appointments
from app.domain.appointments.errors import HallNotBookable
from app.domain.appointments.queries import AvailabilityQuestion
from app.domain.halls import queries as halls
from app.domain.halls.queries import BusinessFacts, HallFacts
from app.gateways.wechat.replies import MOST_BYTES, Reply, Text
from app.kit import clock
from app.public_account.conversation import places
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import mini_program_link, plain, span

CHOICE: Final = "hall"
_DAYS = 14  # Longer than any booking window; what is not open yet is not answered.
_SLOTS_EACH = 4
_MOST_CHOICES = 5
_WITHOUT_PLACE = (
    "预约办税：告诉我您想去的大厅就行。\n"
    "· 点对话框右边的“+”发送位置，为您找最近的大厅\n"
    "· 或回复“预约 大厅名称”，如“预约 天河”，拼音也可以"
)


async def offer(talk: Talk, about: str) -> Reply | None:
    """The free seats of the hall that is meant, or the halls to choose from."""
    hall_words, business = await _understood(about.split())
    if hall_words:
        found = await places.by_words(talk, " ".join(hall_words), _MOST_CHOICES + 1)
        if not found and " " not in talk.words:
            return None  # 预约需要带什么: a question for the guides.
        if not found:
            words = plain(" ".join(hall_words))
            return Text(f"没有找到名称或地址里有“{words}”的大厅。请换个说法，或点“+”发送位置找最近的大厅。")
    else:
        found = await places.usual(talk)
    if len(found) == 1:
        return await seats_of(found[0], business)
    return await _choice(talk, found, business)


async def choose(talk: Talk, about: str) -> Reply | None:
    """The hall chosen by its number in the list."""
    known = talk.about_of(CHOICE) or ("",)
    business, *hall_ids = known
    chosen = int(about) - 1
    if chosen >= len(hall_ids):
        return Text(f"请回复 1 到 {len(hall_ids)} 之间的序号，或回复“预约 大厅名称”。")
    talk.dialogue = talk.dialogue.settled()
    detail = await halls.hall_detail(int(hall_ids[chosen]))
    return await seats_of(detail.facts, business or None)


async def seats_of(hall: HallFacts, business: str | None = None) -> Reply:
    """The next free seats of a hall, business by business, as many as one message holds."""
    wanted = [one for one in hall.businesses if business in (None, one.code)]
    head = f"【{plain(hall.name)}】\n{plain(hall.address)}"
    try:
        await house_rules.of_hall(hall.id)
    except HallNotBookable:
        return Text(f"{head}\n该大厅暂不开放网上预约，请直接前往现场取号，电话 {hall.phone}。")
    if not wanted:
        return Text(f"{head}\n该大厅没有这项业务的预约，请回复“预约 大厅名称”查看其他大厅。")
    today: date = clock.today()
    found = await appointments.availability(
        [AvailabilityQuestion(hall.id, one.code, today, _DAYS) for one in wanted]
    )
    free = [[slot for slot in slots if slot["remaining"] > 0] for slots in found]
    if any(free):
        return Text(f"{head}\n{_listed(hall, wanted, free, head)}")
    if any(found):
        return Text(
            f"{head}\n可预约的时段都已约满。有人取消时名额会放出，请过一会儿再回复“预约”，或换一个大厅。"
        )
    return Text(f"{head}\n最近没有可预约的时段。请明天再来看看，或致电 {hall.phone}。")


def _listed(
    hall: HallFacts, wanted: Sequence[BusinessFacts], free: Sequence[Sequence[Any]], head: str
) -> str:
    """The seats that fit: the first of every business before the second of any."""
    tail = "\n点时段即可预约。只看一项业务：回复“预约 大厅名称 业务名称”。"
    room = MOST_BYTES - len(f"{head}\n{tail}".encode())
    taken: list[list[str]] = [[] for _ in wanted]
    for turn in range(_SLOTS_EACH * (3 if len(wanted) == 1 else 1)):
        for lines, business, slots in zip(taken, wanted, free, strict=True):
            if turn >= len(slots):
                continue
            line = _line(hall, business, slots[turn])
            needed = len(line.encode()) + (0 if lines else len(business.name.encode()) + 10)
            if needed + 1 > room:
                continue
            room -= needed + 1
            lines.append(line)
    told = [
        f"◆{plain(business.name)}\n" + "\n".join(lines)
        for business, lines in zip(wanted, taken, strict=True)
        if lines
    ]
    return "\n".join(told) + tail


def _line(hall: HallFacts, business: BusinessFacts, slot: Any) -> str:
    words = f"{span(slot['starts_at'], slot['ends_at'])} 余{slot['remaining']}"
    page = f"pages/booking/index?hall={hall.id}&business={business.code}&slot={slot['id']}"
    return mini_program_link(words, page, f"/h5/slots/{slot['id']}?business={business.code}")


async def _understood(terms: Sequence[str]) -> tuple[list[str], str | None]:
    """Which words name a hall and which business they name, if any."""
    if not terms:
        return [], None
    known = await halls.businesses()
    business, rest = None, []
    for term in terms:
        meant = next((one.code for one in known if term in one.name or term == one.code.lower()), None)
        if meant is not None and business is None and len(term) > 1:
            business = meant
        else:
            rest.append(term)
    return rest, business


async def _choice(talk: Talk, found: Sequence[HallFacts], business: str | None) -> Reply:
    offered = found[:_MOST_CHOICES]
    if not offered:
        return Text(_WITHOUT_PLACE)
    talk.ask(CHOICE, business or "", *(str(hall.id) for hall in offered))
    lines = [f"{n}. {plain(hall.name)}{_distance(hall)}" for n, hall in enumerate(offered, start=1)]
    more = "\n更多大厅请回复“预约 大厅名称”。" if len(found) > len(offered) else ""
    return Text("请回复序号选择大厅：\n" + "\n".join(lines) + more)


def _distance(hall: HallFacts) -> str:
    return f"（约 {hall.distance_m / 1000:.1f} 公里）" if hall.distance_m is not None else ""
