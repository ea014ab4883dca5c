"""What staff do with an application: accept it, adjust the rating, or keep it with the reason."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from app.domain.accounts import staff
from app.domain.accounts.models import Enterprise, StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import service
from app.domain.cases.history import Step
from app.domain.cases.models import CaseState
from app.domain.credit_appeals import rules
from app.domain.credit_appeals.errors import AppealInvalid, AppealNotFound, NotYourAppeal
from app.domain.credit_appeals.models import OPEN, AppealState, CreditAppeal
from app.domain.credit_ratings import corrections
from app.domain.credit_ratings.models import CreditRelease, ReleaseState
from app.domain.credit_ratings.rule_sets import Level, rule_set_of
from app.domain.credit_ratings.rules import misfit
from app.kit import audit, clock, crypto, db

MOST: Final = 200
"""Applications told in one answer."""

_POST: Final = "纳税信用管理岗"


async def under_way(member: StaffMember) -> Sequence[CreditAppeal]:
    """Applications to accept and to decide, those that wait longest first. Raises NotYourAppeal."""
    if not staff.may(member, StaffRole.CLERK, None):
        _check(member, StaffRole.REVIEWER)
    return await CreditAppeal.filter(state__in=OPEN).order_by("id").limit(MOST)


async def accept(member: StaffMember, case_number: str) -> CreditAppeal:
    """受理: from now on 15 working days run. Raises NotYourAppeal, AppealNotFound or AppealIllegalMove."""
    _check(member, StaffRole.CLERK)
    async with db.transaction():
        appeal = await _locked(case_number, AppealState.ACCEPTED)
        await _step(member, appeal, CaseState.ACCEPTED, "申请已受理")
        await _move(member, appeal, AppealState.ACCEPTED)
    return appeal


async def adjust(
    member: StaffMember, case_number: str, level: Level, score: Decimal | None, text: str
) -> CreditAppeal:
    """The rating becomes another one, at once where it was released here.

    Raises as ``accept`` does, and AppealInvalid if level and score cannot go together, if a repair would
    bring more than it rests on, or if the released rating cannot become this one.
    """
    _check(member, StaffRole.REVIEWER)
    async with db.transaction():
        appeal = await _locked(case_number, AppealState.ADJUSTED)
        wrong = misfit(level, score, rule_set_of(appeal.year))
        if wrong:
            raise AppealInvalid(fields={"score": [wrong]})
        stands = await _stands(appeal)
        rules.check_result(appeal.kind, level, score, stands=stands, points=appeal.points)
        await _step(member, appeal, CaseState.REVIEW, "")
        await _step(member, appeal, CaseState.GRANTED, text or f"评价结果已调整为 {level} 级")
        await _step(member, appeal, CaseState.ISSUED, "新的评价结果可在“纳税信用”中查看")
        appeal.level_after, appeal.score_after = level, score
        await _move(member, appeal, AppealState.ADJUSTED)
        await _release(member, appeal)
    return appeal


async def keep(member: StaffMember, case_number: str, reason: str) -> CreditAppeal:
    """The rating stays, and the applicant is told why. Raises as ``accept`` does, and ReasonMissing."""
    _check(member, StaffRole.REVIEWER)
    async with db.transaction():
        appeal = await _locked(case_number, AppealState.KEPT)
        await _step(member, appeal, CaseState.REVIEW, "")
        await _step(member, appeal, CaseState.DENIED, reason)
        await _move(member, appeal, AppealState.KEPT)
    return appeal


async def _locked(case_number: str, to: AppealState) -> CreditAppeal:
    """The application if it may go there, held with all others of its rating till the transaction ends."""
    asked = await CreditAppeal.filter(case_number=case_number).first()
    if asked is None:
        raise AppealNotFound
    # Of two that are decided at once the later sees what the earlier made of the rating.
    about = CreditAppeal.filter(enterprise_id=asked.enterprise_id, year=asked.year).order_by("id")
    appeal = next(one for one in await about.select_for_update() if one.id == asked.id)
    rules.check_move(appeal.state, to)
    return appeal


async def _stands(appeal: CreditAppeal) -> Decimal | None:
    """The score an application is decided about: as it was asked, or as another one has changed it since."""
    changed = CreditAppeal.filter(
        enterprise_id=appeal.enterprise_id,
        year=appeal.year,
        state=AppealState.ADJUSTED,
        decided_at__gte=appeal.applied_at,
        level_after__isnull=False,
    )
    last = await changed.order_by("-decided_at", "-id").first()
    return last.score_after if last else appeal.score_before


async def _step(member: StaffMember, appeal: CreditAppeal, to: CaseState, text: str) -> None:
    step = Step(to, clock.now(), _POST, text.strip())
    await service.record(appeal.case_number, step, who=member.caller_id)


async def _move(member: StaffMember, appeal: CreditAppeal, to: AppealState) -> None:
    appeal.state = to
    if to is not AppealState.ACCEPTED:
        appeal.decided_at = clock.now()
    await appeal.save(update_fields=["state", "level_after", "score_after", "decided_at"])
    await audit.record(
        member.caller_id, f"credit_appeal.{to.value}", f"case:{appeal.case_number}",
        detail={"year": appeal.year, "kind": appeal.kind.value},
    )  # fmt: skip


async def _release(member: StaffMember, appeal: CreditAppeal) -> None:
    """Where the year was released here, its row changes too; elsewhere the authority's next answer tells."""
    enterprise = await Enterprise.get(id=appeal.enterprise_id)
    told = corrections.Told(
        taxpayer_id=crypto.unseal(enterprise.uscc_sealed),
        name=enterprise.name,
        year=appeal.year,
        level=str(appeal.level_after),
        score="" if appeal.score_after is None else str(appeal.score_after),
    )
    (wrong,) = await corrections.apply([told], actor=member.caller_id)
    # Nobody is told of a new rating that the published ones do not show.
    if wrong and await CreditRelease.exists(year=appeal.year, state=ReleaseState.PUBLISHED):
        raise AppealInvalid(fields={"rating": [wrong]})


def _check(member: StaffMember, role: StaffRole) -> None:
    if not staff.may(member, role, None):
        raise NotYourAppeal
