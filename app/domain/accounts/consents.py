"""The consent ledger: what people were shown, what they answered, and when they took it back.

个人信息保护法 14-16: consent is given to known words, for one purpose, and can be withdrawn; each
answer is a row that is never rewritten.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from uuid import UUID

from app.domain.accounts.errors import ConsentUnknown
from app.domain.accounts.merging import everyone_behind
from app.domain.accounts.models import ConsentEntry
from app.domain.accounts.sessions import Citizen
from app.kit import db

MINI_PROGRAM = "MP"
ELECTRONIC_SERVICE = "electronic_service"
"""电子送达: that documents may be served here (国家税务总局公告 2019 年第 39 号, articles 3 and 4)."""


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The words of one purpose in force."""

    purpose: str
    version: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Consent:
    """A purpose with its words in force and the person's last answer to these words.

    ``is_granted`` and ``at`` are ``None`` for somebody who was never asked in these words.
    """

    purpose: str
    title: str
    text: str
    text_version: str
    is_granted: bool | None
    at: datetime | None


@cache
def texts() -> dict[str, ConsentText]:
    """The words in force, by purpose."""
    raw = resources.files(__package__).joinpath("consents.toml").read_text(encoding="utf-8")
    return {
        purpose: ConsentText(purpose, one["version"], one["title"], one["text"])
        for purpose, one in tomllib.loads(raw).items()
    }


async def answer(
    citizen: Citizen, purpose: str, text_version: str, *, is_granted: bool, channel: str = MINI_PROGRAM
) -> Consent:
    """Write down a yes or a no. Raises ConsentUnknown for a purpose or a version not in force."""
    text = texts().get(purpose)
    if text is None:
        raise ConsentUnknown(fields={"purpose": [f"应为 {'、'.join(texts())} 之一"]})
    if text.version != text_version:
        raise ConsentUnknown(fields={"text_version": [f"条款已更新为第 {text.version} 版，请重新阅读后确认"]})
    entry = await ConsentEntry.create(
        person_id=citizen.person_id,
        purpose=purpose,
        is_granted=is_granted,
        text_version=text_version,
        text_hash=hashlib.sha256(text.text.encode()).digest(),
        channel=channel,
    )
    await entry.refresh_from_db(fields=["at"])
    return _consent(text, entry)


async def standing(person_id: UUID) -> list[Consent]:
    """Every purpose with the person's last answer."""
    entries = await ConsentEntry.filter(person_id__in=await everyone_behind(person_id)).order_by("id")
    last = {(one.purpose, one.text_version): one for one in entries}
    return [_consent(text, last.get((text.purpose, text.version))) for text in texts().values()]


async def is_granted(person_id: UUID, purpose: str) -> bool:
    """Whether the person's last answer to the words in force is yes."""
    return person_id in await agreed_among([person_id], purpose)


async def agreed_among(person_ids: Sequence[UUID], purpose: str) -> set[UUID]:
    """Those of these people whose last answer to the words in force is yes."""
    rows = await db.fetch(_LAST_ANSWERS, person_ids, purpose, texts()[purpose].version)
    return {row["person_id"] for row in rows if row["is_granted"]}


# What somebody answered before a merge is theirs still.
_LAST_ANSWERS = """
WITH RECURSIVE behind (person_id, id) AS (
    SELECT p, p FROM unnest($1::uuid[]) AS p
    UNION SELECT b.person_id, m.absorbed_id FROM person_merge m JOIN behind b ON m.kept_id = b.id
    WHERE m.undone_at IS NULL
)
SELECT DISTINCT ON (b.person_id) b.person_id, c.is_granted
FROM behind b JOIN consent_entry c ON c.person_id = b.id
WHERE c.purpose = $2 AND c.text_version = $3 ORDER BY b.person_id, c.id DESC
"""


def _consent(text: ConsentText, entry: ConsentEntry | None) -> Consent:
    return Consent(
        purpose=text.purpose,
        title=text.title,
        text=text.text,
        text_version=text.version,
        is_granted=entry.is_granted if entry else None,
        at=entry.at if entry else None,
    )
