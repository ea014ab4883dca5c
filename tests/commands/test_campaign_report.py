"""``weiban campaign report`` and ``export`` on the command line: what they say, and what they refuse."""

import argparse
from pathlib import Path

import pytest

from app.commands import CannotStart, acting, campaign_report
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.kit import db, ids
from notifications.campaigns.errors import CampaignNotFound


@pytest.fixture
async def campaign(db: None, monkeypatch: pytest.MonkeyPatch) -> int:
    """A mass send with two recipients, and a publisher who is signed in."""
    publisher = StaffMember(ids.uuid7(), ids.uuid7(), "zhang", "张", (Post(StaffRole.PUBLISHER),), False)

    async def signed_in() -> StaffMember:
        return publisher

    monkeypatch.setattr(acting, "acting_member", signed_in)
    return await _campaign()


async def _campaign() -> int:
    campaign_id: int = await db.fetch_value(
        "INSERT INTO campaign (name, product, params, content, audience, lane, author_id, state, baseline,"
        " version, canary_percent, is_canary_passed)"
        " VALUES ('国庆安排', 'mass', '{}', '{}', '{}', 2, $1, 'draft', '{}', 1, 1, false) RETURNING id",
        ids.uuid7(),
    )
    await db.execute(
        "INSERT INTO campaign_recipient (campaign_id, person_id, ord, because, state, reason) VALUES"
        " ($1, $2, 1, 'everyone', 'delivered', NULL), ($1, $3, 2, 'everyone', 'cancelled', 'month_used')",
        campaign_id, ids.uuid7(), ids.uuid7(),
    )  # fmt: skip
    return campaign_id


def _asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    campaign_report.add_to(parser.add_subparsers())
    return parser.parse_args(words)


async def test_the_report_is_printed(campaign: int, capsys: pytest.CaptureFixture[str]) -> None:
    args = _asked("report", str(campaign))
    await args.act(args)
    said = capsys.readouterr().out
    assert "国庆安排" in said
    assert "共 2 人" in said
    assert "未发送：当月群发已满 4 条（month_used）" in said
    assert "群发：" in said


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_export_says_how_many_it_wrote(
    campaign: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    path = tmp_path / f"out.{kind}"
    args = _asked("export", str(campaign), "--format", kind, "--output", str(path))
    await args.act(args)
    assert capsys.readouterr().out == f"已导出 2 人：{path}\n"
    assert path.stat().st_size > 0


async def test_a_wrong_name_and_a_wrong_folder_are_told(campaign: int, tmp_path: Path) -> None:
    for output in ("out.txt", "no folder/out.csv"):
        args = _asked("export", str(campaign), "--output", str(tmp_path / output))
        with pytest.raises(CannotStart):
            await args.act(args)
    args = _asked("report", str(campaign + 1))
    with pytest.raises(CampaignNotFound):
        await args.act(args)
