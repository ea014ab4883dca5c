"""更多: the rest of an answer that was too long for one message."""

from typing import Final

from app.gateways.wechat import replies
from app.gateways.wechat.replies import Reply, Text
from app.public_account.conversation.talk import Talk

_MORE: Final = "\n（内容较长，回复“更多”继续看）"
_ROOM: Final = replies.MOST_BYTES - len(_MORE.encode())


async def tell(talk: Talk, about: str) -> Reply | None:
    """What is left of the last answer."""
    del about
    rest = talk.dialogue.rest
    if not rest:
        return Text("没有更多内容了。回复“帮助”看能办什么。")
    talk.dialogue = talk.dialogue.with_rest("")
    return Text(rest)


def fitted(talk: Talk, reply: Reply) -> Reply:
    """The reply as one message holds it; the rest waits until it is asked for."""
    if not isinstance(reply, Text) or len(reply.content.encode()) <= replies.MOST_BYTES:
        return reply
    head, rest = replies.split(reply.content, _ROOM)
    talk.dialogue = talk.dialogue.with_rest(rest)
    return Text(head + _MORE)
