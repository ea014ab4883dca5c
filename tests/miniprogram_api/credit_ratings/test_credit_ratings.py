"""One's own ratings in detail, the public A list, the calculator and applications, over HTTP."""

from dataclasses import replace
from pathlib import Path

from app.domain.cases.models import Case
from app.domain.credit_appeals.models import CreditAppeal
from tests.client import Client
from tests.factories import credit as make
from tests.factories.accounts import uscc_number
from tests.factories.credit import row
from tests.miniprogram_api.credit_ratings.conftest import Bound

RATINGS = "/api/v1/credit-ratings"


async def test_one_reads_level_score_deductions_and_what_can_be_repaired(
    client: Client, bound: Bound
) -> None:
    answer = await client.get(f"{RATINGS}?enterprise_id={bound.enterprise_id}", token=bound.token)
    assert answer.status == 200
    body = answer.body
    assert (body["enterprise_id"], body["taxpayer_id"]) == (str(bound.enterprise_id), bound.uscc)
    newest, older = body["items"]
    assert (newest["year"], newest["level"], newest["score"], newest["starting_score"]) == (
        2025, "B", "88.00", "100.00",
    )  # fmt: skip
    assert (newest["status"], newest["authority"], older["level"]) == ("normal", "天河区税务局", "A")
    assert "2025 年第 12 号" in newest["law"]
    assert "2014" in older["law"]
    first, second = newest["deductions"]
    assert (first["line"], first["code"], first["points"], first["is_repairable"]) == (
        1,
        "010101",
        "5.00",
        True,
    )
    assert first["windows"] == [{"until": "2026-12-31", "percent": 40, "points": "2.00"}]
    assert (second["is_repairable"], second["repair_until"], second["windows"]) == (False, None, [])
    assert any("公布" in one for one in older["effects"])


async def test_without_naming_it_the_enterprise_acted_for_is_meant(client: Client, bound: Bound) -> None:
    refused = await client.get(RATINGS, token=bound.token)
    assert (refused.status, list(refused.body["fields"])) == (422, ["enterprise_id"])
    await client.put(
        "/api/v1/session/identity", token=bound.token, json={"enterprise_id": str(bound.enterprise_id)}
    )
    assert (await client.get(RATINGS, token=bound.token)).status == 200


async def test_the_calculator_explains_line_by_line(client: Client, bound: Bound) -> None:
    said = {
        "enterprise_id": str(bound.enterprise_id),
        "corrections": [{"line": 1, "on": "2026-06-01"}],
        "breaches": ["financial_statements"],
    }
    answer = await client.post(f"{RATINGS}/what-if", token=bound.token, json=said)
    assert answer.status == 200
    assert (answer.body["score_after"], answer.body["level_after"]) == ("87.00", "B")
    assert [one["points"] for one in answer.body["lines"]] == ["2.00", "-3.00", "0.00"]
    wrong = await client.post(
        f"{RATINGS}/what-if",
        token=bound.token,
        json={**said, "corrections": [{"line": 9, "on": "2026-06-01"}]},
    )
    assert (wrong.status, wrong.code) == (422, "credit_what_if_invalid")


async def test_an_application_shows_as_the_ratings_status(client: Client, bound: Bound) -> None:
    said = {"enterprise_id": str(bound.enterprise_id), "kind": "repair", "reason": "已补办", "lines": [1]}
    made = await client.post(
        f"{RATINGS}/appeals", token=bound.token, json=said, headers={"Idempotency-Key": "one"}
    )
    assert (made.status, made.body["state"], made.body["codes"]) == (201, "applied", ["010101"])
    again = await client.post(
        f"{RATINGS}/appeals", token=bound.token, json=said, headers={"Idempotency-Key": "one"}
    )
    assert again.body == made.body
    assert await CreditAppeal.all().count() == 1
    assert (await Case.get()).number == made.body["case_number"]
    second = await client.post(f"{RATINGS}/appeals", token=bound.token, json=said)
    assert (second.status, second.code) == (409, "credit_appeal_under_way")
    own = await client.get(f"{RATINGS}?enterprise_id={bound.enterprise_id}", token=bound.token)
    assert own.body["items"][0]["status"] == "under_repair"
    listed = await client.get(f"{RATINGS}/appeals?enterprise_id={bound.enterprise_id}", token=bound.token)
    assert [one["case_number"] for one in listed.body["items"]] == [made.body["case_number"]]
    assert "query_code" not in listed.body["items"][0]


