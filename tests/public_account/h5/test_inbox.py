"""One's messages on the pages."""

import re
from uuid import UUID

import pytest

from app.kit import clock
from config import messages
from notifications import routing
from notifications.routing import Telling
from tests.factories.appointments import make_person
from tests.factories.messages import agree_to_service, tell
from tests.public_account.h5.conftest import Browser


def first_item(text: str) -> str:
    found = re.search(r'href="(/h5/inbox/[0-9a-f-]{36})"', text)
    assert found is not None
    return found[1]


async def test_the_list_leads_to_the_message_and_on(signed_in: Browser, person_id: UUID) -> None:
    assert "还没有消息" in (await signed_in.get("/h5/inbox")).text
    await tell("appointment_booked", person_id)
    listed = (await signed_in.get("/h5/inbox")).text
    assert "1 条未读" in listed
    assert "预约成功通知" in listed
    page = (await signed_in.get(first_item(listed))).text
    assert "48210957" in page
    assert 'href="/h5/appointments/0198a0a0-0000-7000-8000-000000000000"' in page
    assert "送达回证" not in page
    assert "条未读" not in (await signed_in.get("/h5/inbox")).text


async def test_a_document_shows_its_receipt_and_is_acknowledged(signed_in: Browser, person_id: UUID) -> None:
    await agree_to_service(person_id)
    await tell("document_served", person_id)
    path = first_item((await signed_in.get("/h5/inbox")).text)
    page = await signed_in.get(path)
    assert "送达日期" in page.text
    assert "记录完整" in page.text
    done = await signed_in.post(f"{path}/acknowledge", csrf=page.field("csrf"))
    assert (done.status, done.location) == (303, path)
    page = await signed_in.get(path)
    assert "签收</dt>" in page.text
    assert f"{path}/acknowledge" not in page.text


async def test_all_are_read_and_pages_turned(signed_in: Browser, person_id: UUID) -> None:
    for _ in range(22):
        await tell("appointment_booked", person_id)
    page = await signed_in.get("/h5/inbox")
    older = re.search(r'href="(/h5/inbox\?cursor=[0-9a-f-]{36})"', page.text)
    assert older is not None
    assert (await signed_in.get(older[1])).text.count("entry message") == 2
    await signed_in.post("/h5/inbox/read-all", csrf=page.field("csrf"))
    assert "条未读" not in (await signed_in.get("/h5/inbox")).text


async def test_the_messages_of_others_are_not_found(signed_in: Browser) -> None:
    other = await make_person()
    await tell("appointment_booked", other)
    assert "还没有消息" in (await signed_in.get("/h5/inbox")).text
    assert (await signed_in.get("/h5/inbox/0198a0a0-0000-7000-8000-000000000000")).status == 404


async def test_what_a_message_says_cannot_become_markup(signed_in: Browser, person_id: UUID) -> None:
    await tell("notice_published", person_id, params={"title": "<script>alert(1)</script>"})
    listed = (await signed_in.get("/h5/inbox")).text
    assert "<script" not in listed
    assert "<script" not in (await signed_in.get(first_item(listed))).text


async def test_only_the_unread_may_be_listed(signed_in: Browser, person_id: UUID) -> None:
    for _ in range(22):
        await tell("appointment_booked", person_id)
    await signed_in.get(first_item((await signed_in.get("/h5/inbox")).text))
    page = (await signed_in.get("/h5/inbox?unread=1")).text
    older = re.search(r'href="(/h5/inbox\?unread=1&amp;cursor=[0-9a-f-]{36})"', page)
    assert older is not None
    assert (await signed_in.get(older[1].replace("&amp;", "&"))).text.count("entry message") == 1
    await signed_in.post("/h5/inbox/read-all", csrf=(await signed_in.get("/h5/inbox")).field("csrf"))
    assert "没有未读的消息" in (await signed_in.get("/h5/inbox?unread=1")).text
    assert "entry message" in (await signed_in.get("/h5/inbox")).text


@pytest.mark.parametrize(
    ("kind", "facts", "page"),
    [
        ("case_ready", {"case_number": "4401060001"}, "/h5/cases/4401060001"),
        ("invoice_answered", {"invoice_id": "folder"}, "/h5/invoices/folder"),
        ("credit_rating_published", {"rating_year": "2026年度"}, "/h5/credit"),
    ],
)
async def test_a_message_leads_to_the_page_of_what_it_speaks_of(
    signed_in: Browser, person_id: UUID, kind: str, facts: dict[str, str], page: str
) -> None:
    told = Telling(messages.current()[kind], person_id, facts, clock.now(), event_id=1)
    await routing.tell([told])
    item = await signed_in.get(first_item((await signed_in.get("/h5/inbox")).text))
    assert f'<a class="button" href="{page}">' in item.text
