"""Measuring several contestants by turns, so that whatever disturbs the machine disturbs them all."""

from collections.abc import Awaitable, Callable, Mapping
from statistics import median

ROUNDS = 3
SECONDS = 6.0
WARM_UP_S = 2.0

Contestant = Callable[[float], Awaitable[float]]
"""Works for some seconds; answers its rate per second."""


async def contest(
    contestants: Mapping[str, Contestant], tell: Callable[[str], None], *, rounds: int = ROUNDS
) -> dict[str, float]:
    """The median rate of each contestant over some rounds, after a warm-up."""
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for work in contestants.values():
        await work(WARM_UP_S)
    for turn in range(rounds):
        # Every other round runs backwards: nobody always follows the same neighbour.
        order = list(contestants.items())
        for name, work in order if turn % 2 == 0 else reversed(order):
            rate = await work(SECONDS)
            rates[name].append(rate)
            tell(f"  round {turn + 1} {name}: {rate:,.0f}/s")
    return {name: median(measured) for name, measured in rates.items()}
