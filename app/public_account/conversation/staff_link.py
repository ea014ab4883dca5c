"""绑定工号: a member of staff says the code of their workplace, and messages can be tried on this WeChat."""

from app.gateways.wechat.replies import Reply, Text
from app.kit.errors import TooOften
from app.public_account.conversation.talk import Talk
from notifications.wording import readers
from notifications.wording.errors import LinkCodeWrong

_LINKED = "绑定成功。以后您在办公端试发的消息会发到这个微信，只有您自己能收到。"
_HOW = "工作人员请在办公端获取绑定码，十分钟内发送“绑定工号”加六位绑定码。"
_TOO_OFTEN = "绑定码错误次数过多，请半小时后再试。"
_STRANGER = "请先关注本公众号，再发送“绑定工号”加绑定码。"


async def link(talk: Talk, code: str) -> Reply | None:
    """Link this WeChat to the member of staff who was given the code."""
    code = code.replace(" ", "")
    if len(code) != readers.DIGITS:
        return Text(_HOW)
    person_id = await talk.person()
    if person_id is None:
        return Text(_STRANGER)
    try:
        await readers.link(code, person_id, asked_by=talk.asker)
    except LinkCodeWrong as wrong:
        return Text(f"{wrong.message}。")
    except TooOften:
        return Text(_TOO_OFTEN)
    return Text(_LINKED)
