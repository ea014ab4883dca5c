"""The demonstration: complete, believable, and the same however often it is seeded."""

from datetime import timedelta

from app.domain import seed
from app.domain.appointments.models import BookingRules, Slot
from app.domain.cases.models import Case, CaseEvent
from app.domain.catalogue.models import Guide
from app.domain.figures import counting
from app.domain.figures.models import AppointmentFigure
from app.domain.halls import regions
from app.domain.halls.coverage import coverage_gaps
from app.domain.halls.models import Blackout, Business, Counter, Hall, HallException, Region
from app.domain.halls.regions import lineage
from app.kit import clock


async def _counts() -> list[int]:
    tables = (
        Region,
        Business,
        Hall,
        Counter,
        Blackout,
        HallException,
        BookingRules,
        Slot,
        Guide,
        Case,
        CaseEvent,
    )
    return [await table.all().count() for table in tables]


async def test_demo_is_whole_and_a_second_seed_adds_nothing(db: None) -> None:
    await seed.run("demo")
    first = await _counts()
    await seed.run("demo")

    assert await _counts() == first
    assert first[:3] == [28745, 10, 12]
    assert all(first)
    halls = await Hall.all().values("id", "region_id")
    levels = {len(lineage(hall["region_id"])) for hall in halls}
    bookable = {slot["hall_id"] for slot in await Slot.filter(capacity__gt=0).values("hall_id")}
    assert levels == {1, 2, 3, 4, 5}
    assert bookable == {hall["id"] for hall in halls}
    assert await coverage_gaps() == []


async def test_what_an_administrator_changed_survives_a_second_seed(db: None) -> None:
    await regions.load(regions.read_regions("code,name\n44,广东省\n4401,广州市\n"))
    await Hall.create(
        code="GZ-CITY", name="改过的名字", pinyin="", initials="", region_id="4401", address="", phone="",
        latitude=0, longitude=0,
    )  # fmt: skip
    await regions.load(regions.read_regions(regions.shipped()))
    await seed.run("demo")

    assert (await Hall.get(code="GZ-CITY")).name == "改过的名字"
    assert await Hall.all().count() == 12


async def test_the_past_reaches_to_yesterday_and_counting_leaves_it(db: None) -> None:
    await seed.run("demo")
    before = await AppointmentFigure.all().count()
    await counting.count()
    assert await AppointmentFigure.all().count() == before
    [last] = await AppointmentFigure.all().order_by("-day").limit(1)
    assert last.day >= clock.today() - timedelta(days=3), "a weekend may lie between"
