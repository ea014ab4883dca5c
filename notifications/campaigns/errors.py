"""Every refusal about campaigns: its code, and a sentence with the way out."""

from app.kit.errors import InvalidInput, NotAllowed, NotFound, Refused


class CampaignInvalid(InvalidInput):
    code = "campaign_invalid"
    message = "群发任务填写有误，请按提示修改"


class CampaignNotFound(NotFound):
    code = "campaign_not_found"
    message = "没有找到这个群发任务，请核对编号"


class NotYourCampaign(NotAllowed):
    code = "campaign_not_allowed"
    message = "您没有办理群发任务的权限，请联系系统管理员授予“发布”或“审核”岗位（不限大厅和地区）"


class OwnCampaign(NotAllowed):
    """Two-person rule: whoever wrote a large campaign does not approve it."""

    code = "campaign_own"
    message = "人数较多的群发须由另一位审核人员批准，不能由拟稿人自己批准"


class IllegalDeed(Refused):
    """The state of the campaign does not allow the deed."""

    code = "campaign_state"
    message = "群发任务当前的状态不能这样操作，请刷新后查看"


class CampaignChanged(Refused):
    """Somebody else was quicker."""

    code = "campaign_changed"
    message = "群发任务刚被他人改动，请刷新后重试"


class AudienceChanged(Refused):
    """The approver would approve other numbers than those shown."""

    code = "campaign_audience_changed"
    message = "试算之后受众已变化一成以上，请重新试算后再审批"


class WordingChanged(Refused):
    code = "campaign_wording_changed"
    message = "试算之后消息措辞已更新，请重新试算后再审批"


class NobodyThere(Refused):
    code = "campaign_empty"
    message = "受众里没有人，请修改受众条件后重新试算"


class TooManyToCount(Refused):
    """The database gave up on a statement over the whole audience."""

    code = "campaign_too_large"
    message = "受众太大，十分钟内没有算完，任务没有改动；请把受众分成几个任务"


class CampaignBusy(Refused):
    """Somebody's try-out or approval goes through the audience just now."""

    code = "campaign_busy"
    message = "这个群发任务正在试算或批准，请等办完后再操作；也可以在任务页面上停止它"


class CalledOff(Refused):
    """How an errand ends that is no longer wanted."""

    code = "campaign_called_off"
    message = "已停止办理，任务没有改动"


class AskerGone(NotAllowed):
    """Whoever asked for a deed has left before it was done."""

    code = "campaign_asker_gone"
    message = "交办的同事已不在岗，没有办理；请由在岗的同事重新办理"


class WrongProduct(Refused):
    """What WeChat would punish the account for, or what cannot work."""

    code = "campaign_wrong_product"
    message = "这类内容不能用模板消息发送，请改用群发"


class MomentPassed(InvalidInput):
    code = "campaign_moment_passed"
    message = "定时须晚于现在，且早于失效时间，请重新填写"
