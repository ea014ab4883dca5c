"""What can go wrong with the wording of messages, each with the way out."""

from app.kit.errors import InvalidInput, NotAllowed, NotFound, Refused, TooOften


class WordingNotFound(NotFound):
    code = "wording_not_found"
    message = "没有这种消息或这个版本，请在消息列表中核对"


class BadWording(InvalidInput):
    """``fields`` holds every fault under ``message``."""

    code = "bad_wording"
    message = "消息内容有误，请按提示修改后重试"

    def __init__(self, faults: list[str]) -> None:
        super().__init__(fields={"message": faults})


class WordingChanged(Refused):
    code = "wording_changed"
    message = "这条消息刚被别人改过，请打开最新内容，在其上重新修改"


class WordingUnderReview(Refused):
    code = "wording_under_review"
    message = "这条消息已有一个版本在等待审核，请等审核结果，或先停用该版本"


class WordingNotOpen(Refused):
    code = "wording_not_open"
    message = "该版本的状态不允许这样操作，请刷新后按当前状态办理"


class WordingOutdated(Refused):
    code = "wording_outdated"
    message = "起草之后又有新版本生效，请停用此稿，在新版本上重新修改"


class NotAnEditor(NotAllowed):
    code = "not_an_editor"
    message = "处理消息内容需要不限大厅的发布或审核岗位，请联系安全管理员"


class OwnWording(NotAllowed):
    code = "own_wording"
    message = "不能审核自己起草或修改过的消息，请由另一位审核人员审核"


class OnlyWording(Refused):
    code = "only_wording"
    message = "这是该消息仅有的可用版本，不能停用，请先让另一个版本通过审核"


class LinkCodeWrong(Refused):
    code = "link_code_wrong"
    message = "绑定码不对或已过期，请在办公端重新获取后，十分钟内发来"


class NotLinked(Refused):
    code = "not_linked"
    message = "您还没有绑定自己的微信，请先获取绑定码，并在公众号里发送“绑定工号”加绑定码"


class TriesUsedUp(TooOften):
    code = "tries_used_up"
    message = "今天的试发次数已用完，请明天再试"
