"""Shapes of cases: a timeline in words for the applicant, and less of it for who knows the query code."""

from app.domain.cases.models import CaseState
from app.kit.web import Schema, fields, page_of

_NUMBER = {
    "description": "办件编号（申办流水号）",
    "example": "11440106MB2DEMA0293440131012002202611160001",
}
_EITHER_NUMBER = {**_NUMBER, "description": "办件编号（申办流水号），或受理通知书上的受理编号"}


class ListCases(Schema):
    status = fields.Choice(
        ["open", "done"], metadata={"description": "只看办理中的（open）或已结束的（done）"}
    )
    cursor = fields.Code(max=200, metadata={"description": "上一页的 next"})
    limit = fields.whole(1, 50, load_default=20, metadata={"description": "每页条数"})


class LookUpCase(Schema):
    number = fields.Text(required=True, min=1, max=100, metadata=_EITHER_NUMBER)
    query_code = fields.Text(
        required=True, min=1, max=20, metadata={"description": "查询码，在受理通知书上", "example": "K7M2XQ"}
    )


class FollowCase(Schema):
    query_code = fields.Text(required=True, min=1, max=20, metadata={"description": "查询码，在受理通知书上"})


class CaseStepView(Schema):
    at = fields.Moment(required=True, metadata={"description": "何时"})
    kind = fields.Text(required=True, metadata={"description": "环节代码，如 accepted"})
    name = fields.Text(required=True, metadata={"description": "环节", "example": "已受理"})
    told = fields.Text(
        required=True,
        metadata={"description": "经办单位告知的内容；凭查询码查询时为空", "example": "材料齐全"},
    )
    office = fields.Text(required=True, metadata={"description": "经办单位或岗位，不是个人"})


class AskedView(Schema):
    text = fields.Text(required=True, metadata={"description": "需要您做什么"})
    until = fields.Day(required=True, allow_none=True, metadata={"description": "截止日期"})


class DueView(Schema):
    on = fields.Day(required=True, metadata={"description": "期限届满之日"})
    of = fields.Choice(
        ["decision", "delivery"],
        required=True,
        metadata={"description": "什么的期限：decision 作出决定，delivery 送达结果"},
    )
    original_on = fields.Day(required=True, allow_none=True, metadata={"description": "受理时确定的办结期限"})
    remaining_working_days = fields.Integer(required=True, metadata={"description": "剩余（或超过）的工作日"})
    remaining_hours = fields.Integer(required=True, metadata={"description": "不足一个工作日的工作小时"})
    is_overdue = fields.Boolean(required=True, metadata={"description": "是否超期"})
    is_provisional = fields.Boolean(
        required=True, metadata={"description": "期限涉及的放假安排尚未公布，公布后可能调整"}
    )
    paused_since = fields.Moment(
        required=True, allow_none=True, metadata={"description": "从何时起暂停计时；没有暂停为 null"}
    )
    text = fields.Text(
        required=True, metadata={"description": "一句话说明", "example": "还剩 3 个工作日 2 小时"}
    )


class CaseBriefView(Schema):
    number = fields.Text(required=True, metadata=_NUMBER)
    item_name = fields.Text(required=True, metadata={"description": "事项"})
    state = fields.Enum(CaseState, by_value=True, required=True, metadata={"description": "状态"})
    state_text = fields.Text(required=True, metadata={"description": "状态", "example": "审核中"})
    next_text = fields.Text(required=True, metadata={"description": "下一步，需要您做什么"})
    due_on = fields.Day(required=True, allow_none=True, metadata={"description": "办结期限"})
    updated_at = fields.Moment(required=True, metadata={"description": "最近变动"})
    is_over = fields.Boolean(required=True, metadata={"description": "是否已结束"})


class FeeView(Schema):
    amount = fields.Money(required=True, allow_none=True, metadata={"description": "应收费用，元"})
    paid = fields.Money(
        required=True, allow_none=True, metadata={"description": "实收金额，元；未告知为 null"}
    )
    is_paid = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "是否已缴清；未告知为 null"}
    )


class CaseView(CaseBriefView):
    office = fields.Text(required=True, metadata={"description": "现在由哪个单位或岗位办理"})
    contact = fields.Text(required=True, metadata={"description": "咨询电话"})
    asked = fields.Nested(
        AskedView, required=True, allow_none=True, metadata={"description": "等您办的事；没有为 null"}
    )
    due = fields.Nested(
        DueView, required=True, allow_none=True, metadata={"description": "期限；受理前和结束后为 null"}
    )
    result = fields.Text(required=True, allow_none=True, metadata={"description": "办理结果；未决定为 null"})
    can_withdraw = fields.Boolean(required=True, metadata={"description": "现在可否撤回申请"})
    can_confirm_receipt = fields.Boolean(required=True, metadata={"description": "现在可否确认收到结果"})
    steps = fields.List(
        fields.Nested(CaseStepView), required=True, metadata={"description": "办理经过，先发生的在前"}
    )
    documents = fields.Text(
        required=True, allow_none=True, metadata={"description": "文书列表的地址；凭查询码查询时为 null"}
    )
    acceptance_number = fields.Text(
        required=True,
        allow_none=True,
        metadata={"description": "受理编号，在受理通知书上；没有或凭查询码查询时为 null"},
    )
    queue_number = fields.Text(required=True, allow_none=True, metadata={"description": "排队号"})
    fee = fields.Nested(
        FeeView, required=True, allow_none=True, metadata={"description": "费用；没有告知为 null"}
    )
    results = fields.List(
        fields.Text(), required=True, metadata={"description": "证件、批文的名称和编号；没有为空"}
    )


class FollowedView(Schema):
    number = fields.Text(required=True, metadata=_NUMBER)
    item_name = fields.Text(required=True, metadata={"description": "事项"})
    state = fields.Enum(CaseState, by_value=True, required=True, metadata={"description": "状态"})
    state_text = fields.Text(required=True, metadata={"description": "状态", "example": "审核中"})
    since = fields.Moment(required=True, metadata={"description": "从何时起关注"})


CasePage = page_of(CaseBriefView, "CasePage")
FollowedPage = page_of(FollowedView, "FollowedPage")
