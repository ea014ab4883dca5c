"""The demonstration's guides, read from ``guides.toml``; one that is there already keeps its words."""

from importlib.resources import files

from app.domain.catalogue import publishing
from app.domain.catalogue.files import read_guides
from app.kit import db


async def write() -> None:
    """Publish what is missing; a guide that was changed or withdrawn stays so."""
    text = (files("app.domain.seed") / "guides.toml").read_text(encoding="utf-8")
    known = {row["code"] for row in await db.fetch("SELECT code FROM guide")}
    missing = [one for one in read_guides(text) if one.code not in known]
    if missing:
        await publishing.publish(missing)
