"""Inboxes when people merge, take their data along, or leave."""

from uuid import UUID

import orjson

from app.domain.accounts import merging, portability
from app.kit import clock
from app.kit import db as raw
from notifications import routing
from notifications.inbox import preferences, reading
from notifications.inbox.preferences import Wish
from tests.factories import accounts as make
from tests.factories.appointments import make_person
from tests.factories.messages import agree_to_service, follow, tell, telling


async def titles(person_id: UUID) -> set[str]:
    items, _ = await reading.page(person_id, before=None, limit=20)
    assert len(items) == len({item.id for item in items})
    return {item.params["title"] for item in items}


async def test_messages_and_wishes_go_along_in_a_merge_and_come_back(db: None) -> None:
    older, younger = await make_person(), await make_person()
    moment = clock.now()
    for person_id, other in ((older, "甲"), (younger, "乙")):
        await routing.tell(
            [
                telling(
                    "notice_published", person_id, campaign_id=7, committed_at=moment, params={"title": "同"}
                ),
                telling("notice_published", person_id, params={"title": other}),
            ]
        )
        await preferences.wish(person_id, [Wish("notice_published", is_muted=other == "甲")])
    await preferences.wish(younger, [Wish("tax_reminder", is_muted=True)])
    kept = await merging.merge(older, younger, actor="system", reason="一人")
    assert kept == older
    assert await titles(kept) == {"乙", "甲", "同"}
    wishes = await preferences.of([kept], ["notice_published", "tax_reminder"])
    assert {name: wish.is_muted for (_, name), wish in wishes.items()} == {
        "notice_published": True,
        "tax_reminder": True,
    }
    await merging.undo(await _merge_id(), actor="system", reason="不是一人")
    assert (await titles(older), await titles(younger)) == ({"甲", "同"}, {"乙", "同"})


async def test_agreeing_to_service_before_a_merge_counts_after_it(db: None) -> None:
    older, younger = await make_person(), await make_person()
    await agree_to_service(younger)
    kept = await merging.merge(older, younger, actor="system", reason="一人")
    assert (await tell("document_served", kept)).reason == "no_channel"


async def test_both_ones_counts_of_a_day_survive_a_merge(db: None) -> None:
    older, younger = await make_person(), await make_person()
    for number, person_id in enumerate((older, younger)):
        await follow(person_id, f"oa-{number}")
        await tell("notice_published", person_id)
    kept = await merging.merge(older, younger, actor="system", reason="一人")
    assert (await tell("notice_published", kept)).reason == "digested"


async def test_an_export_holds_the_inbox_as_it_reads(wechat_sandbox: object) -> None:
    citizen = await make.log_in("zhangsan")
    await tell("notice_published", citizen.person_id)
    await preferences.wish(citizen.person_id, [Wish("tax_reminder", is_muted=True)])
    inbox = orjson.dumps((await portability.export(citizen))["inbox"]).decode()
    assert "新公告：国庆节放假安排" in inbox
    assert "tax_reminder" in inbox


async def test_who_leaves_takes_everything_but_the_proof_of_service(wechat_sandbox: object) -> None:
    citizen = await make.log_in("zhangsan")
    await agree_to_service(citizen.person_id)
    await tell("notice_published", citizen.person_id)
    await tell("document_served", citizen.person_id)
    await preferences.wish(citizen.person_id, [Wish("tax_reminder", is_muted=True)])
    await portability.delete(citizen)
    rows = await raw.fetch("SELECT message, params FROM inbox_item")
    assert [(row["message"], row["params"]) for row in rows] == [("document_served", "{}")]
    assert await raw.fetch_value("SELECT count(*) FROM service_proof") == 1
    assert await raw.fetch_value("SELECT count(*) FROM message_preference") == 0
    assert await raw.fetch_value("SELECT count(*) FROM digest_day") == 0


async def _merge_id() -> UUID:
    merge_id: UUID = await raw.fetch_value("SELECT id FROM person_merge")
    return merge_id
