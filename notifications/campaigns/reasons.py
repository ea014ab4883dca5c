"""Why somebody was not reached, in words a member of staff can act on."""

from collections.abc import Mapping
from typing import Final

from notifications.campaigns.models import RecipientState
from notifications.models import Channel

STATES: Final[Mapping[RecipientState, str]] = {
    RecipientState.PENDING: "未开始",
    RecipientState.QUEUED: "排队中",
    RecipientState.SENT: "已发出",
    RecipientState.DELIVERED: "已送达",
    RecipientState.FAILED: "失败",
    RecipientState.UNKNOWN: "结果不明",
    RecipientState.DIGESTED: "进汇总",
    RecipientState.INBOX_ONLY: "仅站内消息",
    RecipientState.CANCELLED: "未发送",
}

MASS: Final = "群发"
"""The channel of a mass send, which is none of those that reach one person."""

_REASONS: Final[Mapping[str, str]] = {
    "unreachable": "未关注公众号，也没有可用的通道",
    "expired": "已过失效时间",
    "cancelled": "任务已取消",
    "too_many_attempts": "多次重试仍未成功",
    "unsendable": "内容填不进模板",
    "user_block": "用户拒收",
    "system_failed": "微信发送失败",
    "digested": "合并进当天的汇总",
    "no_channel": "没有可用的通道",
    "muted": "用户关闭了这类通知",
    "not_agreed": "未同意电子送达，须以其他方式送达",
    "not_servable": "这类文书不能电子送达",
    "gone": "已注销",
    "told_before": "已由同一任务通知过",
    "refused_push": "本人关闭了个性化消息",
    "month_used": "当月群发已满 4 条",
    "too_few": "只剩一人，微信不受理一个人的群发",
    "mass_failed": "群发没有成功",
    "mass_send_fail": "微信群发失败",
    "mass_err_10001": "微信认为涉嫌广告",
    "mass_err_20001": "微信认为涉嫌政治",
    "mass_err_20002": "微信认为涉嫌色情",
    "mass_err_20004": "微信认为涉嫌社会问题",
    "mass_err_20006": "微信认为涉嫌违法犯罪",
    "mass_err_20008": "微信认为涉嫌欺诈",
    "mass_err_20013": "微信认为涉嫌版权",
    "mass_err_21000": "微信审核未通过",
    "mass_err_22000": "微信认为涉嫌互推",
    "mass_err_30001": "原创校验出错，微信停止群发",
    "mass_err_30002": "原创校验判定不能群发",
    "mass_err_30003": "原创校验判定为转载，按设置停止群发",
    "40003": "微信不认识这个用户",
    "40037": "模板不存在",
    "41030": "小程序页面未发布",
    "43004": "已取消关注",
    "43101": "未订阅，或订阅已用完",
    "43116": "模板被微信封禁",
    "45002": "内容超长",
    "45015": "客服消息时限已过",
    "45047": "客服消息条数已满",
    "47001": "数据格式有误",
    "47003": "内容不符合模板字段的要求",
    "48001": "账号没有这项权限",
    "48002": "用户拒收客服消息",
}


def words_of(reason: str | None) -> str:
    """The reason in words; a code nobody has written words for stays a code."""
    if reason is None:
        return ""
    if reason in _REASONS:
        return _REASONS[reason]
    return f"微信错误 {reason}" if reason.lstrip("-").isdigit() else "其他原因"


def channel_of(channel: Channel | None, *, is_mass: bool) -> str:
    """The channel in words; empty for whom none was chosen."""
    if is_mass:
        return MASS
    return "" if channel is None else channel.label
