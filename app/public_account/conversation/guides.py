"""Anything else: the guides 办事指南 that answer a question, found by its words."""

from app.domain.catalogue import queries
from app.domain.catalogue.errors import GuideNotFound
from app.gateways.wechat.replies import News, Reply, Text
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import link, plain
from config import settings

_MOST = 3
_SUMMARY_SIGNS = 60
_HOW = "告诉我您要办的事，例如“代开发票”“个体户注销”“社保缴费”，我为您找办事指南。"


async def how(talk: Talk, about: str) -> Reply | None:
    """How to find a guide."""
    del talk, about
    return Text(_HOW)


async def search(talk: Talk, about: str) -> Reply | None:
    """The best guides for what was said; none if nothing fits."""
    del talk
    found = await queries.search(about, limit=_MOST)
    if not found:
        return None
    lines = []
    for hit in found:
        summary = hit.summary[:_SUMMARY_SIGNS] + ("…" if len(hit.summary) > _SUMMARY_SIGNS else "")
        lines.append(f"{link(hit.title, f'/h5/guides/{hit.id}')}\n{plain(summary)}")
    return Text("\n\n".join(lines) + "\n\n没有找到想要的？换个说法，或回复“帮助”“人工”。")


async def open_one(guide_id: int) -> Reply:
    """A guide as a card."""
    try:
        guide = await queries.guide(guide_id)
    except GuideNotFound as gone:
        return Text(gone.message)
    return News(guide.title, guide.summary, f"{settings.current().public_url}/h5/guides/{guide.id}")
