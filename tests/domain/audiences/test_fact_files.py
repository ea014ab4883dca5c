"""What a department tells of enterprises is kept as far as it goes, and groups follow."""

from datetime import date
from pathlib import Path

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.audiences import fact_files, memberships
from app.domain.audiences.errors import ListRefused, NotYourAudience
from app.domain.audiences.models import EnterpriseFact
from tests.factories import accounts
from tests.factories import audiences as make

pytestmark = pytest.mark.usefixtures("db")

DAY = date(2026, 11, 1)


def operator() -> StaffMember:
    return make.at_work("operator", StaffRole.EXCHANGE_OPERATOR)


async def test_facts_are_kept_and_groups_follow(tmp_path: Path) -> None:
    code, unbound = make.uscc_numbers(2)
    person_id = await make.agent(uscc=code)
    lines = [
        "统一社会信用代码,纳税人类型,出口企业,行业代码,成立日期,登记地区划",
        f"{code},增值税一般纳税人,是,K7010,2026年1月5日,440106001",
        f"{unbound},小规模纳税人,否,,,",
    ]
    path = make.csv_file(tmp_path, lines, "gb18030")
    report = await fact_files.take_in(operator(), path, as_of=DAY, source="金三")
    assert (report.rows, report.people, report.unknown) == (2, 1, 1)
    known = await EnterpriseFact.all().get()
    assert (known.taxpayer_type, known.is_exporter, known.industry) == ("general", True, "7010")
    assert (known.registered_on, known.region_code) == (date(2026, 1, 5), "440106001")
    assert (known.as_of, known.source, known.is_individual) == (DAY, "金三", None)
    await memberships.run({"group": None})
    assert {"general", "exporter", "construction"} <= set(await memberships.groups_of(person_id))


async def test_later_days_count_and_silence_changes_nothing(tmp_path: Path) -> None:
    code, member = accounts.uscc_number(), operator()
    await make.agent(uscc=code, region_code="440106")
    for as_of, heading, value in (
        (date(2026, 11, 2), "出口企业", "是"),
        (date(2026, 11, 1), "出口企业", "否"),
        (date(2026, 11, 3), "纳税人类型", "小规模纳税人"),
    ):
        path = make.csv_file(tmp_path, [f"统一社会信用代码,{heading}", f"{code},{value}"])
        await fact_files.take_in(member, path, as_of=as_of, source="金三")
    known = await EnterpriseFact.all().get()
    assert (known.is_exporter, known.taxpayer_type, known.region_code) == (True, "small_scale", "440106")
    assert known.as_of == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("heading", "value", "reason"),
    [
        ("纳税人类型", "其他", "应为 一般纳税人、"),
        ("出口企业", "yes", "应为 是、否 之一"),
        ("行业代码", "701011", "国民经济行业代码"),
        ("成立日期", "2026-02-30", "应为日期"),
        ("成立日期", "昨天", "应为日期"),
        ("登记地区划", "广州", "区划代码"),
    ],
)
async def test_what_cannot_be_is_refused(tmp_path: Path, heading: str, value: str, reason: str) -> None:
    path = make.csv_file(tmp_path, [f"统一社会信用代码,{heading}", f"{accounts.uscc_number()},{value}"])
    with pytest.raises(ListRefused) as refused:
        await fact_files.take_in(operator(), path, as_of=DAY, source="金三")
    assert refused.value.report is not None
    assert reason in refused.value.report.faults[0].reason


async def test_who_and_whence_are_asked(tmp_path: Path) -> None:
    path = make.csv_file(tmp_path, ["统一社会信用代码", accounts.uscc_number()])
    with pytest.raises(NotYourAudience):
        await fact_files.take_in(make.publisher(), path, as_of=DAY, source="金三")
    member = operator()
    with pytest.raises(ListRefused):
        await fact_files.take_in(member, path, as_of=DAY, source="")
    with pytest.raises(ListRefused) as refused:
        await fact_files.take_in(member, path, as_of=DAY, source="金三")
    assert refused.value.fields["列"] == ["没有一列是需要的信息"]
