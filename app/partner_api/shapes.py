"""Shapes of the messages a partner pushes, one a kind; flat, so that a row of a table is one message too."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from app.domain.cases.models import SpecialKind
from app.domain.certificates.identifiers import LONGEST
from app.domain.certificates.models import HolderKind, Status, Trust
from app.domain.partners.kinds import MessageKind
from app.kit import identity_numbers
from app.kit.web import Schema, fields
from app.partner_api.fields import (
    AcceptanceNumber,
    CaseNumber,
    QueryCode,
    authority,
    certificate_identifier,
    check_limits,
    choice,
    id_number,
    length,
    limit,
    region,
    tidied,
    words,
    yuan,
)

MOST_STEPS = 10_000


def _kind(kind: MessageKind, what: str) -> fields.Choice:
    return choice([kind.value], what, required=True)


class CaseMessage(Schema):
    """What every message of a case carries."""

    sequence = fields.whole(
        1, fields.LARGEST_ID, required=True, metadata={"description": "本系统的消息序号，从 1 起连续"}
    )
    case_number = CaseNumber(required=True, max=80, metadata={"description": "办件编号（申办流水号）"})
    step = fields.whole(
        1, MOST_STEPS, required=True, metadata={"description": "本系统关于该办件的第几条消息，从 1 起连续"}
    )
    at = fields.Moment(required=True, metadata={"description": "发生时间"})
    office = words("经办单位和岗位，不写姓名", most=80, required=True)

    @validates_schema
    def _check(self, facts: Mapping[str, Any], **_: Any) -> None:
        check_limits(facts, "promised", "legal", "limit")


class Application(CaseMessage):
    """0 申办。"""

    kind = _kind(MessageKind.APPLICATION, "申办")
    item_name = words("事项名称", most=200, required=True)
    item_code = fields.Code(max=33, metadata={"description": "实施编码或业务办理项编码"})
    authority = authority()
    region = region()
    applicant_kind = choice(["person", "enterprise", "other"], "申请人类型：自然人、法人、其他证件")
    applicant_number = words("申请人身份证号或统一社会信用代码，用于本人查询，不外显", most=40)
    agent_number = words("经办人身份证号（法人申请时）", most=40)
    query_code = QueryCode()
    contact = words("咨询电话或地点", most=80)
    text = words("告知申请人的话")
    promised_amount, promised_unit = limit("承诺时限")
    legal_amount, legal_unit = limit("法定时限")

    @post_load
    def _tidy(self, facts: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Numbers in one form, whoever wrote them; an unknown kind of document finds nobody."""
        kind, number = facts.get("applicant_kind"), facts.get("applicant_number", "")
        if (kind is None) != (not number):
            raise ValidationError({"applicant_number": ["申请人类型和号码须同时填写"]})
        if kind == "person":
            facts["applicant_number"] = tidied(id_number, number, "applicant_number")
        elif kind == "enterprise":
            facts["applicant_number"] = tidied(identity_numbers.uscc_number, number, "applicant_number")
        if "agent_number" in facts:
            facts["agent_number"] = tidied(id_number, facts["agent_number"], "agent_number")
        return facts


class PreAcceptance(CaseMessage):
    """1 预受理。"""

    kind = _kind(MessageKind.PRE_ACCEPTANCE, "预受理")
    result = choice(
        ["reviewing", "correction", "not_accepted", "transferred"],
        "预审中、需补正、不予受理、告知向有权机关申请",
        required=True,
    )
    reason = words("补正要求或理由；预审中可不填")
    asked_until = fields.Day(metadata={"description": "补正期限"})

    @validates_schema
    def _check_reason(self, facts: Mapping[str, Any], **_: Any) -> None:
        if facts.get("result") != "reviewing":
            _need_reason(facts)


class Acceptance(CaseMessage):
    """2 受理。"""

    kind = _kind(MessageKind.ACCEPTANCE, "受理")
    acceptance_number = AcceptanceNumber()
    query_code = QueryCode()
    fee = yuan("应收费用")
    is_paid = fields.Boolean(metadata={"description": "是否已缴费；不知道就不填"})
    queue_number = words("排队号", most=20)
    text = words("告知申请人的话")
    promised_amount, promised_unit = limit("承诺时限", required=True)
    legal_amount, legal_unit = limit("法定时限")


class Review(CaseMessage):
    """3 审批。"""

    kind = _kind(MessageKind.REVIEW, "审批")
    stage = words("环节名称，告知申请人", most=80, required=True)
    stage_number = fields.whole(1, 1000, metadata={"description": "步骤号"})
    opinion = words("审批意见，内部留存，不告知申请人", most=2000)


class Decision(CaseMessage):
    """4 办结。"""

    kind = _kind(MessageKind.DECISION, "办结")
    result = choice(
        ["granted", "denied", "terminated", "withdrawn"], "准予、不予许可、作废或退回、撤回", required=True
    )
    reason = words("不予许可、作废或退回的理由")
    documents = fields.List(
        words("证件或批文的名称和编号", most=80, required=True),
        validate=length(20),
        metadata={"description": "证件、批文，告知申请人"},
    )
    amount = yuan("实收金额")
    is_issued = fields.Boolean(metadata={"description": "结果是否已可领取，默认是；否则之后再发领取登记"})

    @validates_schema
    def _check_reason(self, facts: Mapping[str, Any], **_: Any) -> None:
        if facts.get("result") in ("denied", "terminated"):
            _need_reason(facts)


