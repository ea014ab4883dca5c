"""The halls of the demonstration, without the regions nobody asked for."""

from datetime import date, time

from app.domain.halls import holidays, regions
from app.domain.halls.models import Counter, Hall, OpeningHours
from app.domain.seed import demo


async def demo_halls() -> dict[str, Hall]:
    """The twelve halls by code, in their own regions, with the work calendar."""
    codes = {code for facts in demo.told()["hall"] for code in regions.lineage(facts["region"])}
    lines = regions.shipped().splitlines()
    wanted = [lines[0], *(line for line in lines[1:] if line.partition(",")[0] in codes)]
    await holidays.fill_calendar()
    await regions.load(regions.read_regions("\n".join(wanted)))
    await demo.write()
    return {hall.code: hall for hall in await Hall.all()}


async def open_every_day(hall: Hall, *, counters: int = 2) -> None:
    """Counters that take everything, and open hours from nine to twelve on every day of the week."""
    for number in range(1, counters + 1):
        await Counter.create(hall=hall, number=number, name=f"{number} 号", is_integrated=True)
    for weekday in range(1, 8):
        await OpeningHours.create(
            hall=hall, weekday=weekday, opens_at=time(9), closes_at=time(12), valid_from=date(2020, 1, 1)
        )
