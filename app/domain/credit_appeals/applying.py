"""An enterprise asks for 复核 or 修复 of a rating: one of a kind and year at a time, as a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError

from app.domain.accounts import free_text, identities
from app.domain.accounts.sessions import Citizen
from app.domain.cases import service
from app.domain.cases.clock import TimeLimit
from app.domain.cases.history import NewCase
from app.domain.cases.models import LimitUnit
from app.domain.credit_appeals import grounds, rules
from app.domain.credit_appeals import queries as appeals
from app.domain.credit_appeals.errors import AlreadyApplied, AppealInvalid
from app.domain.credit_appeals.grounds import Grounds
from app.domain.credit_appeals.models import AppealKind, CreditAppeal
from app.domain.credit_appeals.texts import ITEM_CODES, ITEM_NAMES, PREFIXES
from app.domain.credit_ratings import queries
from app.domain.credit_ratings.queries import RatedYear
from app.domain.credit_ratings.rules import REVIEW_WORKING_DAYS
from app.kit import audit, clock, crypto, db
from app.kit.ids import Shuffle

LIMIT: Final = TimeLimit(REVIEW_WORKING_DAYS, LimitUnit.WORKING_DAY)
"""By when an application is answered once it is accepted."""
LONGEST_REASON: Final = 500

_WINDOW: Final = "主管税务机关"


@dataclass(frozen=True, slots=True)
class Application:
    """What is asked for; ``lines`` are numbers of deductions (from 1), of a repair all it is to mend."""

    kind: AppealKind
    reason: str
    year: int | None = None
    lines: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """The application and the query code of its case, told this once."""

    appeal: CreditAppeal
    query_code: str


async def apply(citizen: Citizen, enterprise_id: UUID, asked: Application) -> Applied:
    """Ask for a review or a repair; without a year of the newest rating.

    Raises EnterpriseNotBound, WrongRole, RatingNotFound, AppealTooLate, NothingToRepair, RepairNotOpen,
    AppealInvalid, AlreadyApplied, TextNotAllowed; NotConnected or ExchangeDown if the rating cannot be
    looked up.
    """
    rules.check_role(await queries.roles(citizen.person_id, enterprise_id))
    ratings = await queries.own(citizen.person_id, enterprise_id)
    rating = ratings.of(asked.year)
    restored = await appeals.restored(enterprise_id, rating.year)
    if not 1 <= len(asked.reason.strip()) <= LONGEST_REASON:
        raise AppealInvalid(fields={"reason": [f"请写明理由，最多 {LONGEST_REASON} 个字"]})
    rests_on = grounds.of(asked.kind, asked.lines, ratings, rating, restored)
    opinion = await free_text.check(citizen.person_id, asked.reason)
    try:
        async with db.transaction():
            # The authority may have taken seconds to tell; nothing is written for whoever left meanwhile.
            await identities.locked(citizen.person_id)
            appeal = await _write(citizen, enterprise_id, asked, rating, rests_on)
            # An overall repair that was granted meanwhile has brought back what this one rests on.
            if await appeals.restored(enterprise_id, rating.year) != restored:
                raise AlreadyApplied
            query_code = await _hand_in(appeal, rating)
            await audit.record(
                citizen.caller_id, "credit_appeal.applied", f"enterprise:{enterprise_id}",
                detail={"case": appeal.case_number, "year": appeal.year, "kind": appeal.kind.value},
            )  # fmt: skip
            await free_text.mark(opinion, citizen.person_id, f"case:{appeal.case_number}")
    except IntegrityError:
        raise AlreadyApplied from None
    return Applied(appeal, query_code)


async def _write(
    citizen: Citizen, enterprise_id: UUID, asked: Application, rating: RatedYear, rests_on: Grounds
) -> CreditAppeal:
    serial = await db.fetch_value("SELECT nextval('credit_appeal_id_seq')")
    # Shuffled, so that a number tells nobody how many there are.
    digits = Shuffle(crypto.purpose_key("credit appeal number"), 8).number(serial)
    appeal = CreditAppeal(
        id=serial,
        enterprise_id=enterprise_id,
        person_id=citizen.person_id,
        year=rating.year,
        kind=asked.kind,
        case_number=f"{PREFIXES[asked.kind]}{clock.today():%Y%m%d}{digits}",
        reason_sealed=crypto.seal(asked.reason.strip()),
        codes=rests_on.codes,
        level_before=rating.level,
        score_before=rating.score,
        since_on=rests_on.since_on,
        points=rests_on.points,
        evidence_at=rests_on.evidence_at,
        applied_at=clock.now(),
    )
    await appeal.save(force_create=True)
    return appeal


async def _hand_in(appeal: CreditAppeal, rating: RatedYear) -> str:
    new = NewCase(
        number=appeal.case_number,
        item_name=ITEM_NAMES[appeal.kind],
        item_code=ITEM_CODES[appeal.kind],
        office=rating.authority or _WINDOW,
        person_id=appeal.person_id,
        enterprise_id=appeal.enterprise_id,
        legal=LIMIT,
    )
    text = f"已收到对 {appeal.year} 年度评价结果的申请，受理后 {REVIEW_WORKING_DAYS} 个工作日内答复"
    _, query_code = await service.submit(new, at=appeal.applied_at, text=text)
    return query_code
