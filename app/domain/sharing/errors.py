"""What somebody who asks for a prefill, or answers one, is refused with."""

from app.kit.errors import InvalidInput, NotAllowed, NotFound, Refused


class ShareNotOffered(InvalidInput):
    code = "share_not_offered"

    def __init__(self, why: str) -> None:
        super().__init__(fields={"library": [why]})


class ShareNeedsRealName(NotAllowed):
    code = "share_real_name_required"
    message = "请先完成实名核验，再使用已有数据预填；也可以自行填写并提交材料"


class ShareNeedsConsent(NotAllowed):
    code = "share_consent_required"
    message = "请先阅读并同意“使用已有数据预填”（data_sharing）；不同意也可以自行填写并提交材料"


class ShareRequestNotFound(NotFound):
    """The same for one there is not and for one of somebody else."""

    code = "share_request_not_found"
    message = "没有找到这次预填，请重新发起"


class ShareRequestNotOpen(Refused):
    """There is nothing to confirm, or somebody settled it first."""

    code = "share_request_not_open"
    message = "这次预填没有可以确认的内容，或已经确认、提出过异议，请刷新后查看"


class ShareRequestLapsed(Refused):
    code = "share_request_lapsed"
    message = "预填内容已过期，请重新发起预填"


class BadObjection(InvalidInput):
    """``fields`` name what is wrong with it."""

    code = "share_objection_invalid"
    message = "异议内容有误，请按提示修改后重试"


class ObjectionNotFound(NotFound):
    code = "share_objection_not_found"
    message = "没有这条异议，请从列表中重新选择"


class ObjectionAnswered(Refused):
    code = "share_objection_answered"
    message = "这条异议已经答复，请先查看结果"
