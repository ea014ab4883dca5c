"""What an author says of a campaign, and whether it can be understood."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.domain.audiences.definition import Definition
from app.domain.audiences.errors import InvalidAudience
from app.kit import clock
from config.messages import LANES
from notifications.campaigns.errors import CampaignInvalid
from notifications.campaigns.mass.content import Content, ContentInvalid
from notifications.campaigns.models import Campaign, Product
from notifications.messages import Messages

_LONGEST_NAME: Final = 80
_LONGEST_FACT: Final = 200
# Neither the database nor a spreadsheet takes all of them.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign as its author writes it.

    ``message`` and ``params`` are for a template message, ``content`` is for a mass send: the text or
    the article. ``params`` are facts that are the same for everybody; a list may add each person's own.
    """

    name: str
    audience: Mapping[str, Any]
    product: Product = Product.TEMPLATE
    message: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] | None = None
    scheduled_at: datetime | None = None
    expires_at: datetime | None = None


def checked(new: NewCampaign, messages: Messages) -> dict[str, Any]:
    """The columns of a new campaign. Raises CampaignInvalid, which names every fault."""
    faults: dict[str, list[str]] = {}
    for name, reason in _faults(new, messages):
        faults.setdefault(name, []).append(reason)
    if faults:
        raise CampaignInvalid(fields=faults)
    return {
        "name": new.name.strip(),
        "product": new.product,
        "message": new.message,
        "params": dict(new.params),
        "content": None if new.content is None else Content.read(new.content).stored(),
        "audience": dict(new.audience),
        "lane": _lane(new, messages),
        "scheduled_at": new.scheduled_at,
        "expires_at": new.expires_at,
    }


def is_statutory(campaign: Campaign, messages: Messages) -> bool:
    """Whether its message is one by law, which reaches also those who refused personalised messages."""
    return campaign.message is not None and messages.kind(campaign.message).is_statutory


def _lane(new: NewCampaign, messages: Messages) -> int:
    """Campaigns are bulk; a statutory notice keeps its own lane, but no campaign is urgent."""
    if new.message is None or not messages.kind(new.message).is_statutory:
        return LANES["bulk"]
    return max(messages.kind(new.message).lane, LANES["normal"])


def _faults(new: NewCampaign, messages: Messages) -> Iterator[tuple[str, str]]:
    if not 1 <= len(new.name.strip()) <= _LONGEST_NAME:
        yield "name", f"须为 1 到 {_LONGEST_NAME} 个字"
    if _CONTROL.search(new.name):
        yield "name", "不能含有换行或其他控制字符"
    now = clock.now()
    for name in ("scheduled_at", "expires_at"):
        moment = getattr(new, name)
        if moment is not None and moment <= now:
            yield name, "须晚于现在"
    if new.scheduled_at and new.expires_at and new.scheduled_at >= new.expires_at:
        yield "scheduled_at", "须早于失效时间"
    try:
        Definition.read(new.audience)
    except InvalidAudience as wrong:
        for name, reasons in wrong.fields.items():
            yield from ((f"audience.{name}", reason) for reason in reasons)
    yield from _faults_of_template(new, messages) if new.product is Product.TEMPLATE else _faults_of_mass(new)


def _faults_of_template(new: NewCampaign, messages: Messages) -> Iterator[tuple[str, str]]:
    if new.content is not None:
        yield "content", "模板消息没有这一项，正文由消息措辞决定"
    if new.message is None or not messages.knows(new.message):
        yield "message", f"须为已定义的消息：{'、'.join(kind.name for kind in messages.kinds())}"
        return
    known = messages.kind(new.message).placeholders
    for name, value in new.params.items():
        if name not in known:
            yield f"params.{name}", f"这种消息没有这一项，可用的有 {'、'.join(sorted(known))}"
        elif not isinstance(value, str) or not 1 <= len(value.strip()) <= _LONGEST_FACT:
            yield f"params.{name}", f"须为 1 到 {_LONGEST_FACT} 个字"
        elif _CONTROL.search(value):
            yield f"params.{name}", "不能含有换行或其他控制字符"


def _faults_of_mass(new: NewCampaign) -> Iterator[tuple[str, str]]:
    if new.message is not None or new.params:
        yield "message", "群发没有这一项，请填写 content"
    if not isinstance(new.content, Mapping) or not new.content:
        yield "content", "必填，须为一节 [content]"
        return
    try:
        Content.read(new.content)
    except ContentInvalid as wrong:
        for name, reasons in wrong.fields.items():
            yield from ((f"content.{name}", reason) for reason in reasons)
