"""``weiban campaign watch``: a bar that moves while a campaign is sent, read from its counters."""

import argparse
import asyncio
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from app.commands.acting import acting_member
from app.commands.campaign_sheet import STATES

if TYPE_CHECKING:
    from notifications.campaigns.queries import Progress as Found

_LOOK_EVERY_S: Final = 0.5
_RATE_OVER_S: Final = 30


async def watch(args: argparse.Namespace) -> None:
    """Shows how far it is, until it is over; a paused campaign is waited for, Ctrl-C leaves it alone."""
    from notifications.campaigns import queries

    member = await acting_member()
    found = await queries.progress(member, args.id)
    console = Console(width=None if Console().is_terminal else 120)
    with _bar(console) as bar:
        task = bar.add_task("", total=None, rate="")
        while True:
            counts = found.counts
            speed = bar.tasks[task].speed or 0
            bar.update(
                task,
                total=counts.total,
                completed=counts.done,
                description=_words(found),
                rate=f"{speed:.0f} 人/秒",
            )
            if found.is_over:
                break
            await asyncio.sleep(_LOOK_EVERY_S)
            found = await queries.progress(member, args.id)
    if found.state_reason:
        console.print(found.state_reason, markup=False)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        speed_estimate_period=_RATE_OVER_S,
    )


def _words(found: "Found") -> str:
    from notifications.campaigns.models import RecipientState

    counts = found.counts
    told = counts.of(RecipientState.SENT, RecipientState.DELIVERED)
    words = f"{STATES[found.state]}  已发 {told}  失败 {counts.failed}  未发 {counts.pending + counts.queued}"
    return f"{words}  {found.state_reason}" if found.state_reason and not found.is_over else words
