"""The words of documents 文书: what each says of its case, with the remedies the law wants told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import orjson

from app.domain.cases.models import LimitUnit, SpecialKind
from app.domain.cases.paper_models import DocumentKind
from app.kit.clock import SHANGHAI

TITLES: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.RECEIPT: "收件凭证",
    DocumentKind.ACCEPTANCE: "受理通知书",
    DocumentKind.NON_ACCEPTANCE: "不予受理通知书",
    DocumentKind.CORRECTION: "一次性补正告知书",
    DocumentKind.SPECIAL_PROCEDURE: "特别程序告知书",
    DocumentKind.EXTENSION: "延期告知书",
    DocumentKind.PROMISE: "容缺受理承诺书",
    DocumentKind.GRANTING: "准予决定书",
    DocumentKind.DENIAL: "不予决定书",
    DocumentKind.DELIVERY: "送达回证",
}

SPECIAL_KINDS: Final[Mapping[SpecialKind, str]] = {
    SpecialKind.EXTENSION: "延长审批",
    SpecialKind.HEARING: "听证",
    SpecialKind.TENDER: "招标",
    SpecialKind.AUCTION: "拍卖",
    SpecialKind.INSPECTION: "检验",
    SpecialKind.TESTING: "检测",
    SpecialKind.QUARANTINE: "检疫",
    SpecialKind.APPRAISAL: "鉴定",
    SpecialKind.EXPERT_REVIEW: "专家评审",
}
UNITS: Final[Mapping[LimitUnit, str]] = {
    LimitUnit.WORKING_DAY: "个工作日",
    LimitUnit.NATURAL_DAY: "日",
    LimitUnit.MONTH: "个月",
    LimitUnit.YEAR: "年",
    LimitUnit.HOUR: "个工作小时",
}

_REMEDY: Final = (
    "如不服本{what}，可以自收到之日起六十日内依法申请行政复议，"
    "或者自收到之日起六个月内依法向人民法院提起行政诉讼。"
)
"""行政许可法 38; the days are those of 行政复议法 20 and 行政诉讼法 46."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document may tell of its case at the time of its event.

    ``told`` are the office's own words; ``due_on`` is the day of the decision; ``promises`` are what the
    applicant promised, each with its day; ``fee`` is 应收, in yuan; ``results`` are 证件、批文.
    """

    case_number: str
    item_name: str
    applicant: str | None = field(repr=False)
    office: str
    contact: str
    at: datetime
    submitted_at: datetime
    told: str = ""
    due_on: date | None = None
    asked_until: date | None = None
    special: SpecialKind | None = None
    approver: str = ""
    limit: str = ""
    promises: Sequence[tuple[str, date]] = ()
    acceptance_number: str = ""
    queue_number: str = ""
    fee: Decimal | None = None
    results: Sequence[str] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Paper:
    """A document in words, and nothing but words: what is drawn of it, and what its digest is taken of."""

    title: str
    case_number: str
    addressee: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]]
    signed_by: str
    dated_on: str

    def canonical(self) -> bytes:
        """The one form in which it is kept and hashed: JSON in UTF-8 with sorted keys."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def of(cls, canonical: bytes) -> "Paper":
        """The paper a canonical form stands for."""
        told = orjson.loads(canonical)
        return cls(**{**told, "facts": [(name, value) for name, value in told["facts"]]})


def worded(kind: DocumentKind, facts: Facts) -> Paper:
    """A document in its words."""
    said = _WORDS[kind](facts)
    is_promise = kind is DocumentKind.PROMISE
    applicant = facts.applicant or "申请人"
    return Paper(
        title=TITLES[kind],
        case_number=facts.case_number,
        addressee=facts.office if is_promise else applicant,
        paragraphs=said,
        facts=_rows(facts),
        signed_by=f"承诺人：{applicant}" if is_promise else facts.office,
        dated_on=day(facts.at.astimezone(SHANGHAI).date()),
    )


def day(on: date) -> str:
    """``2026年11月22日``"""
    return f"{on.year}年{on.month}月{on.day}日"


def _rows(facts: Facts) -> list[tuple[str, str]]:
    rows = [
        ("受理编号", facts.acceptance_number),
        ("事项名称", facts.item_name),
        ("申请人", facts.applicant or ""),
        ("收件日期", day(facts.submitted_at.astimezone(SHANGHAI).date())),
        ("排队号", facts.queue_number),
        ("应收费用", f"{facts.fee:.2f} 元" if facts.fee is not None else ""),
        ("证件批文", "、".join(facts.results)),
        ("联系方式", facts.contact),
    ]
    return [(name, value) for name, value in rows if value]


def _receipt(facts: Facts) -> list[str]:
    return [
        f"你（单位）申请办理“{facts.item_name}”的材料已收到。",
        *_told("说明", facts.told),
        (
            "我们将在五个工作日内告知是否受理；申请材料不齐全或者不符合法定形式的，将一次性告知需要补正的全部内容。"
            "逾期不告知的，自收到申请材料之日起即为受理（《中华人民共和国行政许可法》第三十二条）。"
        ),
    ]


