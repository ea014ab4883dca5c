"""What may be asked on which occasion, whose data it is, how long it is kept, and what to bring instead."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from app.domain.sharing.errors import BadObjection, ShareNotOffered
from app.domain.sharing.models import Occasion, ShareState
from app.gateways.exchange import Library

KEPT: Final = timedelta(hours=24)
"""So long a form may be filled with what was told; then it is asked for again."""
ANSWER_WORKING_DAYS: Final = 10
"""Within which the department the data are from answers an objection (政务数据共享条例第二十六条)."""
LONGEST_REASON: Final = 500
LONGEST_VALUE: Final = 200
MOST_CORRECTIONS: Final = 20

LIBRARY_NAMES: Final[Mapping[Library, str]] = {
    Library.POPULATION: "人口库",
    Library.LEGAL_PERSONS: "法人库",
    Library.CREDIT: "信用库",
    Library.CERTIFICATES: "电子证照库",
}
DEPARTMENTS: Final[Mapping[Library, str]] = {
    Library.POPULATION: "公安机关",
    Library.LEGAL_PERSONS: "市场监督管理部门",
    Library.CREDIT: "发展改革部门",
    Library.CERTIFICATES: "证照颁发机构",
}
"""数源部门 of a library as a whole; of a certificate pushed to us its issuer is."""

_OF_PEOPLE: Final = frozenset({Library.POPULATION, Library.CREDIT, Library.CERTIFICATES})
_OF_ENTERPRISES: Final = frozenset({Library.LEGAL_PERSONS, Library.CREDIT, Library.CERTIFICATES})
_CERTIFICATE: Final = ("kind", "number", "valid_until", "status")
FIELDS: Final[Mapping[tuple[Library, Occasion], Sequence[str]]] = {
    (Library.POPULATION, Occasion.BOOKING): ("name",),
    (Library.POPULATION, Occasion.APPLICATION): ("name", "sex", "birth_date", "residence"),
    (Library.POPULATION, Occasion.SUPPLEMENT): ("name", "residence"),
    (Library.LEGAL_PERSONS, Occasion.BOOKING): ("name", "status"),
    (Library.LEGAL_PERSONS, Occasion.APPLICATION): (
        "name", "legal_representative", "registered_address", "registered_on", "status",
    ),
    (Library.LEGAL_PERSONS, Occasion.SUPPLEMENT): (
        "name", "legal_representative", "registered_address", "status",
    ),
    (Library.CREDIT, Occasion.APPLICATION): ("kind", "status"),
    (Library.CERTIFICATES, Occasion.APPLICATION): _CERTIFICATE,
    (Library.CERTIFICATES, Occasion.SUPPLEMENT): _CERTIFICATE,
}  # fmt: skip
"""Least fields: what an occasion does not need is not asked for, whatever the grant of the purpose allows."""

FIELD_NAMES: Final[Mapping[str, str]] = {
    "name": "名称或姓名",
    "sex": "性别",
    "birth_date": "出生日期",
    "residence": "住址",
    "legal_representative": "法定代表人",
    "registered_address": "住所",
    "registered_on": "成立日期",
    "kind": "种类",
    "number": "编号",
    "valid_until": "有效期至",
    "status": "状态",
}
STATE_TEXTS: Final[Mapping[ShareState, str]] = {
    ShareState.REQUESTED: "等待授权",
    ShareState.AUTHORISED: "查询中",
    ShareState.HIT: "已查到",
    ShareState.MISS: "未查到",
    ShareState.ERROR: "暂时查不到",
    ShareState.PREFILLED: "待您确认",
    ShareState.CONFIRMED: "已确认",
    ShareState.CORRECTED: "已提出异议",
}
_BRING: Final[Mapping[Library, str]] = {
    Library.POPULATION: "请自行填写，办理时携带居民身份证原件",
    Library.LEGAL_PERSONS: "请自行填写，办理时携带营业执照原件或上传复印件",
    Library.CREDIT: "请自行填写，需要时提交信用报告",
    Library.CERTIFICATES: "请上传证照复印件，办理时携带原件",
}


def fields_of(library: Library, occasion: Occasion, *, is_enterprise: bool) -> Sequence[str]:
    """The fields that may be asked of a library. Raises ShareNotOffered, with the way out."""
    if library not in (_OF_ENTERPRISES if is_enterprise else _OF_PEOPLE):
        raise ShareNotOffered("请切换办理身份：人口库用于个人办事，法人库用于企业办事")
    found = FIELDS.get((library, occasion))
    if found is None:
        raise ShareNotOffered("办理这件事不需要这类数据，请直接填写")
    return found


def advice(state: ShareState, library: Library) -> str | None:
    """What to do where nothing could be filled in."""
    if state is ShareState.MISS:
        return f"没有查到您的登记信息。{_BRING[library]}"
    if state is ShareState.ERROR:
        return f"对方系统暂时没有给出可用的答复，可稍后重新发起。{_BRING[library]}"
    return None


def check_objection(
    corrections: Sequence[tuple[int, str, str]], reason: str, told: Sequence[Mapping[str, str]]
) -> None:
    """Raise BadObjection unless every ``(record, field, value)`` says something else of what was told.

    Records count from 1. What was left out may be added: a record without the field is wrong as well.
    """
    faults: list[str] = []
    for record, name, value in corrections:
        if not 1 <= record <= len(told) or name not in FIELD_NAMES:
            faults.append(f"没有第 {record} 条记录的这个字段，请核对")
        elif told[record - 1].get(name) == value:
            faults.append(f"“{FIELD_NAMES[name]}”与已有数据相同，不需要更正")
    if len({(record, name) for record, name, _ in corrections}) < len(corrections):
        faults.append("同一个字段只能更正一次")
    if not corrections:
        faults.append("请指出哪一项有误")
    if faults:
        raise BadObjection(fields={"corrections": faults})
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise BadObjection(fields={"reason": [f"请写明理由，最多 {LONGEST_REASON} 个字"]})
