"""A list is taken in as a whole or not at all, and names people by numbers it does not keep."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.domain.accounts.models import AgentRole, Person, PersonStatus, StaffRole, WeChatIdentity
from app.domain.audiences import lists, staging
from app.domain.audiences.errors import ListNotFound, ListRefused, NotYourAudience
from app.domain.audiences.models import AudienceList, AudienceListRow
from app.domain.audiences.reports import MOST_FAULTS, Report, RowFault
from app.kit import audit, clock, tables
from app.kit import db as raw
from config import settings
from tests.factories import accounts
from tests.factories import audiences as make

pytestmark = pytest.mark.usefixtures("db")

FACTS = {"税费种": "tax", "截止时间": "due_at"}
HEADING = "统一社会信用代码,税费种,截止时间"


async def taken(folder: Path, lines: list[str], **options: Any) -> Report:
    return await lists.take_in(
        make.publisher(), "十一月催报", make.csv_file(folder, lines), **{"facts": FACTS, **options}
    )


async def refusal(folder: Path, lines: list[str], **options: Any) -> ListRefused:
    """Why a list is not taken in; and nothing is written."""
    with pytest.raises(ListRefused) as refused:
        await taken(folder, lines, **options)
    assert await AudienceList.all().count() == await AudienceListRow.all().count() == 0
    return refused.value


async def people_of(list_id: int | None) -> dict[UUID, tuple[int, Any]]:
    rows = await AudienceListRow.filter(list_id=list_id)
    return {row.person_id: (row.row_number, row.params) for row in rows}


async def test_an_enterprise_is_told_through_its_agents(tmp_path: Path) -> None:
    code, other = make.uscc_numbers(2)
    enterprise_id = await make.enterprise(code)
    boss, agent, collector, former = [await make.person() for _ in range(4)]
    await make.bind(boss, enterprise_id, AgentRole.LEGAL_REPRESENTATIVE)
    await make.bind(agent, enterprise_id, AgentRole.TAX_AGENT)
    await make.bind(collector, enterprise_id, AgentRole.INVOICE_COLLECTOR)
    await make.bind(former, enterprise_id, expires_on=clock.today() - timedelta(days=1))
    report = await taken(tmp_path, [HEADING, f"{code},增值税,2026-12-15", f"{other},所得税,2026-12-31"])
    told = {"tax": "增值税", "due_at": "2026-12-15"}
    assert await people_of(report.list_id) == {boss: (2, told), agent: (2, told)}
    assert report.counts() == {
        "rows": 2, "empty": 0, "broken": 0, "doubled": 0, "unknown": 1, "shared": 0, "people": 2,
    }  # fmt: skip
    assert report.faults == [
        RowFault(
            3,
            "统一社会信用代码",
            "没有用户绑定该企业，或没有所选身份的办税人员",
            f"{other[:3]}{'*' * 11}{other[-4:]}",
        )
    ]
    kept = await lists.find(report.list_id or 0)
    assert (kept.name, kept.facts, kept.counts) == ("十一月催报", ["tax", "due_at"], report.counts())


async def test_the_roles_may_be_chosen(tmp_path: Path) -> None:
    code = accounts.uscc_number()
    collector = await make.agent(AgentRole.INVOICE_COLLECTOR, uscc=code)
    lines = ["统一社会信用代码", code]
    report = await taken(tmp_path, lines, facts={}, roles=[AgentRole.INVOICE_COLLECTOR])
    assert await people_of(report.list_id) == {collector: (2, None)}


@pytest.mark.parametrize("title", ["身份证号", "手机号", "openid"])
async def test_people_are_found_by_each_kind_of_number(tmp_path: Path, title: str) -> None:
    numbers = {"身份证号": accounts.id_number(), "手机号": make.PHONE, "openid": "o-Abc_123456"}
    person_id = await make.person(id_number=numbers["身份证号"], phone=numbers["手机号"])
    await WeChatIdentity.create(
        person_id=person_id, appid=settings.current().oa_appid, openid=numbers["openid"]
    )
    stranger = await make.person()
    await WeChatIdentity.create(person_id=stranger, appid="wx-of-others", openid=numbers["openid"])
    report = await taken(tmp_path, [title, f" {numbers[title]} "], facts={})
    assert await people_of(report.list_id) == {person_id: (2, None)}


async def test_a_phone_of_two_people_tells_neither(tmp_path: Path) -> None:
    one = await make.person(phone="13800000001")
    for _ in range(2):
        await make.person(phone=make.PHONE)
    report = await taken(tmp_path, ["手机号", "13800000001", make.PHONE], facts={})
    assert set(await people_of(report.list_id)) == {one}
    assert report.unknown == 1
    assert "不能确定是谁" in report.faults[0].reason


async def test_frozen_people_are_not_found(tmp_path: Path) -> None:
    frozen = await make.person(phone=make.PHONE)
    await Person.filter(id=frozen).update(status=PersonStatus.FROZEN)
    refused = await refusal(tmp_path, ["手机号", make.PHONE], facts={})
    assert "没有一个人是本平台的用户" in refused.fields["行"][0]


async def test_rows_that_repeat_are_told_and_the_first_counts(tmp_path: Path) -> None:
    one = await make.person(phone=make.PHONE)
    lines = ["手机号,税费种,截止时间", "", f"{make.PHONE},增值税,15日", " , ,", "138-0000-5678,所得税,31日"]
    report = await taken(tmp_path, lines)
    assert await people_of(report.list_id) == {one: (3, {"tax": "增值税", "due_at": "15日"})}
    assert (report.rows, report.empty, report.doubled) == (2, 2, 1)
    assert report.faults == [RowFault(5, "手机号", "与第 3 行重复", "138******5678")]


async def test_an_agent_of_two_enterprises_is_named_once(tmp_path: Path) -> None:
    codes = make.uscc_numbers(2)
    agent, partner = await make.person(), await make.person()
    for code in codes:
        await make.bind(agent, await make.enterprise(code))
    report = await taken(tmp_path, ["统一社会信用代码", *codes], facts={})
    assert await people_of(report.list_id) == {agent: (2, None)}
    assert (report.people, report.shared, report.unknown) == (1, 1, 0)
    assert report.faults[0].reason == "已由前面的行列入，同一人只列一次"
    del partner


@pytest.mark.parametrize(
    ("heading", "reason"),
    [
        ("税费种,截止时间", "身份列应恰有一列"),
        ("手机号,身份证号,税费种,截止时间", "身份列应恰有一列"),
        ("手机号,税费种", "缺少“截止时间”"),
        ("手机号,税费种,税费种,截止时间", "“tax”出现了 2 次"),
        ("手机号,tax,税费种,截止时间", "“tax”出现了 2 次"),
        ("手机号,税费种,截止时间,姓名", "“姓名”不是需要的列"),
        ("手机号,税费种,截止时间,", "没有标题"),
    ],
)
async def test_wrong_columns_are_refused_with_what_is_expected(
    tmp_path: Path, heading: str, reason: str
) -> None:
    refused = await refusal(tmp_path, [heading, f"{make.PHONE},增值税,15日"])
    assert any(reason in told for told in refused.fields["列"])
    assert refused.fields["应有的列"] == ["统一社会信用代码 / 身份证号 / 手机号 / openid，税费种，截止时间"]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("12345678901,增值税,15日", "手机号", "手机号应为 11 位"),
        (",增值税,15日", "手机号", "没有填写"),
        (f"{make.PHONE},,15日", "税费种", "没有填写"),
        (f"{make.PHONE},增值税", "截止时间", "没有填写"),
        (f"{make.PHONE},=cmd|calc,15日", "税费种", "公式"),
        (f"{make.PHONE},@SUM(1),15日", "税费种", "公式"),
        (f"{make.PHONE},-2+3,15日", "税费种", "公式"),
        (f"{make.PHONE},{'税' * 201},15日", "税费种", "超过 200 个字"),
        (f"{make.PHONE},增\x07税,15日", "税费种", "控制字符"),
        (f'{make.PHONE},"增\n税",15日', "税费种", "换行"),
        (f"{make.PHONE},\u202e增值税,15日", "税费种", "控制字符"),
        (f"{make.PHONE},增值税,15日,更多", "", "多于标题"),
    ],
)
async def test_a_broken_row_is_named_with_its_column(
    tmp_path: Path, row: str, column: str, reason: str
) -> None:
    lines = ["手机号,税费种,截止时间", row, *(f"1380000{n:04},增值税,-1.50%" for n in range(5))]
    await make.person(phone="13800000000")
    report = await taken(tmp_path, lines)
    assert (report.rows, report.broken, report.people) == (6, 1, 1)
    fault = report.faults[0]
    assert (fault.row, fault.column) == (2, column)
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("title", "number"), [("统一社会信用代码", "91440101MA5T000010"), ("身份证号", "440106199003070010")]
)
async def test_check_digits_count(tmp_path: Path, title: str, number: str) -> None:
    refused = await refusal(tmp_path, [title, number], facts={})
    assert refused.report is not None
    fault = refused.report.faults[0]
    assert fault.column == title
    assert fault.value == f"{number[:3]}{'*' * 11}{number[-4:]}"
    assert number not in refused.report.as_csv()


async def test_a_fifth_of_broken_rows_is_borne_and_no_more(tmp_path: Path) -> None:
    await make.person(phone="13800000000")
    right = [f"1380000{n:04}" for n in range(8)]
    report = await taken(tmp_path, ["手机号", *right, "x", "y"], facts={})
    assert (report.rows, report.broken) == (10, 2)
    await lists.remove(make.publisher(), report.list_id or 0)
    with pytest.raises(ListRefused) as refused:
        await lists.take_in(
            make.publisher(), "名单", make.csv_file(tmp_path, ["手机号", *right, "x", "y", "z"])
        )
    assert "3 行有误，超过 20%" in refused.value.fields["行"][0]
    assert refused.value.report is not None
    assert [fault.row for fault in refused.value.report.faults] == [10, 11, 12]
    assert await AudienceList.all().count() == 0


async def test_reading_ends_when_it_cannot_become_good_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "MOST_ROWS", 100)
    monkeypatch.setattr(staging, "_BATCH", 10)
    refused = await refusal(tmp_path, ["手机号", *["x"] * 100], facts={})
    assert refused.report is not None
    assert refused.report.rows == 30


async def test_rows_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MOST_ROWS", 3)
    refused = await refusal(tmp_path, ["手机号", *[f"1380000{n:04}" for n in range(4)]], facts={})
    assert "超过 3 行" in refused.fields["文件"][0]


async def test_a_file_of_a_heading_alone_is_refused(tmp_path: Path) -> None:
    assert "没有数据" in (await refusal(tmp_path, ["手机号", ""], facts={})).fields["文件"][0]


async def test_a_file_may_stream_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = await make.person(phone=make.PHONE)
    content = f"手机号\n{make.PHONE}\n".encode("gb18030")

    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 3):
            yield content[start : start + 3]

    report = await lists.take_in(make.publisher(), "名单", stream())
    assert set(await people_of(report.list_id)) == {person_id}
    monkeypatch.setattr(tables, "MOST_BYTES", 10)
    with pytest.raises(ListRefused):
        await lists.take_in(make.publisher(), "名单", stream())


async def test_no_number_is_written_down(tmp_path: Path) -> None:
    number = accounts.id_number()
    await make.person(id_number=number)
    await taken(tmp_path, ["身份证号", number], facts={})
    for table in ("audience_list", "audience_list_row", "audit_entry"):
        rows = await raw.fetch(f"SELECT t::text AS row FROM {table} t")  # noqa: S608  Names of ours.
        assert rows
        assert all(number not in row["row"] for row in rows)
    await audit.verify()


async def test_who_may_not_is_refused(tmp_path: Path) -> None:
    clerk = make.at_work("clerk", StaffRole.CLERK)
    with pytest.raises(NotYourAudience):
        await lists.take_in(clerk, "名单", make.csv_file(tmp_path, ["手机号", make.PHONE]))
    with pytest.raises(NotYourAudience):
        await lists.remove(clerk, 1)
    with pytest.raises(ListNotFound):
        await lists.remove(make.publisher(), 1)
    with pytest.raises(ListRefused):
        await lists.take_in(make.publisher(), " ", make.csv_file(tmp_path, ["手机号"]))


async def test_lists_are_forgotten_in_time(tmp_path: Path) -> None:
    await make.person(phone=make.PHONE)
    await taken(tmp_path, ["手机号", make.PHONE], facts={})
    assert await lists.purge() == 0
    with clock.frozen(clock.now() + lists.KEPT + timedelta(days=1)):
        assert await lists.purge() == 1
    assert await AudienceListRow.all().count() == 0


def test_a_report_is_bounded_and_harmless() -> None:
    report = Report(broken=MOST_FAULTS + 5)
    report.tell(RowFault(row, "税费种", "不对", "=cmd|calc") for row in range(MOST_FAULTS + 5))
    assert (len(report.faults), report.room, report.untold) == (MOST_FAULTS, 0, 5)
    text = report.as_csv()
    assert text.startswith("\ufeff行号,")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1] == ["0", "税费种", "不对", "'=cmd|calc"]
    assert rows[-1][2] == "另有 5 行有问题，未逐行列出"