def _acceptance(facts: Facts) -> list[str]:
    number = "受理编号（或办件编号）" if facts.acceptance_number else "办件编号"
    due = f"我们将在{day(facts.due_on)}前办结。" if facts.due_on else "我们将在规定的期限内办结。"
    return [
        f"你（单位）申请办理“{facts.item_name}”，经审查符合受理条件，现予受理。",
        *_told("说明", facts.told),
        (
            f"{due}依法需要听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审的，所需时间不计算在内，"
            "并将另行书面告知（《中华人民共和国行政许可法》第四十五条）。"
        ),
        f"请妥善保管本通知书，凭{number}和查询码可以随时查询办理进度。",
    ]


def _non_acceptance(facts: Facts) -> list[str]:
    return [
        f"你（单位）申请办理“{facts.item_name}”，经审查，决定不予受理。",
        *_told("理由", facts.told),
        _REMEDY.format(what="决定"),
    ]


def _correction(facts: Facts) -> list[str]:
    until = f"请于{day(facts.asked_until)}前补正；" if facts.asked_until else "请尽快补正；"
    return [
        f"你（单位）申请办理“{facts.item_name}”的材料不齐全或者不符合法定形式，现一次性告知需要补正的全部内容。",
        *_told("需要补正", facts.told),
        f"{until}补正所用的时间不计算在办理期限内。可以在微信里上传补正材料，也可以到窗口提交。",
    ]


def _special_procedure(facts: Facts) -> list[str]:
    what = SPECIAL_KINDS[facts.special] if facts.special else "特别程序"
    limit = f"，所需时间为{facts.limit}" if facts.limit else ""
    approved = f"，经{facts.approver}批准" if facts.approver else ""
    return [
        f"你（单位）申请办理的“{facts.item_name}”依法需要{what}{approved}{limit}。",
        *_told("事由", facts.told),
        "上述时间不计算在办理期限内（《中华人民共和国行政许可法》第四十五条），结束后继续办理。",
    ]


def _extension(facts: Facts) -> list[str]:
    by = f"经{facts.approver}批准，" if facts.approver else ""
    limit = f"延长{facts.limit}" if facts.limit else "延长"
    due = f"，将在{day(facts.due_on)}前办结" if facts.due_on else ""
    return [
        (
            f"你（单位）申请办理的“{facts.item_name}”在规定期限内不能作出决定，{by}办理期限{limit}{due}"
            "（《中华人民共和国行政许可法》第四十二条）。"
        ),
        *_told("理由", facts.told),
    ]


def _promise(facts: Facts) -> list[str]:
    promised = [f"{number}．{name}（{day(on)}前）" for number, (name, on) in enumerate(facts.promises, 1)]
    return [
        f"我（单位）申请办理“{facts.item_name}”，下列材料暂缺，现承诺按期补齐：",
        *promised,
        (
            "我（单位）承诺：所述情况真实，届时提交的材料真实、合法、有效；逾期未补齐或者补齐后仍不符合要求的，"
            "愿意承担终止办理等相应后果。"
        ),
    ]


def _granting(facts: Facts) -> list[str]:
    return [
        f"你（单位）申请办理“{facts.item_name}”，经审查符合法定条件、标准，决定准予。",
        *_told("说明", facts.told),
        (
            "需要颁发证件、批文的，将自作出决定之日起十个工作日内向你（单位）颁发、送达"
            "（《中华人民共和国行政许可法》第四十四条）。"
        ),
    ]


def _denial(facts: Facts) -> list[str]:
    return [
        f"你（单位）申请办理“{facts.item_name}”，经审查，决定不予批准。",
        *_told("理由", facts.told),
        _REMEDY.format(what="决定"),
    ]


def _delivery(facts: Facts) -> list[str]:
    return [
        f"“{facts.item_name}”的办理结果已经送达受送达人。",
        *_told("送达情况", facts.told),
        f"送达日期：{day(facts.at.astimezone(SHANGHAI).date())}。",
    ]


def _told(name: str, words: str) -> list[str]:
    return [f"{name}：{words}"] if words.strip() else []


_WORDS: Final = {
    DocumentKind.RECEIPT: _receipt,
    DocumentKind.ACCEPTANCE: _acceptance,
    DocumentKind.NON_ACCEPTANCE: _non_acceptance,
    DocumentKind.CORRECTION: _correction,
    DocumentKind.SPECIAL_PROCEDURE: _special_procedure,
    DocumentKind.EXTENSION: _extension,
    DocumentKind.PROMISE: _promise,
    DocumentKind.GRANTING: _granting,
    DocumentKind.DENIAL: _denial,
    DocumentKind.DELIVERY: _delivery,
}
