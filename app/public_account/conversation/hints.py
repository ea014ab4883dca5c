"""帮助: what one can say, and what is answered when nothing else fits."""

from app.gateways.wechat.replies import Reply, Text
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import link

WHAT_ONE_CAN_SAY = (
    "您可以这样说：\n"
    "· 预约 —— 看就近大厅的可约时段\n"
    "· 我的预约 —— 看自己的预约\n"
    "· 进度 办件编号 —— 查办件进度\n"
    "· 发票 + 二维码文字 —— 查验发票\n"
    "· 信用 —— 查企业纳税信用等级\n"
    "· 人工 —— 转人工客服\n"
    "其他问题直接说，如“代开发票”，我为您找办事指南。"
)
_TOO_OFTEN = "您发得太快了，我跟不上。请过一分钟再发。"


async def tell(talk: Talk, about: str) -> Reply | None:
    """Everything one can say."""
    del talk, about
    return Text(f"{WHAT_ONE_CAN_SAY}\n{link('打开我的微办', '/h5/')}")


async def not_understood(talk: Talk, about: str) -> Reply | None:
    """Nothing fitted what was said."""
    del talk, about
    return Text(f"没有找到相关内容。\n{WHAT_ONE_CAN_SAY}")


async def wordless(talk: Talk, about: str) -> Reply | None:
    """A voice nobody made words of, a video, a link, a sticker, a file."""
    del about
    what = {
        "voice": "没有听清您的语音",
        "link": "链接我打不开",
        "video": "视频我看不了",
        "shortvideo": "视频我看不了",
    }
    return Text(f"{what.get(talk.on, '这类消息我看不懂')}，请用文字告诉我。\n{WHAT_ONE_CAN_SAY}")


def too_often() -> Reply:
    """To somebody who says more than we answer."""
    return Text(_TOO_OFTEN)