async def test_a_direct_d_is_explained_and_its_repair_asked_for(
    client: Client, bound: Bound, authority: make.Authority
) -> None:
    authority.told = [make.direct_d(make.deduction())]
    about = {"enterprise_id": str(bound.enterprise_id)}
    read = await client.get(f"{RATINGS}?enterprise_id={bound.enterprise_id}", token=bound.token)
    (newest,) = read.body["items"]
    assert newest["direct_d"] == [
        {"text": "未在规定期限内按税务处理决定足额缴纳", "corrected_on": "2026-02-18"}
    ]
    assert newest["direct_d_repair"] == {
        "is_open": True, "opens_on": "2026-05-18", "points": "0.00", "obstacle": None,
    }  # fmt: skip
    assert "直接判级修复" in newest["overall_repair"]["obstacle"]
    reckoned = await client.post(
        f"{RATINGS}/what-if", token=bound.token, json={**about, "direct_d_on": "2026-06-01"}
    )
    assert (reckoned.body["level_before"], reckoned.body["level_after"]) == ("D", "B")
    said = {**about, "kind": "direct_d", "reason": "已缴清税款"}
    made = await client.post(f"{RATINGS}/appeals", token=bound.token, json=said)
    assert (made.status, made.body["level_before"]) == (201, "D")
    assert "2026-02-18 后没有新增失信行为" in made.body["grounds"]
    refused = await client.post(
        f"{RATINGS}/appeals", token=bound.token, json={**about, "kind": "overall", "reason": "申请"}
    )
    assert (refused.status, refused.code) == (409, "credit_repair_not_open")
    assert "直接判级修复" in str(refused.body)


async def test_why_a_b_is_no_a_and_what_an_overall_repair_would_bring(
    client: Client, bound: Bound, authority: make.Authority
) -> None:
    told = make.facts(2025, "B", "93", make.deduction("7"))
    authority.told = [replace(told, never_a=("younger_than_three_years", "news"))]
    read = await client.get(f"{RATINGS}?enterprise_id={bound.enterprise_id}", token=bound.token)
    (newest,) = read.body["items"]
    assert newest["never_a"] == ["实际生产经营期不满 3 年", "税务机关认定的其他不得评为 A 级的情形"]
    assert (newest["overall_repair"]["is_open"], newest["overall_repair"]["points"]) == (True, "7.00")
    assert (newest["direct_d"], newest["direct_d_repair"]) == ([], None)
    reckoned = await client.post(
        f"{RATINGS}/what-if", token=bound.token,
        json={"enterprise_id": str(bound.enterprise_id), "overall_on": "2026-06-01"},
    )  # fmt: skip
    assert (reckoned.body["score_after"], reckoned.body["level_after"]) == ("100.00", "B")
    assert "实际生产经营期不满 3 年" in reckoned.body["lines"][-1]["text"]


async def test_the_next_page_is_found_however_long_the_names_are(client: Client, tmp_path: Path) -> None:
    await make.published(tmp_path, [row(serial, name="𠀀" * 200) for serial in range(1, 22)])
    first = await client.get(f"{RATINGS}/a-list?year=2025")
    second = await client.get(f"{RATINGS}/a-list?year=2025&cursor={first.body['next']}")
    assert (len(first.body["items"]), len(second.body["items"])) == (20, 1)


async def test_the_a_list_is_for_everybody_and_tells_nothing_else(client: Client, tmp_path: Path) -> None:
    await make.published(tmp_path, [row(1, name="广州晨光"), row(2, "B", "80", name="广州暗淡")])
    answer = await client.get(f"{RATINGS}/a-list?year=2025&q=广州")
    assert answer.body == {
        "items": [{"name": "广州晨光", "taxpayer_id": uscc_number(1), "year": 2025}], "next": None,
    }  # fmt: skip
    assert "max-age" in answer.headers["cache-control"]
    known = await client.get(
        f"{RATINGS}/a-list?year=2025&q=广州", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert known.status == 304
    missing = await client.get(f"{RATINGS}/a-list?year=2019")
    assert (missing.status, missing.code) == (404, "credit_a_list_not_published")
    assert (await client.get(f"{RATINGS}/a-list")).status == 422
    assert (await client.get(f"{RATINGS}/a-list?year=2025&cursor=x")).status == 422
