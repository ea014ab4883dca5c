"""What forms of desks have in common: reasons, moments as a browser writes them, words of deeds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from marshmallow import ValidationError

from app.console.site import site
from app.kit.clock import SHANGHAI
from app.kit.web import fields
from app.kit.web.pages import Form, PageQuery
from app.kit.web.pages.texts import FIRST

_YEARS: Final = range(2000, 2201)


class Reason(Form):
    """A deed that says why."""

    reason = fields.Text(min=1, max=500, required=True, metadata={"description": "理由"})


class AskAfterDeed(PageQuery):
    """A page that says what was just done."""

    done = fields.Code(max=24, load_default="", metadata={"description": "刚刚做了什么"})


class Minute(fields.Field[datetime]):
    """A moment as a browser's field of date and time writes it: to the minute, in Beijing time."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        del attr, data, kwargs
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is not None or moment.year not in _YEARS:
            raise ValidationError("应为日期和时间，如 2026-12-01T09:00")
        return moment.replace(tzinfo=SHANGHAI)


def flat(said: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """What was said under the names it was sent with: marshmallow reads ``fact.hall`` as a hall in a fact."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def minute(moment: datetime | None) -> str:
    """A moment as that field shows it."""
    return "" if moment is None else moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def said_of(family: str, done: str) -> str:
    """The key of what was just done; empty for a word of an address that we never wrote."""
    key = f"{family}.done.{done}"
    return key if done and site.texts.says(FIRST, key) else ""
