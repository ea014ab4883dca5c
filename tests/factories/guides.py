"""Guides to publish."""

from datetime import date
from typing import Any

from app.domain.catalogue.files import GuideText
from app.domain.catalogue.models import Audience


def guide_text(code: str, title: str, **values: Any) -> GuideText:
    """A guide as an author might write it."""
    return GuideText(**{
        "code": code, "title": title, "summary": f"{title}的办理办法",
        "sections": [{"heading": "怎么办", "text": "到窗口提出申请"}], "keywords": [], "basis": [],
        "audience": Audience.ANYONE, "topic": "测试", "updated_on": date(2026, 11, 1), **values,
    })  # fmt: skip
