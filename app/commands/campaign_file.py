"""A campaign in a file, as its author writes it."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import CannotStart

if TYPE_CHECKING:
    from notifications.campaigns.drafts import NewCampaign

_KNOWN = {"name", "product", "message", "params", "audience", "content", "scheduled_at", "expires_at"}


async def read(path: Path) -> "NewCampaign":
    """The campaign a TOML file describes; files its content names lie beside it.

    Raises CannotStart for a file that cannot be read, and what the content's files are refused with.
    """
    from notifications.campaigns.drafts import NewCampaign
    from notifications.campaigns.mass import content
    from notifications.campaigns.models import Product

    said = _table(path)
    strange = sorted(set(said) - _KNOWN)
    if strange:
        raise CannotStart(f"{path}：没有 {'、'.join(strange)} 这样的项，可用 {'、'.join(sorted(_KNOWN))}")
    try:
        product = Product(said.pop("product", Product.TEMPLATE))
    except ValueError:
        raise CannotStart(f"{path}：product 应为 {'、'.join(Product)} 之一") from None
    for name in ("scheduled_at", "expires_at"):
        if name in said:
            if not isinstance(said[name], datetime):
                raise CannotStart(f"{path}：{name} 应形如 2026-10-12T09:00:00")
            said[name] = moment(said[name])
    if not isinstance(said.get("name", ""), str) or not isinstance(said.get("params", {}), dict):
        raise CannotStart(f"{path}：name 应为文字，params 应为一节 [params]")
    if isinstance(said.get("content"), dict):
        said["content"] = await content.taken_in(said["content"], path.parent)
    return NewCampaign(**{"name": "", "audience": {}, **said, "product": product})


def moment(at: datetime) -> datetime:
    """A moment; one without a zone is Beijing time."""
    from app.kit.clock import SHANGHAI

    return at if at.tzinfo is not None else at.replace(tzinfo=SHANGHAI)


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as unreadable:
        raise CannotStart(f"读不了 {path}：{unreadable}") from None