class SpecialProcedure(CaseMessage):
    """5 特别程序申请。"""

    kind = _kind(MessageKind.SPECIAL_PROCEDURE, "特别程序申请")
    procedure = choice(
        [kind.value for kind in SpecialKind],
        "延长审批（A）；听证、招标、拍卖、检验、检测、检疫、鉴定、专家评审（B）",
        required=True,
    )
    approver = words("批准人的岗位，不写姓名", most=80, required=True)
    reason = words("告知申请人的理由", required=True)
    limit_amount, limit_unit = limit("特别程序时限", required=True)


class SpecialProcedureResult(CaseMessage):
    """6 特别程序结果；延长审批没有结果，不发。"""

    kind = _kind(MessageKind.SPECIAL_PROCEDURE_RESULT, "特别程序结果")
    result = words("结果，告知申请人", required=True)


class CorrectionNotice(CaseMessage):
    """7 补交告知。"""

    kind = _kind(MessageKind.CORRECTION_NOTICE, "补交告知")
    reason = words("一次告知的全部补正要求", required=True)
    asked_until = fields.Day(metadata={"description": "补正期限"})


class CorrectionReceived(CaseMessage):
    """8 补交受理。"""

    kind = _kind(MessageKind.CORRECTION_RECEIVED, "补交受理")
    text = words("告知申请人的话")


class Collection(CaseMessage):
    """9 领取登记。"""

    kind = _kind(MessageKind.COLLECTION, "领取登记")
    stage = choice(["ready", "collected"], "可以领取、已领取（默认）")
    way = choice(["window", "post", "electronic"], "窗口、邮寄、电子")


class Other(CaseMessage):
    """其他：只留存，不改变办件。"""

    kind = _kind(MessageKind.OTHER, "其他")
    text = words("内容", most=2000)


class CreditRating(Schema):
    """纳税信用级别：对已发布年度的更正和补充，一条一户一年。"""

    kind = _kind(MessageKind.CREDIT_RATING, "纳税信用级别")
    sequence = fields.whole(
        1, fields.LARGEST_ID, required=True, metadata={"description": "本系统的消息序号，从 1 起连续"}
    )
    taxpayer_id = words("统一社会信用代码", most=20, required=True)
    name = words("纳税人名称", most=200, required=True)
    year = fields.whole(2014, 2100, required=True, metadata={"description": "评价年度"})
    level = choice(["A", "B", "M", "C", "D"], "级别", required=True)
    score = words("得分，两位小数以内", most=10)
    starting_score = words("起评分", most=10)
    authority = words("主管税务机关", most=80)


class Certificate(Schema):
    """电子证照：一条一份证照的一个版本；版本新的替换旧的，同一版本以 at 较晚的为准。"""

    kind = _kind(MessageKind.CERTIFICATE, "电子证照")
    sequence = fields.whole(
        1, fields.LARGEST_ID, required=True, metadata={"description": "本系统的消息序号，从 1 起连续"}
    )
    at = fields.Moment(required=True, metadata={"description": "签发、变更、注销或锁定的时间"})
    identifier = words(
        "证照标识（GB/T 36904-2018），含类型、颁发机构、版本和校验位", most=LONGEST, required=True
    )
    name = words("证照名称", most=100, required=True)
    number = words("证照编号", most=100, required=True)
    issuer_name = words("颁发机构名称", most=100, required=True)
    holder_kind = choice(
        [kind.value for kind in HolderKind], "持证主体：自然人、法人和其他组织", required=True
    )
    holder_number = words("持证主体身份证号或统一社会信用代码", most=40, required=True)
    holder_name = words("持证主体姓名或名称", most=200, required=True)
    issued_on = fields.Day(required=True, metadata={"description": "颁发日期"})
    valid_from = fields.Day(metadata={"description": "有效期起；不填为颁发日期"})
    valid_until = fields.Day(metadata={"description": "有效期止，含当天；长期有效不填"})
    status = choice([one.value for one in Status], "有效（默认）、锁定、撤销或吊销、注销")
    trust = choice([one.value for one in Trust], "可信等级，默认 A")

    @post_load
    def _tidy(self, facts: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Numbers in one form, whoever wrote them; days in their order."""
        facts["identifier"] = tidied(certificate_identifier, facts["identifier"], "identifier")
        is_person = facts["holder_kind"] == HolderKind.PERSON
        check = id_number if is_person else identity_numbers.uscc_number
        facts["holder_number"] = tidied(check, facts["holder_number"], "holder_number")
        until = facts.get("valid_until")
        if until is not None and until < facts.get("valid_from", facts["issued_on"]):
            raise ValidationError({"valid_until": ["不能早于有效期起"]})
        return facts


SHAPES: Mapping[str, Schema] = {
    MessageKind.APPLICATION: Application(),
    MessageKind.PRE_ACCEPTANCE: PreAcceptance(),
    MessageKind.ACCEPTANCE: Acceptance(),
    MessageKind.REVIEW: Review(),
    MessageKind.DECISION: Decision(),
    MessageKind.SPECIAL_PROCEDURE: SpecialProcedure(),
    MessageKind.SPECIAL_PROCEDURE_RESULT: SpecialProcedureResult(),
    MessageKind.CORRECTION_NOTICE: CorrectionNotice(),
    MessageKind.CORRECTION_RECEIVED: CorrectionReceived(),
    MessageKind.COLLECTION: Collection(),
    MessageKind.OTHER: Other(),
    MessageKind.CREDIT_RATING: CreditRating(),
    MessageKind.CERTIFICATE: Certificate(),
}
"""The shape of each kind."""


def _need_reason(facts: Mapping[str, Any]) -> None:
    if not facts.get("reason", "").strip():
        raise ValidationError({"reason": ["请写明理由或要求"]})
