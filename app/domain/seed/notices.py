"""The demonstration's notices, read from ``notices.toml``: written, reviewed three times and published."""

import tomllib
from importlib.resources import files
from typing import Final

from app.domain.accounts import staffing
from app.domain.accounts.models import Staff, StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.domain.notices import drafting, publishing, reviewing
from app.domain.notices.models import NoticeVersion
from app.domain.notices.texts import NoticeText
from app.kit import clock, ids

_AUTHOR: Final = ("demo-editor", "演示编辑")
_REVIEWERS: Final = (
    ("demo-reviewer-1", "演示一审"),
    ("demo-reviewer-2", "演示二审"),
    ("demo-reviewer-3", "演示三审"),
)


async def write() -> None:
    """Publish what is missing and not over yet; a notice that was withdrawn stays so."""
    told = tomllib.loads((files("app.domain.seed") / "notices.toml").read_text(encoding="utf-8"))
    known = {version.title for version in await NoticeVersion.all().only("title")}
    missing = [
        text
        for text in map(NoticeText.read, told["notice"])
        if text.title not in known and (text.expires_at is None or text.expires_at > clock.now())
    ]
    if not missing:
        return
    author = await _member(*_AUTHOR, StaffRole.PUBLISHER)
    reviewers = [await _member(*names, StaffRole.REVIEWER) for names in _REVIEWERS]
    for text in missing:
        notice_id = await drafting.draft(author, text)
        await drafting.submit(author, notice_id)
        for reviewer in reviewers:
            await reviewing.approve(reviewer, notice_id, seen=1)
        await publishing.publish(author, notice_id)


async def _member(username: str, name: str, role: StaffRole) -> StaffMember:
    """A member of the demonstration's staff; nobody knows their password, so nobody signs in as them."""
    found = await Staff.get_or_none(username=username)
    staff_id = found.id if found else (await staffing.hire(username, name, Post(role))).staff_id
    return StaffMember(staff_id, ids.uuid7(), username, name, (Post(role),), must_change_password=False)
