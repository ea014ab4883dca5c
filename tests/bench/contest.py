"""Measuring several contestants by turns, so that whatever disturbs the machine disturbs them all."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

ROUNDS = 5
SECONDS = 4.0
WARM_UP_S = 2.0

Contestant = Callable[[float], Awaitable[float]]
"""Works for some seconds; answers its rate per second."""


async def contest(
    contestants: Mapping[str, Contestant], tell: Callable[[str], None], *, rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """The rates of each contestant round by round, after a warm-up."""
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
    return rates


def middle(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """Both rates of the round with the median ratio.

    Only rates of the same round are compared: minutes later the machine may run at another speed.
    """
    rounds = sorted(zip(ours, theirs, strict=True), key=lambda pair: pair[0] / pair[1])
    return rounds[len(rounds) // 2]
