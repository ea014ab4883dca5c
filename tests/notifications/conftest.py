"""One worker's parts, a strict WeChat, and people whose phones can be looked at."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from app import worker
from app.domain.accounts import followers, identities, subscriptions
from app.domain.appointments import booking
from app.domain.appointments.models import Appointment, Slot
from app.gateways import wechat
from app.kit import clock, db
from app.kit.outbox import Relay
from app.sandbox.running import Running
from app.sandbox.world import openid_of, unionid_of
from config import messages as message_list
from config import settings
from notifications.delivery import Delivery
from notifications.messages import Messages
from notifications.models import Channel
from tests.factories.appointments import make_hall, make_slot, seat


@dataclass
class Story:
    """A hall, people of the sandbox, and the way from an event to their phones."""

    running: Running
    messages: Messages
    slots: list[Slot] = field(default_factory=list)

    @property
    def oa_appid(self) -> str:
        return settings.current().oa_appid

    @property
    def mp_appid(self) -> str:
        return settings.current().mp_appid

    async def person(self, name: str = "zhang", *, follows: bool = True) -> UUID:
        """Somebody who has logged in to the mini-program, and may follow the public account."""
        person = self.running.sandbox.world.person(name)
        async with db.transaction():
            person_id = await identities.person_of(
                self.mp_appid, openid_of(self.mp_appid, name), unionid_of(name)
            )
        if follows:
            self.running.sandbox.world.follow(person, following=True)
            openid = openid_of(self.oa_appid, name)
            await followers.record_follow(self.oa_appid, openid, unionid_of(name), clock.now())
        return person_id

    async def consents(self, person_id: UUID, name: str, *messages: str) -> None:
        """The person accepts one message of each kind, in WeChat and in our ledger."""
        for message in messages or ("appointment_booked",):
            template_id = self.messages.template_id(message, Channel.SUBSCRIBE)
            person = self.running.sandbox.world.person(name)
            self.running.sandbox.world.consent(person, template_id, long_term=False)
            await subscriptions.grant(person_id, self.mp_appid, [template_id], reported_by="client")

    async def books(self, person_id: UUID, *, starts_at: datetime | None = None) -> Appointment:
        """The person books; the event is in the outbox."""
        if not self.slots:
            hall = await make_hall(active_limit=100)
            self.slots.append(await make_slot(hall, 1000, starts_at=starts_at))
        booked = await booking.book(seat(self.slots[0], person_id))
        found = await Appointment.get_or_none(person_id=person_id)
        assert found is not None, booked
        return found

    async def relay(self) -> None:
        """Events become notifications."""
        relay = Relay(worker.handlers(self.messages))
        while await relay.step():
            pass

    def delivery(self, **options: Any) -> Delivery:
        """A worker's delivery, new each time."""
        return Delivery(wechat.current(), self.messages, **options)

    async def deliver(self) -> None:
        """Everything due goes out."""
        await self.relay()
        await self.delivery().drain()

    def phone(self, name: str = "zhang") -> list[dict[str, Any]]:
        """What the person's WeChat shows, oldest first."""
        return list(self.running.sandbox.world.person(name).messages)

    async def rows(self) -> list[Any]:
        """All notifications, oldest first."""
        return list(await db.fetch("SELECT * FROM notification ORDER BY id"))

    async def states(self) -> list[tuple[str, str]]:
        """Channel and state of all notifications."""
        return [(row["channel"], row["status"]) for row in await self.rows()]

    def fault(self, path: str = "/cgi-bin/message/template/send", **what: Any) -> None:
        """Order a fault from the sandbox."""
        self.running.sandbox.faults.order({"path": path, **what})

    def calls(self, path: str = "/cgi-bin/message/template/send") -> int:
        """How often we have called."""
        return self.running.sandbox.calls[path]


@pytest.fixture
async def story(wechat_sandbox: Running) -> Story:
    return Story(wechat_sandbox, Messages(message_list.current()))
