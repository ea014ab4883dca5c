"""Cases over HTTP: a timeline people understand, a look-up that tells no more than steps and dates."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.domain.accounts import sessions
from app.domain.cases import service
from app.domain.cases.clock import TimeLimit
from app.domain.cases.history import Special, Step
from app.domain.cases.models import CaseState as S
from app.domain.cases.models import LimitUnit, SpecialKind
from app.kit import clock
from miniprogram_api.cases import schemas
from tests.client import Client
from tests.factories.cases import CODE, case_number, make_case, step

CASES = "/api/v1/cases"


@pytest.fixture
async def me(client: Client) -> Any:
    """Somebody logged in, with their token."""
    token = await client.log_in("zhangsan")
    return await sessions.citizen_of(token), token


async def test_own_case_is_a_timeline_with_what_is_asked_and_by_when(client: Client, me: Any) -> None:
    citizen, token = me
    case = await make_case(S.ACCEPTED, S.REVIEW, person_id=citizen.person_id, contact="020-12345678")
    asked = Step(
        S.SUPPLEMENT, case.updated_at + timedelta(days=1), "天河区受理窗口", "请补交场地证明",
        asked_until=date(2026, 11, 27),
    )  # fmt: skip
    with clock.frozen(asked.at):
        await service.record(case.number, asked)
        shown = (await client.get(f"{CASES}/{case.number}", token=token)).body
    assert (shown["state_text"], shown["office"], shown["contact"]) == (
        "待补正",
        "天河区受理窗口",
        "020-12345678",
    )
    assert shown["asked"]["until"] == "2026-11-27"
    assert "请补交场地证明" in shown["asked"]["text"]
    assert [(one["name"], one["told"]) for one in shown["steps"]] == [
        ("已收件", "已收到材料"), ("已受理", "理由和要求"), ("审核中", "理由和要求"),
        ("待补正", "请补交场地证明"),
    ]  # fmt: skip
    assert shown["due"]["on"] == shown["due"]["original_on"] == "2026-12-01"
    assert shown["due"]["paused_since"] is not None
    assert shown["due"]["text"].startswith("计时暂停中，恢复后还剩")
    assert shown["documents"] == f"{CASES}/{case.number}/documents"
    assert (shown["can_withdraw"], shown["can_confirm_receipt"], shown["result"]) == (True, False, None)


async def test_time_left_is_told_in_working_days_and_hours(client: Client, me: Any) -> None:
    citizen, token = me
    case = await make_case(S.ACCEPTED, person_id=citizen.person_id)
    with clock.frozen(datetime.fromisoformat("2026-11-26T10:00+08:00")):
        due = (await client.get(f"{CASES}/{case.number}", token=token)).body["due"]
    assert (due["of"], due["remaining_working_days"], due["remaining_hours"]) == ("decision", 3, 6)
    assert due["text"].startswith("还剩 3 个工作日 6 小时")


async def test_what_is_answered_is_what_the_document_says(client: Client, me: Any) -> None:
    citizen, token = me
    case = await make_case(S.ACCEPTED, S.REVIEW, S.GRANTED, person_id=citizen.person_id)
    wanted = schemas.CaseView()
    looked_up = {"number": case.number, "query_code": CODE}
    for answer in (
        await client.get(f"{CASES}/{case.number}", token=token),
        await client.post(f"{CASES}/lookup", json=looked_up),
    ):
        assert set(answer.body) == set(wanted.fields)
        assert wanted.dump(wanted.load(answer.body)) == answer.body


async def test_looking_again_costs_nothing_until_something_changes(client: Client, me: Any) -> None:
    citizen, token = me
    case = await make_case(S.ACCEPTED, person_id=citizen.person_id)
    with clock.frozen(case.updated_at):
        first = await client.get(f"{CASES}/{case.number}", token=token)
        known = {"If-None-Match": first.headers["etag"]}
        assert (await client.get(f"{CASES}/{case.number}", token=token, headers=known)).status == 304
        await service.record(case.number, step(S.REVIEW, days=1))
        assert (await client.get(f"{CASES}/{case.number}", token=token, headers=known)).status == 200
    assert first.headers["cache-control"].startswith("private")


async def test_list_goes_page_by_page_the_latest_change_first(client: Client, me: Any) -> None:
    citizen, token = me
    made = [await make_case(*path, person_id=citizen.person_id) for path in
            ((), (S.ACCEPTED,), (S.WITHDRAWN,), (S.ACCEPTED, S.REVIEW), ())]  # fmt: skip
    seen: list[str] = []
    following: str | None = ""
    while following is not None:
        cursor = {"cursor": following} if following else {}
        page = (await client.get(CASES, token=token, params={"limit": "2", **cursor})).body
        seen += [one["number"] for one in page["items"]]
        following = page["next"]
    assert sorted(seen) == sorted(case.number for case in made)
    assert seen[0] == made[3].number
    done = (await client.get(CASES, token=token, params={"status": "done"})).body["items"]
    assert [(one["number"], one["is_over"]) for one in done] == [(made[2].number, True)]
    still = (await client.get(CASES, token=token, params={"status": "open"})).body["items"]
    assert len(still) == 4


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "bnVsbA",
        "WzEsMl0",
        "WzFlOTksIkEiXQ",
        "_-_-",
        "WzEsIlx1MDAwMCJd",
        "Wy02MjEzNTU5NjgwMDAwMDAwMCwiQSJd",
    ],
)
async def test_a_made_up_cursor_is_refused(client: Client, me: Any, cursor: str) -> None:
    answer = await client.get(CASES, token=me[1], params={"cursor": cursor})
    assert (answer.status, answer.code) == (422, "bad_cursor")


async def test_look_up_tells_steps_and_dates_and_nothing_an_office_wrote(client: Client) -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW, S.DENIED)
    answer = await client.post(f"{CASES}/lookup", json={"number": case.number, "query_code": CODE})
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    shown = answer.body
    assert [one["name"] for one in shown["steps"]] == ["已收件", "已受理", "审核中", "不予办理"]
    assert "理由和要求" not in str(shown)
    assert "已收到材料" not in str(shown)
    assert (shown["result"], shown["documents"]) == ("不予办理", None)
    assert shown["due"]["of"] == "delivery"


async def test_each_reader_gets_the_page_meant_for_them_whoever_looked_before(
    client: Client, me: Any
) -> None:
    citizen, token = me
    case = await make_case(S.ACCEPTED, S.REVIEW, person_id=citizen.person_id)
    with clock.frozen(case.updated_at + timedelta(minutes=20)):
        for _ in range(2):
            own = await client.get(f"{CASES}/{case.number}", token=token)
            looked_up = await client.post(f"{CASES}/lookup", json={"number": case.number, "query_code": CODE})
            assert "理由和要求" in str(own.body)
            assert "理由和要求" not in str(looked_up.body)
        await service.record(case.number, step(S.GRANTED, days=3))
        own = await client.get(f"{CASES}/{case.number}", token=token)
        looked_up = await client.post(f"{CASES}/lookup", json={"number": case.number, "query_code": CODE})
    assert own.body["state"] == looked_up.body["state"] == "granted"


async def test_who_has_left_sees_nothing_any_more(client: Client, me: Any) -> None:
    citizen, token = me
    case = await make_case(S.ACCEPTED, person_id=citizen.person_id)
    assert (await client.get(f"{CASES}/{case.number}", token=token)).status == 200
    await sessions.end_all(citizen.person_id)
    assert (await client.get(f"{CASES}/{case.number}", token=token)).status == 401


async def test_look_up_is_one_answer_for_wrong_number_and_wrong_code_and_locks(client: Client) -> None:
    case = await make_case()
    wrong_code = await client.post(f"{CASES}/lookup", json={"number": case.number, "query_code": "ZZZZZZ"})
    wrong_number = await client.post(f"{CASES}/lookup", json={"number": case_number(), "query_code": CODE})
    assert wrong_code.status == wrong_number.status == 404
    told = [{**one.body, "request_id": ""} for one in (wrong_code, wrong_number)]
    assert told[0] == told[1]
    for _ in range(3):
        await client.post(f"{CASES}/lookup", json={"number": case_number(), "query_code": CODE})
    locked = await client.post(f"{CASES}/lookup", json={"number": case.number, "query_code": CODE})
    assert (locked.status, locked.code) == (429, "case_lookup_locked")
    assert 1700 < int(locked.headers["retry-after"]) <= 1800


async def test_withdrawing_works_until_it_is_decided(client: Client, me: Any) -> None:
    citizen, token = me
    early = await make_case(S.ACCEPTED, person_id=citizen.person_id)
    late = await make_case(S.ACCEPTED, S.REVIEW, S.GRANTED, person_id=citizen.person_id)
    answer = await client.post(f"{CASES}/{early.number}/withdraw", token=token)
    assert (answer.status, answer.body["state"], answer.body["is_over"]) == (200, "withdrawn", True)
    refused = await client.post(f"{CASES}/{late.number}/withdraw", token=token)
    assert (refused.status, refused.code) == (409, "case_illegal_move")


async def test_receipt_is_confirmed_once_the_result_is_issued(client: Client, me: Any) -> None:
    citizen, token = me
    case = await make_case(S.ACCEPTED, S.REVIEW, S.GRANTED, person_id=citizen.person_id)
    address = f"{CASES}/{case.number}/confirm-receipt"
    assert (await client.post(address, token=token)).status == 409
    await service.record(case.number, step(S.ISSUED, days=4))
    assert (await client.get(f"{CASES}/{case.number}", token=token)).body["can_confirm_receipt"]
    assert (await client.post(address, token=token)).body["state"] == "delivered"


async def test_following_needs_consent_and_code_and_ends_when_one_likes(client: Client, me: Any) -> None:
    token, case = me[1], await make_case(S.ACCEPTED)
    address, code = f"{CASES}/{case.number}/follow", {"query_code": CODE}
    assert (await client.post(address, token=token, json=code)).code == "follow_consent_needed"
    yes = {"purpose": "case_following", "text_version": "1", "granted": True}
    assert (await client.post("/api/v1/me/consents", token=token, json=yes)).status == 201
    assert (await client.post(address, token=token, json={"query_code": "ZZZZZZ"})).status == 404
    for _ in range(2):
        assert (await client.post(address, token=token, json=code)).body["state_text"] == "已受理"
    (followed,) = (await client.get(f"{CASES}/followed", token=token)).body["items"]
    assert followed["number"] == case.number
    assert (await client.get(f"{CASES}/{case.number}", token=token)).status == 404, "following is not owning"
    assert (await client.delete(address, token=token)).status == 204
    assert (await client.delete(address, token=token)).status == 404
    assert (await client.get(f"{CASES}/followed", token=token)).body["items"] == []


async def test_a_special_procedure_is_told_as_a_pause(client: Client, me: Any) -> None:
    citizen, token = me
    case = await make_case(S.ACCEPTED, S.REVIEW, person_id=citizen.person_id)
    special = Special(SpecialKind.EXPERT_REVIEW, "审批岗", TimeLimit(10, LimitUnit.WORKING_DAY), "专家评审")
    await service.record(case.number, step(S.SUSPENDED, days=3, special=special))
    shown = (await client.get(f"{CASES}/{case.number}", token=token)).body
    assert shown["state_text"] == "特别程序进行中"
    assert shown["due"]["text"].startswith("计时暂停中")
