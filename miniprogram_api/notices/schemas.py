"""Shapes of notices: what one may ask and what is answered."""

from app.domain.notices.models import NoticeKind
from app.kit.web import Schema, fields, page_of


class FindNotices(Schema):
    """How to look for notices; all conditions hold together."""

    kind = fields.Enum(NoticeKind, by_value=True, metadata={"description": "栏目"})
    q = fields.Text(max=100, metadata={"description": "标题、文号、正文的词或拼音", "example": "汇算清缴"})
    limit = fields.whole(1, 50, load_default=20, metadata={"description": "每页多少篇", "example": 20})
    cursor = fields.Code(max=100, metadata={"description": "上一页给出的 next"})


class NoticeBriefView(Schema):
    """公告摘要。"""

    id = fields.BigId(required=True, metadata={"description": "公告编号", "example": 12})
    kind = fields.Enum(NoticeKind, by_value=True, required=True, metadata={"description": "栏目"})
    title = fields.Text(required=True, metadata={"description": "标题"})
    source = fields.Text(required=True, metadata={"description": "发布机关"})
    document_number = fields.Text(required=True, allow_none=True, metadata={"description": "文号"})
    summary = fields.Text(required=True, metadata={"description": "摘要，纯文本；已撤回的为空"})
    published_at = fields.Moment(required=True, metadata={"description": "发布时间"})


NoticePage = page_of(NoticeBriefView, "NoticePage")


class AttachmentView(Schema):
    """附件。"""

    id = fields.BigId(required=True, metadata={"description": "附件编号"})
    name = fields.Text(required=True, metadata={"description": "文件名", "example": "申请表.docx"})
    media_type = fields.Text(required=True, metadata={"description": "文件类型"})
    size = fields.Integer(required=True, metadata={"description": "大小，字节"})


class NoticeWholeView(NoticeBriefView):
    """公告全文。"""

    expires_at = fields.Moment(required=True, allow_none=True, metadata={"description": "何时失效"})
    is_expired = fields.Boolean(required=True, metadata={"description": "是否已失效"})
    withdrawn_at = fields.Moment(
        required=True, allow_none=True, metadata={"description": "何时撤回；撤回后不再提供正文和附件"}
    )
    withdrawn_because = fields.Text(required=True, allow_none=True, metadata={"description": "撤回原因"})
    body = fields.Text(required=True, metadata={"description": "正文，安全的 HTML，可用 rich-text 显示"})
    attachments = fields.List(
        fields.Nested(AttachmentView), required=True, metadata={"description": "附件，按上传先后"}
    )
