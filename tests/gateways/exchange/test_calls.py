"""The call log: who asked what, for which purpose, through which stations; never a value."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.accounts import portability, proofing, questions
from app.gateways import exchange
from app.gateways.exchange import NotGenuine, alarms, calls
from app.gateways.exchange.calls import Call
from app.gateways.exchange.http_credit import HttpCredit
from app.gateways.exchange.purposes import Purpose, Source
from app.kit import audit, clock
from app.kit import db as raw
from config.logging import cause_var, told_about
from tests.factories import accounts as make
from tests.gateways.exchange.registry import SIGNER, Registry, Wrong, running
from tests.gateways.exchange.test_queries import USCC

pytestmark = pytest.mark.usefixtures("wechat_sandbox")


@pytest.fixture(autouse=True)
async def _nothing_noted_before(db: None) -> None:
    calls.forget()
    await raw.execute("DELETE FROM exchange_call")


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as started:
        yield started


@pytest.fixture
def credit(registry: Registry) -> Iterator[HttpCredit]:
    connector = HttpCredit(registry.url, SIGNER, pause_s=0)
    exchange.use_credit(connector)
    yield connector
    exchange.use_credit(None)


async def _rows() -> list[dict[str, object]]:
    await calls.flush()
    return [dict(row) for row in await raw.fetch("SELECT * FROM exchange_call ORDER BY id")]


async def test_a_call_is_written_down_with_all_but_its_values(registry: Registry, credit: HttpCredit) -> None:
    person = await make.log_in("anna")
    registry.headers = {"X-Exchange-Hops": "gd-gateway;12, national;30"}
    registry.faults = [503]
    cause_var.set("GET /api/v1/credit-ratings")
    with told_about(caller=audit.person(person.person_id), request_id="0" * 32):
        await exchange.credit().ratings(USCC)
    (row,) = await _rows()
    names = ("source", "purpose", "fields_asked", "outcome", "attempts", "hops", "cause")
    assert {name: row[name] for name in names} == {
        "source": "credit", "purpose": "纳税信用查询", "fields_asked": "uscc", "outcome": "answered",
        "attempts": 2, "hops": "weiban,gd-gateway;12,national;30", "cause": "GET /api/v1/credit-ratings",
    }  # fmt: skip
    assert row["person_id"] == person.person_id
    assert row["request_id"] == "0" * 32
    assert row["subject_hash"] == calls.subject_hash(USCC)
    assert isinstance(row["bytes_sent"], int)
    assert isinstance(row["bytes_received"], int)
    assert row["bytes_sent"] > 40 < row["bytes_received"]
    assert USCC not in str(row)
    await credit.close()


async def test_an_answer_we_still_had_is_written_down_for_who_asked(credit: HttpCredit) -> None:
    await exchange.credit().ratings(USCC)
    second = await make.log_in("berta")
    with told_about(caller=audit.person(second.person_id)):
        await exchange.credit().ratings(USCC)
    await exchange.credit().a_list(2025, "", 1)
    await exchange.credit().a_list(2025, "", 1)
    rows = await _rows()
    assert [row["outcome"] for row in rows] == ["answered", "cached", "answered"], (
        "the A list is nobody's own"
    )
    assert rows[1]["person_id"] == second.person_id
    await credit.close()


async def test_a_lie_leaves_a_finding(registry: Registry, credit: HttpCredit) -> None:
    registry.faults = [Wrong(signature="")]
    with pytest.raises(NotGenuine):
        await exchange.credit().ratings(USCC)
    await exchange.close()
    (found,) = await alarms.found_on(clock.today())
    assert (found.source, found.kind, found.detail) == (
        "credit",
        "bad_signature",
        "/v1/credit-ratings: signature",
    )
    assert await alarms.found_on(clock.today() - timedelta(days=1)) == []
    assert [row["outcome"] for row in await _rows()] == ["not_genuine"]


async def test_a_finding_stays_when_the_caller_s_transaction_is_rolled_back(
    registry: Registry, credit: HttpCredit
) -> None:
    registry.faults = [Wrong(signature="")]
    with pytest.raises(NotGenuine):
        async with raw.transaction():
            await exchange.credit().ratings(USCC)
    await asyncio.sleep(0.7)
    assert await raw.fetch_value("SELECT count(*) FROM exchange_finding") == 1
    assert await raw.fetch_value("SELECT count(*) FROM exchange_call") == 1, "written by itself soon after"
    await credit.close()


async def test_what_cannot_be_written_now_is_written_later(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        calls.note(Call(Source.CREDIT, Purpose.RATING, ("uscc",), USCC, "answered"))

    async def lost(*_: object) -> int:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(raw, "execute", lost)
        await calls.flush()
    assert len(await _rows()) == 3


async def test_closing_writes_everything_down() -> None:
    for _ in range(4321):
        calls.note(Call(Source.CREDIT, Purpose.RATING, ("uscc",), None, "answered"))
    await exchange.close()
    assert await raw.fetch_value("SELECT count(*) FROM exchange_call") == 4321


async def test_a_person_reads_who_asked_about_them() -> None:
    citizen, other = await make.log_in("anna"), await make.log_in("berta")
    number = make.id_number()
    with told_about(caller=citizen.caller_id):
        await proofing.prove_real_name(citizen, "张三", number)
    with told_about(caller=other.caller_id):
        await exchange.identity().check_agent(USCC, number, "tax_agent")
    await exchange.identity().check_agent(USCC, make.id_number(), "tax_agent")
    await calls.flush()
    told = await questions.of_person(citizen.person_id)
    assert [(one.purpose, one.is_asked_by_them) for one in told] == [("企业绑定", False), ("实名核验", True)]
    assert [one.purpose for one in await questions.of_person(other.person_id)] == ["企业绑定"]
    exported = (await portability.export(citizen))["exchange_calls"]
    assert isinstance(exported, list)
    assert [one["asked_by"] for one in exported] == ["somebody else", "self"]
    assert number not in str(exported)


async def test_who_asked_is_told_whole_however_much_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    citizen = await make.log_in("anna")
    monkeypatch.setattr(questions, "_PAGE", 3)
    number = make.id_number()
    with told_about(caller=citizen.caller_id):
        await proofing.prove_real_name(citizen, "张三", number)
    # Several at the same moment, on both sides of where a page ends.
    for second in (1, 2, 2, 2, 2, 3, 3):
        with clock.frozen(clock.now() + timedelta(seconds=second * 60)):
            calls.note(Call(Source.IDENTITY, Purpose.BINDING, (f"f{second}",), number, "answered"))
    exported = (await portability.export(citizen))["exchange_calls"]
    assert isinstance(exported, list)
    assert [one["fields"] for one in exported[:-1]] == [["f3"]] * 2 + [["f2"]] * 4 + [["f1"]]
    assert len(exported) == 8


@pytest.mark.parametrize("is_written", [True, False], ids=["written", "gathered"])
async def test_who_leaves_is_named_no_more(is_written: bool) -> None:
    citizen = await make.log_in("anna")
    with told_about(caller=citizen.caller_id):
        await exchange.identity().check_person("甲", make.id_number())
    if is_written:
        await calls.flush()
    await portability.delete(citizen)
    (row,) = await _rows()
    assert row["person_id"] is None
    assert row["purpose"] == "实名核验"


async def test_a_day_is_summed_up() -> None:
    day = datetime(2026, 11, 20, 0, 30, tzinfo=clock.SHANGHAI)
    for at, outcome, took in (
        (day, "answered", 10), (day, "answered", 30), (day + timedelta(hours=23), "down", 5000),
        (day - timedelta(hours=1), "answered", 1),
    ):  # fmt: skip
        with clock.frozen(at):
            calls.note(Call(Source.INVOICES, Purpose.INVOICE_CHECK, ("number",), "x", outcome, took))
    await calls.flush()
    found = await calls.summary(day.date())
    assert [(one.outcome, one.calls, one.p95_ms, one.people) for one in found] == [
        ("answered", 2, 30, 0),
        ("down", 1, 5000, 0),
    ]


async def test_calls_of_half_a_year_ago_go_with_their_month() -> None:
    old, new = datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
    for at in (old, new):
        with clock.frozen(at):
            calls.note(Call(Source.CREDIT, Purpose.RATING, ("uscc",), USCC, "answered"))
    await calls.flush()
    with clock.frozen(old):
        await calls.PARTS.prepare(0)
    with clock.frozen(new):
        assert await calls.keep_house() == 1
        assert await raw.fetch_value("SELECT count(*) FROM exchange_call") == 1
        assert await raw.fetch_value("SELECT count(*) FROM exchange_call_rest") == 0
        for part in await calls.PARTS.parts():
            await raw.execute(f"DROP TABLE {part.name}")
