"""Files in which a department tells facts about enterprises, taken in as a whole or not at all."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.audiences import staging
from app.domain.audiences.columns import Form
from app.domain.audiences.errors import ListRefused, NotYourAudience
from app.domain.audiences.models import ListIdentity, TaxpayerType
from app.domain.audiences.reports import Report
from app.domain.audiences.rule_book import RENEW_JOB
from app.kit import audit, clock, db, jobs

_LONGEST_SOURCE: Final = 40

_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
_CODE = re.compile(r"[0-9]{2,12}")
_INDUSTRY = re.compile(r"[A-Ta-t]?([0-9]{2,4})")
_TYPES = {
    "一般纳税人": TaxpayerType.GENERAL,
    "增值税一般纳税人": TaxpayerType.GENERAL,
    "小规模纳税人": TaxpayerType.SMALL_SCALE,
    "增值税小规模纳税人": TaxpayerType.SMALL_SCALE,
}
_YES_OR_NO = {"是": "true", "否": "false"}


def _chosen(words: Mapping[str, str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"应为 {'、'.join(words)} 之一")
        return words[text]

    return read


def _industry(text: str) -> str:
    found = _INDUSTRY.fullmatch(text)
    if found is None:
        raise ValueError("应为 2 到 4 位国民经济行业代码（GB/T 4754-2017），前面可带门类字母")
    return found.group(1)


def _region(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError("应为 2 到 12 位区划代码")
    return text


def _day(text: str) -> str:
    found = _DATE.fullmatch(text)
    with suppress(ValueError):
        if found is not None:
            year, month, day = map(int, found.groups())
            return date(year, month, day).isoformat()
    raise ValueError("应为日期，如 2026-11-22")


TITLES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "纳税人类型": ("taxpayer_type", _chosen(_TYPES)),
    "出口企业": ("is_exporter", _chosen(_YES_OR_NO)),
    "个体工商户": ("is_individual", _chosen(_YES_OR_NO)),
    "缴纳社会保险费": ("pays_social_insurance", _chosen(_YES_OR_NO)),
    "行业代码": ("industry", _industry),
    "成立日期": ("registered_on", _day),
    "登记地区划": ("region_code", _region),
}
"""The columns such a file may have: each with the fact it tells and how it is read."""

FORM: Final = Form(
    facts={title: name for title, (name, _) in TITLES.items()},
    identities={"统一社会信用代码": ListIdentity.USCC},
    readers=dict(TITLES.values()),
    is_strict=False,
)

# What is told for an earlier day than what we know does not count; what is not told stays as it was.
_TAKE = """
INSERT INTO enterprise_fact AS known (enterprise_id, taxpayer_type, is_exporter, is_individual,
    pays_social_insurance, industry, registered_on, region_code, as_of, source, updated_at)
SELECT e.id, t.taxpayer_type, t.is_exporter, t.is_individual, t.pays_social_insurance, t.industry,
       t.registered_on, t.region_code, $1::date, $2::varchar, $3::timestamptz
FROM staged s JOIN enterprise e ON e.uscc_hash = s.key,
     jsonb_to_record(coalesce(s.params, '{}')) AS t (
         taxpayer_type varchar, is_exporter bool, is_individual bool, pays_social_insurance bool,
         industry varchar, registered_on date, region_code varchar)
ON CONFLICT (enterprise_id) DO UPDATE SET
    taxpayer_type = coalesce(excluded.taxpayer_type, known.taxpayer_type),
    is_exporter = coalesce(excluded.is_exporter, known.is_exporter),
    is_individual = coalesce(excluded.is_individual, known.is_individual),
    pays_social_insurance = coalesce(excluded.pays_social_insurance, known.pays_social_insurance),
    industry = coalesce(excluded.industry, known.industry),
    registered_on = coalesce(excluded.registered_on, known.registered_on),
    region_code = coalesce(excluded.region_code, known.region_code),
    as_of = excluded.as_of, source = excluded.source, updated_at = excluded.updated_at
WHERE known.as_of IS NULL OR known.as_of <= excluded.as_of
"""
_UNKNOWN = """
SELECT count(*) FROM staged s WHERE NOT EXISTS (SELECT 1 FROM enterprise e WHERE e.uscc_hash = s.key)
"""


async def take_in(
    member: StaffMember,
    path: Path,
    *,
    as_of: date,
    source: str,
    progress: staging.Progress | None = None,
) -> Report:
    """Take in what a department knows of enterprises on a day; groups follow in the background.

    Facts of enterprises nobody is bound to are not kept; they are counted as ``unknown``, and ``people``
    counts the enterprises whose facts were written. Raises NotYourAudience, or ListRefused: then nothing
    is written.
    """
    if not staff.may(member, StaffRole.EXCHANGE_OPERATOR, None):
        raise NotYourAudience("您没有导入企业信息的权限，请联系系统管理员授予“数据交换”岗位")
    if not 0 < len(source.strip()) <= _LONGEST_SOURCE:
        raise ListRefused(fields={"source": [f"来源应为 1 到 {_LONGEST_SOURCE} 个字"]})
    report = Report()
    async with db.transaction():
        layout = await staging.stage(path, FORM, report, progress)
        await staging.drop_doubled(report, layout)
        report.unknown = await db.fetch_value(_UNKNOWN)
        report.people = await db.execute(_TAKE, as_of, source.strip(), clock.now())
        await db.execute("DROP TABLE staged")
        await jobs.enqueue(RENEW_JOB, {"group": None})
        await audit.record(
            member.caller_id, "enterprise_facts.taken_in", "enterprise_fact",
            detail={"as_of": as_of.isoformat(), "counts": report.counts()},
        )  # fmt: skip
    return report
