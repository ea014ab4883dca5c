"""关注: being told of somebody else's case; begun with its query code and consent, over with the case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.accounts import consents, identities, merging, portability
from app.domain.accounts.merging import Rows
from app.domain.accounts.sessions import Citizen
from app.domain.cases import lookup, numbers
from app.domain.cases.follower_models import CaseFollower
from app.domain.cases.models import FINAL, CaseState
from app.kit import clock, db
from app.kit.errors import NotFound, Refused

CONSENT: Final = "case_following"
"""The purpose in the consent ledger; who takes it back is told nothing more."""
MOST_FOLLOWED: Final = 20
"""So many cases that are not over one person may follow."""

_KEPT_FOR: Final = timedelta(days=7)  # So long after the end, the last steps may still be on their way.
_OVER: Final = [state.value for state in FINAL]


class FollowConsentNeeded(Refused):
    code = "follow_consent_needed"
    message = "请先阅读并同意“关注他人办件的进展”，再关注这个办件"


class TooManyFollowed(Refused):
    code = "too_many_followed"
    message = f"最多同时关注 {MOST_FOLLOWED} 个办件，请先取消不再需要的关注"


class CaseIsOver(Refused):
    code = "case_is_over"
    message = "这个办件已经结束，不会再有进展，无需关注"


class NotFollowed(NotFound):
    code = "case_not_followed"
    message = "您没有关注这个办件"


@dataclass(frozen=True, slots=True)
class Followed:
    """A case one follows, as much of it as its messages tell."""

    number: str
    item_name: str
    state: CaseState
    since: datetime


_FOLLOWED = """
SELECT f.case_number AS number, c.item_name, c.state, f.since
FROM case_follower f JOIN case_file c ON c.number = f.case_number
WHERE f.person_id = $1 AND c.state <> ALL ($2) ORDER BY f.since DESC, f.id DESC
"""


async def follow(citizen: Citizen, number: str, query_code: str) -> Followed:
    """Tell the citizen the steps of a case whose code they know; doing it again changes nothing.

    A wrong code counts as in any look-up.

    Raises:
        CaseNotFound, LookupLocked: as ``lookup.look_up``.
        FollowConsentNeeded: unless their last answer to the words in force is yes.
        CaseIsOver, TooManyFollowed: then nothing is kept.
    """
    found = await lookup.look_up(number, query_code, asked_by=citizen.caller_id)
    if not await consents.is_granted(citizen.person_id, CONSENT):
        raise FollowConsentNeeded
    if found.state in FINAL:
        raise CaseIsOver
    async with db.transaction():
        await identities.locked(citizen.person_id)  # Two that come at once are counted one after the other.
        known = {one.number: one for one in await followed(citizen.person_id)}
        if found.number in known:
            return known[found.number]
        if len(known) >= MOST_FOLLOWED:
            raise TooManyFollowed
        entry = await CaseFollower.create(
            case_number=found.number, person_id=citizen.person_id, since=clock.now()
        )
    return Followed(found.number, found.item_name, found.state, entry.since)


async def unfollow(person_id: UUID, number: str) -> None:
    """Be told no more of a case. Raises NotFollowed."""
    if not await CaseFollower.filter(person_id=person_id, case_number=numbers.sought(number)).delete():
        raise NotFollowed


async def followed(person_id: UUID) -> Sequence[Followed]:
    """The cases a person follows that are not over, the last one begun first."""
    rows = await db.fetch(_FOLLOWED, person_id, _OVER)
    return [Followed(**{**row, "state": CaseState(row["state"])}) for row in rows]


async def of_cases(case_numbers: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
    """Who follows each of these cases and still agrees to being told."""
    rows = await db.fetch(
        "SELECT case_number, person_id FROM case_follower WHERE case_number = ANY ($1) ORDER BY id",
        list(case_numbers),
    )
    agreed = await consents.agreed_among([row["person_id"] for row in rows], CONSENT) if rows else set()
    found: dict[str, list[UUID]] = {}
    for row in rows:
        if row["person_id"] in agreed:
            found.setdefault(row["case_number"], []).append(row["person_id"])
    return found


async def purge() -> int:
    """Forget who followed cases that are over since a week, or gone. For a timed job."""
    return await db.execute(
        "DELETE FROM case_follower f WHERE NOT EXISTS (SELECT 1 FROM case_file c"
        " WHERE c.number = f.case_number AND (c.state <> ALL ($1) OR c.updated_at > $2))",
        _OVER,
        clock.now() - _KEPT_FOR,
    )


async def _export(person_id: UUID) -> object:
    return await CaseFollower.filter(person_id=person_id).order_by("since").values("case_number", "since")


async def _leave(person_id: UUID) -> None:
    await CaseFollower.filter(person_id=person_id).delete()


# Where both followed one case, the kept one's row is enough.
_NOT_BOTH = (
    "NOT EXISTS (SELECT 1 FROM case_follower k WHERE k.person_id = $1"
    " AND k.case_number = case_follower.case_number)"
)


def register() -> None:
    """Have what a person follows be exported, go along in a merge, and end when they leave."""
    portability.register("followed_cases", _export)
    portability.before_deletion("followed_cases", _leave)
    merging.register("followed_cases", Rows("case_follower", only=_NOT_BOTH))
