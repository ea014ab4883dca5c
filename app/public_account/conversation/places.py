"""Where a person is and which halls are near: a position is kept coarse, and only for a while."""

from collections.abc import Sequence

from app.domain.appointments import queries as appointments
from app.domain.halls import queries as halls
from app.domain.halls.errors import HallNotFound
from app.domain.halls.queries import HallFacts
from app.gateways.wechat.replies import Reply, Text
from app.kit import clock
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import plain

_NEAREST = 3
_CANNOT_READ = "没有看清您发的位置，请重新发送，或回复“预约 大厅名称”。"


async def report(talk: Talk, about: str) -> Reply | None:
    """The phone tells where it is; nobody asked for an answer."""
    del about
    _remember(talk)
    return None


async def take(talk: Talk, about: str) -> Reply | None:
    """Somebody sends where they are: the nearest halls."""
    if not _remember(talk):
        return Text(_CANNOT_READ)
    return await near(talk, about)


async def near(talk: Talk, about: str) -> Reply | None:
    """The nearest halls, if we know from where."""
    del about
    place = talk.dialogue.place
    if place is None:
        return Text("请点对话框右边的“+”发送位置，为您找最近的办税服务厅；或回复“预约 大厅名称”。")
    found = (await halls.find_halls(near=place.position, limit=_NEAREST)).items
    if not found:
        return Text("附近没有找到办税服务厅，请回复“预约 大厅名称”查找。")
    lines = [
        f"{plain(hall.name)}（约 {(hall.distance_m or 0) / 1000:.1f} 公里）\n"
        f"{plain(hall.address)}　电话 {hall.phone}"
        for hall in found
    ]
    return Text("离您最近的大厅：\n" + "\n".join(lines) + "\n回复“预约”查看最近大厅的可约时段。")


async def by_words(talk: Talk, text: str, limit: int) -> Sequence[HallFacts]:
    """The halls whose name, address or pinyin has these words, nearest first where that is known."""
    place = talk.dialogue.place
    page = await halls.find_halls(q=text, near=place.position if place else None, limit=limit)
    named = [hall for hall in page.items if hall.name == text]
    return named or page.items


async def usual(talk: Talk) -> Sequence[HallFacts]:
    """The nearest hall; without a place the one visited last; else some to choose from."""
    if talk.dialogue.place is not None:
        return (await halls.find_halls(near=talk.dialogue.place.position, limit=1)).items
    person_id = await talk.person()
    if person_id is not None:
        latest, _ = await appointments.own_page(person_id, before=None, limit=1, is_active=None)
        if latest:
            try:
                return [(await halls.hall_detail(latest[0].hall_id)).facts]
            except HallNotFound:
                return []  # Closed since; it is nobody's usual hall any more.
    return []


def _remember(talk: Talk) -> bool:
    position = talk.said.position
    if position is not None:
        talk.dialogue = talk.dialogue.at(*position, now=clock.now())
    return position is not None
