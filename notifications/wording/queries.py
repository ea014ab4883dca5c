"""What can be asked about versions of messages; for staff of any role who deal with messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.kit import db
from config.messages import MessageKind
from notifications.wording.errors import WordingNotFound
from notifications.wording.models import VersionOrigin, VersionState
from notifications.wording.versions import kind_of


@dataclass(frozen=True, slots=True)
class Version:
    """A version with its words; ``is_current`` says that messages made now are made with it.

    ``revision`` counts the changes of a draft: whoever goes on with it says which one they saw.
    """

    kind: MessageKind
    state: VersionState
    origin: VersionOrigin
    file_version: int | None
    based_on: int | None
    revision: int
    author_id: UUID | None
    editor_ids: tuple[UUID, ...]
    reviewer_id: UUID | None
    note: str | None
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    is_current: bool

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def version(self) -> int:
        return self.kind.version


_LARGEST: Final = 2**15 - 1  # As the database keeps it.

_CURRENT = """
    id = (SELECT c.id FROM message_version c WHERE c.name = m.name AND c.state = 'approved'
          ORDER BY c.decided_at DESC, c.id DESC LIMIT 1)
"""
_READ = f"SELECT m.*, {_CURRENT} AS is_current FROM message_version m"  # noqa: S608  Words of ours.


async def version(name: str, number: int | None = None) -> Version:
    """One version of a message, by default the current one. Raises WordingNotFound."""
    if number is not None and not 0 < number <= _LARGEST:
        raise WordingNotFound
    if number is None:
        row = await db.fetch_one(f"{_READ} WHERE m.name = $1 AND {_CURRENT}", name)
    else:
        row = await db.fetch_one(f"{_READ} WHERE m.name = $1 AND m.version = $2", name, number)
    if row is None:
        raise WordingNotFound
    return _version(row)


async def overview() -> list[Version]:
    """Of each message the current version and the one on its way to approval, if there is one."""
    rows = await db.fetch(
        f"{_READ} WHERE m.state IN ('draft', 'pending') OR {_CURRENT} ORDER BY m.name, m.version"
    )
    return [_version(row) for row in rows]


async def history(name: str, *, before: int | None = None, limit: int = 50) -> list[Version]:
    """The versions of a message, the newest first; ``before`` is the last number of the page before."""
    rows = await db.fetch(
        f"{_READ} WHERE m.name = $1 AND ($2::int IS NULL OR m.version < $2) ORDER BY m.version DESC LIMIT $3",
        name, before, limit,
    )  # fmt: skip
    return [_version(row) for row in rows]


async def open_version(name: str) -> Version | None:
    """The draft or pending version of a message; there is at most one."""
    row = await db.fetch_one(f"{_READ} WHERE m.name = $1 AND m.state IN ('draft', 'pending')", name)
    return _version(row) if row is not None else None


async def authors(versions: Sequence[Version]) -> dict[UUID, str]:
    """The names, as shown to colleagues, of those who wrote or reviewed these versions."""
    ids = {id_ for one in versions for id_ in (one.author_id, one.reviewer_id, *one.editor_ids) if id_}
    rows = await db.fetch("SELECT id, display_name FROM staff WHERE id = ANY ($1)", list(ids))
    return {row["id"]: row["display_name"] for row in rows}


def _version(row: Any) -> Version:
    return Version(
        kind=kind_of(row),
        state=VersionState(row["state"]),
        origin=VersionOrigin(row["origin"]),
        file_version=row["file_version"],
        based_on=row["based_on"],
        revision=row["revision"],
        author_id=row["author_id"],
        editor_ids=tuple(row["editor_ids"]),
        reviewer_id=row["reviewer_id"],
        note=row["note"],
        created_at=row["created_at"],
        submitted_at=row["submitted_at"],
        decided_at=row["decided_at"],
        is_current=row["is_current"],
    )
