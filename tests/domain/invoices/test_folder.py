"""The folder keeps what was checked: found again, saved, added up, warned of, thrown away."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from app.domain.invoices import checking, contents, folder, snapshots
from app.domain.invoices.errors import InvoiceNotFound
from app.domain.invoices.folder import Wanted
from app.domain.invoices.models import InvoiceSnapshot, Outcome
from app.domain.invoices.owners import Owner
from app.gateways.exchange import InvoiceDetail, InvoiceLine, InvoiceParty, InvoiceState
from app.kit import clock
from tests.domain.invoices.conftest import Platform, agent, invoice_of, number_of, person

pytestmark = pytest.mark.usefixtures("db", "platform")

DETAIL = InvoiceDetail(
    buyer=InvoiceParty("广州珠江晨光贸易有限公司", "91440101MA5DEMQ01M"),
    seller=InvoiceParty("佛山市禅城陶源建材有限公司"),
    lines=(InvoiceLine("*建材*瓷砖", quantity=Decimal(3), amount=Decimal("94.34"), tax_rate="6%"),),
    amount=Decimal("94.34"),
    tax=Decimal("5.66"),
    total=Decimal("100.00"),
    further=(("车架号", "LSVAU2180N2000001"),),
)


async def saved(
    owner: Owner, serial: int = 1, *, tags: tuple[str, ...] = (), day: date | None = None
) -> UUID:
    """The id of an invoice checked and saved."""
    found = await checking.check(owner, invoice_of(serial, issued_on=day), is_paced=False)
    assert found.snapshot is not None
    return (await folder.save(owner, found.snapshot.id, tags, "")).id


async def ids(owner: Owner, wanted: Wanted) -> list[UUID]:
    return [one.id for one in (await folder.find(owner, wanted, before=None, limit=50))[0]]


async def test_a_match_is_kept_with_its_detail_sealed(platform: Platform) -> None:
    owner = await person()
    platform.details[number_of(1)] = DETAIL
    found = await checking.check(owner, invoice_of())
    assert found.snapshot is not None
    assert found.snapshot.content.detail == DETAIL
    assert (found.snapshot.amount, found.snapshot.saved_at) == (Decimal("100.00"), None)
    kept = await InvoiceSnapshot.get()
    assert "瓷砖" not in kept.content_sealed
    assert number_of(1) not in repr(kept.content_sealed)
    assert contents.unseal(kept.content_sealed).detail == DETAIL


async def test_another_check_keeps_the_detail_that_was_told_before(platform: Platform) -> None:
    owner = await person()
    platform.details[number_of(1)] = DETAIL
    await checking.check(owner, invoice_of())
    platform.details.clear()
    platform.states[number_of(1)] = InvoiceState.RED
    again = (await checking.check(owner, invoice_of())).snapshot
    assert again is not None
    assert (again.state, again.previous_state) == (InvoiceState.RED, InvoiceState.NORMAL)
    assert again.content.detail == DETAIL
    assert await InvoiceSnapshot.all().count() == 1


async def test_what_does_not_match_is_not_kept() -> None:
    owner = await person()
    future = invoice_of(issued_on=clock.today() + timedelta(days=1))
    assert (await checking.check(owner, future)).verdict.outcome is Outcome.IN_THE_FUTURE
    assert await InvoiceSnapshot.all().count() == 0


async def test_handing_in_a_saved_invoice_again_is_warned_of() -> None:
    owner = await person()
    for _ in range(2):
        assert not (await checking.check(owner, invoice_of())).was_saved_before
    await saved(owner)
    again = await checking.check(owner, invoice_of())
    assert again.was_saved_before
    assert "重复报销" in again.text
    assert len(await ids(owner, Wanted(is_repeated=True))) == 1
    assert await ids(owner, Wanted(is_repeated=False)) == []


async def test_unsaved_snapshots_go_after_thirty_days_and_saved_ones_stay() -> None:
    owner = await person()
    kept = await saved(owner, 1)
    await checking.check(owner, invoice_of(2))
    with clock.frozen(clock.now() + timedelta(days=29)):
        assert await snapshots.forget_unsaved() == 0
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert await snapshots.forget_unsaved() == 1
    assert await ids(owner, Wanted()) == [kept]


async def test_finding_by_month_tag_number_state_and_page(platform: Platform) -> None:
    owner = await person()
    platform.states[number_of(3)] = InvoiceState.VOID
    march, april = date(2026, 3, 31), date(2026, 4, 1)
    first = await saved(owner, 1, tags=("差旅", "三月"), day=march)
    second = await saved(owner, 2, tags=("差旅",), day=april)
    third = await saved(owner, 3, day=april)
    fourth = (await checking.check(owner, invoice_of(4))).snapshot
    assert fourth is not None
    assert await ids(owner, Wanted()) == [fourth.id, third, second, first]
    assert await ids(owner, Wanted(is_saved=False)) == [fourth.id]
    assert await ids(owner, Wanted(month=date(2026, 4, 1))) == [third, second]
    assert await ids(owner, Wanted(tag="差旅", month=date(2026, 3, 1))) == [first]
    assert await ids(owner, Wanted(number=f" {number_of(2)} ")) == [second]
    assert await ids(owner, Wanted(state=InvoiceState.VOID)) == [third]
    page, following = await folder.find(owner, Wanted(), before=None, limit=3)
    rest, end = await folder.find(owner, Wanted(), before=following, limit=3)
    assert ([one.id for one in (*page, *rest)], end) == ([fourth.id, third, second, first], None)


async def test_totals_by_month_leave_out_what_is_no_voucher(platform: Platform) -> None:
    owner = await person()
    platform.states[number_of(2)] = InvoiceState.FULLY_RED
    platform.states[number_of(3)] = InvoiceState.PARTLY_RED
    for serial, day in (
        (1, date(2026, 3, 1)),
        (2, date(2026, 3, 2)),
        (3, date(2026, 3, 3)),
        (4, date(2026, 4, 1)),
    ):
        await saved(owner, serial, day=day, tags=("甲",) if serial == 1 else ())
    await checking.check(owner, invoice_of(5))
    found = {one.month: one for one in await folder.months(owner)}
    assert list(found) == ["2026-04", "2026-03"]
    march = found["2026-03"]
    assert (march.invoices, march.amount, march.no_voucher, march.without_amount) == (3, Decimal(200), 1, 0)
    assert [(one.month, one.invoices) for one in await folder.months(owner, "甲")] == [("2026-03", 1)]


async def test_tags_and_note_are_the_owners_and_change() -> None:
    owner = await person()
    snapshot_id = (await checking.check(owner, invoice_of())).snapshot
    assert snapshot_id is not None
    first = await folder.save(owner, snapshot_id.id, ["差旅", "差旅", "　项目Ａ"], "出差广州")
    assert (first.tags, first.note) == (("差旅", "项目A"), "出差广州")
    assert "广州" not in str((await InvoiceSnapshot.get()).note_sealed)
    second = await folder.save(owner, snapshot_id.id, [], "")
    assert (second.tags, second.note, second.saved_at) == ((), "", first.saved_at)


async def test_a_removed_invoice_is_gone() -> None:
    owner = await person()
    found = await saved(owner)
    await folder.remove(owner, found)
    with pytest.raises(InvoiceNotFound):
        await folder.remove(owner, found)


async def test_two_people_and_an_enterprise_have_folders_of_their_own() -> None:
    acting, other = await agent(), await person()
    for owner in (acting, Owner(acting.person_id), other):
        await checking.check(owner, invoice_of())
        (own,) = await ids(owner, Wanted())
        assert (await folder.one(owner, own)).owner_id == owner.id
    others = (await ids(acting, Wanted()))[0]
    for stranger in (Owner(acting.person_id), other):
        with pytest.raises(InvoiceNotFound):
            await folder.one(stranger, others)
        with pytest.raises(InvoiceNotFound):
            await folder.save(stranger, others, [], "")
        with pytest.raises(InvoiceNotFound):
            await folder.remove(stranger, others)
