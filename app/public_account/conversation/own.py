"""我的预约: one's own appointments, in words that say what to do next."""

from typing import Final
from uuid import UUID

from app.domain.appointments import queries
from app.domain.appointments.models import AppointmentStatus
from app.domain.appointments.queries import AppointmentFacts
from app.gateways.wechat.replies import Reply, Text
from app.kit.batching import Batcher
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import mini_program_link, plain, span

NUMBER: Final = r"\d{8}"
_SHOWN = 3
_LOOKED_AT = 20
_NONE = "您没有待办理的预约。回复“预约”查看就近大厅的可约时段。"

# Many people ask this at once when reminders go out: they share a statement.
_upcoming: Batcher[UUID, list[AppointmentFacts]] = Batcher(queries.upcoming)


async def appointments(talk: Talk, about: str) -> Reply | None:
    """What one has booked and not yet attended, the next first."""
    del about
    return Text(await told(talk) or _NONE)


async def told(talk: Talk) -> str:
    """The same as text; empty when there is nothing."""
    person_id = await talk.person()
    if person_id is None:
        return ""
    return "\n\n".join(_described(facts) for facts in (await _upcoming(person_id))[:_SHOWN])


async def by_number(talk: Talk, number: str) -> Reply | None:
    """One's own appointment of this number; another's is nobody's business."""
    person_id = await talk.person()
    if person_id is not None:
        rows, _ = await queries.own_page(person_id, before=None, limit=_LOOKED_AT, is_active=None)
        mine = [row.id for row in rows if row.number == number][:1]
        if mine:
            return Text(_described((await queries.for_messages(mine))[mine[0]]))
    return None


def _described(facts: AppointmentFacts) -> str:
    words = "签到、改约或取消" if facts.status is AppointmentStatus.BOOKED else "查看详情"
    way_on = mini_program_link(
        words, f"pages/appointments/detail?id={facts.id}", f"/h5/appointments/{facts.id}"
    )
    return (
        f"预约号 {facts.number}　{facts.status.words}\n"
        f"{plain(facts.hall_name)} · {plain(facts.business_name)}\n"
        f"{span(facts.starts_at, facts.ends_at)}\n"
        f"地址：{plain(facts.hall_address)}\n{way_on}"
    )
