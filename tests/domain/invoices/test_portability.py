"""Folders, queues and batches go along when people merge, export and leave."""

from datetime import timedelta

import pytest

from app.domain.accounts import merging, portability
from app.domain.accounts.errors import SessionEnded
from app.domain.accounts.models import IdentityLevel, PersonMerge
from app.domain.accounts.sessions import Citizen
from app.domain.invoices import batches, checking, folder, queued, tables, texts
from app.domain.invoices.folder import Wanted
from app.domain.invoices.models import InvoiceBatch, InvoiceSnapshot, QueuedCheck
from app.domain.invoices.owners import Owner
from app.gateways.exchange import InvoiceAnswer, InvoiceQuestion
from app.kit import clock
from app.kit.ids import uuid7
from tests.domain.invoices.conftest import Platform, agent, invoice_of, number_of, person

pytestmark = pytest.mark.usefixtures("db", "platform")


async def check(owner: Owner, serial: int, *, is_saved: bool = False) -> None:
    found = await checking.check(owner, invoice_of(serial), is_paced=False)
    if is_saved and found.snapshot is not None:
        await folder.save(owner, found.snapshot.id, ["差旅"], "出差")


async def numbers(owner: Owner) -> dict[str, bool]:
    found, _ = await folder.find(owner, Wanted(), before=None, limit=50)
    return {one.content.invoice.number: one.saved_at is not None for one in found}


def citizen_of(owner: Owner) -> Citizen:
    return Citizen(owner.person_id, uuid7(), owner.enterprise_id, IdentityLevel.WX_BOUND)


async def test_two_folders_become_one_and_part_again() -> None:
    one, other = await person(), await person()
    await check(one, 1)
    await check(other, 1, is_saved=True)
    await check(one, 2, is_saved=True)
    await check(other, 2)
    await check(other, 3, is_saved=True)
    waiting = invoice_of(9, issued_on=clock.today())
    for owner in (one, other):
        await queued.put(owner, waiting)
        await batches.submit(owner, tables.read_text(texts.write(invoice_of(7))))
    kept = Owner(await merging.merge(one.person_id, other.person_id, actor="system", reason="test"))
    assert kept == one
    assert await numbers(kept) == {number_of(1): True, number_of(2): True, number_of(3): True}
    assert len(await queued.own(kept)) == 1
    assert len(await batches.recent(kept)) == 2
    await merging.undo((await PersonMerge.get()).id, actor="staff:x", reason="误并")
    assert await numbers(other) == {number_of(1): True, number_of(2): False, number_of(3): True}
    assert (len(await batches.recent(one)), len(await batches.recent(other))) == (1, 1)


async def test_an_export_holds_what_is_ones_own_and_nothing_of_the_enterprise() -> None:
    acting = await agent()
    own = Owner(acting.person_id)
    await check(own, 1, is_saved=True)
    await check(acting, 2, is_saved=True)
    await queued.put(own, invoice_of(3, issued_on=clock.today()))
    await batches.submit(own, tables.read_text("你好"))
    told = str((await portability.export(citizen_of(own)))["invoices"])
    assert all(word in told for word in (number_of(1), "出差", number_of(3), "你好"))
    assert number_of(2) not in told


async def test_who_leaves_takes_their_own_and_leaves_the_enterprises() -> None:
    acting = await agent()
    assert acting.enterprise_id is not None
    own = Owner(acting.person_id)
    for owner in (own, acting):
        await check(owner, 1, is_saved=True)
        await queued.put(owner, invoice_of(3, issued_on=clock.today()))
        await batches.submit(owner, tables.read_text("你好"))
    await portability.delete(citizen_of(own))
    (left,) = await InvoiceSnapshot.all()
    assert (left.person_id, left.enterprise_id) == (None, acting.enterprise_id)
    assert await QueuedCheck.all().count() == await InvoiceBatch.all().count() == 0
    assert await numbers(await agent(acting.enterprise_id)) == {number_of(1): True}


@pytest.mark.parametrize("is_new", [True, False])
async def test_nothing_is_kept_for_who_leaves_while_the_platform_is_asked(
    platform: Platform, *, is_new: bool
) -> None:
    owner = await person()
    issued_on = clock.today() - timedelta(days=0 if is_new else 1)
    ask = platform.verify

    async def leave_meanwhile(question: InvoiceQuestion) -> InvoiceAnswer:
        await portability.delete(citizen_of(owner))
        return await ask(question)

    platform.verify = leave_meanwhile  # type: ignore[method-assign]
    if is_new:
        await queued.put(owner, invoice_of(1, issued_on=issued_on))
        with clock.frozen((clock.now() + timedelta(days=1)).replace(hour=10)):
            await queued.answer_due()
    else:
        assert (await checking.check(owner, invoice_of(1, issued_on=issued_on))).snapshot is None
    assert len(platform.asked) == 1
    assert await InvoiceSnapshot.all().count() == await QueuedCheck.all().count() == 0
    with pytest.raises(SessionEnded):
        await queued.put(owner, invoice_of(2))
    with pytest.raises(SessionEnded):
        await batches.submit(owner, tables.read_text("你好"))


async def test_what_stayed_behind_when_two_became_one_goes_with_them(platform: Platform) -> None:
    one, other = await person(), await person()
    waiting = invoice_of(9, issued_on=clock.today())
    for owner in (one, other):
        await check(owner, 1, is_saved=True)
        await queued.put(owner, waiting)
    kept = Owner(await merging.merge(one.person_id, other.person_id, actor="system", reason="test"))
    asked = len(platform.asked)
    with clock.frozen((clock.now() + timedelta(days=1)).replace(hour=10)):
        await queued.answer_due()
    assert len(platform.asked) == asked + 1, "nobody is asked for whoever is no more"
    await portability.delete(citizen_of(kept))
    assert await InvoiceSnapshot.all().count() == await QueuedCheck.all().count() == 0
