"""Who waited for an answer, or saved an invoice that changed, is told of it on their phone."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from app.domain.accounts.models import EnterpriseBinding
from app.domain.invoices import folder, queued, rechecks, snapshots, verification
from app.domain.invoices.models import Outcome
from app.domain.invoices.owners import Owner
from app.domain.invoices.verification import InvoiceVerdict
from app.gateways.exchange import InvoiceState
from app.kit import clock, db, outbox
from config import settings
from tests.domain.invoices.conftest import agent, invoice_of
from tests.notifications.conftest import Story

ANSWER = (
    "UPDATE queued_check SET state = 'answered', outcome = $2, snapshot_id = $3, settled_at = $4"
    " WHERE id = $1"
)


@pytest.fixture(autouse=True)
def _at_any_hour(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """These messages keep quiet at night; the tests run at any hour."""
    monkeypatch.setenv("WEIBAN_QUIET_HOURS", "off")
    settings.current.cache_clear()
    yield
    monkeypatch.undo()
    settings.current.cache_clear()


async def kept(owner: Owner, state: InvoiceState = InvoiceState.NORMAL) -> UUID:
    verdict = InvoiceVerdict(Outcome.MATCH, "", state, clock.now())
    found = await snapshots.keep(owner, invoice_of(), verdict)
    assert found is not None
    await folder.save(owner, found.id, [], "")
    return found.id


async def answer(owner: Owner, outcome: Outcome, snapshot_id: UUID | None = None) -> None:
    """A queued check is answered, as the timed task does it."""
    queued_id = await queued.put(owner, invoice_of(issued_on=clock.today()))
    await db.execute(ANSWER, queued_id, outcome.value, snapshot_id, clock.now())
    await outbox.emit(queued.ANSWERED, {"queued_check_id": str(queued_id)})


async def change(snapshot_id: UUID) -> None:
    await outbox.emit(
        rechecks.CHANGED, {"snapshot_id": str(snapshot_id), "state": "red", "previous_state": "normal"}
    )


def lines(message: dict[str, object]) -> dict[str, str]:
    told = message["lines"]
    assert isinstance(told, list)
    return {line["label"]: line["value"] for line in told}


async def test_the_answer_one_waited_for_arrives(story: Story) -> None:
    owner = Owner(await story.person())
    snapshot_id = await kept(owner)
    await answer(owner, Outcome.MATCH, snapshot_id)
    await story.deliver()
    (message,) = story.phone()
    assert message["title"] == "发票查验结果通知"
    assert message["page"] == f"pages/invoices/detail?id={snapshot_id}"
    assert lines(message)["查验结果"] == "正常"
    assert lines(message)["发票号码"] == "尾号 0001"


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.MATCH])
async def test_every_other_answer_fits_its_card(story: Story, outcome: Outcome) -> None:
    await answer(Owner(await story.person()), outcome)
    await story.deliver()
    (message,) = story.phone()
    assert lines(message)["温馨提示"] != verification.WORDS[Outcome.MATCH]


async def test_one_reversed_after_it_was_saved_is_told(story: Story) -> None:
    owner = Owner(await story.person())
    await change(await kept(owner))
    await story.deliver()
    (message,) = story.phone()
    assert message["title"] == "发票状态变动通知"
    told = lines(message)
    assert (told["原状态"], told["现状态"], told["温馨提示"]) == ("正常", "红冲", "不能作为报销凭证")


async def test_one_thrown_away_meanwhile_is_not_told(story: Story) -> None:
    owner = Owner(await story.person())
    snapshot_id = await kept(owner)
    await change(snapshot_id)
    await folder.remove(owner, snapshot_id)
    await story.deliver()
    assert story.phone() == []


async def test_an_answer_whose_invoice_was_thrown_away_is_not_told_as_a_failure(story: Story) -> None:
    owner = Owner(await story.person())
    snapshot_id = await kept(owner)
    await answer(owner, Outcome.MATCH, snapshot_id)
    await folder.remove(owner, snapshot_id)
    await story.deliver()
    assert story.phone() == []


async def test_an_enterprises_is_told_to_who_acts_for_it_now(story: Story) -> None:
    left, stays = await story.person("zhang"), await story.person("li")
    enterprise_id = (await agent()).enterprise_id
    for person_id in (left, stays):
        made = await agent(enterprise_id)
        await EnterpriseBinding.filter(person_id=made.person_id).update(person_id=person_id)
    owner = Owner(left, enterprise_id)
    snapshot_id = await kept(owner)
    await change(snapshot_id)
    await story.deliver()
    assert (len(story.phone("zhang")), len(story.phone("li"))) == (1, 0), "who saved it"
    await EnterpriseBinding.filter(person_id=left).update(status="unbound")
    await change(snapshot_id)
    await answer(owner, Outcome.MATCH, snapshot_id)
    await story.deliver()
    assert (len(story.phone("zhang")), len(story.phone("li"))) == (1, 1), "who acts for it still"
