"""Which posts reach which cases: everywhere, a region, a hall's county; the same for every deed of staff."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.domain.cases import judging, posts, specials
from app.domain.cases.history import Special
from app.domain.cases.models import CaseState as S
from app.domain.cases.models import SpecialKind
from app.domain.cases.paper_errors import MaterialNotFound
from app.kit.errors import NotAllowed
from app.kit.ids import uuid7
from tests.factories.appointments import make_hall
from tests.factories.cases import make_case
from tests.factories.notices import member

pytestmark = pytest.mark.usefixtures("db")

CLERK = StaffRole.CLERK


def clerk(*, region: str | None = None, hall: int | None = None) -> StaffMember:
    return replace(member(), posts=(Post(CLERK, hall_id=hall, region_code=region),))


async def may(who: StaffMember, number: str) -> bool:
    try:
        await posts.check_may(who, CLERK, number)
    except NotAllowed:
        return False
    return True


async def test_a_post_reaches_the_cases_of_authorities_in_its_region() -> None:
    case = await make_case()  # 11440106…: an authority of Tianhe.
    for region, reaches in ((None, True), ("44", True), ("4401", True), ("440106", True), ("440106001", True),
                            ("440105", False), ("4402", False)):  # fmt: skip
        assert await may(clerk(region=region), case.number) is reaches, region
    assert not await may(member(StaffRole.HALL_MANAGER), case.number)
    assert not await may(replace(clerk(), must_change_password=True), case.number)


async def test_a_post_in_a_hall_reaches_the_cases_of_its_county() -> None:
    case, hall = await make_case(), await make_hall()  # The hall is in Tianhe, too.
    assert await may(clerk(hall=hall.id), case.number)
    other = await make_case(number=case.number.replace("440106", "440105", 1))
    assert not await may(clerk(hall=hall.id), other.number)
    assert not await may(clerk(hall=hall.id + 1), case.number)


async def test_a_case_whose_authority_nobody_told_is_for_posts_held_everywhere() -> None:
    unknown = await make_case(number="XM-2026-0001")
    told = await make_case(number="XM-2026-0002", authority="11440106MB2DEMA029")
    assert not await may(clerk(region="440106"), unknown.number)
    assert await may(clerk(region="440106"), told.number)
    assert await may(clerk(), unknown.number)


async def test_judging_and_special_procedures_know_the_same_rule() -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    hearing = Special(SpecialKind.HEARING, "分管负责人")
    special_id = await specials.apply(clerk(region="440106"), case.number, hearing)
    far = clerk(region="440105")
    for deed in (
        specials.apply(far, case.number, hearing),
        specials.cancel(far, special_id, "不需要"),
        judging.approve(member(StaffRole.SUPERVISOR), uuid4()),
    ):
        with pytest.raises(NotAllowed):
            await deed
    with pytest.raises(MaterialNotFound):
        await judging.approve(far, uuid7())
