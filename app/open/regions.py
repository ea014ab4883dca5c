"""The way down to a region, and on from it, as chips of a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.halls import queries
from app.domain.halls.queries import RegionFacts
from app.domain.halls.regions import lineage


@dataclass(frozen=True, slots=True)
class Shown:
    """The region chosen, those above it, and those below it that have halls."""

    code: str | None
    above: Sequence[RegionFacts]
    below: Sequence[RegionFacts]


async def shown(chosen: str | None, *, deepest: int = 5) -> Shown:
    """Where there is nothing to choose, as in the one province that has any, the way goes on by itself."""
    above = await queries.regions_of(lineage(chosen)) if chosen else []
    below = await queries.regions_with_halls(chosen)
    while len(below) == 1 and below[0].has_children:
        above.append(below[0])
        below = await queries.regions_with_halls(below[0].code)
    return Shown(chosen, above, [one for one in below if one.level <= deepest])
