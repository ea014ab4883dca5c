"""我的消息: what one was told lately, the newest first, and how much of it is unread."""

from typing import Final

from app.gateways.wechat.replies import Reply, Text
from app.kit.clock import SHANGHAI
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import day, link, mini_program_link, plain, time_of_day
from notifications.inbox import reading
from notifications.inbox.reading import Item

_SHOWN: Final = 3
_NONE: Final = "您还没有消息。预约、办件有进展时，会在这里留一份。"


async def messages(talk: Talk, about: str) -> Reply | None:
    """The newest messages; what is told here counts as shown."""
    del about
    person_id = await talk.person()
    if person_id is None:
        return Text(f"{_NONE}\n{mini_program_link('先登录小程序', 'pages/me/index', '/h5/')}")
    items, _ = await reading.page(person_id, before=None, limit=_SHOWN)
    if not items:
        return Text(_NONE)
    [unread] = await reading.unread([person_id])
    head = f"您有 {_counted(unread)} 条未读消息：" if unread else "您最近的消息："
    told = "\n\n".join(_described(item) for item in items)
    return Text(f"{head}\n{told}\n\n{link('查看全部消息', '/h5/inbox')}")


def _described(item: Item) -> str:
    at = item.arrived_at.astimezone(SHANGHAI)
    mark = "" if item.read_at else "●"
    title = link(item.card.title, f"/h5/inbox/{item.id}")
    return f"{mark}{title}　{day(at.date())}{time_of_day(at)}\n{plain(item.card.summary)}"


def _counted(unread: int) -> str:
    return "99+" if unread >= reading.MOST_COUNTED else str(unread)
