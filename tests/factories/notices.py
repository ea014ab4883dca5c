"""Notices, and the people who write and review them."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.domain.notices import drafting, publishing, reviewing
from app.domain.notices.models import Notice
from app.domain.notices.texts import NoticeText

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
PDF = b"%PDF-1.7\n%%EOF\n"


def member(*roles: StaffRole, region: str | None = None) -> StaffMember:
    """A member of staff at work, as far as notices are concerned."""
    posts = tuple(Post(role, region_code=region) for role in roles)
    return StaffMember(uuid4(), uuid4(), "somebody", "某人", posts, must_change_password=False)


def author(region: str | None = None) -> StaffMember:
    return member(StaffRole.PUBLISHER, region=region)


def reviewer(region: str | None = None) -> StaffMember:
    return member(StaffRole.REVIEWER, region=region)


def notice_text(title: str = "关于延长办公时间的通知", **given: Any) -> NoticeText:
    """A notice as an author might hand it in."""
    return NoticeText.read(
        {"kind": "announcement", "title": title, "source": "天河区税务局", "body": "<p>正文</p>", **given}
    )


@dataclass(frozen=True)
class Desk:
    """A publisher and three reviewers."""

    author: StaffMember
    reviewers: tuple[StaffMember, StaffMember, StaffMember]

    async def reviewed(self, text: NoticeText, files: Mapping[str, bytes] | None = None) -> int:
        """A notice that may be published."""
        notice_id = await drafting.draft(self.author, text)
        for name, content in (files or {}).items():
            await drafting.attach(self.author, notice_id, name, content)
        await self.review(notice_id)
        return notice_id

    async def review(self, notice_id: int) -> None:
        await drafting.submit(self.author, notice_id)
        seen = (await Notice.get(id=notice_id)).version
        for one in self.reviewers:
            await reviewing.approve(one, notice_id, seen=seen)

    async def published(self, text: NoticeText, files: Mapping[str, bytes] | None = None) -> int:
        """A notice that people read."""
        notice_id = await self.reviewed(text, files)
        await publishing.publish(self.author, notice_id)
        return notice_id


def desk() -> Desk:
    return Desk(author(), (reviewer(), reviewer(), reviewer()))


def package(essential: str, **entries: bytes) -> bytes:
    """A zip with this file and others in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(essential, "<x/>")
        for name, content in entries.items():
            zipped.writestr(name, content)
    return made.getvalue()
