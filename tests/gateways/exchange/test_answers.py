"""What may be used again, how old it may be, and that the cache tells nobody of whom it speaks."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from app.gateways import exchange
from app.gateways.exchange import (
    AgentCheck,
    AListPage,
    ExchangeDown,
    InvoiceAnswer,
    InvoiceOutcome,
    InvoiceQuestion,
    Library,
    LibraryRecord,
    NotGenuine,
    Outcome,
    PersonCheck,
    Purpose,
    RatingFacts,
    ShareRefused,
    demo_ratings,
)
from app.gateways.exchange.demo_libraries import DemoLibraries
from app.kit import cache, clock
from tests.factories import accounts as make
from tests.gateways.exchange.test_queries import GENUINE, USCC

pytestmark = pytest.mark.usefixtures("db")

NOON = datetime(2026, 11, 20, 12, tzinfo=clock.SHANGHAI)
NAMES = ("name", "status")


class Scripted:
    """Every connector at once: counts, waits a moment, answers or fails."""

    def __init__(self) -> None:
        self.asked = 0
        self.failure: type[ExchangeDown] | None = None
        self.outcome = Outcome.MATCH

    async def _ask(self) -> None:
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.failure is not None:
            raise self.failure

    async def check_person(self, name: str, id_number: str) -> PersonCheck:  # noqa: ARG002  The contract's shape.
        await self._ask()
        return PersonCheck(self.outcome)

    async def check_agent(self, uscc: str, id_number: str, role: str) -> AgentCheck:  # noqa: ARG002  As above.
        await self._ask()
        return AgentCheck(self.outcome, "演示企业" if self.outcome is Outcome.MATCH else None)

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:  # noqa: ARG002  As above.
        await self._ask()
        return InvoiceAnswer(InvoiceOutcome.NOT_FOUND)

    async def ratings(self, uscc: str) -> Sequence[RatingFacts]:
        await self._ask()
        return demo_ratings.ratings_of(uscc)

    async def a_list(self, year: int, query: str, page: int) -> AListPage:  # noqa: ARG002  As above.
        await self._ask()
        return AListPage(demo_ratings.a_list(year)[:20], has_more=True)

    async def look_up(
        self, library: Library, subject: str, fields: Collection[str], *, purpose: str
    ) -> Sequence[LibraryRecord]:
        await self._ask()
        return await DemoLibraries().look_up(library, subject, fields, purpose=purpose)

    async def close(self) -> None: ...


@pytest.fixture(autouse=True)
def upstream() -> Iterator[Scripted]:
    made = Scripted()
    exchange.use(made)
    exchange.use_invoices(made)
    exchange.use_credit(made)
    exchange.use_libraries(made)
    yield made
    for use in (exchange.use, exchange.use_invoices, exchange.use_credit, exchange.use_libraries):
        use(None)


async def test_an_answer_tells_its_age(upstream: Scripted) -> None:
    with clock.frozen(NOON):
        first = await exchange.credit().ratings(USCC)
    with clock.frozen(NOON + timedelta(minutes=9)):
        second = await exchange.credit().ratings(USCC)
    assert (first.as_of, second.as_of, second.is_stale) == (NOON, NOON, False)
    assert list(second.value) == demo_ratings.ratings_of(USCC), "nothing is lost in the cache"
    assert upstream.asked == 1
    with clock.frozen(NOON + timedelta(minutes=11)):
        assert (await exchange.credit().ratings(USCC)).as_of == NOON + timedelta(minutes=11)
    assert upstream.asked == 2


async def test_equal_questions_at_once_are_one(upstream: Scripted) -> None:
    answers = await asyncio.gather(*(exchange.credit().ratings(USCC) for _ in range(200)))
    assert upstream.asked == 1
    assert len({one.as_of for one in answers}) == 1


async def test_who_goes_away_takes_the_answer_from_nobody(upstream: Scripted) -> None:
    first = asyncio.create_task(exchange.credit().ratings(USCC))
    second = asyncio.create_task(exchange.credit().ratings(USCC))
    await asyncio.sleep(0.005)
    first.cancel()
    assert (await second).value
    assert upstream.asked == 1


async def test_an_older_rating_is_better_than_none_for_a_week(upstream: Scripted) -> None:
    with clock.frozen(NOON):
        await exchange.credit().ratings(USCC)
    upstream.failure = ExchangeDown
    with clock.frozen(NOON + timedelta(days=6)):
        found = await exchange.credit().ratings(USCC)
        assert (found.as_of, found.is_stale) == (NOON, True)
    with clock.frozen(NOON + timedelta(days=8)), pytest.raises(ExchangeDown):
        await exchange.credit().ratings(USCC)


async def test_a_liar_s_place_is_taken_by_what_it_said_when_it_was_genuine(upstream: Scripted) -> None:
    with clock.frozen(NOON):
        await exchange.credit().a_list(2025, "", 1)
    upstream.failure = NotGenuine
    with clock.frozen(NOON + timedelta(days=1)):
        found = await exchange.credit().a_list(2025, "", 1)
    assert (found.is_stale, found.value.entries) == (True, demo_ratings.a_list(2025)[:20])


async def test_a_confirmed_name_stands_for_a_day_and_a_wrong_one_not_at_all(upstream: Scripted) -> None:
    number = make.id_number()
    upstream.outcome = Outcome.MISMATCH
    for _ in range(2):
        assert (await exchange.identity().check_person("甲", number)).outcome is Outcome.MISMATCH
    assert upstream.asked == 2
    upstream.outcome = Outcome.MATCH
    for _ in range(2):
        assert (await exchange.identity().check_person("甲", number)).outcome is Outcome.MATCH
    assert upstream.asked == 3
    assert (await exchange.identity().check_person("乙", number)).outcome is Outcome.MATCH
    assert upstream.asked == 4, "another name is another question"


async def test_a_fired_agent_is_found_out_at_once(upstream: Scripted) -> None:
    number = make.id_number()
    assert (await exchange.identity().check_agent(USCC, number, "tax_agent")).outcome is Outcome.MATCH
    upstream.outcome = Outcome.MISMATCH
    assert (await exchange.identity().check_agent(USCC, number, "tax_agent")).outcome is Outcome.MISMATCH


async def test_an_invoice_is_asked_anew_each_time_but_for_the_same_moment(upstream: Scripted) -> None:
    await asyncio.gather(*(exchange.invoices().verify(GENUINE) for _ in range(5)))
    assert upstream.asked == 1
    await exchange.invoices().verify(GENUINE)
    assert upstream.asked == 2


async def test_identity_and_invoices_are_never_answered_from_old_times(upstream: Scripted) -> None:
    number = make.id_number()
    with clock.frozen(NOON):
        await exchange.identity().check_person("甲", number)
        await exchange.invoices().verify(GENUINE)
    upstream.failure = ExchangeDown
    with clock.frozen(NOON + timedelta(days=2)):
        with pytest.raises(ExchangeDown):
            await exchange.identity().check_person("甲", number)
        with pytest.raises(ExchangeDown):
            await exchange.invoices().verify(GENUINE)


async def test_library_records_by_purpose_and_fields(upstream: Scripted) -> None:
    libraries = exchange.libraries()
    for _ in range(2):
        found = await libraries.look_up(
            Library.LEGAL_PERSONS, USCC, NAMES, purpose=Purpose.PREFILL, has_consent=True
        )
        assert found.value[0].get("name") == "广州珠江晨光贸易有限公司"
    assert upstream.asked == 1
    await libraries.look_up(Library.LEGAL_PERSONS, USCC, ("name",), purpose=Purpose.CASE_REVIEW)
    assert upstream.asked == 2


async def test_without_consent_not_even_what_is_kept_is_told(upstream: Scripted) -> None:
    libraries = exchange.libraries()
    await libraries.look_up(Library.LEGAL_PERSONS, USCC, NAMES, purpose=Purpose.PREFILL, has_consent=True)
    with pytest.raises(ShareRefused):
        await libraries.look_up(Library.LEGAL_PERSONS, USCC, NAMES, purpose=Purpose.PREFILL)
    with pytest.raises(ShareRefused):
        await libraries.look_up(Library.POPULATION, USCC, ("phone",), purpose=Purpose.CASE_REVIEW)
    assert upstream.asked == 1


async def test_the_cache_tells_nobody_of_whom_it_speaks() -> None:
    number = make.id_number()
    await exchange.credit().ratings(USCC)
    await exchange.identity().check_person("张三丰", number)
    keys = await cache.client().keys("exchange:[pr]*")
    kept = repr([*keys, *(await cache.client().mget(keys))])
    assert len(keys) == 2
    for told in (USCC, number, "张三丰", "match", "authority"):
        assert told not in kept


async def test_a_cache_that_holds_rubbish_is_asked_past(upstream: Scripted) -> None:
    await exchange.credit().ratings(USCC)
    for key in await cache.client().keys("exchange:ratings:*"):
        await cache.client().set(key, "k0.rubbish")
    await exchange.credit().ratings(USCC)
    assert upstream.asked == 2


async def test_without_a_cache_everything_is_asked(
    upstream: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost() -> object:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(cache, "client", lost)
        for _ in range(2):
            assert (await exchange.credit().ratings(USCC)).value
    assert upstream.asked == 2
