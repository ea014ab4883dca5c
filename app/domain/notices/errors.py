"""What can go wrong with notices, each with the way out."""

from app.kit.errors import InvalidInput, NotFound, Refused


class NoticeNotFound(NotFound):
    code = "notice_not_found"
    message = "没有这篇公告，可能尚未发布，请返回列表查看"


class AttachmentNotFound(NotFound):
    code = "attachment_not_found"
    message = "没有这个附件，请返回公告页面重新打开"


class BadNoticeText(InvalidInput):
    code = "bad_notice_text"
    message = "稿件有误，请按提示修改后重新提交"


class NoticeNotAt(Refused):
    """Raised with the state the notice is in."""

    code = "notice_not_at"
    message = "稿件当前的状态不能这样处理，请先查看它的进度"


class NothingChanged(Refused):
    code = "notice_unchanged"
    message = "这一版已被退回，请按审校意见修改后再送审"


class OwnNotice(Refused):
    code = "own_notice"
    message = "您写过这篇稿件，须由其他人审校"


class ReviewedAlready(Refused):
    code = "notice_reviewed_already"
    message = "这一版您已审过，三审须由三个不同的人完成"


class OtherVersion(Refused):
    code = "notice_changed"
    message = "稿件在您审阅期间有了新的版本，请重新查看后再审"


class PublishInPast(InvalidInput):
    code = "publish_in_past"
    message = "发布时间已过，请填写以后的时间，或立即发布"


class NoticeExpires(Refused):
    code = "notice_expires"
    message = "稿件到发布时已失效，请修改失效时间后重新送审"


class TooManyAttachments(Refused):
    code = "too_many_attachments"
    message = "一篇稿件最多 10 个附件，请先移除不用的"


class AttachmentNameTaken(Refused):
    code = "attachment_name_taken"
    message = "已有同名附件，请先移除旧的，或换个文件名"
