"""The words of an appeal are asked about at WeChat: refused, kept for a person to read, or simply kept."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.appointments.models import Ban, StrikeKind
from app.kit import clock, db
from app.sandbox.running import Running
from tests.client import Answer, Client

APPEALS = "/api/v1/me/booking-appeals"
_CHECK = "/wxa/msg_sec_check"


@pytest.fixture
async def banned(client: Client, token: str) -> str:
    """The token of a person with a running ban."""
    subject = UUID((await client.get("/api/v1/me", token=token)).body["id"])
    now = clock.now()
    await Ban.create(
        subject_id=subject, reason=StrikeKind.NO_SHOW, starts_at=now, ends_at=now + timedelta(days=1)
    )
    return token


async def _appeal(client: Client, token: str, text: str) -> Answer:
    return await client.post(APPEALS, token=token, json={"text": text})


async def _marks() -> list[dict[str, Any]]:
    rows = await db.fetch(
        "SELECT actor, action, target, detail::text FROM audit_entry WHERE action LIKE 'text_%' ORDER BY id"
    )
    return [dict(row) for row in rows]


async def test_a_clean_text_is_kept_without_a_mark(client: Client, banned: str) -> None:
    assert (await _appeal(client, banned, "我住院了，有证明")).status == 201
    assert await _marks() == []


async def test_a_risky_text_is_refused_with_the_way_out_and_nothing_is_written(
    client: Client, banned: str
) -> None:
    answer = await _appeal(client, banned, "这里有违禁内容，请处理")
    assert (answer.status, answer.code) == (422, "text_not_allowed")
    assert "重新提交" in answer.body["detail"]
    assert await db.fetch_value("SELECT count(*) FROM booking_appeal") == 0
    assert (await _appeal(client, banned, "我住院了，有证明")).status == 201


async def test_a_doubtful_text_is_kept_and_marked_for_a_person_to_read(client: Client, banned: str) -> None:
    answer = await _appeal(client, banned, "这段话有点可疑，请处理")
    assert answer.status == 201
    (mark,) = await _marks()
    assert (mark["action"], mark["target"]) == ("text_for_review", f"appeal:{answer.body['id']}")
    assert "21000" in mark["detail"]
    assert "可疑" not in mark["detail"]


@pytest.mark.parametrize(
    "fault",
    [{"errcode": 61010}, {"errcode": 45009}, {"status": 502}, {"drop": "before"}, {"garbage": "html"}],
)
async def test_without_wechat_s_opinion_nothing_is_lost(
    client: Client, banned: str, wechat_sandbox: Running, fault: dict[str, Any]
) -> None:
    wechat_sandbox.sandbox.faults.order({"path": _CHECK, **fault})
    answer = await _appeal(client, banned, "我住院了，有证明")
    assert answer.status == 201
    assert [mark["action"] for mark in await _marks()] == ["text_unreviewed"]


async def test_wechat_is_not_waited_for_long(
    client: Client, banned: str, wechat_sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.accounts.free_text._PATIENCE_S", 0.2)
    wechat_sandbox.sandbox.faults.order({"path": _CHECK, "delay_s": 2})
    answer = await _appeal(client, banned, "我住院了，有证明")
    assert answer.status == 201
    assert [mark["action"] for mark in await _marks()] == ["text_unreviewed"]
