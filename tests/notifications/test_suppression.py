"""A phone refused for good gets no further text message until its owner proves it anew."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.accounts import phones, portability, revocations
from app.domain.accounts.models import IdentityLevel, Person, SmsSuppression
from app.domain.accounts.phones import RefusedPhone
from app.domain.accounts.proofing import PHONE
from app.domain.accounts.sessions import Citizen
from app.gateways import sms as gateway
from app.gateways.sms import SmsReceipt, SmsRefused, TextMessage
from app.gateways.sms.demo import PHONE_BLACKLISTED, PHONE_BUSY, PHONE_EMPTY, DemoSms
from app.kit import clock, crypto, db
from app.kit.clock import SHANGHAI
from notifications import receipts
from notifications.channels import sms
from notifications.messages import FilledSms
from notifications.models import Channel
from tests.factories.appointments import make_person
from tests.factories.messages import tell
from tests.notifications.conftest import Story

NOON = datetime(2026, 10, 12, 12, tzinfo=SHANGHAI)
URGENT = "appointment_cancelled_by_hall"
GOOD = "13800138000"


class Operator(DemoSms):
    """Counts how often it was asked, and reports of each message what it is told to."""

    def __init__(self) -> None:
        super().__init__("微办")
        self.asked: list[str] = []
        self.reason = ""
        self.taken: list[SmsReceipt] = []

    async def send(self, message: TextMessage) -> str:
        self.asked.append(message.phone)
        serial = await super().send(message)
        self.taken.append(SmsReceipt(serial, message.out_id, is_delivered=False, reason=self.reason))
        return serial

    async def receipts(self) -> list[SmsReceipt]:
        return self.taken

    async def acknowledge(self, receipts: object) -> None:
        del receipts
        self.taken = []


@pytest.fixture
def operator() -> Iterator[Operator]:
    made = Operator()
    gateway.use(made)
    yield made
    gateway.use(None)


async def proves(person_id: UUID, phone: str) -> None:
    """The person proves this phone."""
    await Person.filter(id=person_id).update(
        phone_sealed=crypto.seal(phone),
        phone_hash=crypto.lookup_hash(phone, PHONE),
        phone_verified_at=clock.now(),
    )


async def owner_of(phone: str) -> UUID:
    person_id = await make_person()
    await proves(person_id, phone)
    return person_id


async def told(person_id: UUID) -> Channel | None:
    return (await tell(URGENT, person_id)).channel


@pytest.mark.parametrize("phone", [PHONE_EMPTY, PHONE_BLACKLISTED])
async def test_a_refused_phone_is_not_asked_a_second_time(
    story: Story, operator: Operator, phone: str
) -> None:
    with clock.frozen(NOON):
        person_id = await owner_of(phone)
        assert [await told(person_id) for _ in range(2)] == [Channel.SMS] * 2
        # The second waits in the queue while the first is refused.
        later = NOON + timedelta(minutes=1)
        await db.execute(
            "UPDATE notification SET run_at = $1 WHERE id = (SELECT max(id) FROM notification)", later
        )
        await story.delivery().drain()
        assert await told(person_id) is None
    with clock.frozen(later):
        await story.delivery().drain()
    assert await story.states() == [("sms", "failed")] * 2
    assert operator.asked == [phone]


async def test_a_newly_proven_phone_is_asked_again(story: Story, operator: Operator) -> None:
    with clock.frozen(NOON):
        person_id = await owner_of(PHONE_EMPTY)
        await told(person_id)
        await story.delivery().drain()
    with clock.frozen(NOON + timedelta(days=1)):
        await proves(person_id, PHONE_EMPTY)
        assert await told(person_id) is Channel.SMS
        await story.delivery().drain()
        assert operator.asked == [PHONE_EMPTY] * 2
        # Refused anew, it is not asked a third time.
        assert await told(person_id) is None
    assert (await SmsSuppression.get()).since == NOON + timedelta(days=1)


async def test_a_phone_of_two_people_is_suppressed_for_both(story: Story, operator: Operator) -> None:
    with clock.frozen(NOON):
        one, other = await owner_of(PHONE_EMPTY), await owner_of(PHONE_EMPTY)
        await told(one)
        await story.delivery().drain()
        assert await told(other) is None


@pytest.mark.parametrize(
    ("reason", "because"),
    [("EMPTY_NUMBER", "empty_number"), ("BLACKLISTED", "blacklisted"), ("UNDELIV", None)],
)
async def test_a_receipt_that_refuses_for_good_counts_as_a_refusal(
    story: Story, operator: Operator, reason: str, because: str | None
) -> None:
    operator.reason = reason
    with clock.frozen(NOON):
        person_id = await owner_of(GOOD)
        await told(person_id)
        await story.delivery().drain()
        await sms.pull_receipts()
        await receipts.apply()
        assert await told(person_id) is (None if because else Channel.SMS)
    assert [one.because for one in await SmsSuppression.all()] == ([because] if because else [])


async def test_a_late_receipt_says_nothing_of_a_phone_proven_meanwhile(
    story: Story, operator: Operator
) -> None:
    operator.reason = "EMPTY_NUMBER"
    with clock.frozen(NOON):
        person_id = await owner_of(GOOD)
        await told(person_id)
        await story.delivery().drain()
    with clock.frozen(NOON + timedelta(hours=1)):
        await proves(person_id, "13900139000")
        await sms.pull_receipts()
        await receipts.apply()
        assert await told(person_id) is Channel.SMS
    assert not await SmsSuppression.exists()


async def test_a_refusal_for_now_and_one_of_ours_suppress_nothing(story: Story, operator: Operator) -> None:
    with clock.frozen(NOON):
        busy, frozen, locked = [await owner_of(phone) for phone in (PHONE_BUSY, GOOD, "13900139000")]
        for person_id in (busy, frozen, locked):
            await told(person_id)
        await Person.filter(id=frozen).update(status="frozen")
        await Person.filter(id=locked).update(phone_sealed="k0.AAAA")
        await story.delivery().drain()
    assert operator.asked == [PHONE_BUSY]
    assert sorted(await story.states()) == [("sms", "created"), ("sms", "failed"), ("sms", "failed")]
    assert not await SmsSuppression.exists()


async def test_the_latest_refusal_counts_however_often_each_is_written(story: Story) -> None:
    with clock.frozen(NOON):
        person_id = await owner_of(GOOD)
    first = RefusedPhone(person_id, NOON, "empty_number")
    later = RefusedPhone(person_id, NOON + timedelta(hours=1), "blacklisted")
    for refused in ([first, later], [later], [first], []):
        await phones.suppress(refused)
    kept = await SmsSuppression.get()
    assert (kept.because, kept.since) == ("blacklisted", later.at)
    with pytest.raises(SmsRefused):
        await sms.send(person_id, FilledSms("SMS", "您好", {}), "a-1")


@pytest.mark.parametrize("way", ["leaves", "takes the phone back"])
async def test_of_a_phone_that_is_gone_nothing_is_kept(story: Story, way: str) -> None:
    person_id, other = await owner_of(PHONE_EMPTY), await owner_of(GOOD)
    await phones.suppress([RefusedPhone(one, clock.now(), "empty_number") for one in (person_id, other)])
    if way == "leaves":
        await portability.delete(Citizen(person_id, uuid4(), None, IdentityLevel.PHONE_VERIFIED))
    else:
        await revocations.revoke(person_id, {revocations.PHONE})
    assert [bytes(one.phone_hash) for one in await SmsSuppression.all()] == [crypto.lookup_hash(GOOD, PHONE)]
