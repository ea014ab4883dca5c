"""The halls of the demonstration, without the regions nobody asked for."""

from app.domain.halls import holidays, regions
from app.domain.halls.models import Hall
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
