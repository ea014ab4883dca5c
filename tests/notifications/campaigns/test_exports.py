"""An export names nobody, runs nothing in a spreadsheet, and says who took it out and when."""

import csv
import os
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.domain.accounts.models import StaffRole
from app.kit import db
from app.kit.models import AuditEntry
from notifications.campaigns import exports
from notifications.campaigns.errors import NotYourCampaign
from notifications.campaigns.models import Campaign
from tests.notifications.campaigns.conftest import Office, delivered, failed, member


async def _ended(office: Office) -> Campaign:
    await office.people(25)
    campaign = await office.launched(name="九月申报提醒")
    await office.turn()
    claimed = await office.claim()
    await office.settle(failed(43004), claimed[:1])
    await office.settle(delivered, claimed[1:])
    return campaign


def _csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


async def test_a_csv_has_a_row_for_everybody(office: Office, tmp_path: Path) -> None:
    campaign = await _ended(office)
    path = tmp_path / "out.csv"
    assert await exports.export(office.author, campaign.id, path) == 25
    mark, heading, *rows = _csv(path)
    assert mark == [
        f"群发任务 {campaign.id}“九月申报提醒”发送结果，someone 于 2026-09-09 12:00 导出，仅限工作使用"
    ]
    assert tuple(heading) == exports.COLUMNS
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.stat().st_mode & 0o077 == 0
    states = [row[4] for row in rows]
    assert (len(rows), states.count("失败"), states.count("已送达"), states.count("未开始")) == (25, 1, 19, 5)
    (one,) = [row for row in rows if row[4] == "失败"]
    assert (one[2], one[3], one[5], one[6]) == (
        "tag:重点企业",
        "公众号模板消息",
        "已取消关注",
        "2026-09-09 12:00:00",
    )


async def test_nobody_is_named(office: Office, tmp_path: Path) -> None:
    campaign = await _ended(office)
    path = tmp_path / "out.csv"
    await exports.export(office.author, campaign.id, path)
    text = path.read_text("utf-8-sig")
    people = await db.fetch(
        "SELECT p.id::text AS id, i.openid FROM person p JOIN wechat_identity i ON i.person_id = p.id"
    )
    for one in people:
        assert one["id"] not in text
        assert one["openid"] not in text
    handles = [row[0] for row in _csv(path)[2:]]
    assert all(re.fullmatch("R[A-Z2-7]{8}", handle) for handle in handles)
    assert len(set(handles)) == 25
    await exports.export(office.author, campaign.id, tmp_path / "again.csv")
    assert [row[0] for row in _csv(tmp_path / "again.csv")[2:]] == handles


async def test_an_xlsx_says_the_same_and_goes_on_in_another_sheet(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await _ended(office)
    monkeypatch.setattr(exports, "ROWS_A_SHEET", 20)
    monkeypatch.setattr(exports, "_PAGE", 7)
    path = tmp_path / "out.xlsx"
    assert await exports.export(office.author, campaign.id, path) == 25
    book = load_workbook(path)
    assert [sheet.max_row for sheet in book.worksheets] == [22, 7]
    assert [cell.value for cell in book.worksheets[1][2]] == list(exports.COLUMNS)
    assert "someone" in str(book.worksheets[1]["A1"].value)


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
async def test_no_cell_is_a_formula(office: Office, tmp_path: Path, name: str) -> None:
    campaign = await _ended(office)
    await db.execute("UPDATE campaign_recipient SET because = '=HYPERLINK(\"http://x\")'")
    await exports.export(office.author, campaign.id, tmp_path / name)
    if name.endswith("csv"):
        assert {row[2] for row in _csv(tmp_path / name)[2:]} == {'\'=HYPERLINK("http://x")'}
    else:
        cells = load_workbook(tmp_path / name).worksheets[0]["C"][2:]
        assert {cell.data_type for cell in cells} == {"s"}


async def test_an_export_is_written_down_before_it_is_made(office: Office, tmp_path: Path) -> None:
    campaign = await _ended(office)
    with pytest.raises(OSError):
        await exports.export(office.author, campaign.id, tmp_path / "no folder" / "out.csv")
    entry = await AuditEntry.filter(action="campaign.exported").get()
    assert (entry.actor, entry.target) == (office.author.caller_id, f"campaign:{campaign.id}")


async def test_half_a_file_is_no_file(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await _ended(office)

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(exports._Csv, "write", broken)
    with pytest.raises(OSError, match="full"):
        await exports.export(office.author, campaign.id, tmp_path / "out.csv")
    assert os.listdir(tmp_path) == []  # noqa: PTH208  Ruff takes both for work that blocks.


async def test_a_clerk_may_not_export(office: Office, tmp_path: Path) -> None:
    campaign = await _ended(office)
    for role in (StaffRole.CLERK, StaffRole.SUPERVISOR):
        with pytest.raises(NotYourCampaign):
            await exports.export(member(role), campaign.id, tmp_path / "out.csv")
    assert not await AuditEntry.filter(action="campaign.exported").exists()
