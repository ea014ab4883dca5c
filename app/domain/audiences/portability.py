"""What becomes of groups, tags and list rows when a person exports, leaves or is merged."""

from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Moved, Rows
from app.domain.audiences import memberships
from app.domain.audiences.models import AudienceListRow, Membership, PersonRegion, PersonTag
from app.kit import db

# Where both have the same, the absorbed one's stays behind.
_TAG_ONCE = "NOT EXISTS (SELECT 1 FROM person_tag k WHERE k.person_id = $1 AND k.tag = person_tag.tag)"
_ROW_ONCE = (
    "NOT EXISTS (SELECT 1 FROM audience_list_row k"
    " WHERE k.person_id = $1 AND k.list_id = audience_list_row.list_id)"
)


class _Derived:
    """Groups and region follow from facts: whoever keeps the facts is judged anew, the other has none."""

    tables = frozenset({"membership", "person_region"})

    async def move(self, kept: UUID, absorbed: UUID) -> Moved:
        del kept
        await db.execute("DELETE FROM membership WHERE person_id = $1", absorbed)
        await db.execute("DELETE FROM person_region WHERE person_id = $1", absorbed)
        return []

    async def put_back(self, kept: UUID, absorbed: UUID, moved: Moved) -> None:
        """Both are judged anew after they are parted."""


async def export(person_id: UUID) -> object:
    """A person's groups with the reasons, their tags, and the lists they are named in."""
    return {
        "groups": [
            {
                "group": one.title,
                "rule_version": one.rule_version,
                "because": one.because,
                "since": one.since,
                "facts": one.facts,
            }
            for one in await memberships.explain(person_id)
            if one.is_member
        ],
        "tags": await PersonTag.filter(person_id=person_id).order_by("tag").values("tag", "given_at"),
        "lists": await AudienceListRow.filter(person_id=person_id).order_by("list_id").values(
            "list__name", "list__created_at", "params"
        ),
    }  # fmt: skip


async def leave(person_id: UUID) -> None:
    """Forget it all."""
    await Membership.filter(person_id=person_id).delete()
    await PersonRegion.filter(person_id=person_id).delete()
    await PersonTag.filter(person_id=person_id).delete()
    await AudienceListRow.filter(person_id=person_id).delete()


def register() -> None:
    """Make them known to the accounts area."""
    portability.register("audiences", export)
    portability.before_deletion("audiences", leave)
    merging.register("memberships", _Derived())
    merging.register("tags", Rows("person_tag", only=_TAG_ONCE))
    merging.register("list_rows", Rows("audience_list_row", only=_ROW_ONCE))
